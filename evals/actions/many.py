"""Several models, one after the other: a bundle each, one comparison, one leaderboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenken.errors import EndpointError, TenkenError
from tenken.evals.actions.run import RunResult, run_request
from tenken.evals.actions.runs import Headline, headlines
from tenken.evals.config import RunConfig
from tenken.evals.planning.request import Request
from tenken.evals.process import say
from tenken.evals.words import phrase
from tenken.io.canonical import digest
from tenken.io.files import write_atomically
from tenken.results.compare.compare import compare
from tenken.results.pages.compare import render_comparison

_ORDER: Final = ("PASS", "NO_GATES", "INCONCLUSIVE", "FAIL", "INCOMPLETE")
_WORST: Final = (1, 3, 4, 5, 0)
"""Exit statuses, the one that speaks for several runs first."""


@dataclass(frozen=True)
class Down:
    """A model that could not be asked: its name, and why."""

    model: str
    why: str


@dataclass(frozen=True)
class Place:
    """A line of the leaderboard.

    Attributes:
        model: Name of the model.
        decision: What the run came to.
        rates: By risk area, else by task, the headline figure with its interval.
        run: The run's folder.
    """

    model: str
    decision: str
    rates: dict[str, Headline]
    run: Path


@dataclass(frozen=True)
class Many:
    """How the runs of several models ended.

    Attributes:
        ended: The runs, in the order in which they were asked for.
        down: Models that could not be asked.
        page: The page that compares the runs; None where there are fewer than two.
        no_page: Why there is no page, where there should be one; empty otherwise.
    """

    ended: tuple[RunResult, ...]
    down: tuple[Down, ...]
    page: Path | None
    no_page: str

    @property
    def exit_status(self) -> int:
        """1 where a gate failed, else 3 where a model was down or a run is incomplete, 4, 5, 0."""
        found = {int(each.report.exit_status) for each in self.ended}
        found |= {3} if self.down or not self.ended else set()
        return next((status for status in _WORST if status in found), max(found))

    def leaderboard(self) -> list[Place]:
        """Return the runs by decision, and within it by the mean of their rates.

        The order within a decision is for reading: whether two models differ, the comparison says.
        """
        places = [
            Place(
                each.report.model.name,
                each.report.decision,
                headlines(each.report),
                each.folder,
            )
            for each in self.ended
        ]
        return sorted(places, key=_rank)


def run_many(requests: Sequence[tuple[Request, RunConfig]]) -> Many:
    """Run each request, and compare the runs; a model that cannot be asked stops no other.

    Args:
        requests: What is asked of which model, with where its results go; all of one suite. A cap
            on money or tokens holds for each model.

    Raises:
        TenkenError: Results cannot be written, or the run was stopped from the keyboard.
    """
    ended: list[RunResult] = []
    down: list[Down] = []
    for number, (request, config) in enumerate(requests, start=1):
        if not config.quiet:
            about = {"number": number, "all": len(requests), "model": request.endpoint.model}
            say(phrase("model_of", **about))
        try:
            ended.append(run_request(request, config))
        except EndpointError as error:
            down.append(Down(request.endpoint.model, error.sentence))
            say(phrase("others_go_on", error=error.sentence))
    page, no_page = _page(ended, requests[0][1])
    return Many(tuple(ended), tuple(down), page, no_page)


def _page(ended: Sequence[RunResult], config: RunConfig) -> tuple[Path | None, str]:
    folders = [each.folder for each in ended]
    if len(folders) < 2:
        return None, ""
    suite = ended[0].report.suite.name
    name = f"{suite}--comparison-{digest([folder.name for folder in folders])[:8]}.html"
    path = config.results_dir / name
    try:
        page = render_comparison(compare(folders), config.report_language)
    except TenkenError as error:
        return None, error.sentence
    write_atomically(path, page)
    return path, ""


def _rank(place: Place) -> tuple[int, float, str]:
    decision = _ORDER.index(place.decision) if place.decision in _ORDER else len(_ORDER)
    values = [rate.value for rate in place.rates.values()]
    return decision, sum(values) / len(values) if values else 1.0, place.model
