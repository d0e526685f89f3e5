"""The samples of a run, and one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from tenken.console.bundles.sample import read_sample
from tenken.console.bundles.samples import PAGE, SampleQuery, SampleRow
from tenken.console.pages.run import entry_of, readable_entry
from tenken.console.pages.withdrawals import gone_of
from tenken.console.web.call import Call
from tenken.console.web.render import page
from tenken.console.web.routes import route
from tenken.errors import BundleError, UnknownNameError


def samples(call: Call) -> Response:
    """Show the samples that the address asks for."""
    entry = readable_entry(call)
    state = call.services.sample_index.state(call.run)
    query = query_of(call)
    if state != "ready":
        return page(call, "samples_wait.html", run=entry, state=state, query=query)
    if query.covered and query.text:
        call.record("search_covered", call.run, query.text)
    rows, total = call.services.samples.select(call.run, query)
    return page(
        call,
        "samples_table.html" if call.is_partial else "samples.html",
        run=entry,
        query=query,
        rows=rows,
        total=total,
        first=(query.page - 1) * PAGE + 1,
        pages=max(1, -(-total // PAGE)),
        values=call.services.samples.values(call.run),
        titles={task.name: task.title for task in entry.tasks},
    )


def sample(call: Call) -> Response:
    """Show a sample; its text where it is not covered."""
    return _shown(call, uncovered=False)


def uncover(call: Call) -> Response:
    """Show a sample with the text that is covered, and write down who did."""
    row = _row(call, uncovered=True)
    call.record("uncover", call.run, f"{row.task} {row.sample} {row.epoch}")
    return _shown(call, uncovered=True)


def query_of(call: Call) -> SampleQuery:
    """Return what an address asks of the samples; covered text is searched only by right."""
    query = SampleQuery.of(call.request.query_params)
    return query if call.may("uncover") else replace(query, covered=False)


def _shown(call: Call, *, uncovered: bool) -> Response:
    row = _row(call, uncovered=uncovered)
    readable = not row.private and (uncovered or not row.covered)
    try:
        view = read_sample(call.folder, row.task, row.sample, row.epoch)
        unread = ""
    except BundleError as error:
        view, unread = None, str(error).replace(f"{call.folder}/", "")
    query = query_of(call)
    before, after = call.services.samples.neighbours(call.run, query, row.position)
    return page(
        call,
        "sample.html",
        run=entry_of(call),
        row=row,
        view=view,
        unread=unread,
        readable=readable,
        gone=gone_of(call, row),
        query=query,
        before=before,
        after=after,
        titles={task.name: task.title for task in entry_of(call).tasks},
    )


def _row(call: Call, *, uncovered: bool) -> SampleRow:
    readable_entry(call)
    call.services.sample_index.state(call.run)
    row = call.services.samples.one(
        call.run, int(call.request.path_params["position"]), uncovered=uncovered
    )
    if row is None:
        raise UnknownNameError("sample", str(call.request.path_params["position"])[:20], ())
    return row


ROUTES: Final = (
    route("/runs/{run}/samples", samples, "read"),
    route("/runs/{run}/samples/{position:int}", sample, "read"),
    route("/runs/{run}/samples/{position:int}", uncover, "uncover", ["POST"]),
)
