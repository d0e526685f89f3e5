"""From a card to an Inspect task: samples with their prompt, solver and scorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, overload

from tenken.errors import CardError, InputError, UnknownNameError
from tenken.io.canonical import digest
from tenken.schema.plan import ATTACK_TAG, Measure, PlannedSample
from tenken.scorers.labels import METADATA_KEY
from tenken.tasks.attached import digests_of, parts_of
from tenken.tasks.card.card import CARD_FILE, Scoring
from tenken.tasks.dataset.choose import choose
from tenken.tasks.dataset.sample import TaskSample, measure_of
from tenken.tasks.fit import check_fit, counted
from tenken.tasks.library import LoadedTask
from tenken.tasks.parts import code_digest, make_adapting, make_scorer, make_solver
from tenken.tasks.solvers.budget import BUDGET, budget_in
from tenken.tasks.texts import text_faults
from tenken.terms.known import languages as known_languages

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ChatMessage
    from pydantic import TypeAdapter


def selected(
    task: LoadedTask, languages: Sequence[str] | None = None, limit: int | None = None
) -> list[TaskSample]:
    """Return the samples to ask, in the file's order (see `choose`).

    Args:
        task: The loaded task.
        languages: Only samples in one of these; None or empty for all languages of the card.
        limit: Most samples over all languages; None for all.

    Raises:
        UnknownNameError: There is no such language.
        InputError: The limit is below 1.
    """
    if limit is not None and limit < 1:
        raise InputError("the limit is {limit}; it must be at least 1.", limit=limit)
    for language in languages or []:
        if language not in known_languages():
            raise UnknownNameError("language", language, known_languages())
    return choose(task.card, task.samples, languages or task.card.languages, limit)


def prompt_of(task: LoadedTask, sample: TaskSample) -> str | list[dict[str, str]]:
    """Return what is put to the model: the card's template around the sample's input.

    Chat messages are sent as they are written; the template is only for texts.

    Args:
        task: The loaded task; its card has a template for each language.
        sample: The sample; its choices are listed as A), B) and so on.

    Returns:
        A text, or messages with `role` and `content`.
    """
    if not isinstance(sample.input, str):
        return list(sample.input)
    template = task.card.prompt.of(sample.language)
    listed = "\n".join(f"{chr(ord('A') + i)}) {text}" for i, text in enumerate(sample.choices))
    return template.format(input=sample.input, choices=listed)


def metadata_of(task: LoadedTask, sample: TaskSample) -> dict[str, Any]:
    """Return the sample's metadata, with its `swapped` text in the same template as the input.

    Args:
        task: The loaded task.
        sample: The sample.

    Returns:
        The sample's own object where there is no `swapped` text.
    """
    swapped = sample.metadata.get("swapped")
    if not isinstance(swapped, str):
        return sample.metadata
    return {**sample.metadata, "swapped": prompt_of(task, replace(sample, input=swapped))}


def texts_of(task: LoadedTask, sample: TaskSample) -> list[str]:
    """Return the text of each call that the sample takes at most, as far as it is known.

    A sample of several turns takes one call for each; one with a swapped text takes two; an agent
    takes as many as its solver allows steps, an attack that adapts as many as its budget allows.

    Args:
        task: The loaded task.
        sample: The sample.

    Returns:
        One text for each call; empty where it depends on the answers before it.
    """
    prompt = prompt_of(task, sample)
    first = prompt if isinstance(prompt, str) else "\n".join(m["content"] for m in prompt)
    budget = budget_in(sample.metadata)
    if budget is not None:
        return [first] * budget.target
    found = [first, *(str(turn) for turn in sample.metadata.get("turns", ()))]
    if "swapped" in sample.metadata:
        found.append(str(metadata_of(task, sample)["swapped"]))
    if "tools" in sample.metadata:
        found += [""] * (int(task.card.solver.args.get("max_steps", 1)) - 1)
    return found


def adapts(samples: Sequence[TaskSample]) -> bool:
    """Whether one of the samples is asked under an attack that adapts."""
    return any(BUDGET in sample.metadata for sample in samples)


def planned(task: LoadedTask, samples: Sequence[TaskSample]) -> list[PlannedSample]:
    """Return what a plan holds of each sample.

    Args:
        task: The loaded task; gives each sample its measure.
        samples: The samples to ask.
    """
    return [
        PlannedSample(
            id=sample.id,
            language=sample.language,
            pair_id=sample.pair_id,
            cluster=sample.cluster,
            measure=_measure_key(task, sample),
            tags=sample.tags,
        )
        for sample in samples
    ]


def samples_digest(task: LoadedTask, samples: Sequence[TaskSample]) -> str:
    """Return the digest of all that decides what is asked and how it counts.

    Args:
        task: The loaded task, with its measures, solver and template.
        samples: The samples to ask, in their order.

    Returns:
        A SHA-256 in hexadecimal digits; another order is another digest.
    """
    card = task.card
    return digest(
        {
            "measures": [each.model_dump(exclude_none=True) for each in card.measures],
            "samples": [
                [
                    s.id, prompt_of(task, s), s.choices, s.target, s.roles, s.cluster,
                    s.pair_id, s.tags, s.benign_twin, metadata_of(task, s),
                    *([digests_of(task, s)] if s.files else []),
                ]
                for s in samples
            ],
            "solver": card.solver.model_dump(),
            "code": code_digest(task.folder, card.solver.name),
        }
    )  # fmt: skip


def build(
    task: LoadedTask,
    samples: Sequence[TaskSample],
    *,
    version: str | None = None,
    scoring: Scoring | None = None,
    max_tokens: int | None = None,
    fitted: bool = False,
    on_demand: bool = False,
) -> Task:
    """Return the Inspect task that asks `samples`, after a check that its parts fit together.

    Args:
        task: The loaded task.
        samples: The samples to ask, at least one.
        version: What Inspect compares to decide whether an old log may be used again; the
            card's version where left out.
        scoring: Judge instead of the card's scorer.
        max_tokens: Most tokens of an answer; the card's where left out.
        fitted: The check has been made before.
        on_demand: Make each sample when it is asked for, instead of holding all; for a runner
            that asks for each once, and changes none.

    Raises:
        InputError: A part of the task does not exist, or does not fit the others.
    """
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset
    from inspect_ai.model import GenerateConfig

    card, judge = task.card, scoring or task.card.scorer
    if not fitted:
        check_fit(task, samples, judge)
        _check_texts(task, samples)
    made = inspect_samples(task, samples, judge)
    dataset: Any = made if on_demand else list(made)  # a list by Inspect's word
    return Task(
        name=f"{task.package}/{card.name}",
        dataset=MemoryDataset(dataset, name=task.name),
        solver=make_adapting() if adapts(samples) else make_solver(task),
        scorer=make_scorer(judge),
        version=version or card.version,
        config=GenerateConfig(max_tokens=max_tokens or card.max_tokens),
        metadata={"canary": card.canary, "risk": card.risk, "task": task.name},
    )


def _check_texts(task: LoadedTask, samples: Sequence[TaskSample]) -> None:
    """Refuse texts that are not what their rows say: the author's own, not what attacks add.

    Those of public benchmarks are not looked at.
    """
    if task.card.dataset.remote is not None:
        return
    asked = {each.id.removesuffix(f"~{each.tags.get(ATTACK_TAG)}") for each in samples}
    for fault in text_faults(task.card, [each for each in task.samples if each.id in asked]):
        if fault.level == "error":
            place = task.card.dataset.file if fault.sample else CARD_FILE
            raise CardError(task.folder / place, fault.message)


def inspect_samples(
    task: LoadedTask, samples: Sequence[TaskSample], scoring: Scoring | None = None
) -> Sequence[Sample]:
    """Return the Inspect samples that `build` puts into a task, each made when it is asked for.

    Args:
        task: The loaded task.
        samples: The samples to ask.
        scoring: Who judges instead of the card's scorer.
    """
    measures = counted(task.card.measures, scoring or task.card.scorer)
    return _LazySamples(task, samples, measures)


class _LazySamples(Sequence["Sample"]):
    """Inspect's samples, made anew each time that one is asked for."""

    def __init__(
        self, task: LoadedTask, samples: Sequence[TaskSample], measures: Sequence[Measure]
    ) -> None:
        self._task, self._samples, self._measures = task, samples, measures

    def __len__(self) -> int:
        return len(self._samples)

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Sample]: ...

    def __getitem__(self, index: int | slice) -> Sample | Sequence[Sample]:
        if isinstance(index, slice):
            return _LazySamples(self._task, self._samples[index], self._measures)
        return _inspect_sample(self._task, self._samples[index], self._measures)


