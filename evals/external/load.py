"""Another package's task with its samples, as a suite names it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import InputError, Sentence, UnknownNameError
from tenken.evals.external.make import identified, make_task
from tenken.evals.external.registry import release_of, source_file, task_factory
from tenken.evals.external.roles import check_own_role
from tenken.evals.external.task import ForeignTask, headline
from tenken.inspect_private import short_name
from tenken.io.canonical import digest, sha256_file
from tenken.tasks.dataset.sample import TaskSample

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample

    from tenken.evals.suite import SuiteTask

_OWN_PARAMETERS: Final = (
    "temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty",
)  # fmt: skip


def load_inspect(entry: SuiteTask, *, samples: bool = True) -> ForeignTask:
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
        return _loaded(entry, release, where, scorer=headline(entry).scorer or name)
    made = make_task(entry, {})
    scorer = _score_name(entry, made)
    found = tuple(_sample(entry, each) for each in identified(made.dataset))
    twice, count = Counter(sample.id for sample in found).most_common(1)[0] if found else ("", 0)
    if count > 1:
        raise InputError(
            "the Inspect task '{name}' has two samples with the id '{twice}'.",
            name=name,
            twice=twice,
        )
    own = f"{release} (task {made.version})" if made.version not in (0, "0", None) else release
    return _loaded(
        entry,
        own,
        where,
        scorer=scorer,
        samples=found,
        epochs=made.epochs or 1,
        max_tokens=made.config.max_tokens,
        parameters=made.config.model_dump(exclude_none=True, include=set(_OWN_PARAMETERS)),
    )


def _loaded(entry: SuiteTask, release: str, source: Path | None, **more: Any) -> ForeignTask:
    return ForeignTask(
        entry=entry,
        registry_name=entry.inspect or "",
        release=release,
        source_sha256=sha256_file(source) if source is not None else "",
        **more,
    )


def _sample(entry: SuiteTask, sample: Sample) -> TaskSample:
    about = sample.metadata or {}
    text = sample.input
    name = str(sample.id)
    for key in entry.cluster:
        if about.get(key) is None:
            raise InputError(
                "the Inspect task '{inspect}': the sample '{name}' has no '{key}' in its "
                "metadata, which the suite names for the cluster.",
                inspect=entry.inspect,
                name=name,
                key=key,
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


def _score_name(entry: SuiteTask, made: Task) -> str:
    """Return under which name the log will hold the score that counts.

    Raises:
        InputError: The suite names none and there are several, or none of that name.
        UnknownNameError: The suite names one that the task does not have.
    """
    names = [short_name(each) for each in made.scorer or []]
    wanted = headline(entry).scorer
    if wanted is not None and wanted not in names:
        where = Sentence("the task '{task}'", task=entry.task)
        raise UnknownNameError("scorer", wanted, names, where)
    for each in made.scorer or []:
        check_own_role(entry, each)
    if wanted is None and len(set(names)) != 1:
        raise InputError(
            "the task '{task}' has the scorers {names}: say which counts with headline.scorer.",
            task=entry.task,
            names=", ".join(names) or "-",
        )
    return wanted or names[0]
