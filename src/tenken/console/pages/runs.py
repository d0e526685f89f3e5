"""The table of all runs."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from tenken.console.bundles.filters import PAGE, RunQuery, select_runs
from tenken.console.web.call import Call
from tenken.console.web.render import go, page
from tenken.console.web.routes import route
from tenken.schema.record import RISKS


def home(_call: Call) -> Response:
    """Lead to the table."""
    return go("/runs")


def runs(call: Call) -> Response:
    """Show the runs that the address asks for."""
    index = call.services.runs
    entries = index.all()
    query = RunQuery.of(call.request.query_params, RISKS)
    found = select_runs(entries, query)
    start = (query.page - 1) * PAGE
    return page(
        call,
        "runs_table.html" if call.is_partial else "runs.html",
        query=query,
        runs=found[start : start + PAGE],
        total=len(found),
        all=len(entries),
        first=start + 1,
        pages=max(1, -(-len(found) // PAGE)),
        waiting=index.waiting,
        grades=call.services.verifications.all(),
        models=sorted({entry.model for entry in entries if entry.model}),
        suites=sorted({entry.suite for entry in entries if entry.suite}),
        decisions=sorted({entry.decision for entry in entries}),
    )


ROUTES: Final = (route("/", home, "read"), route("/runs", runs, "read"))
