"""Whether a task's parts fit together: its samples, solver, scorer and measures.

Checking a task, planning a run and making one all ask here. What does not fit would otherwise end
as a rate of 0% or 100% that says nothing of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, Final

from pydantic import ValidationError

from tenken.errors import CardError, InputError, Sentence, UnknownNameError, Words, nearest
from tenken.io.faults import explain
from tenken.sample_form import SampleForm
from tenken.schema.plan import Measure
from tenken.schema.vocabulary import Vocabulary
from tenken.scorers.labels import all_labels, declared, fits, vocabulary_of
from tenken.tasks.attached import read_attached
from tenken.tasks.card.card import CARD_FILE, Scoring
from tenken.tasks.dataset.sample import TaskSample, measure_of
from tenken.tasks.library import LoadedTask
from tenken.tasks.measure_fit import labels_allowed, measure_misfit
from tenken.tasks.parts import (
    make_scorer,
    make_solver,
    own_code,
    scorer_factory,
    solver_factory,
)
from tenken.tasks.reversal import Labelled, reversed_measures, unknown_values
from tenken.tasks.texts import wrong_signs

_FIELDS: Final = tuple(each.name for each in fields(TaskSample))
_DRIVES: Final = {
    "turns": ("tenken/converse", "tenken/press"),
    "swapped": ("tenken/counterfactual",),
    "tools": ("tenken/act",),
}
"""Keys of a sample's metadata that a solver of ours asks by, with those solvers."""

