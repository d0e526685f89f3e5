"""The section "Was this a fair test?": signs that scanners and judges see in the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tenken.results.pages.words import Words
from tenken.results.report.warnings import SIGNS
from tenken.results.scanners.whole import IDENTICAL
from tenken.schema.report import Report, TaskResult


@dataclass(frozen=True)
class FairRow:
    """One sign in the answers of one task.

    Attributes:
        task: The task's title.
        sign: What was seen.
        seen_by: Who saw it: the scanners, or a judge with its models.
        found: How many answers of how many, or the rate with its interval.
    """

    task: str
    sign: str
    seen_by: str
    found: str


def fair_rows(report: Report, words: Words) -> tuple[FairRow, ...]:
    """Return every sign of an unfair test that was seen, by task.

    Args:
        report: The report; a task's flags are what scanners saw, its other scorers the judges.
        words: The words of the reader's language.
    """
    return tuple(
        row for task in report.tasks for row in (*_scanned(task, words), *_judged(task, words))
    )


def judges_of_signs(report: Report) -> bool:
    """Return whether a judge looked for signs in any task of a report."""
    return any(
        measure.labels
        for task in report.tasks
        for other in task.other_scorers
        for measure in other.measures
    )


def _scanned(task: TaskResult, words: Words) -> Iterator[FairRow]:
    total = sum(task.outcomes.values())
    for sign in (*SIGNS, IDENTICAL):
        if n := task.flags.get(sign, 0):
            found = words("fair_count", n=words.count(n), of=words.count(total))
            yield FairRow(
                words.own(task.title), words.term("sign", sign), words("fair_scanners"), found
            )


def _judged(task: TaskResult, words: Words) -> Iterator[FairRow]:
    for other in task.other_scorers:
        by = words("fair_judge", graders=words("comma").join(other.graders))
        for measure in other.measures:
            for each in measure.labels:
                yield FairRow(
                    words.own(task.title),
                    words.term("sign", each.label),
                    by,
                    words("fair_rate", rate=words.rate(each), n=words.count(each.n)),
                )
