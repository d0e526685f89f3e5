"""Writing a bundle: report, tables and seal, from the logs, the same bytes each time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tenken.errors import BundleError
from tenken.io.canonical import pretty_json, sha256_bytes, sha256_file
from tenken.io.files import write_atomically
from tenken.results.bundle.leaks import refuse_secrets
from tenken.results.pages.report import Example, render_html
from tenken.results.records.journal import note_report
from tenken.results.records.pictures import pictures_of
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import RunRecords, read_records
from tenken.results.records.rescorings import read_rescorings, tables
from tenken.results.records.table import csv_bytes, parquet_bytes, text_is_shown
from tenken.results.report.ledgers.addendum import addendum_of
from tenken.results.report.ledgers.evidence import evidence_of
from tenken.results.report.report import Presentation, compute_report
from tenken.results.review.read import read_people
from tenken.results.review.trial import trial_files
from tenken.results.seal.folder import read_plain
from tenken.results.seal.seal import Reason, statement, write_seal
from tenken.results.seal.texts import texts_root
from tenken.schema.plan import PLAN_FILE, Plan
from tenken.schema.record import LANGUAGES, SampleRecord
from tenken.schema.report import Report

REPORT: Final = "report.json"
HTML: Final = "report.html"
RECORDS: Final = "samples.parquet"
CSV: Final = "samples.csv"
MADE: Final = (REPORT, HTML, RECORDS, CSV)
_EXAMPLES: Final = 6


@dataclass(frozen=True)
class BundleFiles:
    """The files that are made from the logs, with the report."""

    plan: Plan
    report: Report
    found: RunRecords
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
) -> BundleFiles:
    """Compute every made file of a bundle; nothing is written.

    Args:
        run: The run's folder, with its plan and logs.
        presentation: How the report is shown.
        makers: Versions to state as the report's makers; those installed here where left out.
        digests: SHA-256 of files that were hashed already, by name relative to the folder.
        plan: The run's plan, where it was read already.

    Raises:
        BundleError: The plan or a log is missing or cannot be read.
    """
    shown = presentation or Presentation()
    plan = plan or read_sound_plan(run)
    found = read_records(run, plan, digests)
    plan_sha256 = sha256_file(run / PLAN_FILE)
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
    files = {
        REPORT: report.to_bytes(),
        HTML: render_html(report, examples(run, found, plan, with_text=shown.with_text)),
        RECORDS: parquet_bytes(found.records),
        CSV: csv_bytes(found.records, found.texts, plan, with_text=shown.with_text),
        **tables(rescored),
        **trial_files(people, plan, found),
    }
    return BundleFiles(plan, report, found, files)


def write_bundle(
    run: Path,
    presentation: Presentation | None = None,
    key: Path | None = None,
    *,
    reason: Reason = "run",
) -> tuple[Report, str]:
    """Write the report, the tables and the seal of a run.

    Args:
        run: The run's folder, with its plan and logs.
        presentation: How the report is shown.
        key: File of the private key to seal with; None leaves the seal unsigned.
        reason: The command that makes the bundle.

    Returns:
        The report and the id of the key, empty when unsigned.

    Raises:
        BundleError: The plan or a log is missing or cannot be read.
        InputError: The key's file cannot be used.
        StorageError: A file cannot be written.
    """
    made = make_files(run, presentation)
    for name, data in made.files.items():
        write_atomically(run / name, data)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    note_report(run, sha256_bytes(made.files[REPORT]), reason, at)
    refuse_secrets(run, made.plan)
    logs = made.report.provenance.logs
    hashed = {f"logs/{name}": log.sha256 for name, log in logs.items()}
    root = texts_root(made.found.commitments)
    stated = statement(run, made.records, made.report, hashed, root)
    keyids = write_seal(run, stated, key, reason)
    return made.report, next(iter(keyids), "")


def presentation_of(
    run: Path, *, language: str | None = None, with_text: bool | None = None
) -> Presentation:
    """Return how a run's report was shown so far, with what is to be changed.

    Args:
        run: The run's folder.
        language: Language of the HTML report; as it was where left out.
        with_text: Whether harmful text is shown; as it was where left out.
    """
    shown = Presentation()
    with suppress(BundleError, KeyError, TypeError):
        sealed = read_report_json(run)["presentation"]
        if sealed["language"] in LANGUAGES:
            shown = Presentation(sealed["language"], bool(sealed["with_text"]))
    return Presentation(
        language or shown.language, shown.with_text if with_text is None else with_text
    )


def read_report(run: Path) -> Report:
    """Read a bundle's report.

    Raises:
        BundleError: It is missing, no report, or of an earlier form.
    """
    try:
        return Report.model_validate(read_report_json(run))
    except ValidationError:
        raise BundleError(
            "{report}: of an earlier form; make it again: tenken report {run}",
            report=run / REPORT,
            run=run,
        ) from None


def read_report_json(run: Path) -> dict[str, Any]:
    """Read a bundle's report as it was written, be it of an earlier form.

    Raises:
        BundleError: It is missing, or not a report in the bytes that reports are written in.
    """
    path = run / REPORT
    try:
        data = read_plain(path)
        report = json.loads(data)
        if not isinstance(report, dict) or pretty_json(report) != data:
            raise ValueError("not in the bytes that reports are written in")
    except FileNotFoundError:
        raise BundleError("{path}: the file is missing.", path=path) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(
            "{path}: not a readable report: {error}.", path=path, error=error
        ) from None
    return report


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
