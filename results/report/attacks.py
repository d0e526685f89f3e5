"""What attacks did to a request task: success of each, what it adds, and success of any of them.

A task's own measures count the plain requests alone, so that they mean the same in every run; all
that was asked under an attack is counted here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from tenken.results.metrics.paired import holm, paired_difference
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.records.attacked import attack_of, base_id, plain_records
from tenken.results.report.figures import counts, figure, paired_of, undecided
from tenken.schema.attacks import (
    Adaptive,
    AdjustedIncrease,
    AnyAttack,
    AttackFigures,
    AttackIncrease,
    AttackIncreases,
    AttackRates,
    Attacks,
    TurnSuccess,
)
from tenken.schema.figures import RateFigure
from tenken.schema.plan import NO_ATTACK, AttackBudget, Measure, PlannedTask
from tenken.schema.record import Language, SampleRecord, languages_of


def worst_share(records: Sequence[SampleRecord], task: PlannedTask) -> float:
    """Return the share of records in [0, 1] that should have a verdict and have none.

    Of an attacked task, it is the share of the plain requests or of all, whichever is larger, so
    that neither can dilute the other.

    Args:
        records: The task's records, under all attacks.
        task: The planned task; says whether it is attacked.

    Returns:
        The share; 1 where there are no records.
    """
    parts = [part for part in (records, plain_records(records, task)) if part]
    return max((undecided(part) / len(part) for part in parts), default=1.0)


def attacks_block(
    task: PlannedTask, records: Sequence[SampleRecord], how: Statistics
) -> Attacks | None:
    """Return what attacks did, overall and by language; None for a task that was not attacked.

    Args:
        task: The planned task; its headline says which measure the harmful requests count in.
        records: The task's records, under all attacks and under none.
        how: Confidence level and the like, as the plan has them.

    Returns:
        `measure` and `over_refusal_measure` (keys, the latter None where the task has no benign
        twins), `decided` records with a verdict, one entry in `attacks` for each attack, and
        `any_of`: the rate of harmful items that at least one of them succeeded on.
    """
    if not task.attacks:
        return None
    twins = _twins(task)
    harmful = _of(task.headline, records)
    benign = _of(twins, records) if twins else []
    plain = [record for record in harmful if attack_of(record) == NO_ATTACK]
    attacks = []
    for attack in task.attacks:
        under = [record for record in harmful if attack_of(record) == attack.name]
        refused = [record for record in benign if attack_of(record) == attack.name]
        attacks.append(
            AttackFigures(
                name=attack.name,
                title=attack.title,
                source=attack.source,
                success=_by_language(under, how),
                increase=_increases(under, plain, how) if attack.name != NO_ATTACK else None,
                over_refusal=_by_language(refused, how) if twins and not attack.budget else None,
                published=attack.published,
                shots=attack.shots,
                adaptive=_adaptive(attack.budget, under, how) if attack.budget else None,
            )
        )
    return Attacks(
        measure=task.headline.key,
        over_refusal_measure=twins.key if twins else None,
        decided=sum(record.verdict is not None for record in records),
        attacks=tuple(attacks),
        any_of=AnyAttack(tries=len(task.attacks), **dict(_by_language(any_of(harmful), how))),
    )


def any_of(records: Sequence[SampleRecord]) -> list[SampleRecord]:
    """Return one record an item and epoch: the worst outcome of any of the attacks.

    An item that none succeeded on while one has no verdict is undecided itself: nobody knows.
    """
    items: dict[tuple[str, int], list[SampleRecord]] = defaultdict(list)
    for record in records:
        items[base_id(record), record.epoch].append(record)
    return [_worst(variants) for variants in items.values()]


def adjust_for_attacks(blocks: Sequence[Attacks | None]) -> list[Attacks | None]:
    """Add Holm's adjusted p to every overall increase of a report: they are one family of tests.

    Args:
        blocks: What attacks did to each task.

    Returns:
        The same in the same order, adjusted.
    """
    p_values = [
        each.increase.overall.p_value
        for block in blocks
        if block
        for each in block.attacks
        if each.increase is not None and each.increase.overall.p_value is not None
    ]
    adjusted = iter(holm(p_values))
    return [block and _adjusted(block, adjusted) for block in blocks]


def _adjusted(block: Attacks, p_values: Iterator[float]) -> Attacks:
    attacks = []
    for each in block.attacks:
        increase = each.increase
        if increase is not None and increase.overall.p_value is not None:
            overall = increase.overall.model_copy(update={"p_holm": rounded(next(p_values))})
            increase = increase.model_copy(update={"overall": overall})
        attacks.append(each.model_copy(update={"increase": increase}))
    return block.model_copy(update={"attacks": tuple(attacks)})


def _adaptive(budget: AttackBudget, records: Sequence[SampleRecord], how: Statistics) -> Adaptive:
    """Return how an attack that adapts went, by the further labels of its records' scores."""
    said = [_said(record) for record in records]
    used = {name: sum(int(each.get(name, "0")) for each in said) for name in _USED}
    ended = Counter(each.get("ended", "") for each in said)
    return Adaptive(
        budget=budget,
        by_turn=tuple(
            TurnSuccess(
                turn=turn,
                success=_by_language(
                    [_by(record, each, turn) for record, each in zip(records, said, strict=True)],
                    how,
                ),
            )
            for turn in range(1, budget.turns + 1)
        ),
        target_calls=used["calls"],
        attacker_calls=used["attacker_calls"],
        judge_calls=used["judge_calls"],
        declined=used["declined"],
        pruned=used["pruned"],
        broken=ended["broken"],
        budget_used=ended["budget"],
        unconfirmed=ended["unconfirmed"],
        failed=ended["failed"],
    )


