"""Which samples of two runs are the same question, judged in the same way, and why others are not.

Two samples match when they have the same id and epoch in the same task, of the same comparable
version (the N of N-X); when they were asked in the same way, by the plan's digest or, where the
runs hold other samples, with the same text in both logs; under the same attack or none; and when
the same scorer with the same graders judged them for the same measure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

from tenken.results.compare.runs import ComparedRun
from tenken.results.records.attacked import attack_of, base_id
from tenken.schema.comparison import IncomparableSamples, NotComparableCode
from tenken.schema.plan import NO_ATTACK, Measure, PlannedAttack, PlannedTask
from tenken.schema.record import SampleRecord

Pair = tuple[SampleRecord, SampleRecord]
"""The baseline's record and the other run's."""

REASONS: Final = get_args(NotComparableCode)
"""Why samples are not comparable, the coarse reasons first."""

_MISSING: Final[tuple[NotComparableCode, str]] = ("task_missing", "")
_Why = tuple[NotComparableCode, str] | tuple[()]
"""Why samples are not comparable, with what each run has in a few words; empty where they are."""


@dataclass(frozen=True)
class MatchedTask:
    """A task that both runs hold in the same form, with its matched samples by measure.

    Attributes:
        task: The baseline's.
        other: The other run's.
        attack: What the samples were asked under; None for plain requests.
        pairs: The matched samples by key of the measure.
    """

    task: PlannedTask
    other: PlannedTask
    attack: PlannedAttack | None
    pairs: dict[str, list[Pair]]


def match(
    baseline: ComparedRun, run: ComparedRun
) -> tuple[list[MatchedTask], list[IncomparableSamples]]:
    """Match two runs sample by sample.

    Args:
        baseline: The run that the other is compared with.
        run: The other run.

    Returns:
        The tasks with comparable samples, in the baseline's order, plain requests before attacked
        ones, and all that is not comparable.
    """
    found: list[MatchedTask] = []
    apart: list[IncomparableSamples] = []
    names = [task.name for task in baseline.plan.tasks]
    names += [task.name for task in run.plan.tasks if task.name not in names]
    for name in names:
        task, other = baseline.plan.task(name), run.plan.task(name)
        why = _task_reason(task, other, baseline, run)
        if task is None or other is None or why:
            sizes = len(baseline.records.get(name, [])), len(run.records.get(name, []))
            reason, detail = why or _MISSING
            apart.append(_incomparable(name, None, reason, detail, sizes))
            continue
        for attack in _attacks(task, other):
            matched, rest = _samples(task, other, attack, baseline, run)
            apart += rest
            if any(matched.pairs.values()):
                found.append(matched)
    return found, apart


def _attacks(task: PlannedTask, other: PlannedTask) -> list[PlannedAttack | None]:
    """Return what the samples of either run were asked under, no attack first."""
    named = {each.name: each for each in (*other.attacks, *task.attacks) if each.name != NO_ATTACK}
    order = [each.name for each in (*task.attacks, *other.attacks)]
    return [None, *(named[name] for name in dict.fromkeys(order) if name in named)]


def _task_reason(
    task: PlannedTask | None, other: PlannedTask | None, baseline: ComparedRun, run: ComparedRun
) -> _Why:
    if task is None or other is None:
        return "task_missing", (baseline if task is not None else run).letter
    if _comparable(task.version) != _comparable(other.version):
        return "version", f"{task.version} / {other.version}"
    if task.scorer != other.scorer:
        return "scorer", _scorers(task, other)
    if sorted(task.graders) != sorted(other.graders):
        return "graders", f"{', '.join(task.graders)} / {', '.join(other.graders)}"
    return _asking_reason(task, other, baseline, run)


def _asking_reason(
    task: PlannedTask, other: PlannedTask, baseline: ComparedRun, run: ComparedRun
) -> _Why:
    if task.prompt_sha256 == other.prompt_sha256:
        return ()
    if not _other_samples(task, other):
        return "prompt", f"{task.prompt_sha256[:12]} / {other.prompt_sha256[:12]}"
    without = [each.letter for each in (baseline, run) if not each.with_logs]
    return ("data", ", ".join(without)) if without else ()


def _other_samples(task: PlannedTask, other: PlannedTask) -> bool:
    """Whether other samples, data or attacks explain another digest of what was asked.

    The digest is over all samples as they were put, the solver and its code. Where it differs
    and these are the same, the way of asking must be another.
    """
    same = {each.id for each in task.samples} == {each.id for each in other.samples}
    attacks, others = (
        {each.name: each.source_sha256 for each in part.attacks} for part in (task, other)
    )
    return (
        not same or attacks != others or task.dataset.get("sha256") != other.dataset.get("sha256")
    )


def _comparable(version: str) -> str:
    """Return the N of N-X, which changes when results stop being comparable."""
    return version.split("-", 1)[0]


def _scorers(task: PlannedTask, other: PlannedTask) -> str:
    one, two = task.scorer, other.scorer
    if one.name != two.name:
        return f"{one.name} / {two.name}"
    if one.version != two.version:
        return f"{one.name} {one.version} / {two.version}"
    if one.args != two.args:
        return f"{one.name}: args"
    return f"{one.name}: {one.source_sha256[:12]} / {two.source_sha256[:12]}"


def _samples(
    task: PlannedTask,
    other: PlannedTask,
    attack: PlannedAttack | None,
    baseline: ComparedRun,
    run: ComparedRun,
) -> tuple[MatchedTask, list[IncomparableSamples]]:
    """Match the samples of a task that were asked under one attack, or under none."""
    name = attack.name if attack else NO_ATTACK
    ours, theirs = _asked_under(name, task, baseline), _asked_under(name, other, run)
    matched = MatchedTask(task, other, attack, {measure.key: [] for measure in task.measures})
    if attack and (why := _attack_reason(attack, task, other, baseline, run)):
        sizes = len(ours), len(theirs)
        return matched, [_incomparable(task.name, None, "attack", why, sizes)]
    rules = dict(_measure_reasons(task, other))
    left: Counter[tuple[NotComparableCode, str, str, str]] = Counter()
    for key, record in ours.items():
        twin = theirs.get(key)
        if twin is None:
            epochs = 1 < record.epoch and (key[0], 1) in theirs
            left["epoch" if epochs else "sample_missing", record.measure, "", "a"] += 1
            continue
        reason = _sample_reason(record, twin, baseline, run)
        why_not = (reason, "") if reason else rules.get(record.measure)
        if why_not is None:
            matched.pairs[record.measure].append((record, twin))
        else:
            left[why_not[0], record.measure, why_not[1], "a"] += 1
            left[why_not[0], record.measure, why_not[1], "b"] += 1
    for key, record in theirs.items():
        if key not in ours:
            epochs = 1 < record.epoch and (key[0], 1) in ours
            left["epoch" if epochs else "sample_missing", record.measure, "", "b"] += 1
    kinds = sorted({each[:3] for each in left}, key=lambda k: (REASONS.index(k[0]), k[1:]))
    return matched, [
        _incomparable(
            task.name, key, why, said, (left[why, key, said, "a"], left[why, key, said, "b"])
        )
        for why, key, said in kinds
    ]


def _incomparable(
    task: str,
    measure: str | None,
    reason: NotComparableCode,
    detail: str,
    sizes: tuple[int, int],
) -> IncomparableSamples:
    """Return samples that are left out, with how many each run has of them."""
    return IncomparableSamples(
        task=task,
        measure=measure,
        reason=reason,
        detail=detail,
        in_baseline=sizes[0],
        in_run=sizes[1],
    )


def _asked_under(
    name: str, task: PlannedTask, run: ComparedRun
) -> dict[tuple[str, int], SampleRecord]:
    """Return a run's records under an attack by the plain sample's id and the epoch."""
    return {
        (base_id(record), record.epoch): record
        for record in run.records.get(task.name, [])
        if attack_of(record) == name
    }


def _attack_reason(
    attack: PlannedAttack,
    task: PlannedTask,
    other: PlannedTask,
    baseline: ComparedRun,
    run: ComparedRun,
) -> str:
    sides = {each.letter: _named(attack.name, part) for each, part in
             ((baseline, task), (run, other))}  # fmt: skip
    lacking = [letter for letter, found in sides.items() if found is None]
    if lacking:
        return f"{attack.name}: – / +" if baseline.letter in lacking else f"{attack.name}: + / –"
    one, two = (found.source_sha256 for found in sides.values() if found)
    return "" if one == two else f"{attack.name}: {one[:12]} / {two[:12]}"


def _named(name: str, task: PlannedTask) -> PlannedAttack | None:
    return next((each for each in task.attacks if each.name == name), None)


def _measure_reasons(
    task: PlannedTask, other: PlannedTask
) -> Iterator[tuple[str, tuple[NotComparableCode, str]]]:
    theirs = {measure.key: measure for measure in other.measures}
    for measure in task.measures:
        twin = theirs.get(measure.key)
        if twin is None:
            yield measure.key, ("measure_missing", "")
        elif _rule(measure) != _rule(twin):
            yield measure.key, ("measure_rule", "")


def _rule(measure: Measure) -> tuple[frozenset[str], frozenset[str], bool]:
    labels = frozenset(measure.unsafe_labels), frozenset(measure.excluded_labels)
    return *labels, measure.blocked_is_safe


def _sample_reason(
    record: SampleRecord, twin: SampleRecord, baseline: ComparedRun, run: ComparedRun
) -> NotComparableCode | None:
    if record.measure != twin.measure:
        return "sample_measure"
    if (record.language, record.pair_id, record.cluster) != (
        twin.language, twin.pair_id, twin.cluster,
    ):  # fmt: skip
        return "sample_place"
    texts = baseline.prompt(record), run.prompt(twin)
    return "text" if None not in texts and texts[0] != texts[1] else None
