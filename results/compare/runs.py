"""Reading a run for a comparison, and checking first that it is the one that was sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from tenken.errors import BundleError
from tenken.io.canonical import sha256_file
from tenken.results.bundle.made import read_report_json
from tenken.results.metrics.settings import rounded
from tenken.results.pages.findings import finding_in_english
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import RunRecords, read_records
from tenken.results.report.attacks import worst_share
from tenken.results.report.figures import outcomes, undecided
from tenken.results.report.unanswered import unanswered
from tenken.results.review.read import People, read_people
from tenken.results.seal.folder import SEAL_FILE, contents
from tenken.results.seal.seal import Seal, read_seal, sample_key, signature_fits
from tenken.results.verify.from_table import records_from_table
from tenken.schema.comparison import IncompleteTask, RunSummary, Signature
from tenken.schema.plan import Plan
from tenken.schema.record import SampleRecord
from tenken.schema.verification import Finding, FindingText, fault_of

_LOGS: Final = "logs/"
_MOST_NAMED: Final = 5


@dataclass(frozen=True)
class ComparedRun:
    """A run as a comparison sees it.

    Attributes:
        letter: What it is called in the comparison; "A" is the baseline.
        folder: The run's folder.
        plan: What was to be done.
        found: What became of it.
        with_logs: Whether the records come from the logs rather than from `samples.parquet`.
        findings: What the check of its seal and digests found wrong; empty for a run that fits.
        signature: `good`, `unchecked` (no key was given), `unsigned`, `wrong` or `none` (no seal).
        people: What people said of some of the answers; None without a sound seal.
    """

    letter: str
    folder: Path
    plan: Plan
    found: RunRecords
    with_logs: bool
    findings: list[Finding] = field(default_factory=list)
    signature: Signature = "none"
    people: People | None = None

    @property
    def intact(self) -> bool:
        """Whether all digests fit, and the signature where it was asked for."""
        return not self.findings

    @cached_property
    def records(self) -> dict[str, list[SampleRecord]]:
        """The records by full name of the task."""
        by_task: dict[str, list[SampleRecord]] = defaultdict(list)
        for record in self.found.records:
            by_task[record.task].append(record)
        return by_task

    def prompt(self, record: SampleRecord) -> str | None:
        """Return what was put to the model; None where nothing is left to tell it from."""
        text = self.found.texts.get((record.task, record.sample_id, record.epoch))
        return None if text is None else text.prompt

    def incomplete_tasks(self) -> list[IncompleteTask]:
        """Return the tasks with too many samples without a verdict, as the report counts them."""
        found = []
        for task in self.plan.tasks:
            records = self.records.get(task.name, [])
            silent = [each for each in unanswered(task, records) if each.too_many]
            if worst_share(records, task) > self.plan.max_unscored or silent:
                owed = undecided(records)
                found.append(
                    IncompleteTask(
                        task=task.name,
                        undecided=owed,
                        samples=len(records),
                        unanswered=max((each.n for each in silent), default=0),
                    )
                )
        return found

    def about(self) -> RunSummary:
        """Return what a comparison says of the run."""
        incomplete = self.incomplete_tasks()
        return RunSummary(
            letter=self.letter,
            run=self.plan.run,
            suite=self.plan.suite_title,
            model=self.plan.model.name,
            parameters=self.plan.model.parameters,
            finished=self.found.finished,
            records_from="logs" if self.with_logs else "samples.parquet",
            intact=self.intact,
            signature=self.signature,
            findings=tuple(
                FindingText(
                    what=each.what, message=each.message, code=each.code, values=each.values
                )
                for each in map(finding_in_english, self.findings)
            ),
            complete=not incomplete,
            incomplete_tasks=tuple(incomplete),
            max_unscored=rounded(self.plan.max_unscored) or 0.0,
            outcomes=outcomes(self.found.records),
        )


def read_run(folder: Path, letter: str, public_key: Path | None = None) -> ComparedRun:
    """Read a run, and compare its files and samples with its seal.

    A run that does not fit its seal is read all the same, and says so.

    Args:
        folder: The run's folder.
        letter: What the comparison calls it.
        public_key: File of the public key that must have signed; None leaves that unchecked.

    Raises:
        BundleError: The plan or the records cannot be read.
        InputError: The key's file cannot be used.
    """
    plan = read_sound_plan(folder)
    try:
        seal = read_seal(folder)
    except BundleError as error:
        found = read_records(folder, plan)
        fault = Finding.of("wrong", SEAL_FILE, fault_of(error, folder / SEAL_FILE))
        return ComparedRun(letter, folder, plan, found, True, [fault])
    sealed = seal.digests
    held = contents(folder).files
    gone = any(name.startswith(_LOGS) for name in sealed) and not any(
        name.startswith(_LOGS) for name in held
    )
    findings = list(_files(folder, sealed, gone=gone))
    if gone:
        logs = {n.removeprefix(_LOGS): d for n, d in sealed.items() if n.startswith(_LOGS)}
        found, odd = records_from_table(folder, plan, read_report_json(folder), logs)
        findings += [Finding.of("wrong", key, said) for key, said in odd[:_MOST_NAMED]]
    else:
        found = read_records(folder, plan)
    findings += _samples(seal, found)
    signature = _signature(seal, public_key)
    if public_key is not None and signature != "good":
        code = "seal_unsigned" if signature == "unsigned" else "seal_not_by_key"
        findings.append(Finding.of("wrong", "signature", code))
    people = read_people(folder, plan, found, with_logs=not gone)
    return ComparedRun(letter, folder, plan, found, not gone, findings, signature, people)


def _files(folder: Path, sealed: dict[str, str], *, gone: bool) -> Iterator[Finding]:
    held = contents(folder)
    for name in held.odd:
        yield Finding.of("wrong", name, "no_plain_file")
    for name in held.files:
        if name not in sealed:
            yield Finding.of("wrong", name, "file_not_sealed")
        elif sha256_file(folder / name) != sealed[name]:
            yield Finding.of("wrong", name, "file_changed")
    for name in sorted(set(sealed) - set(held.files) - set(held.odd)):
        if not (gone and name.startswith(_LOGS)):
            yield Finding.of("wrong", name, "file_missing")


def _samples(seal: Seal, found: RunRecords) -> Iterator[Finding]:
    sealed = seal.statement.predicate.samples
    here = {sample_key(record): record.evidence for record in found.records}
    odd = sum(sealed.get(key) != here.get(key) for key in sealed.keys() | here.keys())
    if odd:
        yield Finding.of("wrong", "samples", "samples_changed", n=odd)


def _signature(seal: Seal, public_key: Path | None) -> Signature:
    if public_key is None:
        return "unchecked" if seal.keyids else "unsigned"
    if not seal.keyids:
        return "unsigned"
    return "good" if signature_fits(seal, public_key) else "wrong"
