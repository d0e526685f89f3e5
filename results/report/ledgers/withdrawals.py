"""Items withdrawn from a finished run: on the record, with the figures before and after.

The figures of the report and its decisions stay what the plan made them; those without the
withdrawn items are beside them. Anyone who could remove items could otherwise choose the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tenken.errors import BundleError, InputError, UnknownNameError
from tenken.io.canonical import canonical_json, sha256_bytes
from tenken.io.chain import START, read_chain
from tenken.io.faults import explain
from tenken.io.files import write_atomically
from tenken.results.metrics.settings import Statistics
from tenken.results.records.attacked import base_id, plain_records
from tenken.results.records.read import RunRecords
from tenken.results.report.figures import counts, figure
from tenken.results.seal.folder import refuse_odd
from tenken.schema.plan import Plan, PlannedTask
from tenken.schema.record import SampleRecord, languages_of
from tenken.schema.rescoring import Withdrawals, WithdrawnFigure, WithdrawnItem

LEDGER: Final = "withdrawn.jsonl"
"""In a bundle: a line for each item that was withdrawn, each naming the one before."""

_MOST_BYTES: Final = 2**22
_LONGEST: Final = 1000


def withdraw(run: Path, plan: Plan, names: Sequence[str], by: str, why: str, at: str) -> None:
    """Add items to a run's ledger of withdrawn ones.

    Args:
        run: A staged copy of the run's folder.
        plan: Its plan.
        names: `task:sample` of each item; the task may be named without its area.
        by: Who withdraws them.
        why: What is wrong with them.
        at: When, ISO 8601.

    Raises:
        InputError: Nobody or no reason is named, or an item is withdrawn already.
        UnknownNameError: The plan has no such task or item.
        StorageError: The ledger cannot be written.
    """
    if not by.strip() or not why.strip():
        raise InputError("--withdraw: say who withdraws the item (--by) and why (--why).")
    if max(len(by), len(why)) > _LONGEST:
        raise InputError(
            "--withdraw: --by and --why take at most {longest} characters.", longest=_LONGEST
        )
    held = {(each.task, each.item) for each in read_withdrawn(run)}
    path, lines = run / LEDGER, []
    before = path.read_bytes() if path.is_file() else b""
    last = sha256_bytes(before.rstrip(b"\n").rpartition(b"\n")[2]) if before else START
    for name in names:
        task, item = _place(plan, name)
        if (task, item) in held:
            raise InputError("--withdraw {name}: it is withdrawn already.", name=name)
        held.add((task, item))
        about = WithdrawnItem(task=task, item=item, by=by.strip(), why=why.strip(), at=at)
        lines.append(canonical_json({**about.model_dump(), "previous": last}))
        last = sha256_bytes(lines[-1])
    write_atomically(path, before + b"".join(line + b"\n" for line in lines))


def read_withdrawn(run: Path) -> list[WithdrawnItem]:
    """Return the items that were withdrawn from a run, in the order in which they were.

    Raises:
        BundleError: The ledger is not a chain of them.
    """
    path = run / LEDGER
    try:
        refuse_odd(path)
        entries, _ = read_chain(path, _MOST_BYTES)
        return [
            WithdrawnItem.model_validate({k: v for k, v in each.items() if k != "previous"})
            for each in entries
        ]
    except FileNotFoundError:
        return []
    except ValidationError as error:
        raise BundleError(
            "{path}: not a readable ledger of items: {why}",
            path=path,
            why=explain(error, WithdrawnItem),
        ) from None
    except (InputError, OSError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise BundleError(
            "{path}: not a readable ledger of items: {said}", path=path, said=said
        ) from None


def withdrawals_of(run: Path, plan: Plan, found: RunRecords) -> Withdrawals | None:
    """Return the withdrawn items with the figures that they change.

    Args:
        run: The run's folder, with its ledger of withdrawals.
        plan: The committed plan; says which tasks have the items.
        found: The run's records, with the withdrawn items still in them.

    Returns:
        Items and figures; None where nothing was withdrawn.

    Raises:
        BundleError: The ledger cannot be read.
    """
    items = read_withdrawn(run)
    if not items:
        return None
    figures = [
        each
        for task in plan.tasks
        if (gone := {item.item for item in items if item.task == task.name})
        for each in _figures(task, gone, found.records)
    ]
    return Withdrawals(items=tuple(items), figures=tuple(figures))


def _figures(
    task: PlannedTask, gone: set[str], records: Sequence[SampleRecord]
) -> Iterator[WithdrawnFigure]:
    """Yield the raw rates of a task that have withdrawn items in them, before and after."""
    how = Statistics()
    own = plain_records([record for record in records if record.task == task.name], task)
    counted = [record for record in own if counts(record)]
    for measure in task.measures:
        belonging = [record for record in counted if record.measure == measure.key]
        languages = languages_of(belonging)
        for language in (None, *(languages if len(languages) > 1 else ())):
            part = [record for record in belonging if language in (None, record.language)]
            kept = [record for record in part if base_id(record) not in gone]
            if len(kept) < len(part):
                yield WithdrawnFigure(
                    task=task.name,
                    measure=measure.key,
                    language=language,
                    before=figure(part, how),
                    after=figure(kept, how),
                )


def _place(plan: Plan, name: str) -> tuple[str, str]:
    """Return task and sample of a name."""
    short, _, item = name.rpartition(":")
    named = [task for task in plan.tasks if short in (task.name, task.name.rsplit("/", 1)[-1])]
    if len(named) != 1:
        raise UnknownNameError("task", short, [task.name for task in plan.tasks], "--withdraw")
    ids = [sample.id for sample in named[0].samples]
    if item not in ids:
        raise UnknownNameError("item", item, ids, f"--withdraw, {named[0].name}")
    return named[0].name, item