_MARKED: Final = ("inspect_ai/choice", "inspect_ai/multiple_choice")
"""A scorer that reads what a solver has marked: without it every answer would be wrong."""
_UNMARKED: Final = (
    "the scorer 'inspect_ai/choice' reads choices that the solver 'inspect_ai/multiple_choice' has "
    "marked; write scorer: {name: tenken/choice}, or solver: {name: inspect_ai/multiple_choice}."
)


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit.

    Attributes:
        message: What is wrong, and what to write instead.
        key: Key of the card that it is about.
        sample: Id of the sample that it is about; empty for the card.
    """

    message: Words
    key: str = ""
    sample: str = ""


def check_fit(task: LoadedTask, samples: Sequence[TaskSample], scoring: Scoring) -> None:
    """Refuse a task whose parts do not fit together.

    Args:
        task: The task.
        samples: The samples that will be asked.
        scoring: The scorer that will judge.

    Raises:
        CardError: Something does not fit; the message names the card or the sample.
    """
    for misfit in misfits(task, samples, scoring):
        flaw = Sentence(misfit.message)
        if misfit.sample:
            flaw = Sentence("sample '{id}': {flaw}", id=misfit.sample, flaw=flaw)
        own = misfit.sample or scoring == task.card.scorer
        place = task.folder / (task.card.dataset.file if misfit.sample else CARD_FILE)
        raise CardError(place if own else Sentence("task {of}", of=task.name), flaw)


def misfits(task: LoadedTask, samples: Sequence[TaskSample], scoring: Scoring) -> Iterator[Misfit]:
    """Yield everything about a task that does not fit together.

    Args:
        task: The task.
        samples: The samples that will be asked.
        scoring: The scorer that will judge.
    """
    for key, make in (
        ("solver", lambda: make_solver(task)),
        ("scorer", lambda: make_scorer(scoring)),
    ):
        try:
            make()
        except InputError as error:
            yield Misfit(_apart(error), key)
            return
    if scoring.name == _MARKED[0] and task.card.solver.name != _MARKED[1]:
        if own_code(task.folder) is None:
            yield Misfit(_UNMARKED, "scorer")
            return
    if said := unknown_values(scoring):
        yield Misfit(said, "scorer")
    found = [*_measure_misfits(task, scoring), *_empty_measures(task)]
    found += () if found else _reversed(task, scoring)
    yield from found
    parts = _Parts.of(task, scoring)
    for sample in samples:
        for message in _sample_misfits(task, sample, parts, labels=not found):
            yield Misfit(message, sample=sample.id)


def _apart(error: InputError) -> Sentence:
    """Return what an error says, apart from the card that it is about."""
    if isinstance(error, UnknownNameError):
        return UnknownNameError(error.kind, error.name, error.known).sentence
    return error.flaw if isinstance(error, CardError) else error.sentence


def vocabulary(scoring: Scoring) -> Vocabulary | None:
    """Return the labels that a scorer gives in a task, None where it declares none.

    Args:
        scoring: The scorer's name and arguments, with the card's labels for its values.
    """
    if scoring.labels:
        names = dict.fromkeys(scoring.labels.values())
        return Vocabulary.of({name: (name, name) for name in names})
    factory = scorer_factory(scoring.name)
    return vocabulary_of(factory, scoring.args) if factory is not None else None


def planned_vocabulary(scoring: Scoring, measures: Sequence[Measure]) -> Vocabulary | None:
    """Return what a plan holds of a scorer's labels: any other label is not a verdict.

    A scorer that takes over labels of others has those that mean something for the measures.

    Args:
        scoring: The scorer.
        measures: The task's measures, as they are counted.
    """
    known = vocabulary(scoring)
    if known is None or known.names:
        return known
    allowed = labels_allowed(scoring)
    unsafe = [each.unsafe_labels for each in measures]
    names = [
        label
        for label in sorted(all_labels() | allowed | {name for each in unsafe for name in each})
        if any(fits(label, each, allowed) for each in unsafe)
    ]
    return Vocabulary.of({name: (name, name) for name in names})


def counted(measures: Sequence[Measure], scoring: Scoring) -> list[Measure]:
    """Return a card's measures, with the scorer's own unsafe labels where they name none.

    Args:
        measures: The card's measures.
        scoring: The scorer that will judge the answers.

    Returns:
        The measures; unchanged for a scorer without declared labels, and where a measure has its
        own labels or is of numbers.
    """
    known = vocabulary(scoring)
    if known is None:
        return list(measures)
    return [
        each
        if each.unsafe_labels or each.value is not None
        else each.model_copy(update={"unsafe_labels": list(known.unsafe)})
        for each in measures
    ]


def _measure_misfits(task: LoadedTask, scoring: Scoring) -> Iterator[Misfit]:
    known, own = vocabulary(scoring), scoring.name == task.card.scorer.name
    for measure in counted(task.card.measures, scoring):
        message = measure_misfit(measure, scoring, known, own=own)
        if message:
            yield Misfit(
                Sentence("measure '{key}': {message}", key=measure.key, message=message), "measures"
            )


def _reversed(task: LoadedTask, scoring: Scoring) -> Iterator[Misfit]:
    measures, known = counted(task.card.measures, scoring), vocabulary(scoring)
    if known is None:
        return
    form = _forms(task, scoring)[-1][1]
    items = [Labelled(each, _labels_of(each, form, known)) for each in task.samples]
    for key, said in reversed_measures(task.card, measures, scoring, known, items):
        yield Misfit(Sentence("measure '{key}': {message}", key=key, message=said), "measures")


def _labels_of(sample: TaskSample, form: type[SampleForm], known: Vocabulary) -> Collection[str]:
    """Return the labels that a sample can get; all of them where its own form is at fault."""
    with suppress(ValidationError):
        return form.model_validate(_shown(sample)).given() or known.names
    return known.names


def _empty_measures(task: LoadedTask) -> Iterator[Misfit]:
    """Yield measures that no sample belongs to: a sample counts in the first one that it meets."""
    if not task.samples:
        return
    met = {measure.key for each in task.samples if (measure := measure_of(task.card, each))}
    for measure in task.card.measures:
        if measure.key not in met:
            where = ", ".join(f"{key}: {value}" for key, value in measure.where.items())
            yield Misfit(
                Sentence(
                    "measure '{key}': no sample belongs to it (where: {{{where}}}); a sample "
                    "counts in the first measure whose 'where' it meets.",
                    key=measure.key,
                    where=where,
                ),
                "measures",
            )


def _forms(task: LoadedTask, scoring: Scoring) -> list[tuple[str, type[SampleForm]]]:
    """Return what the solver and the scorer need of a sample, the scorer's last."""
    asking = task.card.solver
    parts: list[tuple[str, Callable[..., Any] | None, dict[str, Any]]] = [
        (asking.name, own_code(task.folder) or solver_factory(asking.name), asking.args),
        (scoring.name, scorer_factory(scoring.name), scoring.args),
    ]
    found = []
    for name, factory, args in parts:
        form = declared(factory, "SAMPLE") if factory is not None else None
        form = form(args) if callable(form) and not isinstance(form, type) else form
        found.append((name, form if form is not None else SampleForm))
    return found


