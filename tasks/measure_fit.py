"""Whether a measure means what the scorer gives: labels, or numbers on a scale."""

from __future__ import annotations

from typing import Final

from tenken.errors import Sentence, UnknownNameError, Words
from tenken.io.functions import is_in_file
from tenken.schema.plan import Measure, Scale
from tenken.schema.vocabulary import Vocabulary
from tenken.scorers.labels import all_labels, declared
from tenken.tasks.card.card import Scoring
from tenken.tasks.parts import scorer_factory
from tenken.tasks.reversal import BY_RULE
from tenken.terms.metrics import metrics

_UNDECLARED: Final = (
    "the scorer '{name}' does not say which of its values are unsafe; write scorer: {{name: "
    "{name}, labels: {{C: correct, I: incorrect}}}} and unsafe_labels: [incorrect], with its "
    "values, or for numbers value: {{range: [0, 1], higher_is: better}} in the measure."
)
_UNDECLARED_IN_FILE: Final = (
    "the scorer '{name}' does not say which of its values are unsafe; write beside it, with its "
    "labels, VOCABULARY = Vocabulary.of({{'rude': ('rude', '失礼')}}, unsafe=['rude'])."
)

_SCALES: Final = dict.fromkeys(("inspect_ai/f1", *BY_RULE), Scale(range=[0, 1], higher_is="better"))
"""Of scorers of Inspect that give numbers; others may declare `SCALE` beside themselves."""


def measure_misfit(
    measure: Measure, scoring: Scoring, known: Vocabulary | None, *, own: bool
) -> Words:
    """Return why a measure does not meet what a scorer gives, empty where it does.

    Args:
        measure: The measure.
        scoring: The scorer.
        known: The labels that it declares, None where it declares none.
        own: Whether it is the scorer that the measure was written for; another one need not give
            all of the measure's labels.
    """
    if known is None and measure.value is not None:
        return _metric_misfit(measure, measure.value, scoring) or _scale_misfit(
            measure.value, scoring
        )
    if known is None:
        template = _UNDECLARED_IN_FILE if is_in_file(scoring.name) else _UNDECLARED
        return Sentence(template, name=scoring.name)
    names = list(known.names) or sorted(all_labels() | labels_allowed(scoring))
    if measure.value is not None:
        return Sentence(
            "the scorer '{name}' gives labels, not numbers; write unsafe_labels, some of "
            "{names}, in place of value.",
            name=scoring.name, names=", ".join(names),
        )  # fmt: skip
    possible = names if own else [*names, *all_labels()]
    for key in ("unsafe_labels", "excluded_labels"):
        for label in getattr(measure, key):
            if label not in possible:
                error = UnknownNameError("label", label, names)
                return Sentence("{key}: {error}", key=key, error=error)
    return _one_sided(set(names), measure)


def _metric_misfit(measure: Measure, value: Scale, scoring: Scoring) -> Words:
    """Return why a metric cannot be made of the scorer's numbers, empty where each can."""
    for key in measure.metrics or ():
        if key not in metrics():
            return Sentence("metrics: {error}", error=UnknownNameError("metric", key, metrics()))
        needed = [name for name in metrics()[key].needs if name != "value"]
        if needed and value.key is None:
            return Sentence(
                "metrics: '{metric}' is made of the numbers {needed}, and the scorer '{name}' "
                "gives one number; remove it, or take a scorer that gives them.",
                metric=key, needed=", ".join(needed), name=scoring.name,
            )  # fmt: skip
    return ""


def _scale_misfit(value: Scale, scoring: Scoring) -> Words:
    """Return why numbers would be read otherwise than the scorer means them, empty if not."""
    factory = scorer_factory(scoring.name)
    known = declared(factory, "SCALE") if factory is not None else None
    known = known(scoring.args) if callable(known) else known
    known = _SCALES.get(scoring.name, known)
    if not isinstance(known, Scale) or known == value:
        return ""
    low, high = known.range
    key = f", key: {known.key}" if known.key else ""
    return Sentence(
        "the scorer '{name}' gives numbers from {low:g} to {high:g}, and higher is "
        "{higher_is}; write value: {{range: [{low:g}, {high:g}], higher_is: "
        "{higher_is}{key}}}.",
        name=scoring.name, low=low, high=high, higher_is=known.higher_is, key=key,
    )  # fmt: skip


def labels_allowed(scoring: Scoring) -> set[str]:
    """Return the labels that the arguments of a scorer allow beside those of other scorers.

    Args:
        scoring: The scorer, with its arguments.
    """
    lists = (scoring.args.get(key) or () for key in ("allowed", "unsafe"))
    return {str(label) for labels in lists for label in labels}


def _one_sided(names: set[str], measure: Measure) -> Words:
    """Return why a rate would be the same whatever the answers are, empty if it would not."""
    unsafe, left_out = set(measure.unsafe_labels), set(measure.excluded_labels)
    listed = ", ".join(sorted(names))
    if not unsafe & names:
        return Sentence(
            "none of its unsafe_labels is among the scorer's labels: {listed}.", listed=listed
        )
    if unsafe & left_out:
        return Sentence(
            "'{min}' is both in unsafe_labels and in excluded_labels.", min=min(unsafe & left_out)
        )
    if not names - unsafe - left_out:
        return Sentence(
            "all of the scorer's labels are unsafe or excluded: {listed}.", listed=listed
        )
    return ""