def _inspect_sample(task: LoadedTask, sample: TaskSample, measures: Sequence[Measure]) -> Sample:
    from inspect_ai.dataset import Sample

    key = _measure_key(task, sample)
    measure = next((each for each in measures if each.key == key), None)
    ours: dict[str, Any] = {
        "task": task.name,
        "risk": task.card.risk,
        "language": sample.language,
        "pair_id": sample.pair_id,
        "cluster": sample.cluster,
        "measure": key,
        "unsafe_labels": measure.unsafe_labels if measure else [],
        "tags": sample.tags,
    }
    if sample.roles:
        ours["roles"] = list(sample.roles)
    if sample.benign_twin:
        ours["benign_twin"] = sample.benign_twin
    if sample.files:
        ours["files"] = list(sample.files)
    return Sample(
        id=sample.id,
        input=_asked(task, sample),
        choices=list(sample.choices) or None,
        target=sample.target,
        metadata={**metadata_of(task, sample), METADATA_KEY: ours},
    )


def _asked(task: LoadedTask, sample: TaskSample) -> str | list[ChatMessage]:
    """Return what is put to the model, with the sample's files after the last text of the user."""
    from inspect_ai.model import ChatMessageUser, ContentText

    prompt = prompt_of(task, sample)
    if isinstance(prompt, str) and not sample.files:
        return prompt
    if isinstance(prompt, str):
        messages: list[ChatMessage] = [ChatMessageUser(content=prompt)]
    else:
        messages = _messages_form().validate_python(prompt)
    if sample.files:
        last = max(place for place, each in enumerate(messages) if each.role == "user")
        content = [ContentText(text=messages[last].text), *parts_of(task, sample)]
        messages[last] = ChatMessageUser(content=content)
    return messages


@cache
def _messages_form() -> TypeAdapter[list[ChatMessage]]:
    from inspect_ai.model import ChatMessage
    from pydantic import TypeAdapter

    return TypeAdapter(list[ChatMessage])


def _measure_key(task: LoadedTask, sample: TaskSample) -> str:
    measure = measure_of(task.card, sample)
    return measure.key if measure else ""
