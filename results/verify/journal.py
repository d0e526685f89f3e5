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
from tenken.schema.verification import Finding, Said

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
            yield Finding.of("wrong", JOURNAL_FILE, "journal_missing")
        return
    if committed is not None and journal.started:
        stated = journal.started.get("commitment_sha256")
        if stated != committed.sha256:
            yield Finding.of("wrong", JOURNAL_FILE, "journal_other_commitment")
        elif journal.started.get("attempt") != committed.statement.predicate.attempt:
            yield Finding.of("wrong", JOURNAL_FILE, "journal_other_attempt")
    yield from _report(run, journal)
    yield from _reused(plan, journal)
    records = {sample_key(record): record for record in found.records}
    faults = list(_faults(journal, plan, records, found.answers))
    for key, said in faults[:_MOST_NAMED]:
        yield Finding.of("wrong", f"{JOURNAL_FILE}: {key}", said)
    if len(faults) > _MOST_NAMED:
        yield Finding.of("wrong", JOURNAL_FILE, "more_samples", n=len(faults) - _MOST_NAMED)
    if not faults:
        yield Finding.of("ok", JOURNAL_FILE, _summary(journal, records))
    for said in _exceptions(journal):
        yield Finding.of("note", JOURNAL_FILE, said)


def _report(run: Path, journal: JournalRecords) -> Iterator[Finding]:
    path = run / "report.json"
    if path.is_file() and journal.reported != sha256_file(path):
        yield Finding.of("wrong", JOURNAL_FILE, "journal_other_report")


def _reused(plan: Plan, journal: JournalRecords) -> Iterator[Finding]:
    """Compare what was taken over from earlier runs with what the plan allows."""
    for run, source in sorted(journal.sources.items()):
        place = f"{JOURNAL_FILE}: {run}"
        if not source.answers:
            continue
        if source.oldest > plan.reuse_days:
            about = {"days": f"{source.oldest:.1f}", "most": f"{plan.reuse_days}"}
            yield Finding.of("wrong", place, "reused_too_old", **about)
        if not source.seal:
            yield Finding.of("wrong", place, "reused_without_seal")
        span = {"first": source.first[:10], "last": source.last[:10]}
        yield Finding.of("note", place, "reused", n=source.answers, **span)
    if journal.odd_reuse:
        yield Finding.of("wrong", JOURNAL_FILE, "reused_other_endpoint", n=journal.odd_reuse)


def _faults(
    journal: JournalRecords, plan: Plan, records: dict[str, SampleRecord], answers: dict[str, str]
) -> Iterator[tuple[str, Said]]:
    planned = dict(planned_keys(plan))
    for key, name in planned.items():
        trace, record = journal.traces.get(key, Trace()), records.get(name)
        if record is None:
            continue
        if record.outcome == "errored":
            if trace.ended and record.reason == "not_asked":
                yield name, Said("scored_not_logged")
            elif record.reason != "not_asked" and not trace.errored + trace.ended:
                yield name, Said("logged_not_ended")
            elif trace.ended and not trace.errored and not _ends_without_error(record.reason):
                yield name, Said("logged_error_scored")
        elif trace.ended != 1:
            yield name, Said("scored_times" if trace.ended else "scored_never", {"n": trace.ended})
        elif not trace.asked and not trace.answered and record.outcome == "scored":
            yield name, Said("scored_not_asked")
        elif trace.tries > trace.requests:
            yield name, Said("other_requests", {"n": trace.tries, "journal": trace.requests})
        elif answers.get(name, trace.digest) != trace.digest:
            yield name, Said("other_answer_scored")
    for task, sample, epoch in journal.traces.keys() - planned.keys():
        yield f"{task}:{sample}:{epoch}", Said("asked_unplanned")


def _ends_without_error(reason: str) -> bool:
    """Whether a log may say that a sample has no answer without holding an error."""
    return reason.startswith("limit_") or reason in ("not_asked", "context_overflow")


def _summary(journal: JournalRecords, records: dict[str, SampleRecord]) -> Said:
    scored = sum(trace.ended == 1 for trace in journal.traces.values())
    errored = sum(record.outcome == "errored" for record in records.values())
    about = {"n": scored, "of": len(records), "errored": errored}
    return Said("journal_fits_errored" if errored else "journal_fits", about)


def _exceptions(journal: JournalRecords) -> Iterator[Said]:
    if journal.starts > 1 or journal.aborted:
        yield Said("started_again", {"n": journal.starts, "aborted": journal.aborted})
    for code, n in (
        ("requests_again", journal.asked_again),
        ("answers_recalled", journal.recalled),
        ("answers_scored_again", journal.scored_again),
        ("answers_superseded", journal.superseded),
    ):
        if n:
            yield Said(code, {"n": n})


__all__ = ["journal_findings"]
