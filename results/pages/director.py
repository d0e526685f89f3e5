"""The page for whoever decides: the verdict, the areas, the worst finding, and how far to trust it.

It is the first printed page of a report: what does not fit on it is counted and said below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tenken.results.pages.words import Words
from tenken.schema.estimate import Interval
from tenken.schema.gates import FairTestWarning, GateResult
from tenken.schema.report import AreaResult, Report, TaskResult

MOST: Final = 5
"""Warnings and gaps that are named; a printed page has room for no more."""


GateUse = Literal["gate_corrected", "gate_exploratory"]


@dataclass(frozen=True)
class HarmRow:
    """A task whose answers were judged for harm.

    Attributes:
        task: Its title.
        harmful: The headline's rate.
        refused: The share of answers that decline; what is said where it cannot be told.
    """

    task: str
    harmful: str
    refused: str


@dataclass(frozen=True)
class Director:
    """What the first page says beside the verdict and the areas.

    Attributes:
        warnings: What qualifies the verdict, a sentence each.
        worst: The findings that weigh most, a sentence each.
        trust: How far the figures can be trusted, a sentence each.
        missing: What was not measured, the first of it.
        rest: The rest of it, which is named further down.
        judged: What answers to requests were judged for, a sentence each.
        harm: The tasks whose answers were judged for harm, with harm and refusal.
    """

    warnings: tuple[str, ...]
    worst: tuple[str, ...]
    trust: tuple[str, ...]
    missing: tuple[str, ...]
    rest: tuple[str, ...]
    judged: tuple[str, ...]
    harm: tuple[HarmRow, ...]


def director(report: Report, words: Words, missing: Sequence[str]) -> Director:
    """Return what the first page says.

    Args:
        report: The report.
        words: The language of the page.
        missing: All that was not measured, a sentence each.
    """
    warnings = [warning_words(each, report, words) for each in report.warnings]
    if more := len(warnings) - MOST:
        warnings = [*warnings[:MOST], *([words("more_warnings", n=more)] if more > 0 else [])]
    return Director(
        warnings=tuple(warnings),
        worst=tuple(_worst(report, words)),
        trust=tuple(_trust(report, words)),
        missing=tuple(missing[:MOST]),
        rest=tuple(missing[MOST:]),
        judged=tuple(_judged(report, words)),
        harm=tuple(
            HarmRow(
                task=words.own(task.title),
                harmful=words.rate(task.headline.overall),
                refused=words.rate(kind.refused) if kind.refused else words("judged_not_told"),
            )
            for task in report.tasks
            if (kind := task.judged) is not None and kind.what == "harm"
        ),
    )


def warning_words(warning: FairTestWarning, report: Report, words: Words) -> str:
    """Return a warning as a sentence.

    Args:
        warning: What makes a test unfair: code, task and counts.
        report: The report, for the task's title.
        words: The words of the reader's language.
    """
    task = next(each for each in report.tasks if each.name == warning.task)
    return words.term(
        "fair_test",
        warning.code,
        task=words.own(task.title),
        n=words.count(warning.n),
        of=words.count(warning.of),
    )


def unmeasured(area: AreaResult, report: Report, words: Words) -> str:
    """Return which tasks of an area left it without a figure, and why.

    Args:
        area: The risk area, with the names of its tasks.
        report: The report; has each task's outcomes.
        words: The words of the reader's language.

    Returns:
        The reasons in a row; empty where every task has a figure.
    """
    parts = []
    for name in area.tasks:
        task = _task(report, name)
        owed = sum(n for outcome, n in task.outcomes.items() if outcome != "scored")
        if task.headline.overall.value is None or not task.complete:
            all_of = words.count(sum(task.outcomes.values()))
            title = words.own(task.title)
            silent = any(each.too_many for each in task.unanswered)
            if owed or not silent:
                parts.append(words("area_gap", task=title, n=words.count(owed), of=all_of))
            if silent:
                parts.append(words("area_silent", task=title))
        elif name in area.too_few:
            parts.append(words("area_few", task=words.own(task.title)))
    return words("comma").join(parts)


def _worst(report: Report, words: Words) -> Iterator[str]:
    """Yield the gates that fail, the task with the highest rate, the attack that succeeds most."""
    failing = [gate for gate in report.gates if gate.decision == "FAIL"]
    for gate in failing[:2]:
        task = _task(report, gate.task)
        title = gate.title or task.headline.title
        name = words.gate(gate, title)
        use = gate_use(gate, task)
        yield words(
            "worst_gate_on" if use else "worst_gate",
            use=words(use) if use else "",
            gate=name,
            rate=words.rate(
                Interval(value=gate.value, low=gate.low, high=gate.high),
                gate.units.scale if gate.units else None,
            ),
            threshold=words.threshold(gate),
        )
    measured = [
        task
        for task in report.tasks
        if task.headline.overall.value is not None
        and task.complete
        and not any(each.too_many for each in task.unanswered)
    ]
    if measured:
        task = max(measured, key=lambda each: each.headline.overall.value or 0.0)
        head = task.headline
        yield words(
            "worst_task_first", task=words.own(task.title), measure=words.own(head.title),
            rate=words.rate(head.overall, head.scaled.scale if head.scaled else None),
        )  # fmt: skip
    attacked = [(task, task.attacks.worst) for task in report.tasks if task.attacks]
    found = [(task, worst) for task, worst in attacked if worst is not None]
    if found:
        task, worst = max(found, key=lambda pair: pair[1].success.overall.value or 0.0)
        yield words(
            "worst_attack", task=words.own(task.title), attack=words.own(worst.title),
            rate=words.rate(worst.success.overall),
        )  # fmt: skip


def gate_use(gate: GateResult, task: TaskResult) -> GateUse | None:
    """Return the message that says on which rate a gate was decided; None for the scorer's own.

    Args:
        gate: What the gate came to.
        task: The task that it is on.
    """
    if gate.use == "raw":
        return None
    measure = next((each for each in task.measures if each.key == gate.measure), None)
    if measure is None or gate.allow != "exploratory":
        return "gate_corrected"
    figure = measure.languages.get(gate.language) if gate.language else measure.overall
    labels = figure is not None and figure.corrected.basis == "labels"
    return "gate_corrected" if labels else "gate_exploratory"


def by_labels(task: TaskResult) -> bool:
    """Return whether people's labels correct every rate of a task.

    Args:
        task: The task, with a correction for each language of each measure.
    """
    corrected, rates = _by_labels(task)
    return 0 < corrected == rates


def _by_labels(task: TaskResult) -> tuple[int, int]:
    """Return how many rates of a task people's labels correct, and how many it has."""
    blocks = [part.corrected for each in task.measures for part in each.languages.values()]
    corrected = sum(block.basis == "labels" and block.value is not None for block in blocks)
    return corrected, len(blocks)


