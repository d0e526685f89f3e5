"""The library: tasks with their cards and items, what they cover, and what is due for review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from starlette.responses import Response

from tenken.console.auth.accounts import all_accounts
from tenken.console.bundles.commands import run_json
from tenken.console.bundles.folder import stamp
from tenken.console.bundles.index import RunEntry
from tenken.console.reviewing.assignments import is_blind
from tenken.console.web.call import Call
from tenken.console.web.render import page
from tenken.console.web.routes import route
from tenken.errors import UnknownNameError
from tenken.results.bundle.made import REPORT

_MOST_RUNS: Final = 12
"""Runs that item statistics are computed over: the latest of each model, newest first."""
_MOST_ITEMS: Final = 200


def library(call: Call) -> Response:
    """Show all tasks, what they cover, and what is due for review."""
    return page(
        call,
        "library.html",
        tasks=tasks(),
        coverage=_coverage(),
        read=readings_by_task(),
        cards=_cards(),
    )


def task(call: Call) -> Response:
    """Show a task: its card, and an item of each measure and language where they are no hazard."""
    return _page(call, _name(call), shown=False)


def uncover(call: Call) -> Response:
    """Show a task with the items that are covered, and write down who did."""
    name = _name(call)
    call.record("uncover", what=f"items of {name}")
    return _page(call, name, shown=True)


def statistics(call: Call) -> Response:
    """Show how well the items of a task work, over the latest run of each model."""
    name = _name(call)
    runs = _comparable(call, name)
    folders = [call.folder_of(run.name) for run in runs]
    found = None
    if folders:
        stamps = tuple(stamp(folder / REPORT) for folder in folders)
        every = _statistics(tuple(map(str, folders)), stamps)["tasks"]
        found = next((each for each in every if each["task"] == name), None)
    items = sorted(
        (found or {"items": {}})["items"].items(), key=lambda each: (not each[1]["flags"], each[0])
    )
    return page(
        call, "items.html", name=name, found=found, runs=runs, items=items[:_MOST_ITEMS],
        left=max(0, len(items) - _MOST_ITEMS),
    )  # fmt: skip


@lru_cache(maxsize=1)
def tasks() -> list[dict[str, Any]]:
    """Return what `tenken list --json` says of each task."""
    found = run_json(["list", "--json"])
    rows = found["tasks"] if isinstance(found, dict) else found
    return [each for each in rows if isinstance(each, dict) and "name" in each]


@lru_cache(maxsize=1)
def readings_by_task() -> Mapping[str, Mapping[str, Any]]:
    """Return by task what `tenken list --read --json` says; asked anew after a handing in."""
    return {str(each["name"]): each for each in run_json(["list", "--read", "--json"])["tasks"]}


def _name(call: Call) -> str:
    name = str(call.request.path_params["task"])
    known = {str(each["name"]) for each in tasks()}
    if name not in known:
        raise UnknownNameError("task", name[:80], known)
    return name


def _page(call: Call, name: str, *, shown: bool) -> Response:
    readers = all_accounts(call.services.engine) if call.may("assign") else ()
    return page(
        call,
        "task.html",
        task=_task(name, shown=shown),
        shown=shown,
        readers=[each for each in readers if each.may("review")],
        read=readings_by_task().get(name),
        cards=[card for card in _cards() if name in card["applies_to"]],
        runs=_comparable(call, name),
    )


def _comparable(call: Call, name: str) -> Sequence[RunEntry]:
    """Return the latest run of each model that asked the same versions of the same tasks.

    Runs that whoever asks is labelling are left out: an item's figures tell what scorers said.
    """
    entries = [
        run
        for run in sorted(call.services.runs.all(), key=lambda run: run.finished, reverse=True)
        if any(each.name == name for each in run.tasks)
        and not is_blind(call.services.engine, run.name, call.account.id)
    ]
    found: dict[str, RunEntry] = {}
    for run in entries:
        if run.suite == entries[0].suite and _versions(run) == _versions(entries[0]):
            found.setdefault(run.model, run)
    return list(found.values())[:_MOST_RUNS]


def _versions(run: RunEntry) -> list[tuple[str, str]]:
    return sorted((each.name, each.version) for each in run.tasks)


@lru_cache(maxsize=1)
def _coverage() -> Any:
    return run_json(["coverage", "--json"])


@lru_cache(maxsize=1)
def _cards() -> list[dict[str, Any]]:
    return list(run_json(["calibrate", "--list", "--json"])["cards"])


@lru_cache(maxsize=64)
def _task(name: str, *, shown: bool) -> Any:
    more = ["--with-text"] if shown else []
    return run_json(["show", "--json", *more, "--", name])


@lru_cache(maxsize=16)
def _statistics(folders: tuple[str, ...], _stamps: tuple[str, ...]) -> Any:
    return run_json(["items", "--json", "--", *folders])


ROUTES: Final = (
    route("/library", library, "read"),
    route("/library-items/{task:path}", statistics, "read"),
    route("/library/{task:path}", task, "read"),
    route("/library/{task:path}", uncover, "uncover", ["POST"]),
)
