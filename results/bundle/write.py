"""Writing a bundle: report, tables and seal, from the logs, the same bytes each time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from tenken.io.canonical import sha256_file
from tenken.results.bundle.kept import keep, new_note
from tenken.results.bundle.leaks import refuse_secrets, secret_names
from tenken.results.bundle.made import CSV, HTML, RECORDS, REPORT, put
from tenken.results.pages.report import Example, render_html
from tenken.results.records.ahead import ReadAhead
from tenken.results.records.pictures import pictures_of
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import RunRecords, read_records
from tenken.results.records.rescorings import read_rescorings, tables
from tenken.results.records.table import csv_bytes, parquet_bytes, text_is_shown
from tenken.results.report.ledgers.addendum import addendum_of
from tenken.results.report.ledgers.evidence import evidence_of
from tenken.results.report.report import compute_report
from tenken.results.report.shown import Presentation
from tenken.results.review.read import read_people
from tenken.results.review.trial import trial_files
from tenken.results.seal.seal import Reason, Seal, statement, write_seal
from tenken.results.seal.texts import texts_root
from tenken.schema.evidence import JOURNAL_FILE
from tenken.schema.plan import PLAN_FILE, Plan
from tenken.schema.record import SampleRecord
from tenken.schema.report import Report

_EXAMPLES: Final = 6


@dataclass(frozen=True)
class BundleFiles:
    """The files that are made from the logs, with the report."""

    plan: Plan
    report: Report
    found: RunRecords
    examples: Mapping[str, Sequence[Example]]
    files: dict[str, bytes]

    @property
    def records(self) -> list[SampleRecord]:
        """The run's records."""
        return self.found.records


def make_files(
    run: Path,
    presentation: Presentation | None = None,
    *,
    makers: Mapping[str, str] | None = None,
    digests: Mapping[str, str] | None = None,
    plan: Plan | None = None,
    ahead: ReadAhead | None = None,
) -> BundleFiles:
    """Compute every made file of a bundle; nothing is written.

    Args:
        run: The run's folder, with its plan and logs.
        presentation: How the report is shown.
        makers: Versions to state as the report's makers; those installed here where left out.
        digests: SHA-256 of files that were hashed already, by name relative to the folder.
        plan: The run's plan, where it was read already.
        ahead: What the run itself has read of its logs.

    Raises:
        BundleError: The plan or a log is missing or cannot be read.
    """
    shown = presentation or Presentation()
    plan = plan or read_sound_plan(run)
    plan_sha256 = sha256_file(run / PLAN_FILE)
    fits = ahead is not None and ahead.plan_sha256 == plan_sha256
    found = read_records(run, plan, digests, ahead.of if ahead and fits else None)
    rescored = read_rescorings(run, plan, found.records, found.logs)
    people = read_people(run, plan, found)
    report = compute_report(
        plan,
        found,
        plan_sha256,
        presentation=shown,
        makers=makers,
        rescored=rescored,
        people=people,
        evidence=evidence_of(run, plan, found, addendum_of(run, plan, found, people)),
    )
    shown_of = examples(run, found, plan, with_text=shown.with_text)
    files = {
        REPORT: report.to_bytes(),
        HTML: render_html(report, shown_of),
        RECORDS: parquet_bytes(found.records),
        CSV: csv_bytes(found.records, found.texts, plan, with_text=shown.with_text),
        **tables(rescored),
        **trial_files(people, plan, found),
    }
    return BundleFiles(plan, report, found, shown_of, files)


def write_bundle(
    run: Path,
    presentation: Presentation | None = None,
    key: Path | None = None,
    *,
    reason: Reason = "run",
    digests: Mapping[str, str] | None = None,
    last: Seal | None = None,
    ahead: ReadAhead | None = None,
) -> tuple[Report, str]:
    """Write the report, the tables and the seal of a run.

    Args:
        run: The run's folder, with its plan and logs.
        presentation: How the report is shown.
        key: File of the private key to seal with; None leaves the seal unsigned.
        reason: The command that makes the bundle.
        digests: SHA-256 of files of evidence that were hashed already.
        last: The seal that is there, where it was read already.
        ahead: What the run itself has read of its logs.

    Returns:
        The report and the id of the key, empty when unsigned.

    Raises:
        BundleError: The plan or a log is missing or cannot be read.
        InputError: The key's file cannot be used.
        StorageError: A file cannot be written.
    """
    known = dict(digests or {})
    made = make_files(run, presentation, digests=known, ahead=ahead)
    put(run, made.files, reason)
    refuse_secrets(run, secret_names(made.plan))
    known |= {f"logs/{name}": log.sha256 for name, log in made.report.provenance.logs.items()}
    known = {name: sha for name, sha in known.items() if name not in (*made.files, JOURNAL_FILE)}
    root = texts_root(made.found.commitments)
    stated = statement(run, made.records, made.report, known, root)
    keyids = write_seal(run, stated, key, reason, last)
    if not made.report.presentation.with_text:
        keep(run, new_note(made.examples, secret_names(made.plan)))
    return made.report, next(iter(keyids), "")


def examples(
    run: Path, found: RunRecords, plan: Plan, *, with_text: bool
) -> Mapping[str, Sequence[Example]]:
    """Return a few samples of each task to show: the unsafe, the undecided, then the rest.

    The choice is by outcome, verdict, language and id alone, so that it is the same every time.

    Args:
        run: The run's folder, for pictures of files that were shown to the model.
        found: The run's records, with the texts that the logs have.
        plan: The committed plan; says what may be shown.
        with_text: Whether hazardous words may be shown; those of a private task never are.

    Returns:
        By task; prompt and answer are None where they may not be shown.
    """
    chosen: dict[str, list[Example]] = defaultdict(list)
    taken: dict[tuple[str, str], int] = defaultdict(int)
    for record in sorted(found.records, key=_interest):
        kind = (record.task, f"{record.language}{_interest(record)[0]}")
        text = found.texts.get((record.task, record.sample_id, record.epoch))
        if text is None or taken[kind] >= _EXAMPLES // 2 or record.epoch > 1:
            continue
        taken[kind] += 1
        shown = text_is_shown(record, plan, with_text)
        chosen[record.task].append(
            Example(
                sample_id=record.sample_id,
                language=record.language,
                outcome=record.outcome,
                label=record.label,
                reason=record.reason,
                prompt=text.prompt if shown else None,
                answer=text.answer if shown else None,
            )
        )
    keys = [
        (task, each.sample_id, 1) for task, part in chosen.items() for each in part if each.prompt
    ]
    for (task, sample_id, _), pictures in pictures_of(run, plan, found, keys).items():
        chosen[task] = [
            replace(each, pictures=pictures) if each.sample_id == sample_id else each
            for each in chosen[task]
        ]
    return chosen


def _interest(record: SampleRecord) -> tuple[int, str, str, str]:
    if record.outcome != "scored":
        rank = 1
    else:
        rank = 0 if (record.verdict or 0.0) >= 0.5 else 2
    return rank, record.task, record.language, record.sample_id
