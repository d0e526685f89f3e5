"""Starting runs, and looking on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from tenken.console.bundles.commands import run_json
from tenken.console.live.jobs import Job
from tenken.console.live.request import offer, read_form
from tenken.console.web.call import Call, find_person
from tenken.console.web.render import fragment, go, page
from tenken.console.web.routes import route
from tenken.errors import InputError, UnknownNameError

_EVERY: Final = 1.0
"""Seconds between two looks."""


def jobs(call: Call) -> Response:
    """Show all runs that were started here, and the form for a new one."""
    offered = offer(call.settings.endpoints)
    return page(call, "jobs.html", jobs=call.services.jobs.all(), offered=offered)


def plan(call: Call) -> Response:
    """Show what the runs of a form would do; nothing is sent."""
    endpoints = call.settings.endpoints
    found = []
    for asked in read_form(call.form, call.fields, offer(endpoints)):
        try:
            about: Any = run_json(
                [*asked.arguments("plan", endpoints)[:-2], "--json", "--", asked.suite]
            )
            failed = ""
        except InputError as error:
            about, failed = None, str(error)
        found.append((asked, about, failed))
    kept = [
        (name, value) for name, values in call.fields.items() for value in values if name != "csrf"
    ]
    return page(call, "plan.html", plans=found, kept=kept, ready=all(not f for _, _, f in found))


def start(call: Call) -> Response:
    """Start the runs of a form."""
    endpoints = call.settings.endpoints
    number = 0
    for asked in read_form(call.form, call.fields, offer(endpoints)):
        arguments = asked.arguments("run", endpoints)
        command = [*arguments[:-2], f"--results-dir={call.settings.results}", *arguments[-2:]]
        about = {"suite": asked.suite, "model": asked.model, "options": " ".join(asked.options)}
        number = call.services.jobs.start(call.account.name, about, command)
        call.record("start", what=f"{number}: {asked.suite} {asked.model} {about['options']}")
    several = len(call.form.get("models", "").split()) + len(call.fields.get("profile", ())) > 1
    return go("/jobs" if several else f"/jobs/{number}")


def job(call: Call) -> Response:
    """Show one run as it goes."""
    return page(call, "job.html", job=_job(call))


def change(call: Call) -> Response:
    """Pause, stop or go on."""
    found = _job(call)
    wanted = call.form.get("do", "")
    if wanted in ("paused", "stopped"):
        call.services.jobs.pause(found.id, wanted)
    elif wanted == "go_on":
        call.services.jobs.go_on(found.id)
    else:
        raise InputError("{said}", said=call.words("no_such_page"))
    call.record(wanted, what=str(found.id))
    return go(f"/jobs/{found.id}")


async def events(call: Call) -> Response:
    """Send what changes of a run, until it ends or nobody looks on any more."""
    await run_in_threadpool(_job, call)

    async def stream() -> AsyncIterator[bytes]:
        before = ""
        while not await call.request.is_disconnected():
            found = await run_in_threadpool(_job, call)
            text = fragment(call, "job_live.html", job=found)
            if text != before:
                before = text
                lines = "".join(f"data: {line}\n" for line in text.splitlines())
                yield f"event: look\n{lines}\n".encode("utf-8", "replace")
            if found.is_over:
                yield b"event: over\ndata: over\n\n"
                return
            await asyncio.sleep(_EVERY)
            person = await run_in_threadpool(find_person, call.request, call.services)
            if person is None or not person.account.may("read"):
                return

    return StreamingResponse(stream(), media_type="text/event-stream")


def _job(call: Call) -> Job:
    number = int(call.request.path_params["job"])
    found = call.services.jobs.get(number)
    if found is None:
        raise UnknownNameError("job", str(number)[:10], ())
    return found


ROUTES: Final = (
    route("/jobs", jobs, "start"),
    route("/jobs/plan", plan, "start", ["POST"]),
    route("/jobs", start, "start", ["POST"]),
    route("/jobs/{job:int}", job, "start"),
    route("/jobs/{job:int}", change, "start", ["POST"]),
    route("/jobs/{job:int}/events", events, "start"),
)