def _judged(report: Report, words: Words) -> Iterator[str]:
    """Yield which tasks were judged for refusal alone, and who judged harm in the others."""
    found = [(task, task.judged) for task in report.tasks if task.judged]
    alone = [words.own(task.title) for task, kind in found if kind.what == "refusal"]
    if alone:
        yield words("judged_refusal", tasks=words("comma").join(alone))
    judges = {(kind.graders, kind.threshold) for _, kind in found if kind.what == "harm"}
    for graders, threshold in sorted(judges, key=lambda each: (each[0], each[1] or 0.0)):
        by = words("comma").join(graders)
        if threshold is None:
            yield words("judged_harm", graders=by)
        else:
            yield words("judged_grade", graders=by, threshold=f"{threshold:g}")


def _trust(report: Report, words: Words) -> Iterator[str]:
    states = [task.scorer.calibration for task in report.tasks]
    of = words.count(len(states))
    if report.reviews is not None and report.reviews.labelled:
        wholly = words.count(sum(map(by_labels, report.tasks)))
        partly = sum(0 < corrected < rates for corrected, rates in map(_by_labels, report.tasks))
        labelled = words.count(report.reviews.labelled)
        yield words("trust_labels", n=labelled, corrected=wholly, of=of)
        if partly:
            yield words("trust_labels_partly", n=words.count(partly))
    else:
        yield words("trust_uncorrected")
    calibrated = sum(state == "calibrated" for state in states)
    yield words("trust_cards", n=words.count(calibrated), of=of)
    twice = [task.judges.repeated for task in report.tasks if task.judges]
    if again := sum(each.share.n for each in twice):
        flipped = words.count(sum(each.flipped for each in twice))
        yield words("trust_repeated", n=words.count(again), flipped=flipped)
    if report.attempt.number > 1:
        yield words("trust_attempt", n=report.attempt.number)
    limited = sum(task.limited_to is not None for task in report.tasks)
    if limited:
        yield words("trust_limited", n=words.count(limited), of=words.count(len(report.tasks)))
    yield words("trust_verify", run=report.run)


def _task(report: Report, name: str) -> TaskResult:
    return next(each for each in report.tasks if each.name == name)
