"""The table of runs as an address asks for it: filtered, sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from tenken.console.bundles.index import RunEntry

PAGE: Final = 50
_SORTS: Final[Mapping[str, Callable[[RunEntry], Any]]] = {
    "finished": lambda run: run.finished,
    "model": lambda run: run.model.casefold(),
    "suite": lambda run: run.suite.casefold(),
    "decision": lambda run: run.decision,
    "name": lambda run: run.name,
}
_AREA: Final = "area-"


@dataclass(frozen=True)
class RunQuery:
    """What an address asks of the table of runs; what it does not know is left out.

    Attributes:
        text: A part of the run's, the model's or the suite's name.
        sort: Name of the column, with `-` before it for the other way around.
    """

    text: str = ""
    model: str = ""
    suite: str = ""
    decision: str = ""
    sort: str = "-finished"
    page: int = 1

    @staticmethod
    def of(parameters: Mapping[str, str], areas: Sequence[str]) -> RunQuery:
        """Read the query of an address; unknown values become the defaults.

        Args:
            parameters: The query's last value by key.
            areas: The risk areas that the table can be sorted by.
        """
        sort = parameters.get("sort", "-finished")
        known = {*_SORTS, *(f"{_AREA}{area}" for area in areas)}
        return RunQuery(
            text=parameters.get("q", "")[:200].strip(),
            model=parameters.get("model", "")[:200],
            suite=parameters.get("suite", "")[:200],
            decision=parameters.get("decision", "")[:20],
            sort=sort if sort.removeprefix("-") in known else "-finished",
            page=page_number(parameters.get("page", "")),
        )

    def address(self, **changes: Any) -> str:
        """Return the part of an address that asks for this, changed in some keys."""
        asked = {
            "q": self.text, "model": self.model, "suite": self.suite, "decision": self.decision,
            "sort": self.sort if self.sort != "-finished" else "", "page": 1,
        } | changes  # fmt: skip
        if asked["page"] == 1:
            asked["page"] = ""
        return "?" + urlencode({key: value for key, value in asked.items() if value})

    def sorted_by(self, column: str) -> str:
        """Return the order that a click on a column asks for."""
        first = "-" if column == "finished" or column.startswith(_AREA) else ""
        other = "" if first else "-"
        return f"{other}{column}" if self.sort == f"{first}{column}" else f"{first}{column}"

    def direction(self, column: str) -> str:
        """Return `ascending`, `descending` or `none` for a column."""
        if self.sort.removeprefix("-") != column:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"


def page_number(given: str) -> int:
    """Return the page that an address asks for, the first where it makes no sense."""
    known = given.isascii() and given.isdigit() and len(given) < 7
    return max(1, int(given)) if known else 1


def select_runs(entries: Sequence[RunEntry], query: RunQuery) -> list[RunEntry]:
    """Return the runs that an address asks for, all pages of them.

    Args:
        entries: All runs.
        query: What the address asks for.

    Returns:
        In the order of the query; runs without a rate in a sorted area come last.
    """
    found = [entry for entry in entries if _fits(entry, query)]
    column = query.sort.removeprefix("-")
    down = query.sort.startswith("-")
    if column.startswith(_AREA):
        area = column.removeprefix(_AREA)
        known = [e for e in found if _rate(e, area) is not None]
        rest = [e for e in found if _rate(e, area) is None]
        return [*sorted(known, key=lambda e: (_rate(e, area), e.name), reverse=down), *rest]
    return sorted(found, key=lambda e: (_SORTS[column](e), e.name), reverse=down)


def _rate(entry: RunEntry, area: str) -> float | None:
    figure = entry.areas.get(area)
    return figure.value if figure else None


def _fits(entry: RunEntry, query: RunQuery) -> bool:
    for key in ("model", "suite", "decision"):
        wanted = getattr(query, key)
        if wanted and getattr(entry, key) != wanted:
            return False
    words = query.text.casefold()
    return not words or any(
        words in part.casefold() for part in (entry.name, entry.model, entry.suite)
    )
