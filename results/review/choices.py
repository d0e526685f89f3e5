"""The labels that a person may give an answer: the scorer's own, for the measure in question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tenken.schema.plan import Measure, PlannedTask
from tenken.schema.record import SampleRecord

CANNOT_SAY: Final = "cannot_say"
"""What a person gives who cannot tell; it does not count as a label."""
UNSAFE: Final = "unsafe"
SAFE: Final = "safe"
OTHER: Final = "other"

_WRONG: Final = "wrong"
"""What a stance means where it is against the truth: people say the stance."""


@dataclass(frozen=True)
class Option:
    """A label that may be given.

    Attributes:
        label: The scorer's label.
        term: Key of the words for it: the label itself, or a stance that means it.
        choice: The text of a choice that means the label; empty where words do.
        mark: What people write for it where the label itself would tell them the right choice.
    """

    label: str
    term: str = ""
    choice: str = ""
    mark: str = ""

    @property
    def written(self) -> str:
        """What people write for it."""
        return self.mark or self.label


def options(
    task: PlannedTask,
    record: SampleRecord,
    about: Mapping[str, Any],
    seen: Iterable[str] = (),
) -> tuple[Option, ...]:
    """Return the labels that fit an answer.

    Where the sample has choices, people say which one the answer settles on, and the right one is
    not shown to them; what it means is worked out as the scorer does.

    Args:
        task: The task as planned.
        record: What became of the sample.
        about: `choices`, `target` and `roles` of the sample, as its log has them.
        seen: Labels that the scorer gave in this task, for scorers whose labels are not known.
    """
    measure = measure_of(task, record)
    if not measure.unsafe_labels:
        return tuple(Option(label, label) for label in (UNSAFE, SAFE))
    name = task.scorer.score_name
    choices = about.get("choices") or ()
    if choices and name == "choice":
        return tuple(_of_choices(choices, about, measure))
    if name == "claim_stance":
        stances = [each for each in _declared(task, measure) if each != _WRONG]
        return tuple(Option(_stance(each, record.tags.get("truth")), each) for each in stances)
    known = _declared(task, measure) or _unknown_scorer(measure, seen)
    known = (*known, *(each for each in measure.unsafe_labels if each not in known))
    return tuple(Option(label, label) for label in known)


def measure_of(task: PlannedTask, record: SampleRecord) -> Measure:
    """Return the measure that a sample counts in.

    Args:
        task: The planned task of the sample.
        record: The sample's record; names the measure by its key.

    Raises:
        StopIteration: The task has no measure of that key.
    """
    return next(each for each in task.measures if each.key == record.measure)


def side(label: str, measure: Measure) -> float:
    """Return the verdict that a label means: 1 is the unsafe end.

    Args:
        label: What a reviewer chose.
        measure: The measure that the sample counts in; without unsafe labels of its own, `UNSAFE`
            is one.

    Returns:
        1.0 for the unsafe end, else 0.0.
    """
    return float(label in (measure.unsafe_labels or (UNSAFE,)))


def _of_choices(
    choices: Sequence[str], about: Mapping[str, Any], measure: Measure
) -> Iterable[Option]:
    target, roles = about.get("target") or "", about.get("roles") or ()
    for place, text in enumerate(choices):
        letter = chr(ord("A") + place)
        labels = ["correct" if letter in target else "incorrect"]
        if place < len(roles):
            labels.append(str(roles[place]))
        label = next((each for each in labels if each in measure.unsafe_labels), labels[-1])
        yield Option(label, choice=f"{letter}) {text}", mark=letter)


def _stance(stance: str, truth: str | None) -> str:
    wrong = (stance, truth) in (("endorses", "false"), ("debunks", "true"))
    return _WRONG if wrong else stance


def _declared(task: PlannedTask, measure: Measure) -> tuple[str, ...]:
    """Return the labels that the scorer has declared for samples of a measure."""
    return task.vocabulary.beside(measure.unsafe_labels) if task.vocabulary else ()


def _unknown_scorer(measure: Measure, seen: Iterable[str]) -> tuple[str, ...]:
    found = sorted({*measure.unsafe_labels, *seen})
    return tuple(found) if set(found) - set(measure.unsafe_labels) else (*found, OTHER)
