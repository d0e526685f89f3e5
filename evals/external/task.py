"""Any task of Inspect's registry in a suite: its samples at planning, itself at the run."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import InputError, UnknownNameError
from tenken.evals.external.registry import release_of, source_file, task_factory
from tenken.evals.external.roles import check_own_role, is_role, roles_of
from tenken.evals.suite import Headline
from tenken.inspect_private import (
    prerequisite_error,
    short_name,
)
from tenken.io.canonical import digest, sha256_file
from tenken.schema.plan import (
    Bilingual,
    Measure,
    PlannedModel,
    PlannedSample,
    PlannedTask,
    ScorerBinding,
)
from tenken.schema.reuse import inspect_key
from tenken.tasks.card.card import Card, Dataset, Prompt, Scoring
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import LoadedTask

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.model import Model

    from tenken.evals.suite import SuiteTask

_OWN_PARAMETERS: Final = (
    "temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty",
)  # fmt: skip
_PLACEHOLDER: Final = "mockllm/model"
"""Stands for a judge while a task is made for its samples alone."""


@dataclass(frozen=True, slots=True)
class InspectLoaded(LoadedTask):
    """Another package's task with its samples.

    Attributes:
        registry_name: Under which Inspect knows it.
        release: The package's version, and the task's own where it has one.
        source_sha256: Digest of the file that the task is written in.
        scorer: Name of the score that counts.
        own_epochs: How often the task itself asks each sample.
        own_max_tokens: Most tokens of an answer, by the task itself.
        own_parameters: Further parameters of generation that the task itself sets.
    """

    registry_name: str = ""
    release: str = ""
    source_sha256: str = ""
    scorer: str = ""
    own_epochs: int = 1
    own_max_tokens: int | None = None
    own_parameters: dict[str, Any] = field(default_factory=dict)

    def own_request(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a request: the endpoint's, and over them the task's own."""
        return {**request, **self.own_parameters}

    def planned(
        self,
        entry: SuiteTask,
        samples: Sequence[TaskSample],
        model: PlannedModel,
        roles: Mapping[str, PlannedModel],
        *,
        epochs: int,
        max_tokens: int | None,
    ) -> PlannedTask:
        """Return the task as a plan holds it."""
        headline = _headline(entry)
        judges = {role: roles[role] for role in roles_of(entry) if role in roles}
        content = digest([[s.id, s.cluster, s.tags, s.metadata["sha256"]] for s in samples])
        key = inspect_key(
            self.registry_name,
            entry.args,
            self.release,
            self.source_sha256,
            content,
            model,
            entry.max_tokens,
            judges,
        )
        card = self.card
        return PlannedTask(
            name=self.name,
            log_name=self.name,
            risk=card.risk,
            title=card.title,
            description=card.description,
            version=card.version,
            dataset={
                "source": card.dataset.source,
                "inspect_task": self.registry_name,
                "args": entry.args,
                "language": entry.language,
            },
            prompt_sha256=content,
            reuse_key=key,
            scorer=ScorerBinding(
                name=self.scorer, args={}, version=self.release, source_sha256=self.source_sha256
            ),
            graders=sorted(judge.name for judge in judges.values()),
            mapping=headline.mapping,
            measures=list(card.measures),
            epochs=epochs,
            max_tokens=max_tokens,
            limited_to=len(samples) if len(samples) < len(self.samples) else None,
            available=len(self.samples),
            withheld=card.is_hazardous,
            samples=[
                PlannedSample(
                    id=s.id, language=s.language, pair_id=s.pair_id, cluster=s.cluster,
                    measure=headline.key, tags=s.tags,
                )
                for s in samples
            ],
        )  # fmt: skip


