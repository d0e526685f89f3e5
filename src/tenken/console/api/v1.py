"""The addresses of `/api/v1`. Each takes the right that its page takes."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from tenken.console.bundles.filters import PAGE, RunQuery, select_runs
from tenken.console.bundles.index import RunEntry
from tenken.console.bundles.samples import SampleQuery
from tenken.console.live.request import offer, read_form
from tenken.console.pages.models import comparison, comparison_key
from tenken.console.pages.review import drawn
from tenken.console.pages.run import readable_entry
from tenken.console.reviewing.handing_in import take_in
from tenken.console.reviewing.sheets import make_sheets
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.routes import route
from tenken.errors import InputError, UnknownNameError
from tenken.schema.record import RISKS


def runs(call: Call) -> Response:
    """The runs that the address asks for, 50 a page."""
    query = RunQuery.of(call.request.query_params, RISKS)
    found = select_runs(call.services.runs.all(), query)
    part = found[(query.page - 1) * PAGE : query.page * PAGE]
    grades = call.services.verifications.all()
    rows = [{**_outline(run), "grades": grades.get(run.name, {})} for run in part]
    return JSONResponse({"total": len(found), "page": query.page, "runs": rows})


def run(call: Call) -> Response:
    """One run with the headline rate of each task."""
    entry = readable_entry(call)
    return JSONResponse({**_outline(entry), "tasks": [asdict(task) for task in entry.tasks]})


def figures(call: Call) -> Response:
    """The report of a run, as `report.json` has it."""
    readable_entry(call)
    from tenken.console.bundles.folder import read_report

    return JSONResponse(read_report(call.folder))


def samples(call: Call) -> Response:
    """The samples that the address asks for, 50 a page; `covered=1` uncovers, by right."""
    readable_entry(call)
    query = SampleQuery.of(call.request.query_params)
    if query.covered and not call.may("uncover"):
        raise RefusedError(403, "no_right")
    if (state := call.services.sample_index.state(call.run)) != "ready":
        busy = state == "busy"
        said = call.words("samples_waiting") if busy else state
        return JSONResponse({"error": said}, 503 if busy else 409)
    rows, total = call.services.samples.select(call.run, query)
    if query.covered:
        call.record("uncover", call.run, f"{len(rows)} samples by /api/v1")
        shown = [call.services.samples.one(call.run, row.position, uncovered=True) for row in rows]
        rows = [row for row in shown if row is not None]
    return JSONResponse(
        {"total": total, "page": query.page, "samples": [asdict(replace(row)) for row in rows]}
    )


def verify(call: Call) -> Response:
    """Verify a run now and return what was found."""
    readable_entry(call)
    call.record("verify", call.run)
    return JSONResponse(call.services.verifications.now(call.run))


def verification(call: Call) -> Response:
    """What was found when the run was last verified as it is now."""
    readable_entry(call)
    return JSONResponse(call.services.verifications.of(call.run) or {"grades": {}})


def compare(call: Call) -> Response:
    """What `tenken compare --json` says of the runs that the address names."""
    return JSONResponse(comparison(*comparison_key(call)))


def labels(call: Call) -> Response:
    """Take in a file of labels, JSON Lines as `tenken review --import` takes them."""
    entry = readable_entry(call, says_nothing=True)
    own = call.account.name
    if not call.may("assign"):
        for row in _rows(call.body):
            if row.get("label") and row.get("reviewer") != own:
                raise InputError("{said}", said=call.words("own_labels_only", name=own))
    made = take_in(call.folder, call.body)
    call.record("take_in", entry.name, f"{len(call.body)} bytes")
    make_sheets(call.folder, call.settings.database_url)
    # What reviewers differ on is for whoever asks an adjudicator, not for a reviewer.
    return JSONResponse(made if call.may("assign") else {**made, "files": {}})


def draws(call: Call) -> Response:
    """Draw answers to label, by a JSON object with sample, seed, task and lang; sends the files."""
    fields = _fields(call.body)
    last = {name: values[-1] for name, values in fields.items() if values}
    return JSONResponse(drawn(call, last, fields.get("task", ())))


def start(call: Call) -> Response:
    """Start the runs that a JSON object asks for, with the fields of the form."""
    fields = _fields(call.body)
    last = {name: values[-1] for name, values in fields.items() if values}
    endpoints, numbers = call.settings.endpoints, []
    for asked in read_form(last, fields, offer(endpoints)):
        arguments = asked.arguments("run", endpoints)
        command = [*arguments[:-2], f"--results-dir={call.settings.results}", *arguments[-2:]]
        about = {"suite": asked.suite, "model": asked.model, "options": " ".join(asked.options)}
        numbers.append(call.services.jobs.start(call.account.name, about, command))
        call.record("start", what=f"{numbers[-1]}: {asked.suite} {asked.model}")
    return JSONResponse({"jobs": numbers}, 202)


def job(call: Call) -> Response:
    """How a run that was started here goes."""
    number = int(call.request.path_params["job"])
    found = call.services.jobs.get(number)
    if found is None:
        raise UnknownNameError("job", str(number)[:10], ())
    return JSONResponse(asdict(found))


def _outline(entry: RunEntry) -> dict[str, Any]:
    keys = ("name", "model", "suite", "decision", "finished", "attempt", "answers", "undecided")
    outline = {key: getattr(entry, key) for key in keys}
    return {**outline, "areas": {risk: asdict(figure) for risk, figure in entry.areas.items()}}


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        rows = [json.loads(line) for line in body.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise InputError("labels are sent as JSON Lines.") from None
    if not all(isinstance(row, dict) for row in rows):
        raise InputError("labels are sent as JSON Lines, an object each.")
    return rows


def _fields(body: bytes) -> dict[str, list[str]]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise InputError('expected a JSON object, such as {"suite": "smoke", "models": "..."}.')
    return {
        str(name): [str(each) for each in value] if isinstance(value, list) else [str(value)]
        for name, value in given.items()
    }


ROUTES: Final = (
    route("/api/v1/runs", runs, "read"),
    route("/api/v1/runs/{run}", run, "read"),
    route("/api/v1/runs/{run}/figures", figures, "read"),
    route("/api/v1/runs/{run}/samples", samples, "read"),
    route("/api/v1/runs/{run}/verification", verification, "read"),
    route("/api/v1/runs/{run}/verify", verify, "verify", ["POST"]),
    route("/api/v1/runs/{run}/labels", labels, "review", ["POST"]),
    route("/api/v1/runs/{run}/draws", draws, "assign", ["POST"]),
    route("/api/v1/compare", compare, "read"),
    route("/api/v1/jobs", start, "start", ["POST"]),
    route("/api/v1/jobs/{job:int}", job, "start"),
)
