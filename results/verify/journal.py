"""Whether a run's journal and its logs tell the same story: every sample queued and scored once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tenken.io.canonical import sha256_file
from tenken.results.records.journal import JournalRecords, Trace, planned_keys, read_journal
from tenken.results.records.read import RunRecords
from tenken.results.seal.commitment import read_commitment
from tenken.results.seal.seal import sample_key
from tenken.schema.evidence import JOURNAL_FILE
from tenken.schema.plan import Plan
from tenken.schema.record import SampleRecord
from tenken.schema.verification import Finding

_MOST_NAMED: Final = 10


def journal_findings(run: Path, plan: Plan, found: RunRecords) -> Iterator[Finding]:
    """Compare a run's journal with its plan, its commitment and its logs.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: What its logs, or its table, hold.

    Raises:
        BundleError: The journal is no whole chain.
    """
    journal, committed = read_journal(run), read_commitment(run)
    if journal is None:
        if committed is not None and committed.statement.predicate.journal:
            said = "the journal that the commitment speaks of is missing."
            yield Finding("wrong", JOURNAL_FILE, said)
        return
    if committed is not None and journal.started:
        stated = journal.started.get("commitment_sha256")
        if stated != committed.sha256:
            said = "its last start is of another commitment than the one in the bundle."
            yield Finding("wrong", JOURNAL_FILE, said)
        elif journal.started.get("attempt") != committed.statement.predicate.attempt:
            said = "it says another number of the attempt than the commitment."
            yield Finding("wrong", JOURNAL_FILE, said)
    yield from _report(run, journal)
    yield from _reused(plan, journal)
    records = {sample_key(record): record for record in found.records}
    faults = list(_faults(journal, plan, records, found.answers))
    for key, said in faults[:_MOST_NAMED]:
        yield Finding("wrong", f"{JOURNAL_FILE}: {key}", said)
    if len(faults) > _MOST_NAMED:
        said = f"{len(faults) - _MOST_NAMED} more samples do not fit."
        yield Finding("wrong", JOURNAL_FILE, said)
    if not faults:
        yield Finding("ok", JOURNAL_FILE, _summary(journal, records))
    for said in _exceptions(journal):
        yield Finding("note", JOURNAL_FILE, said)


def _report(run: Path, journal: JournalRecords) -> Iterator[Finding]:
    path = run / "report.json"
    if path.is_file() and journal.reported != sha256_file(path):
        yield Finding("wrong", JOURNAL_FILE, "it does not speak of this report.json.")


def _reused(plan: Plan, journal: JournalRecords) -> Iterator[Finding]:
    """Compare what was taken over from earlier runs with what the plan allows."""
    for run, source in sorted(journal.sources.items()):
        place = f"{JOURNAL_FILE}: {run}"
        if not source.answers:
            continue
        if source.oldest > plan.reuse_days:
            said = (
                f"answers of up to {source.oldest:.1f} days were taken over, "
                f"and the plan allows {plan.reuse_days}."
            )
            yield Finding("wrong", place, said)
        if not source.seal:
            yield Finding("wrong", place, "answers were taken over, and its seal is not named.")
        span = f"{source.first[:10]} to {source.last[:10]}"
        said = f"{source.answers} answers were taken over from it, received {span}."
        yield Finding("note", place, said)
    if journal.odd_reuse:
        said = (
            f"{journal.odd_reuse} answers were taken over though the endpoint said something else "
            "of itself when this run began."
        )
        yield Finding("wrong", JOURNAL_FILE, said)


def _faults(
    journal: JournalRecords, plan: Plan, records: dict[str, SampleRecord], answers: dict[str, str]
) -> Iterator[tuple[str, str]]:
    planned = dict(planned_keys(plan))
    for key, name in planned.items():
        trace, record = journal.traces.get(key, Trace()), records.get(name)
        if record is None:
            continue
        if record.outcome == "errored":
            if trace.ended and record.reason == "not_asked":
                yield name, "it was answered and scored, and no log has it."
            elif record.reason != "not_asked" and not trace.errored + trace.ended:
                yield name, "a log has it, and the journal does not say that it ended."
            elif trace.ended and not trace.errored and not _ends_without_error(record.reason):
                yield (
                    name,
                    "a log says that it ended in an error, the journal that it was scored.",
                )
        elif trace.ended != 1:
            times = "never" if not trace.ended else f"{trace.ended} times"
            yield name, f"it was scored {times}, not once."
        elif not trace.asked and not trace.answered and record.outcome == "scored":
            yield name, "it was scored and never asked."
        elif trace.tries > trace.requests:
            said = f"its answer took {trace.tries} requests, the journal has {trace.requests}."
            yield name, said
        elif answers.get(name, trace.digest) != trace.digest:
            yield name, "the log holds another answer than the one that was scored."
    for task, sample, epoch in journal.traces.keys() - planned.keys():
        yield f"{task}:{sample}:{epoch}", "it was asked, and the plan does not have it."


def _ends_without_error(reason: str) -> bool:
    """Whether a log may say that a sample has no answer without holding an error."""
    return reason.startswith("limit_") or reason in ("not_asked", "context_overflow")


def _summary(journal: JournalRecords, records: dict[str, SampleRecord]) -> str:
    scored = sum(trace.ended == 1 for trace in journal.traces.values())
    errored = sum(record.outcome == "errored" for record in records.values())
    left = f"; {errored} ended in an error or were not asked" if errored else ""
    return f"{scored} of {len(records)} samples were queued, answered and scored once{left}."


def _exceptions(journal: JournalRecords) -> Iterator[str]:
    if journal.starts > 1 or journal.aborted:
        yield f"the run was started {journal.starts} times and broken off {journal.aborted} times."
    if journal.asked_again:
        yield f"{journal.asked_again} requests were sent once more."
    if journal.recalled:
        yield f"{journal.recalled} answers were kept from a broken attempt."
    if journal.scored_again:
        yield f"{journal.scored_again} answers were scored again, unchanged, after a later start."
    if journal.superseded:
        yield f"{journal.superseded} scored answers were superseded by others."


__all__ = ["journal_findings"]
