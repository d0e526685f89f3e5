"""Models side by side, one over time, and any runs compared sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from starlette.responses import HTMLResponse, Response

from tenken.console.bundles.commands import run_json
from tenken.console.bundles.folder import stamp
from tenken.console.bundles.index import RunEntry
from tenken.console.bundles.standings import over_time, standings
from tenken.console.pages.run import STYLED
from tenken.console.reviewing.assignments import is_blind
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.render import page
from tenken.console.web.routes import route
from tenken.errors import InputError
from tenken.results.bundle.made import REPORT
from tenken.schema.record import LANGUAGES, RISKS

MOST_COMPARED: Final = 8


def models(call: Call) -> Response:
    """Show the models by an area or a task, with those together that cannot be told apart."""
    asked = _asked(call)
    language = call.request.query_params.get("language", "")
    asked["language"] = language if language in LANGUAGES and asked["task"] else ""
    chosen = {key: asked[key] for key in ("suite", "area", "task", "language")}
    return page(call, "models.html", found=standings(asked["runs"], **chosen), **asked)


def trends(call: Call) -> Response:
    """Show the versions of a model over time."""
    asked = _asked(call)
    names = sorted({run.model for run in asked["runs"] if run.suite == asked["suite"]})
    model = call.request.query_params.get("model", "")[:200] or (names[0] if names else "")
    points = over_time(
        asked["runs"], model=model, suite=asked["suite"], area=asked["area"], task=asked["task"]
    )
    return page(call, "trends.html", points=points, model=model, models=names, **asked)


def compare(call: Call) -> Response:
    """Show the page of `tenken compare` for the runs that the address names."""
    return HTMLResponse(
        _page(*comparison_key(call), call.words.language),
        headers={"content-security-policy": STYLED},
    )


def comparison_key(call: Call) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the folders of the runs that an address names, and what changes with them.

    Raises:
        InputError: They are too few or too many, or one is there twice.
        RefusedError: Whoever asks labels one of them now.
    """
    names = call.request.query_params.getlist("run")
    if not 2 <= len(set(names)) == len(names) <= MOST_COMPARED:
        raise InputError("{said}", said=call.words("compare_number", most=MOST_COMPARED))
    folders = [call.folder_of(name) for name in names]
    for folder in folders:
        if is_blind(call.services.engine, folder.name, call.account.id):
            raise RefusedError(403, "blind")
    return tuple(map(str, folders)), tuple(stamp(folder / REPORT) for folder in folders)


@lru_cache(maxsize=64)
def comparison(folders: tuple[str, ...], _stamps: tuple[str, ...]) -> Any:
    """Return what `tenken compare` says about some runs, cached while the runs stay the same.

    Args:
        folders: Paths of the runs' folders, the baseline first.
        _stamps: Stamps of the runs' reports; part of the key of the cache alone.

    Returns:
        The command's JSON.

    Raises:
        InputError: The runs cannot be compared.
    """
    return run_json(["compare", "--json", "--", *folders], fine=(0, 1, 3, 4, 5))


@lru_cache(maxsize=16)
def _page(folders: tuple[str, ...], stamps: tuple[str, ...], language: str) -> bytes:
    from tenken.results.pages.compare import render_comparison
    from tenken.schema.comparison import Comparison

    return render_comparison(Comparison.model_validate(comparison(folders, stamps)), language)


def _asked(call: Call) -> dict[str, Any]:
    """Return suite, area and task that an address asks for, and what there is to choose from."""
    runs = [run for run in call.services.runs.all() if run.tasks]
    given = call.request.query_params
    suites = sorted({run.suite for run in runs})
    suite = given.get("suite", "")
    if suite not in suites:
        suite = _commonest(runs)
    tasks = {task.name: task.title for run in runs if run.suite == suite for task in run.tasks}
    area, task = given.get("area", ""), given.get("task", "")
    return {
        "runs": runs,
        "suites": suites,
        "suite": suite,
        "area": area if area in RISKS else RISKS[0],
        "task": task if task in tasks else "",
        "titles": dict(sorted(tasks.items())),
    }


def _commonest(runs: Sequence[RunEntry]) -> str:
    counts: dict[str, int] = {}
    for run in runs:
        counts[run.suite] = counts.get(run.suite, 0) + 1
    return max(sorted(counts), key=lambda name: counts[name], default="")


ROUTES: Final = (
    route("/models", models, "read"),
    route("/trends", trends, "read"),
    route("/compare", compare, "read"),
)