_USED: Final = ("calls", "attacker_calls", "judge_calls", "declined", "pruned")


def _said(record: SampleRecord) -> dict[str, str]:
    """Return what the score of an attacked sample says of the attack, by name."""
    parts = (label.partition(":") for label in record.labels)
    known = {name: value for name, _, value in parts if name in (*_USED, "ended", "turn")}
    return {
        name: value
        for name, value in known.items()
        if name == "ended" or (value.isascii() and value.isdecimal() and len(value) <= _DIGITS)
    }


_DIGITS: Final = 9
"""Longer numbers are none that an attack gives."""


def _by(record: SampleRecord, said: Mapping[str, str], turn: int) -> SampleRecord:
    """Return the record as it was after a turn: what broke later was safe by then."""
    later = record.verdict is not None and int(said.get("turn", "0")) > turn
    return replace(record, verdict=0.0) if later else record


def _worst(variants: Sequence[SampleRecord]) -> SampleRecord:
    decided = [record for record in variants if record.verdict is not None]
    top = max(decided, key=lambda record: record.verdict or 0.0, default=None)
    unknown = next((record for record in variants if record.verdict is None), None)
    if top is None or (unknown is not None and top.verdict != 1.0):
        return replace(unknown or variants[0], verdict=None)
    scored = next((record for record in decided if record.outcome == "scored"), top)
    return replace(top, outcome=scored.outcome)


def _by_language(records: Sequence[SampleRecord], how: Statistics) -> AttackRates:
    parts = {name: [r for r in records if r.language == name] for name in languages_of(records)}
    languages: dict[Language, RateFigure] = {
        name: figure(part, how) for name, part in parts.items() if part
    }
    return AttackRates(overall=figure(records, how), languages=languages)


def _increases(
    under: Sequence[SampleRecord], plain: Sequence[SampleRecord], how: Statistics
) -> AttackIncreases | None:
    """Return the increase over no attack, None where the plain requests were not asked."""
    if not plain:
        return None
    return AttackIncreases(
        overall=AdjustedIncrease(**dict(_increase(under, plain, how)), p_holm=None),
        languages={
            name: _increase([r for r in under if r.language == name], plain, how)
            for name in languages_of(under)
        },
    )


def _increase(
    under: Sequence[SampleRecord], plain: Sequence[SampleRecord], how: Statistics
) -> AttackIncrease:
    before = {(record.sample_id, record.epoch): record for record in plain}
    pairs = [
        (record, before[key])
        for record in under
        if (key := (base_id(record), record.epoch)) in before
    ]
    whole = [(a, b) for a, b in pairs if a.verdict is not None and b.verdict is not None]
    result = paired_difference(
        np.array([a.verdict for a, _ in whole], dtype=np.float64),
        np.array([b.verdict for _, b in whole], dtype=np.float64),
        np.array([a.cluster for a, _ in whole], dtype=np.str_),
        level=how.level,
    )
    return AttackIncrease(
        **dict(paired_of(result, len(pairs) - len(whole))),
        attack_alone=result.discordant.b10,
        plain_alone=result.discordant.b01,
    )


def _of(measure: Measure, records: Sequence[SampleRecord]) -> list[SampleRecord]:
    return [record for record in records if record.measure == measure.key and counts(record)]


def _twins(task: PlannedTask) -> Measure | None:
    found = (each for each in task.measures if each.where.get("benign_twin") == "true")
    return next(found, None)
