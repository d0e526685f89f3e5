"""Items withdrawn from a run: who, when and why, with the figures before and after."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pydantic import ValidationError
from starlette.responses import Response

from tenken.console.bundles.commands import run_json
from tenken.console.bundles.folder import read_report, stamp
from tenken.console.bundles.samples import SampleRow
from tenken.console.pages.run import readable_entry
from tenken.console.reviewing.handing_in import changing
from tenken.console.web.call import Call
from tenken.console.web.render import go, page
from tenken.console.web.routes import route
from tenken.errors import InputError, UnknownNameError
from tenken.results.bundle.made import REPORT
from tenken.schema.plan import ATTACK_TAG, NO_ATTACK
from tenken.schema.rescoring import Withdrawals, WithdrawnItem

_LONGEST: Final = 500


def withdrawn(call: Call) -> Response:
    """Show what was withdrawn from a run, and what that changes."""
    entry = readable_entry(call)
    titles = {task.name: task.title for task in entry.tasks}
    return page(call, "withdrawn.html", run=entry, told=withdrawals_of(call), titles=titles)


def withdraw(call: Call) -> Response:
    """Put an item's withdrawal on record, in the name of whoever asks, and seal the run again."""
    entry, row = readable_entry(call), _row(call)
    item = item_of(row)
    why = " ".join(call.form.get("why", "").split())
    if not why or len(why) > _LONGEST:
        raise InputError("{said}", said=call.words("withdraw_why_needed", most=_LONGEST))
    with changing(call.folder):
        run_json([
            "report", f"--withdraw={row.task}:{item}", f"--by={call.account.name}",
            f"--why={why}", "--json", "--", str(call.folder),
        ])  # fmt: skip
    call.record("withdraw_item", entry.name, f"{row.task}:{item}: {why}")
    return go(f"/runs/{quote(entry.name, safe='')}/withdrawn")


def withdrawals_of(call: Call) -> Withdrawals | None:
    """Return what a run's report says of withdrawn items, None where it has none."""
    try:
        return _withdrawals(call.folder, stamp(call.folder / REPORT))
    except (ValidationError, RecursionError):
        raise InputError("{said}", said=call.words("older_report")) from None


@lru_cache(maxsize=16)
def _withdrawals(folder: Path, _stamp: str) -> Withdrawals | None:
    """Read a report's part on withdrawn items once as the report is now."""
    evidence = read_report(folder).get("evidence")
    found = evidence.get("withdrawals") if isinstance(evidence, dict) else None
    return None if found is None else Withdrawals.model_validate(found)


def gone_of(call: Call, row: SampleRow) -> WithdrawnItem | None:
    """Return the withdrawal of a sample's item, None where it is not withdrawn.

    Args:
        call: The request; its address names the run.
        row: The sample.
    """
    told = withdrawals_of(call)
    place = row.task, item_of(row)
    return next((e for e in told.items if (e.task, e.item) == place), None) if told else None


def item_of(row: SampleRow) -> str:
    """Return the id of a sample's item; it is one under every attack."""
    return row.sample.removesuffix(f"~{row.tags.get(ATTACK_TAG, NO_ATTACK)}")


def _row(call: Call) -> SampleRow:
    call.services.sample_index.state(call.run)
    place = int(call.request.path_params["position"])
    row = call.services.samples.one(call.run, place, uncovered=False)
    if row is None:
        raise UnknownNameError("sample", str(place)[:20], ())
    return row


ROUTES: Final = (
    route("/runs/{run}/withdrawn", withdrawn, "read"),
    route("/runs/{run}/samples/{position:int}/withdraw", withdraw, "withdraw", ["POST"]),
)
