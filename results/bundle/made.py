"""The files of a bundle that are made from its evidence, and reading its report back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tenken.errors import BundleError
from tenken.io.canonical import pretty_json, sha256_bytes
from tenken.io.files import write_atomically
from tenken.results.records.journal import note_report
from tenken.results.report.shown import Presentation
from tenken.results.seal.folder import read_plain
from tenken.results.seal.seal import Reason
from tenken.schema.record import LANGUAGES
from tenken.schema.report import Report

REPORT: Final = "report.json"
HTML: Final = "report.html"
RECORDS: Final = "samples.parquet"
CSV: Final = "samples.csv"
MADE: Final = (REPORT, HTML, RECORDS, CSV)
_OF_TRIALS: Final = ("logs/gold--", "reviews/card--")
"""Begin the names of what `review.trial` makes of people's labels."""


def is_trial_file(name: str) -> bool:
    """Whether a file of a bundle, by its name in it, is made from people's labels."""
    return name.startswith(_OF_TRIALS)


def put(run: Path, files: Mapping[str, bytes], reason: Reason) -> None:
    """Write made files of a bundle, its report among them, and note in its journal that they were.

    Args:
        run: The run's folder.
        files: Their bytes by name.
        reason: The command that made them.

    Raises:
        StorageError: A file cannot be written.
    """
    for name, data in files.items():
        write_atomically(run / name, data)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    note_report(run, sha256_bytes(files[REPORT]), reason, at)


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
