"""One run: its worst figure, its grades, its tasks, and the report."""

from __future__ import annotations

import shlex
from typing import Any, Final

from markupsafe import Markup
from pydantic import ValidationError
from starlette.responses import HTMLResponse, Response

from tenken.console.bundles.folder import read_report
from tenken.console.bundles.index import UNFINISHED, UNREADABLE, RunEntry
from tenken.console.reviewing.assignments import is_blind
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.render import go, page
from tenken.console.web.routes import route
from tenken.errors import InputError, UnknownNameError

STYLED: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-same-origin allow-top-navigation"
)
"""For pages that bring one style block along: no script at all, whatever is in them."""


def run(call: Call) -> Response:
    """Show a run."""
    entry = entry_of(call)
    readable = entry.decision not in (UNFINISHED, UNREADABLE)
    if readable:
        ensure_verified(call)
    logs = call.folder / "logs"
    measured = sorted(
        entry.tasks, key=lambda t: (t.overall.value is None, -(t.overall.value or 0.0), t.name)
    )
    return page(
        call,
        "run.html",
        run=entry,
        readable=readable,
        tasks=measured,
        inspect=f"inspect view --log-dir {shlex.quote(str(logs))}",
        **grades_of(call),
    )


def grades(call: Call) -> Response:
    """Show the grades alone, for a page that waits for them."""
    entry_of(call)
    return page(call, "grades.html", run=entry_of(call), **grades_of(call))


def verify(call: Call) -> Response:
    """Verify a run anew."""
    entry_of(call)
    call.services.verifications.start(call.run)
    call.record("verify", call.run)
    return go(f"/runs/{_part(call.run)}")


def report(call: Call) -> Response:
    """Show the whole report, made anew from its figures, without texts of samples."""
    from tenken.results.pages.report import render_html
    from tenken.schema.report import Report

    entry_of(call)
    try:
        found = Report.model_validate(read_report(call.folder))
    except (ValidationError, RecursionError):
        raise InputError("{said}", said=call.words("older_report")) from None
    shown = found.presentation.model_copy(update={"language": call.words.language})
    made = render_html(found.model_copy(update={"presentation": shown}), {})
    return HTMLResponse(made, headers={"content-security-policy": STYLED})


def entry_of(call: Call, *, says_nothing: bool = False) -> RunEntry:
    """Return the run that an address names.

    Args:
        call: The request.
        says_nothing: Whether the page says nothing of what scorers said, so that people who label
            the run may see it.

    Raises:
        UnknownNameError: There is no such run.
        RefusedError: Whoever asks labels it now, and must not see what the scorers said.
    """
    if not says_nothing and is_blind(call.services.engine, call.folder.name, call.account.id):
        raise RefusedError(403, "blind")
    entry = call.services.runs.get(call.folder.name)
    if entry is None:
        raise UnknownNameError("run", call.run[:80], ())
    return entry


def readable_entry(call: Call, *, says_nothing: bool = False) -> RunEntry:
    """Return the run that an address names, where it has a report.

    Args:
        call: The request.
        says_nothing: Whether the page says nothing of what scorers said; see `entry_of`.

    Raises:
        UnknownNameError: There is no such run.
        RefusedError: The run has no report, or whoever asks is labelling it.
    """
    entry = entry_of(call, says_nothing=says_nothing)
    if entry.decision in (UNFINISHED, UNREADABLE):
        raise RefusedError(409, "no_report")
    return entry


def ensure_verified(call: Call) -> None:
    """Verify a run that somebody looks at and that is not verified as it is now."""
    verifications = call.services.verifications
    if verifications.of(call.run) is None:
        verifications.start(call.run)


def grades_of(call: Call) -> dict[str, Any]:
    """Return what a page says of a run's grades."""
    verifications = call.services.verifications
    busy = verifications.is_busy(call.run)
    return {"verified": verifications.of(call.run), "verifying": busy}


def _part(name: str) -> Markup:
    from urllib.parse import quote

    return Markup(quote(name, safe=""))  # noqa: S704 - quoted


ROUTES: Final = (
    route("/runs/{run}", run, "read"),
    route("/runs/{run}/grades", grades, "read"),
    route("/runs/{run}/verify", verify, "verify", ["POST"]),
    route("/runs/{run}/report", report, "read"),
)
