"""What a report says about its own evidence, from the journal, the commitment and the logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tenken.errors import BundleError
from tenken.results.records.journal import JournalRecords, planned_keys, read_journal
from tenken.results.records.read import RunRecords
from tenken.results.report.ledgers.withdrawals import withdrawals_of
from tenken.results.seal.commitment import SignedCommitment, read_commitment
from tenken.results.seal.seal import sample_key
from tenken.results.seal.timestamp import read_stamp
from tenken.results.seal.transparency import read_proof
from tenken.schema.evidence import (
    JOURNAL_FILE,
    Addendum,
    Committed,
    Deviation,
    Endpoint,
    Evidence,
    JournalCounts,
    OtherAttempt,
    Profile,
    Source,
)
from tenken.schema.plan import Plan
from tenken.schema.rescoring import WithdrawnItem

_MOST: Final = 100
_LONGEST: Final = 1000
_PREFIXES: Final = ("endpoint/", "tenken/")


def evidence_of(
    run: Path, plan: Plan, found: RunRecords, addendum: Addendum | None = None
) -> Evidence | None:
    """Return what a run's report says about its evidence; None for runs without a journal.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: What its logs hold.
        addendum: What cards that came after the plan would change.

    Raises:
        BundleError: The journal or the commitment cannot be read.
    """
    journal = read_journal(run)
    if journal is None:
        return None
    made = read_commitment(run)
    about = made.statement.predicate if made is not None else None
    others, withdrawals = _others(journal, run), withdrawals_of(run, plan, found)
    return Evidence(
        committed=_committed(run, made, found, journal) if made is not None else None,
        profile=about.profile if about is not None else Profile(),
        attempt=len(others) + 1,
        others=others,
        journal=_counts(journal, plan),
        sources=tuple(_sources(journal)),
        endpoint=Endpoint(
            asked=_plain_name(plan.model.name),
            models=journal.told(journal.models),
            fingerprints=journal.told(journal.fingerprints),
            connections=tuple(journal.connections),
        ),
        deviations=(
            *_deviations(journal, plan, found, addendum),
            *(_withdrawn(each) for each in (withdrawals.items if withdrawals else ())),
        ),
        addendum=addendum,
        withdrawals=withdrawals,
    )


def is_before(one: str, other: str) -> bool:
    """Return whether one time is not after another; logs state whole seconds.

    Args:
        one: ISO 8601; its fraction of a second is ignored.
        other: ISO 8601, with a time zone exactly if the first has one.

    Returns:
        False too where a time cannot be read, or where the two cannot be compared.
    """
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
        return first.replace(microsecond=0) <= second
    except (ValueError, TypeError):
        return False


def _committed(
    run: Path, made: SignedCommitment, found: RunRecords, journal: JournalRecords
) -> Committed:
    about = made.statement.predicate
    begun_at = [log.created for log in found.logs.values()]
    begun_at += [journal.first_asked] if journal.first_asked else []
    stamp, proof = read_stamp(run), read_proof(run)
    of_this = stamp is not None and stamp.imprint.hex() == made.sha256
    logged = proof is not None and proof.entry.sha256 == made.sha256
    return Committed(
        at=about.committed,
        sha256=made.sha256,
        keys=tuple(made.envelope.signatures),
        before_first_log=all(is_before(about.committed, begun) for begun in begun_at),
        stamped=stamp.at if stamp is not None and of_this else "",
        logged=f"{proof.log[:16]}, {proof.index + 1}/{proof.size}" if proof and logged else "",
        tenken=about.tenken,
        source_sha256=about.source_sha256,
        lock_sha256=about.lock_sha256,
        python=about.python,
        machine=about.machine,
    )


def _others(journal: JournalRecords, run: Path) -> tuple[OtherAttempt, ...]:
    try:
        others = journal.started.get("others", ())
        if len(others) > _MOST or len(str(others)) > _MOST * _LONGEST:
            raise TypeError("too many")
        return tuple(OtherAttempt.model_validate(each) for each in others)
    except (ValidationError, TypeError):
        raise BundleError(
            "{journal_file}: names no readable attempts.", journal_file=run / JOURNAL_FILE
        ) from None


def _sources(journal: JournalRecords) -> Iterator[Source]:
    for run, source in sorted(journal.sources.items()):
        if source.answers:
            yield Source(
                run=run,
                seal_sha256=source.seal,
                answers=source.answers,
                first=source.first,
                last=source.last,
            )


def _counts(journal: JournalRecords, plan: Plan) -> JournalCounts:
    traces = [journal.traces[key] for key, _ in planned_keys(plan) if key in journal.traces]
    return JournalCounts(
        queued=sum(len(task.samples) * task.epochs for task in plan.tasks),
        answered=sum(bool(trace.answered) for trace in traces),
        scored=sum(trace.ended == 1 for trace in traces),
        errored=sum(trace.errored > 0 and not trace.ended for trace in traces),
        asked_again=journal.asked_again,
        recalled=journal.recalled,
        reused=sum(source.answers for source in journal.sources.values()),
        superseded=journal.superseded,
        starts=journal.starts,
        aborted=journal.aborted,
    )


def _deviations(
    journal: JournalRecords, plan: Plan, found: RunRecords, addendum: Addendum | None
) -> Iterator[Deviation]:
    for change in _listed(journal.started.get("changes")):
        what, planned, done = (str(change.get(k, ""))[:200] for k in ("what", "old", "new"))
        yield Deviation(code="plan_replaced", what=what, planned=planned, found=done)
    if journal.stopped:
        yield Deviation(code="stopped", what=journal.stopped[:200])
    asked = {sample_key(each): each.reason != "not_asked" for each in found.records}
    for task in plan.tasks:
        names = [f"{task.name}:{each.id}:" for each in task.samples]
        epochs = range(1, task.epochs + 1)
        left = sum(not asked.get(f"{name}{epoch}") for name in names for epoch in epochs)
        if left:
            total = len(names) * task.epochs
            yield Deviation(
                code="not_asked", what=task.name, planned=str(total), found=str(total - left)
            )
    for name, log in sorted(found.logs.items()):
        if log.unplanned:
            yield Deviation(code="unplanned", what=name, planned="0", found=str(log.unplanned))
    for card in addendum.cards if addendum is not None else ():
        yield Deviation(code="added_card", what=card.file, found=card.added)


def _withdrawn(each: WithdrawnItem) -> Deviation:
    return Deviation(code="withdrawn_item", what=f"{each.task}:{each.item}", found=each.at)


def _listed(value: Any) -> Sequence[dict[str, Any]]:
    listed = value[:_MOST] if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _plain_name(model: str) -> str:
    return next((model.removeprefix(p) for p in _PREFIXES if model.startswith(p)), model)
