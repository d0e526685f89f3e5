"""From a card to an Inspect task: samples with their prompt, solver and scorer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenken.errors import CardError, InputError, UnknownNameError
from tenken.inspect_private import factory_of, registered
from tenken.io.canonical import digest, sha256_file
from tenken.schema.plan import PlannedSample
from tenken.schema.record import LANGUAGES
from tenken.scorers.registry import scorer_source
from tenken.tasks.card.card import CARD_FILE, Scoring
from tenken.tasks.dataset.sample import TaskSample, choose, measure_of
from tenken.tasks.library import LoadedTask

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import Scorer
    from inspect_ai.solver import Solver

METADATA_KEY = "tenken"
"""Key of an Inspect sample's metadata under which everything of ours lies."""


def selected(
    task: LoadedTask, languages: Sequence[str] | None = None, limit: int | None = None
) -> list[TaskSample]:
    """Return the samples to ask, in the file's order (see `choose`).

    Raises:
        UnknownNameError: A language that the task does not have.
        InputError: A limit below 1.
    """
    if limit is not None and limit < 1:
        raise InputError(f"the limit is {limit}; it must be at least 1.")
    for language in languages or []:
        if language not in LANGUAGES:
            raise UnknownNameError("language", language, LANGUAGES)
    return choose(task.card, task.samples, languages or task.card.languages, limit)


def prompt_of(task: LoadedTask, sample: TaskSample) -> str | list[dict[str, str]]:
    """Return what is put to the model: the card's template around the sample's input.

    Chat messages are taken as they are written; the template is for texts.
    """
    if not isinstance(sample.input, str):
        return list(sample.input)
    template = task.card.prompt.of(sample.language)
    listed = "\n".join(f"{chr(ord('A') + i)}) {text}" for i, text in enumerate(sample.choices))
    return template.format(input=sample.input, choices=listed)


def metadata_of(task: LoadedTask, sample: TaskSample) -> dict[str, Any]:
    """Return the sample's metadata, with its `swapped` text put as the input is."""
    swapped = sample.metadata.get("swapped")
    if not isinstance(swapped, str):
        return sample.metadata
    return {**sample.metadata, "swapped": prompt_of(task, replace(sample, input=swapped))}


def texts_of(task: LoadedTask, sample: TaskSample) -> list[str]:
    """Return the text of each call that the sample takes at most, as far as it is known.

    A sample of several turns takes one for each; one with a swapped text takes two; an agent's
    steps are as many as its solver allows.
    """
    prompt = prompt_of(task, sample)
    first = prompt if isinstance(prompt, str) else "\n".join(m["content"] for m in prompt)
    found = [first, *(str(turn) for turn in sample.metadata.get("turns", ()))]
    if "swapped" in sample.metadata:
        found.append(str(metadata_of(task, sample)["swapped"]))
    if "tools" in sample.metadata:
        found += [""] * (int(task.card.solver.args.get("max_steps", 1)) - 1)
    return found


def planned(task: LoadedTask, samples: Sequence[TaskSample]) -> list[PlannedSample]:
    """Return what a plan holds of each sample."""
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
    """Return the digest of all that decides what is asked and how it counts."""
    card = task.card
    return digest(
        {
            "measures": [measure.model_dump() for measure in card.measures],
            "samples": [
                [
                    s.id, prompt_of(task, s), s.choices, s.target, s.roles, s.cluster,
                    s.pair_id, s.tags, s.benign_twin, metadata_of(task, s),
                ]
                for s in samples
            ],
            "solver": card.solver.model_dump(),
            "code": _code_digest(task.folder, card.solver.name),
        }
    )  # fmt: skip


def build(
    task: LoadedTask,
    samples: Sequence[TaskSample],
    *,
    version: str | None = None,
    scorer: Scorer | Sequence[Scorer] | None = None,
    max_tokens: int | None = None,
) -> Task:
    """Return the Inspect task that asks `samples`.

    Args:
        task: The loaded task.
        samples: The samples to ask, at least one.
        version: What Inspect compares to decide whether an old log may be used again; the
            card's version where left out.
        scorer: Judge instead of the card's scorer.
        max_tokens: Most tokens of an answer; the card's where left out.
    """
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset
    from inspect_ai.model import GenerateConfig

    card = task.card
    return Task(
        name=f"{task.package}/{card.name}",
        dataset=MemoryDataset([_inspect_sample(task, s) for s in samples], name=task.name),
        solver=_solver(task),
        scorer=list(scorer) if isinstance(scorer, Sequence) else scorer or make_scorer(card.scorer),
        version=version or card.version,
        config=GenerateConfig(max_tokens=max_tokens or card.max_tokens),
        metadata={"canary": card.canary, "risk": card.risk, "task": task.name},
    )


