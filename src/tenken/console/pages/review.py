"""Reviewing: who is asked, one answer a screen, handing in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from tenken.console.auth.accounts import all_accounts
from tenken.console.bundles.index import RunEntry
from tenken.console.pages.run import readable_entry
from tenken.console.reviewing import assignments, drafts, readings
from tenken.console.reviewing.agreeing import agreement
from tenken.console.reviewing.assignments import Assignment
from tenken.console.reviewing.handing_in import draw_items, label_lines, take_in
from tenken.console.reviewing.sheets import AskedItem, draws_of, make_sheets, read_sheet
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.render import go, page
from tenken.console.web.routes import route
from tenken.errors import InputError, UnknownNameError
from tenken.schema.record import LANGUAGES

_MOST_DRAWN: Final = 5000


def own_reviews(call: Call) -> Response:
    """Show what whoever asks is asked to label."""
    engine = call.services.engine
    own = assignments.assignments_of(engine, account=call.account.id)
    sizes = {each.id: len(read_sheet(engine, each.run, each.draw, each.role)) for each in own}
    read = readings.readings_of(engine, call.account.id)
    items = {each.id: readings.items_of(engine, each.id) for each in read}
    return page(call, "reviews.html", own=own, sizes=sizes, readings=read, items=items)


def run_reviews(call: Call) -> Response:
    """Show the draws of a run, who labels them, and how far they agree."""
    entry = readable_entry(call, says_nothing=True)
    engine = call.services.engine
    if not (draws := draws_of(engine, entry.name)):
        make_sheets(call.folder, call.settings.database_url)
        draws = draws_of(engine, entry.name)
    asked = assignments.assignments_of(engine, run=entry.name)
    reviewers = [each for each in all_accounts(engine) if each.may("review")]
    return page(
        call,
        "run_reviews.html",
        run=entry,
        draws=draws,
        asked=asked,
        agreement={draw: agreement(engine, entry.name, draw) for draw in draws},
        reviewers=reviewers,
    )


def progress(call: Call) -> Response:
    """Show who has labelled how much of a draw, and how far they agree, alone."""
    entry = readable_entry(call, says_nothing=True)
    engine, draw = call.services.engine, str(call.request.path_params["draw"])
    draws = draws_of(engine, entry.name)
    if draw not in draws:
        raise UnknownNameError("draw", draw[:16], ())
    return page(
        call,
        "draw_progress.html",
        run=entry,
        draw=draw,
        size=draws[draw],
        asked=assignments.assignments_of(engine, run=entry.name),
        agreed=agreement(engine, entry.name, draw),
    )


def draw(call: Call) -> Response:
    """Draw answers of a run."""
    entry = readable_entry(call, says_nothing=True)
    drawn(call, call.form, call.fields.get("task", ()))
    return go(f"/runs/{quote(entry.name, safe='')}/review")


def drawn(call: Call, form: Mapping[str, str], wanted: Sequence[str]) -> dict[str, Any]:
    """Draw answers of a run as a form asks for.

    Args:
        call: The request; names the run.
        form: The last value of each field: `sample`, `seed` and `lang`.
        wanted: The tasks to draw from, as the form names them; empty for all.

    Returns:
        What `tenken review` says about the draw, as JSON.

    Raises:
        InputError: A field has an invalid value.
    """
    entry = readable_entry(call, says_nothing=True)
    given, seed = form.get("sample", ""), form.get("seed", "").strip()
    if not (given.isascii() and given.isdigit() and 0 < int(given[:9]) <= _MOST_DRAWN):
        raise InputError("{said}", said=call.words("draw_number", most=_MOST_DRAWN))
    if seed and not (seed.isascii() and seed.isdigit() and len(seed) < 10):
        raise InputError("{said}", said=call.words("draw_seed"))
    tasks = [_task_of(entry, each) for each in wanted]
    language = form.get("lang", "en") if form.get("lang") in LANGUAGES else "en"
    made = draw_items(call.folder, int(given), tasks, int(seed) if seed else None, language)
    make_sheets(call.folder, call.settings.database_url)
    call.record("draw", entry.name, str(made["draw"])[:16])
    return made


def _task_of(entry: RunEntry, wanted: str) -> str:
    names = [task.name for task in entry.tasks]
    found = [name for name in names if wanted in (name, name.rsplit("/", 1)[-1])]
    if len(found) != 1:
        raise UnknownNameError("task", wanted[:80], names)
    return found[0]


def assign(call: Call) -> Response:
    """Ask somebody to label a draw."""
    entry = readable_entry(call, says_nothing=True)
    engine = call.services.engine
    wanted, role = call.form.get("account", ""), call.form.get("role", "")
    people = {str(each.id): each for each in all_accounts(engine) if each.may("review")}
    chosen = call.form.get("draw", "")
    if wanted not in people or role not in ("reviewer", "adjudicator"):
        raise InputError("{said}", said=call.words("choose_person"))
    if chosen not in draws_of(engine, entry.name):
        raise UnknownNameError("draw", chosen[:16], ())
    assignments.assign(engine, entry.name, chosen, people[wanted].id, role)
    call.record("assign", entry.name, f"{people[wanted].name}: {role} of {chosen[:16]}")
    return go(f"/runs/{quote(entry.name, safe='')}/review")


def withdraw(call: Call) -> Response:
    """Take an assignment back."""
    entry = readable_entry(call, says_nothing=True)
    number = call.form.get("assignment", "")
    found = {str(a.id): a for a in assignments.assignments_of(call.services.engine, run=entry.name)}
    if number not in found:
        raise UnknownNameError("assignment", number[:10], ())
    assignments.withdraw(call.services.engine, found[number].id)
    call.record("withdraw", entry.name, f"{found[number].name} of {found[number].draw[:16]}")
    return go(f"/runs/{quote(entry.name, safe='')}/review")


def label(call: Call) -> Response:
    """Show one answer to label."""
    own, items = _asked(call)
    given = drafts.drafts_of(call.services.engine, own.id)
    wanted = call.request.query_params.get("n", "")
    if wanted.isascii() and wanted.isdigit() and 0 < int(wanted[:7]) <= len(items):
        place = int(wanted) - 1
    else:
        undone = (n for n, each in enumerate(items) if not _label_of(given, each))
        place = next(undone, len(items) - 1)
    item = items[place]
    if item.covered:
        call.record("uncover_for_review", own.run, item.item[:16])
    done = sum(bool(_label_of(given, each)) for each in items)
    return page(
        call,
        "label.html",
        own=own,
        item=item,
        body=item.body[call.words.language],
        n=place + 1,
        all=len(items),
        done=done,
        draft=given.get(item.item),
    )


def keep(call: Call) -> Response:
    """Keep a label, then go to the next answer."""
    own, items = _asked(call)
    if own.handed_in:
        raise RefusedError(409, "handed_in_already")
    known = {each.item: each.labels for each in items}
    chosen = call.form.get("item", "")
    before = drafts.drafts_of(call.services.engine, own.id).get(chosen)
    label = call.form.get("label") or (before.label if before else "")
    draft = drafts.Draft(chosen, label, call.form.get("note", ""))
    drafts.keep_draft(call.services.engine, own.id, draft, known)
    place = [each.item for each in items].index(chosen) + 1
    step = 1 if call.form.get("label") and place < len(items) else 0
    return go(f"/review/{own.id}?n={place + step}")


def hand_in(call: Call) -> Response:
    """Have the labels of an assignment sealed in the bundle."""
    own, _ = _asked(call)
    if own.handed_in:
        raise RefusedError(409, "handed_in_already")
    engine = call.services.engine
    folder = call.folder_of(own.run)
    kept = drafts.drafts_of(engine, own.id)
    take_in(folder, label_lines(own, kept))
    assignments.mark_handed_in(engine, own.id)
    call.record("hand_in", own.run, f"{len(kept)} labels of {own.draw[:16]}")
    make_sheets(folder, call.settings.database_url)
    return go("/review")


def _asked(call: Call) -> tuple[Assignment, list[AskedItem]]:
    engine = call.services.engine
    number = int(call.request.path_params["assignment"])
    own = assignments.find_assignment(engine, number, call.account.id)
    if own is None:
        raise UnknownNameError("assignment", str(number)[:10], ())
    items = read_sheet(engine, own.run, own.draw, own.role)
    if not items and own.draw not in draws_of(engine, own.run):
        make_sheets(call.folder_of(own.run), call.settings.database_url)
        items = read_sheet(engine, own.run, own.draw, own.role)
    if not items:
        raise RefusedError(409, "nothing_to_label")
    return own, items


def _label_of(given: dict[str, drafts.Draft], item: AskedItem) -> str:
    draft = given.get(item.item)
    return draft.label if draft else ""


ROUTES: Final = (
    route("/review", own_reviews, "review"),
    route("/review/{assignment:int}", label, "review"),
    route("/review/{assignment:int}", keep, "review", ["POST"]),
    route("/review/{assignment:int}/hand-in", hand_in, "review", ["POST"]),
    route("/runs/{run}/review", run_reviews, "assign"),
    route("/runs/{run}/review/{draw}/progress", progress, "assign"),
    route("/runs/{run}/review/draw", draw, "assign", ["POST"]),
    route("/runs/{run}/review/assign", assign, "assign", ["POST"]),
    route("/runs/{run}/review/withdraw", withdraw, "assign", ["POST"]),
)