def load_inspect(entry: SuiteTask, *, samples: bool = True) -> InspectLoaded:
    """Return the task that an entry names, made once so that its samples are known.

    Args:
        entry: A suite's entry with `inspect`.
        samples: Whether the task will be asked; if not, it is not made.

    Raises:
        UnknownNameError: Inspect knows no task of that name.
        InputError: The package is not installed, the task cannot be made, or two of its samples
            have the same id.
    """
    name = entry.inspect or ""
    factory = task_factory(name)
    where = source_file(factory)
    release = release_of(name)
    if not samples:
        return _loaded(entry, (), release, where, scorer=_headline(entry).scorer or name)
    made = make_task(entry, {})
    scorer = _score_name(entry, made)
    found = tuple(_sample(entry, each) for each in _identified(made.dataset))
    twice, count = Counter(sample.id for sample in found).most_common(1)[0] if found else ("", 0)
    if count > 1:
        raise InputError(f"the Inspect task '{name}' has two samples with the id '{twice}'.")
    own = f"{release} (task {made.version})" if made.version not in (0, "0", None) else release
    return _loaded(
        entry, found, own, where,
        scorer=scorer, epochs=made.epochs or 1, max_tokens=made.config.max_tokens,
        parameters=made.config.model_dump(exclude_none=True, include=set(_OWN_PARAMETERS)),
    )  # fmt: skip


def make_task(entry: SuiteTask, judges: Mapping[str, Model]) -> Task:
    """Return the Inspect task of an entry with its arguments.

    Args:
        entry: A suite's entry with `inspect`.
        judges: The models in roles; one that is missing is a placeholder that answers nothing.

    Raises:
        InputError: The task cannot be made with these arguments, or its data cannot be had.
    """
    from inspect_ai import Task

    name = entry.inspect or ""
    arguments = {key: _argument(value, judges) for key, value in entry.args.items()}
    try:
        with redirect_stdout(sys.stderr):  # what is printed about downloads is no output of ours
            made = task_factory(name)(**arguments)
    except (KeyboardInterrupt, MemoryError):
        raise
    except prerequisite_error() as error:
        said = getattr(error, "message", error)
        raise InputError(f"the Inspect task '{name}' cannot be made: {said}") from None
    except ImportError as error:
        needed = error.name or str(error)
        raise InputError(f"the Inspect task '{name}' needs the package '{needed}'.") from None
    except Exception as error:  # whatever another package raises, about its data too
        said = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(
            f"the Inspect task '{name}' cannot be made: {type(error).__name__}: {said}"
        ) from None
    if not isinstance(made, Task):
        raise InputError(f"the Inspect task '{name}' is no task.")
    return made


def task_to_run(
    entry: SuiteTask, planned: PlannedTask, judges: Mapping[str, Model], limit: int | None
) -> Task:
    """Return the Inspect task for a run: the planned samples alone, under the planned name.

    Args:
        entry: The suite's entry.
        planned: The task as planned.
        judges: The models in roles.
        limit: Most tokens of a request, as planned.

    Raises:
        InputError: The samples are not those of the plan any more.
    """
    from inspect_ai import Epochs, task_with
    from inspect_ai.dataset import MemoryDataset

    made = make_task(entry, judges)
    by_id = {str(each.id): each for each in _identified(made.dataset)}
    try:
        kept = [by_id[sample.id] for sample in planned.samples]
    except KeyError:
        raise InputError(f"the samples of '{entry.inspect}' are not the planned ones.") from None
    config = made.config
    if limit is not None:
        config = config.model_copy(update={"max_tokens": limit})
    return task_with(
        made,
        dataset=MemoryDataset(kept, name=made.dataset.name, location=made.dataset.location),
        name=planned.log_name,
        version=f"{planned.version}+{planned.reuse_key[:20]}",
        epochs=Epochs(planned.epochs, made.epochs_reducer or "mean"),
        config=config,
    )


