"""Every rate of a run as a row of a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from tenken.results.export.source import Source
from tenken.results.records.table import guarded
from tenken.schema.report import Report, TaskResult

COLUMNS: Final = (
    "run", "model", "task", "version", "risk", "measure", "headline", "language", "value", "low",
    "high", "n", "clusters", "method", "scored", "unscored", "blocked", "errored", "corrected",
    "corrected_low", "corrected_high", "basis", "scorer", "complete", "decision", "attack",
    "by_turn",
)  # fmt: skip


def table(source: Source) -> bytes:
    """Return the rates as CSV, UTF-8 with a byte order mark; no cell is a formula."""
    report = source.report
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for task in report.tasks:
        for measure in task.measures:
            for language, figure in [("all", measure.overall), *measure.languages.items()]:
                found, fixed = figure.outcomes, figure.corrected
                counts = [found.get(n, 0) for n in ("scored", "unscored", "blocked", "errored")]
                row = [
                    report.run, report.model.name, task.name, task.version, task.risk, measure.key,
                    measure.headline, language, figure.value, figure.low, figure.high, figure.n,
                    figure.clusters, figure.method, *counts, fixed.value, fixed.low, fixed.high,
                    fixed.basis, task.scorer.name, task.complete, report.decision, "", "",
                ]  # fmt: skip
                writer.writerow([guarded(cell) for cell in row])
        for attacked in _attacked(report, task):
            writer.writerow([guarded(cell) for cell in attacked])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _attacked(report: Report, task: TaskResult) -> Iterator[list[Any]]:
    """Yield a row for the success of each attack, and of one that adapts for each turn.

    They carry no correction, and are no headline.
    """
    attacks = task.attacks
    if attacks is None:
        return
    for each in attacks.attacks:
        turns = each.adaptive.by_turn if each.adaptive else ()
        for turn, rates in [("", each.success), *((turn.turn, turn.success) for turn in turns)]:
            for language, figure in [("all", rates.overall), *rates.languages.items()]:
                found = figure.outcomes
                yield [
                    report.run, report.model.name, task.name, task.version, task.risk,
                    attacks.measure, False, language, figure.value, figure.low, figure.high,
                    figure.n, figure.clusters, figure.method,
                    *(found.get(n, 0) for n in ("scored", "unscored", "blocked", "errored")),
                    None, None, None, None, task.scorer.name, task.complete, report.decision,
                    each.name, turn,
                ]  # fmt: skip
