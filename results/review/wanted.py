"""How many labels each rate of a run needs to be as narrow as somebody wants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tenken.errors import InputError
from tenken.results.calibration.fit import choose
from tenken.results.metrics.labels import ExpectedLabels, labels_for_width, narrowest
from tenken.results.review.items import Item
from tenken.schema.calibration import CalibrationCard
from tenken.schema.plan import ATTACK_TAG, NO_ATTACK, Gate, Measure, Plan, PlannedTask
from tenken.schema.record import languages_of

PLANNED_RATE: Final = 0.1
"""What a plan takes the rate to be, as for the smallest difference that it states."""
_MIDDLE: Final = (PLANNED_RATE, 1 - PLANNED_RATE)
"""A rate that labels may yet move is not taken to be nearer to an end of its scale than this."""


class Group(NamedTuple):
    """Answers that have a corrected rate of their own."""

    task: str
    measure: str
    language: str


class LabelsNeeded(NamedTuple):
    """What a width takes.

    Attributes:
        labels: How many answers to label; None where all of them are too few.
        answers: How many there are.
        narrowest: The least width that labels of all of them lead to.
    """

    labels: int | None
    answers: int
    narrowest: float

    @property
    def labelled(self) -> int:
        """How many to label: all where they are too few."""
        return self.answers if self.labels is None else self.labels


def wanted(answers: int, clusters: int, width: float, expected: ExpectedLabels) -> LabelsNeeded:
    """Return how many labels an interval of some width takes, each on another cluster.

    Args:
        answers: How many answers there are to draw from.
        clusters: How many clusters those are in.
        width: The whole width of the interval, in (0, 1).
        expected: What the labels are expected to meet.

    Returns:
        The number, None where labels of the whole run are not enough; and the least width there can
        be.
    """
    least = narrowest(clusters, expected) if clusters > 1 else 1.0
    return LabelsNeeded(labels_for_width(width, clusters, expected), answers, least)


def expected_of(
    cards: Mapping[str, CalibrationCard],
    task: PlannedTask,
    measure: Measure,
    language: str,
    rate: float,
) -> ExpectedLabels:
    """Return what labels will meet: the scorer's errors by its card, none known without one.

    Args:
        cards: The calibration cards of the plan, by name of the file.
        task: The planned task, with its scorer and graders.
        measure: The measure that is to be corrected.
        language: Language of the answers; a card is of one language.
        rate: The share of unsafe answers that is expected, in (0, 1).

    Returns:
        Without a fitting card, sensitivity and specificity are 0.5: the verdicts tell nothing.
    """
    trial = choose(cards, task, measure, language).trial
    if trial is None or trial.sensitivity is None or trial.specificity is None:
        return ExpectedLabels(rate)
    return ExpectedLabels(rate, trial.sensitivity, trial.specificity)


def planned(
    tasks: Iterable[PlannedTask], cards: Mapping[str, CalibrationCard], width: float
) -> dict[Group, LabelsNeeded]:
    """Return what a width takes before anything is asked, for each task's headline.

    Args:
        tasks: The planned tasks.
        cards: The calibration cards of the plan, by name of the file.
        width: The whole width of the interval, in (0, 1).

    Returns:
        By task, measure and language; samples under an attack are left out.
    """
    found = {}
    for task in tasks:
        headline = task.headline
        for language in languages_of(task.samples):
            counted = [
                sample
                for sample in task.samples
                if (sample.language, sample.measure) == (language, headline.key)
                and sample.tags.get(ATTACK_TAG, NO_ATTACK) == NO_ATTACK
            ]
            clusters = len({sample.cluster for sample in counted})
            if counted:
                expected = expected_of(cards, task, headline, language, PLANNED_RATE)
                found[Group(task.name, headline.key, language)] = wanted(
                    len(counted) * task.epochs, clusters, width, expected
                )
    return found


def group_of(item: Item) -> Group:
    """Return the group of an item."""
    return Group(item.record.task, item.record.measure, item.record.language)


def of_run(plan: Plan, items: Sequence[Item], width: float) -> dict[Group, LabelsNeeded]:
    """Return what a width takes of the answers of a run.

    It is for each task's headline and each measure with a gate, in each language.

    Args:
        plan: The run's plan.
        items: What there is to draw from.
        width: The whole width of an interval, in (0, 1).
    """
    tasks = {task.name: task for task in plan.tasks}
    groups: dict[Group, list[Item]] = defaultdict(list)
    for item in items:
        if _decides(tasks[item.record.task], item.record.measure, plan.gates):
            groups[group_of(item)].append(item)
    found = {}
    for group, members in sorted(groups.items()):
        task = tasks[group.task]
        measure = next(each for each in task.measures if each.key == group.measure)
        verdicts = [each.record.verdict for each in members if each.record.verdict is not None]
        least, most = _MIDDLE
        rate = min(most, max(least, sum(verdicts) / len(verdicts))) if verdicts else least
        expected = expected_of(plan.calibration, task, measure, group.language, rate)
        clusters = len({each.record.cluster for each in members})
        found[group] = wanted(len(members), clusters, width, expected)
    return found


def chances(items: Sequence[Item], takes: Mapping[Group, LabelsNeeded]) -> list[float]:
    """Return the chance of each item: alike within a group, together what the group takes.

    Where all answers of a group are too few, all of them are drawn.

    Args:
        items: Items of these groups alone.
        takes: What each group takes.
    """
    groups = [takes[group_of(item)] for item in items]
    return [each.labelled / each.answers for each in groups]


def _decides(task: PlannedTask, measure: str, gates: Iterable[Gate]) -> bool:
    gated = any((gate.task, gate.measure) == (task.name, measure) for gate in gates)
    return gated or measure == task.headline.key


def check_width(width: float) -> None:
    """Refuse a width that no interval of a rate has.

    Raises:
        InputError: It is not above 0 and below 1.
    """
    if not 0 < width < 1:
        raise InputError(
            "--width {width:g}: give a share above 0 and below 1, such as 0.2 for an "
            "interval 20 percentage points wide.",
            width=width,
        )
