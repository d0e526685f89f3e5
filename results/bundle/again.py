"""A sealed bundle's page or records again, without reading its logs.

That is possible where this installation sealed the bundle itself (`kept`), every file is the one
that was sealed, and nothing is asked for that the report does not hold already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from tenken.errors import BundleError
from tenken.io.canonical import sha256_file
from tenken.results.bundle.kept import keep, note_of
from tenken.results.bundle.leaks import refuse_secrets
from tenken.results.bundle.made import HTML, RECORDS, REPORT, put, read_report
from tenken.results.bundle.staging import Staged
from tenken.results.pages.report import render_html
from tenken.results.records.table import read_parquet
from tenken.results.report.shown import Presentation
from tenken.results.seal.folder import contents
from tenken.results.seal.seal import Seal, Statement, read_seal, statement, write_seal
from tenken.schema.evidence import JOURNAL_FILE
from tenken.schema.record import SampleRecord
from tenken.schema.report import PresentationSettings, Report


def report_again(
    change: Staged, shown: Presentation, key: Path | None = None
) -> tuple[Report, str] | None:
    """Make a bundle's page again from its own sealed report, and seal the bundle.

    Args:
        change: A copy of the bundle, in which nothing was changed yet.
        shown: How the report is to be shown.
        key: File of the private key to seal with; None leaves the seal unsigned.

    Returns:
        The report and the id of the key, empty when unsigned; None where the logs must be read.

    Raises:
        BundleError: A file holds a secret of the environment.
        InputError: The key's file cannot be used.
        StorageError: A file cannot be written.
    """
    run, note = change.path, note_of(change.seal.sha256)
    known = change.unchanged()
    digests = _sealed_digests(run, change.seal, known) if note is not None else None
    report = _report(run, shown) if digests is not None else None
    if note is None or digests is None or report is None:
        return None
    files = {REPORT: report.to_bytes(), HTML: render_html(report, note.examples)}
    put(run, files, "report")
    refuse_secrets(run, note.secrets)
    known = {name: sha for name, sha in digests.items() if name not in (*files, JOURNAL_FILE)}
    keyids = write_seal(
        run, _statement(run, report, change.seal, known), key, "report", change.seal
    )
    keep(run, note)
    return report, next(iter(keyids), "")


def records_again(run: Path) -> list[SampleRecord] | None:
    """Return the records of a bundle that this installation sealed, from its table.

    Args:
        run: The run's folder.

    Returns:
        What the logs would give; None where they must be read.
    """
    try:
        seal = read_seal(run)
    except BundleError:
        return None
    if note_of(seal.sha256) is None or _sealed_digests(run, seal, {}) is None:
        return None
    return read_parquet(run / RECORDS)


def _sealed_digests(run: Path, seal: Seal, known: Mapping[str, str]) -> dict[str, str] | None:
    """Return the digests of a bundle's files; None if one is not the one that was sealed."""
    held = contents(run)
    found = {name: known.get(name) or sha256_file(run / name) for name in held.files}
    return found if found == seal.digests and not held.odd else None


def _report(run: Path, shown: Presentation) -> Report | None:
    """Return a bundle's report as it is to be shown; None where other samples would be."""
    try:
        report = read_report(run)
    except BundleError:
        return None
    if report.presentation.with_text or shown.with_text:
        return None
    return report.model_copy(update={"presentation": PresentationSettings(**asdict(shown))})


def _statement(run: Path, report: Report, seal: Seal, digests: Mapping[str, str]) -> Statement:
    """Return the statement over a bundle whose samples are those of its last seal."""
    last = seal.statement.predicate
    stated = statement(run, [], report, digests, last.texts)
    predicate = stated.predicate.model_copy(update={"samples": last.samples})
    return stated.model_copy(update={"predicate": predicate})