def _loaded(
    entry: SuiteTask,
    samples: tuple[TaskSample, ...],
    release: str,
    source: Path | None,
    *,
    scorer: str,
    epochs: int = 1,
    max_tokens: int | None = None,
    parameters: dict[str, Any] | None = None,
) -> InspectLoaded:
    name = entry.inspect or ""
    return InspectLoaded(
        name=entry.task,
        folder=Path("inspect") / name,
        package=name.split("/")[0],
        card=_card(entry, release, scorer, max_tokens),
        samples=samples,
        registry_name=name,
        release=release,
        source_sha256=sha256_file(source) if source is not None else "",
        scorer=scorer,
        own_epochs=epochs,
        own_max_tokens=max_tokens,
        own_parameters=parameters or {},
    )


def _card(entry: SuiteTask, release: str, scorer: str, max_tokens: int | None) -> Card:
    """Return a card that says what the suite says of the task; it is written nowhere."""
    headline = _headline(entry)
    assert entry.risk is not None  # noqa: S101 - the suite's model refuses an entry without
    measure = Measure(
        key=headline.key,
        title=headline.title,
        headline=True,
        blocked_is_safe=entry.risk == "criminal_misuse",
    )
    said = f"{entry.inspect}, {release}"
    return Card.model_construct(
        name=entry.task.rsplit("/", 1)[-1],
        title=Bilingual(en=entry.task, ja=entry.task),
        risk=entry.risk,
        description=Bilingual(
            en=f"The task {said}, by its own prompts and scorer.",
            ja=f"タスク {said}。出題と採点はそのタスク自身によります。",
        ),
        languages=[entry.language],
        version=release.replace("+", "-"),
        dataset=Dataset.model_construct(licence="see the package", source=said),
        prompt=Prompt(),
        scorer=Scoring(name=scorer),
        measures=[measure],
        max_tokens=max_tokens,
        authors=[],
        canary="",
        paired=False,
    )


def _sample(entry: SuiteTask, sample: Sample) -> TaskSample:
    about = sample.metadata or {}
    text = sample.input
    name = str(sample.id)
    for key in entry.cluster:
        if about.get(key) is None:
            raise InputError(
                f"the Inspect task '{entry.inspect}': the sample '{name}' has no '{key}' in its "
                "metadata, which the suite names for the cluster."
            )
    return TaskSample(
        id=name,
        language=entry.language,
        input=text
        if isinstance(text, str)
        else tuple({"role": m.role, "content": m.text} for m in text),
        pair_id=name,
        cluster="/".join(str(about[key]) for key in entry.cluster) or name,
        tags={key: str(about[key]) for key in entry.tags if about.get(key) is not None},
        metadata={"sha256": digest(sample.model_dump(mode="json"))},
    )


def _identified(samples: Any) -> list[Sample]:
    """Return the samples, those without an id numbered as Inspect would number them."""
    return [
        sample if sample.id is not None else sample.model_copy(update={"id": number})
        for number, sample in enumerate(samples, start=1)
    ]


def _argument(value: Any, judges: Mapping[str, Model]) -> Any:
    if not is_role(value):
        return value
    from inspect_ai.model import get_model

    return judges.get(value["role"]) or get_model(_PLACEHOLDER)


def _headline(entry: SuiteTask) -> Headline:
    assert entry.headline is not None  # noqa: S101 - the suite's model refuses an entry without
    return entry.headline


def _score_name(entry: SuiteTask, made: Task) -> str:
    """Return under which name the log will hold the score that counts.

    Raises:
        InputError: The suite names none and there are several, or none of that name.
        UnknownNameError: The suite names one that the task does not have.
    """
    names = [short_name(each) for each in made.scorer or []]
    wanted = _headline(entry).scorer
    if wanted is not None and wanted not in names:
        raise UnknownNameError("scorer", wanted, names, f"the task '{entry.task}'")
    for each in made.scorer or []:
        check_own_role(entry, each)
    if wanted is None and len(set(names)) != 1:
        raise InputError(
            f"the task '{entry.task}' has the scorers {', '.join(names) or '(none)'}: say which "
            "counts with headline.scorer."
        )
    return wanted or names[0]