def make_scorer(scoring: Scoring) -> Scorer:
    """Return the scorer that is registered with Inspect under the name, with its arguments.

    Raises:
        UnknownNameError: No scorer of that name is registered.
        InputError: It does not take these arguments.
    """
    from inspect_ai.util import registry_create

    factory = scorer_factory(scoring.name)
    if factory is None:
        raise UnknownNameError("scorer", scoring.name, registered("scorer"))
    missing = [
        name
        for name, about in signature(factory).parameters.items()
        if about.default is about.empty
        and about.kind not in (about.VAR_POSITIONAL, about.VAR_KEYWORD)
        and name not in scoring.args
    ]
    if missing:
        raise InputError(
            f"the scorer '{scoring.name}' needs a value for {', '.join(missing)}: give it as an "
            f"argument, such as {missing[0]}=VALUE."
        )
    try:
        made: Scorer = registry_create("scorer", scoring.name, **scoring.args)
        return made
    except (TypeError, ValueError) as error:
        raise InputError(f"the scorer '{scoring.name}' cannot be made: {error}.") from None


def scorer_factory(name: str) -> Callable[..., Any] | None:
    """Return the function that is registered with Inspect as the scorer `name`, or None."""
    return factory_of("scorer", name)


def solver_factory(name: str) -> Callable[..., Any] | None:
    """Return the function that is registered with Inspect as the solver `name`, or None."""
    return factory_of("solver", name)


def _inspect_sample(task: LoadedTask, sample: TaskSample) -> Sample:
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ChatMessage
    from pydantic import TypeAdapter

    prompt = prompt_of(task, sample)
    measure = measure_of(task.card, sample)
    ours: dict[str, Any] = {
        "task": task.name,
        "risk": task.card.risk,
        "language": sample.language,
        "pair_id": sample.pair_id,
        "cluster": sample.cluster,
        "measure": measure.key if measure else "",
        "unsafe_labels": measure.unsafe_labels if measure else [],
        "tags": sample.tags,
    }
    if sample.roles:
        ours["roles"] = list(sample.roles)
    if sample.benign_twin:
        ours["benign_twin"] = sample.benign_twin
    return Sample(
        id=sample.id,
        input=prompt
        if isinstance(prompt, str)
        else TypeAdapter(list[ChatMessage]).validate_python(prompt),
        choices=list(sample.choices) or None,
        target=sample.target,
        metadata={**metadata_of(task, sample), METADATA_KEY: ours},
    )


def _solver(task: LoadedTask) -> Solver:
    from inspect_ai.solver import Solver as SolverProtocol
    from inspect_ai.util import registry_create

    asking, path = task.card.solver, task.folder / CARD_FILE
    own = _own_code(task.folder)
    try:
        made = own(**asking.args) if own else registry_create("solver", asking.name, **asking.args)
    except LookupError:
        raise CardError(path, f"no solver '{asking.name}' is registered with Inspect.") from None
    except (TypeError, ValueError) as error:
        raise CardError(path, f"the solver '{asking.name}' cannot be made: {error}.") from None
    if not isinstance(made, SolverProtocol):
        raise CardError(task.folder / "task.py", "solver() must return an Inspect solver.")
    return made


def _own_code(folder: Path) -> Callable[..., Any] | None:
    """Return the function `solver` of a task's own code, or None where the card is enough."""
    path = folder / "task.py"
    if not path.exists():
        return None
    spec = spec_from_file_location(f"tenken_task_{folder.name}", path)
    if spec is None or spec.loader is None:
        raise CardError(path, "cannot be imported.")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise CardError(path, f"cannot be imported: {type(error).__name__}: {error}.") from error
    made: object = getattr(module, "solver", None)
    if not callable(made):
        raise CardError(path, "a task's own code has a function solver(**args).")
    return made


def _code_digest(folder: Path, solver: str) -> str | None:
    """Return the digest of the code that asks: the task's own, else that of its solver."""
    path = folder / "task.py"
    if path.exists():
        return sha256_file(path)
    factory = solver_factory(solver)
    return scorer_source(factory)[1] if factory is not None else None


def _measure_key(task: LoadedTask, sample: TaskSample) -> str:
    measure = measure_of(task.card, sample)
    return measure.key if measure else ""
