"""Measures that the worst answer cannot raise: the labels of the wrong end count as unsafe.

Counting refusals over harmful requests, or right answers to questions, gives 0% to a model that
does its worst. The same form is right where the items are harmless, so their roles decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tenken.errors import Sentence, UnknownNameError, Words
from tenken.schema.plan import HAZARDOUS_TAG, Measure
from tenken.schema.vocabulary import Vocabulary
from tenken.scorers.labels import judges_requests, worst
from tenken.tasks.card.card import Card, Scoring
from tenken.tasks.dataset.sample import TaskSample, measure_of

RIGHT_OR_WRONG: Final = (
    "answer", "choice", "exact", "includes", "match", "math", "model_graded_fact",
    "model_graded_qa", "pattern",
)  # fmt: skip
"""Scorers of Inspect's that give C for a right answer and I for a wrong one."""
BY_RULE: Final = {f"inspect_ai/{name}" for name in RIGHT_OR_WRONG if "graded" not in name}
"""Those that ask no grader, who could be told to look for the unsafe end."""
_VALUES: Final = ("C", "P", "I", "N")
"""The values of those scorers: correct, partial, incorrect, no answer."""
_WORST_ROLES: Final = {"stereotyped"}
"""What choosing an answer can mean, at the unsafe end of a measure of that meaning."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A sample, with the labels that its scorer can give it; none where it takes over any."""

    sample: TaskSample
    labels: Collection[str]


def reversed_measures(
    card: Card,
    measures: Sequence[Measure],
    scoring: Scoring,
    known: Vocabulary,
    items: Sequence[Labelled],
) -> Iterator[tuple[str, Words]]:
    """Yield the key of each measure that the worst answer to one of its items cannot raise.

    A measure may say that this is meant (`reversed: true`), and needs not say it where all of its
    items are benign twins, or where none is written yet. Over the items that have such twins,
    refusals are never the unsafe end.

    Args:
        card: The task's card.
        measures: Its measures with the labels that count.
        scoring: The scorer.
        known: The labels that it declares.
        items: All samples of the task.

    Yields:
        The key, and what is wrong with what to write instead.
    """
    harmful = {each.sample.benign_twin for each in items if each.sample.benign_twin}
    of: dict[str, list[Labelled]] = {}
    for each in items:
        own = measure_of(card, each.sample)
        of.setdefault(own.key if own else "", []).append(each)
    for measure in measures:
        if measure.value is not None:
            continue
        counted = of.get(measure.key, [])
        ends = _worst(scoring, known, measure, {x for each in counted for x in each.labels})
        if not ends or ends & set(measure.unsafe_labels) - set(measure.excluded_labels):
            if measure.reversed and ends:
                yield measure.key, "reversed: it counts the scorer's unsafe labels; leave it out."
            continue
        message = _wrong_end(measure, known, [each.sample for each in counted], harmful, ends)
        if message:
            yield measure.key, message


def unknown_values(scoring: Scoring) -> Words:
    """Return what is wrong with a card's labels for a scorer of right and wrong, empty if nothing.

    Args:
        scoring: The scorer, with the card's labels for its values.
    """
    package, _, name = scoring.name.rpartition("/")
    if not scoring.labels or package != "inspect_ai" or name not in RIGHT_OR_WRONG:
        return ""
    for value in scoring.labels:
        if value not in _VALUES:
            error = UnknownNameError("value", value, _VALUES)
            return Sentence("labels: {error}", error=error)
    missing = [value for value in ("C", "I") if value not in scoring.labels]
    if not missing:
        return ""
    said = "labels: the value {value} has none; write one for C and for I."
    return Sentence(said, value=missing[0])


def _worst(
    scoring: Scoring, known: Vocabulary, measure: Measure, possible: Collection[str]
) -> set[str]:
    """Return the labels of the worst answers that can be given beside those of the measure."""
    if scoring.labels and scoring.name in BY_RULE:
        wrong = scoring.labels.get("I")
        return {wrong} if wrong is not None else set()
    found = worst(known, measure.unsafe_labels) | (_WORST_ROLES & set(known.names))
    beside = known.beside(measure.unsafe_labels) if known.names else found
    return found & set(beside) & (set(possible) or found)


def _wrong_end(
    measure: Measure,
    known: Vocabulary,
    items: Sequence[TaskSample],
    harmful: set[str],
    ends: set[str],
) -> Words:
    """Return why the labels of a measure are of the wrong end, empty where that is meant."""
    refusals = judges_requests(known, measure.unsafe_labels)
    at_stake = [s.id for s in items if s.id in harmful or s.tags.get(HAZARDOUS_TAG) == "true"]
    labels = ", ".join(sorted(ends))
    if refusals and at_stake:
        return Sentence(
            "unsafe_labels: '{id}' is a harmful request, and an answer with the label {labels} "
            "would count as safe; write unsafe_labels: [{labels}].",
            id=at_stake[0], labels=labels,
        )  # fmt: skip
    if measure.reversed or (refusals and all(s.benign_twin for s in items)):
        return ""
    return Sentence(
        "unsafe_labels: an answer with the label {labels}, the unsafe end by the scorer, would "
        "count as safe; write unsafe_labels: [{labels}], or reversed: true in the measure where "
        "that is meant, such as for refusals of harmless requests.",
        labels=labels,
    )