@dataclass(frozen=True)
class _Parts:
    """What each sample of a task is held against.

    Attributes:
        forms: What solver and scorer need of a sample, by their names.
        read: Keys of the metadata that either of them reads.
        known: The labels that the scorer gives; None where it declares none.
        counted: The measures as they are counted, by key.
    """

    forms: Sequence[tuple[str, type[SampleForm]]]
    read: frozenset[str]
    known: Vocabulary | None
    counted: Mapping[str, Measure]

    @classmethod
    def of(cls, task: LoadedTask, scoring: Scoring) -> _Parts:
        forms, measures = _forms(task, scoring), counted(task.card.measures, scoring)
        fields = (form.model_fields.get("metadata") for _, form in forms)
        read = (getattr(each.annotation, "model_fields", ()) for each in fields if each)
        return cls(
            forms,
            frozenset(key for keys in read for key in keys),
            vocabulary(scoring),
            {each.key: each for each in measures},
        )


def _sample_misfits(
    task: LoadedTask, sample: TaskSample, parts: _Parts, *, labels: bool
) -> Iterator[Words]:
    shown = _shown(sample)
    given: Collection[str] | None = None
    for name, form in parts.forms:
        try:
            given = form.model_validate(shown).given()
        except ValidationError as error:
            yield Sentence("{why} '{name}' needs it.", why=explain(error, form), name=name)
            return
    try:
        read_attached(task, sample)
    except CardError as error:
        yield error.flaw
    yield from _unread(task, sample)
    yield from _misspelt(sample, parts.read)
    if task.card.dataset.remote is None:
        yield from wrong_signs(sample)
    if labels:
        message = _no_choice_of_labels(task, sample, given, parts)
        if message:
            yield message


def _shown(sample: TaskSample) -> dict[str, Any]:
    """Return what a sample has, in the types that forms know."""
    has = {name: value for name in _FIELDS if (value := getattr(sample, name)) is not None}
    return {key: list(each) if isinstance(each, tuple) else each for key, each in has.items()}


def _unread(task: LoadedTask, sample: TaskSample) -> Iterator[Words]:
    """Yield keys of the metadata that say how to ask, and that the solver does not read."""
    solver = task.card.solver.name
    if _DRIVES.keys().isdisjoint(sample.metadata):  # nearly all
        return
    if own_code(task.folder) is not None or not solver.startswith("tenken/"):
        return
    for key in sample.metadata:
        if key in _DRIVES and solver not in _DRIVES[key]:
            yield (
                Sentence(
                    "metadata.{key}: the solver '{solver}' does not read it; write solver: {{name: "
                    "{drives}}} in the card.",
                    key=key,
                    solver=solver,
                    drives=_DRIVES[key][0],
                )
            )


def _misspelt(sample: TaskSample, read: frozenset[str]) -> Iterator[Words]:
    """Yield keys of the metadata that are nearly one that the solver or the scorer reads."""
    for key in sample.metadata.keys() - read if read else ():
        near = nearest(key, read - sample.metadata.keys())
        if near is not None or key.casefold() in read:
            yield Sentence(
                "metadata.{key}: neither solver nor scorer reads it. Did you mean '{meant}'?",
                key=key, meant=near or key.casefold(),
            )  # fmt: skip


def _no_choice_of_labels(
    task: LoadedTask, sample: TaskSample, given: Collection[str] | None, parts: _Parts
) -> Words:
    """Return why the sample's verdict would be the same whatever the answer, empty if not."""
    measure, known = measure_of(task.card, sample), parts.known
    if measure is None or measure.value is not None or known is None or not known.names:
        return ""
    counts = parts.counted[measure.key]
    possible = set(known.names if given is None else given)
    named = ", ".join(sorted(possible))
    if not possible & set(counts.unsafe_labels):
        return Sentence(
            "it can only be labelled {named}: none is unsafe in its measure '{key}'.",
            named=named, key=measure.key,
        )  # fmt: skip
    if not possible - set(counts.unsafe_labels) - set(counts.excluded_labels):
        return Sentence(
            "it can only be labelled {named}: all are unsafe in its measure '{key}'.",
            named=named, key=measure.key,
        )  # fmt: skip
    return ""
