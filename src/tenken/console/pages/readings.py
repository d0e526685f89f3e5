"""Reading items of the library: who reads which, one item a screen, handing in."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from tenken.console.auth.accounts import Account, all_accounts
from tenken.console.pages.library import readings_by_task, tasks
from tenken.console.reviewing import readings
from tenken.console.reviewing.readings import Reading, ReadItem
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.render import go, page
from tenken.console.web.routes import route
from tenken.errors import InputError, UnknownNameError
from tenken.schema.record import LANGUAGES

_MOST: Final = 500


def begin(call: Call) -> Response:
    """Have items of a task read by whoever asks, or by somebody whom they ask."""
    task, given = call.form.get("task", ""), call.form.get("sample", "")
    known = {str(each["name"]) for each in tasks()}
    if task not in known:
        raise UnknownNameError("task", task[:80], known)
    if not (given.isascii() and given.isdigit() and 0 < int(given[:9]) <= _MOST):
        raise InputError("{said}", said=call.words("draw_number", most=_MOST))
    language = call.form.get("language", "")
    reader = _reader(call)
    number = readings.begin(
        call.services.engine, task, reader, int(given), language if language in LANGUAGES else ""
    )
    call.record("read_items", what=f"{reader.name}: {task}")
    return go(f"/readings/{number}" if reader.id == call.account.id else "/review")


def item(call: Call) -> Response:
    """Show one item to read."""
    own, items = _asked(call)
    wanted = call.request.query_params.get("n", "")
    if wanted.isascii() and wanted.isdigit() and 0 < int(wanted[:7]) <= len(items):
        place = int(wanted) - 1
    else:
        undone = (n for n, each in enumerate(items) if not each.is_done)
        place = next(undone, len(items) - 1)
    return page(
        call,
        "reading.html",
        own=own,
        item=items[place],
        n=place + 1,
        all=len(items),
        done=sum(each.is_done for each in items),
    )


def keep(call: Call) -> Response:
    """Keep what is said of an item, then go to the next one."""
    own, items = _asked(call)
    if own.handed_in:
        raise RefusedError(409, "handed_in_already")
    chosen = call.form.get("item", "")
    place = next((n for n, each in enumerate(items) if each.item == chosen), None)
    if place is None:
        raise UnknownNameError("item", chosen[:16], ())
    readings.keep(call.services.engine, own.id, items[place], call.form)
    return go(f"/readings/{own.id}?n={min(place + 2, len(items))}")


def hand_in(call: Call) -> Response:
    """Have what was read written beside the task's items."""
    own, _ = _asked(call)
    if own.handed_in:
        raise RefusedError(409, "handed_in_already")
    made = readings.hand_in(call.services.engine, own)
    readings_by_task.cache_clear()
    call.record("hand_in", what=f"{made['new']} readings of {own.task}")
    return go("/review")


def _reader(call: Call) -> Account:
    """Return who is to read: whoever asks, where they may ask nobody else."""
    wanted = call.form.get("account", "")
    if not wanted or not call.may("assign"):
        return call.account
    people = {str(each.id): each for each in all_accounts(call.services.engine)}
    if wanted not in people or not people[wanted].may("review"):
        raise InputError("{said}", said=call.words("choose_person"))
    return people[wanted]


def _asked(call: Call) -> tuple[Reading, list[ReadItem]]:
    engine, number = call.services.engine, int(call.request.path_params["reading"])
    own = next((r for r in readings.readings_of(engine, call.account.id) if r.id == number), None)
    if own is None:
        raise UnknownNameError("reading", str(number)[:10], ())
    return own, readings.items_of(engine, own.id)


ROUTES: Final = (
    route("/readings", begin, "review", ["POST"]),
    route("/readings/{reading:int}", item, "review"),
    route("/readings/{reading:int}", keep, "review", ["POST"]),
    route("/readings/{reading:int}/hand-in", hand_in, "review", ["POST"]),
)
