"""The library: tasks with their cards and items, and what they cover."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from starlette.responses import Response

from tenken.console.auth.accounts import all_accounts
from tenken.console.bundles.commands import run_json
from tenken.console.web.call import Call
from tenken.console.web.render import page
from tenken.console.web.routes import route
from tenken.errors import UnknownNameError


def library(call: Call) -> Response:
    """Show all tasks and what they cover."""
    return page(call, "library.html", tasks=tasks(), coverage=_coverage())


def task(call: Call) -> Response:
    """Show a task: its card, and an item of each measure and language where they are no hazard."""
    name = str(call.request.path_params["task"])
    if name not in {str(each["name"]) for each in tasks()}:
        raise UnknownNameError("task", name[:80], ())
    return _page(call, name, shown=False)


def uncover(call: Call) -> Response:
    """Show a task with the items that are covered, and write down who did."""
    name = str(call.request.path_params["task"])
    if name not in {str(each["name"]) for each in tasks()}:
        raise UnknownNameError("task", name[:80], ())
    call.record("uncover", what=f"items of {name}")
    return _page(call, name, shown=True)


def _page(call: Call, name: str, *, shown: bool) -> Response:
    readers = all_accounts(call.services.engine) if call.may("assign") else ()
    return page(
        call,
        "task.html",
        task=_task(name, shown=shown),
        shown=shown,
        readers=[each for each in readers if each.may("review")],
    )


@lru_cache(maxsize=1)
def tasks() -> list[dict[str, Any]]:
    """Return what `tenken list --json` says of each task."""
    found = run_json(["list", "--json"])
    rows = found["tasks"] if isinstance(found, dict) else found
    return [each for each in rows if isinstance(each, dict) and "name" in each]


@lru_cache(maxsize=1)
def _coverage() -> Any:
    return run_json(["coverage", "--json"])


@lru_cache(maxsize=64)
def _task(name: str, *, shown: bool) -> Any:
    more = ["--with-text"] if shown else []
    return run_json(["show", "--json", *more, "--", name])


ROUTES: Final = (
    route("/library", library, "read"),
    route("/library/{task:path}", task, "read"),
    route("/library/{task:path}", uncover, "uncover", ["POST"]),
)
