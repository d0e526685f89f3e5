"""From a card to an Inspect task: samples with their prompt, solver and scorer."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tenken.canonical import digest
from tenken.errors import CardError
from tenken.plan import PlannedSample
from tenken.tasks.library import LoadedTask
from tenken.tasks.samples import TaskSample, choose, measure_of

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.scorer import Scorer
    from inspect_ai.solver import Solver

METADATA_KEY = "tenken"
"""Key of an Inspect sample's metadata under which everything of ours lies."""


def selected(
    task: LoadedTask, languages: Iterable[str] | None = None, limit: int | None = None
) -> list[TaskSample]:
    """Return the samples to ask, in the file's order (see `choose`)."""
    return choose(task.card, task.samples, languages or task.card.languages, limit)


def prompt_of(task: LoadedTask, sample: TaskSample) -> str | list[dict[str, str]]:
    """Return what is put to the model: the card's template around the sample's input.

    Chat messages are taken as they are written; the template is for texts.

    Raises:
        CardError: The template holds something else in braces than `input` and `choices`.
    """
    if not isinstance(sample.input, str):
        return list(sample.input)
    template = task.card.prompt.ja if sample.language == "ja" else task.card.prompt.en
    listed = "\n".join(f"{chr(ord('A') + i)}) {text}" for i, text in enumerate(sample.choices))
    if task.card.prompt.en == "{input}" and not sample.choices:
        return sample.input
    try:
        return template.rstrip("\n").format(input=sample.input, choices=listed)
    except (KeyError, IndexError, ValueError) as error:
        raise CardError(
            task.folder / "card.yaml",
            f"prompt.{sample.language}: only {{input}} and {{choices}} may stand in braces: "
            f"{error}.",
        ) from None


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
                    s.pair_id, s.tags, s.benign_twin, s.metadata,
                ]
                for s in samples
            ],
            "solver": card.solver.model_dump(),
            "code": _code_digest(task.folder),
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


def make_scorer(scoring: Any) -> Scorer:
    """Return the scorer that is registered with Inspect under the name, with its arguments.

    Args:
        scoring: Something with `name` and `args`.
    """
    from inspect_ai.scorer._scorer import scorer_create

    return scorer_create(scoring.name, **scoring.args)


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
        metadata={METADATA_KEY: ours, **sample.metadata},
    )


def _solver(task: LoadedTask) -> Solver:
    from inspect_ai.solver import Solver as SolverProtocol
    from inspect_ai._util.registry import registry_create

    own = _own_code(task.folder)
    if own is not None:
        made = own.solver(**task.card.solver.args)
        if not isinstance(made, SolverProtocol):
            raise CardError(task.folder / "task.py", "solver() must return an Inspect solver.")
        return made
    return registry_create("solver", task.card.solver.name, **task.card.solver.args)


def _own_code(folder: Path) -> ModuleType | None:
    path = folder / "task.py"
    if not path.exists():
        return None
    spec = spec_from_file_location(f"tenken_task_{folder.name}", path)
    if spec is None or spec.loader is None:
        raise CardError(path, "cannot be imported.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    if not inspect.isfunction(getattr(module, "solver", None)):
        raise CardError(path, "a task's own code has a function solver(**args).")
    return module


def _code_digest(folder: Path) -> str | None:
    path = folder / "task.py"
    return digest(path.read_text("utf-8")) if path.exists() else None


def _measure_key(task: LoadedTask, sample: TaskSample) -> str:
    measure = measure_of(task.card, sample)
    return measure.key if measure else ""
