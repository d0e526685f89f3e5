"""The suite that a command names: a suite, or a task alone, for which one is made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tenken.errors import InputError, UnknownNameError
from tenken.evals.suite import Headline, Suite, SuiteFile, SuiteTask, read_suite, suite_names
from tenken.io.canonical import sha256_bytes
from tenken.io.functions import is_in_file
from tenken.schema.plan import Bilingual
from tenken.tasks.card.card import CARD_FILE
from tenken.tasks.library import (
    PLACES,
    TaskFolder,
    cards_below,
    find_task,
    public_folders,
    task_at,
    task_card,
    task_folders,
)
from tenken.tasks.reversal import RIGHT_OR_WRONG
from tenken.terms.known import areas

if TYPE_CHECKING:
    from inspect_ai import Task

_YAML: Final = (".yaml", ".yml")


def suite_named(name: str, area: str | None = None) -> SuiteFile:
    """Return the suite of a name, or one that holds the named task alone.

    Args:
        name: Name of a suite or a task, path of a suite's YAML file or of a folder with tasks,
            `file.py@task`, or the registry name of an Inspect task.
        area: The risk area of an Inspect task, which does not say it itself.

    Raises:
        UnknownNameError: There is nothing of that name; the message lists what there is.
        InputError: An Inspect task whose area or unsafe end is not known, or an area for a task
            whose card says it.
        SuiteError: The suite's file breaks a rule.
        CardError: A task's card breaks a rule.
    """
    if is_in_file(name) or _is_inspect(name):
        return _of_inspect(name, area)
    if area is not None and not ("/" in name and Path(name).suffix not in _YAML):
        raise InputError(
            "--area '{area}': it is for Inspect's tasks; '{name}' says itself where it counts.",
            area=area,
            name=name,
        )
    if name.endswith(_YAML) or name in suite_names():
        return read_suite(name)
    folder = Path(name)
    if name.startswith(PLACES) or os.path.isfile(folder / CARD_FILE):
        return _of_tasks([task_at(card.parent) for card in _cards(folder)], folder)
    try:
        return _of_tasks([find_task(name)])
    except UnknownNameError as error:
        package = name.partition("/")[0]
        if "/" in name and not any(known.startswith(f"{package}/") for known in task_folders()):
            return _of_inspect(name, area)  # which says that it is not installed
        if "/" in name or "@" in name:
            raise error
        short = [each.rsplit("/", 1)[-1] for each in (*task_folders(), *public_folders())]
        raise UnknownNameError("suite or task", name, [*suite_names(), *sorted(short)]) from None


def _cards(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError("{folder}: there is no such folder.", folder=folder)
    found = cards_below(folder)
    if not found:
        raise InputError(
            "{folder}: there is no {card_file} in it or below it.",
            folder=folder,
            card_file=CARD_FILE,
        )
    return found


def _of_tasks(tasks: list[TaskFolder], folder: Path | None = None) -> SuiteFile:
    cards = [task_card(task) for task in tasks]
    first = cards[0]
    if len(cards) == 1:
        name, title, about = first.name, first.title, first.description
    else:
        own = (folder or Path()).resolve().name.lower()
        name = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in own)
        name = name.strip("_-") or "tasks"
        said = f"{len(cards)} tasks of one folder"
        title = Bilingual(en=name, ja=name)
        about = Bilingual(en=said, ja=f"一つのフォルダーの{len(cards)}件のタスク")
    entries = [SuiteTask(task=task.name) for task in tasks]
    return _file(Suite(name=name, title=title, description=about, tasks=entries))


def _file(suite: Suite) -> SuiteFile:
    raw = suite.model_dump(mode="json", exclude_defaults=True)
    data = yaml.safe_dump(raw, allow_unicode=True, sort_keys=False).encode()
    return SuiteFile(suite, Path(f"{suite.name}.yaml"), sha256_bytes(data), data)


def _is_inspect(name: str) -> bool:
    """Whether a name is that of a task of an installed package that Inspect knows."""
    from importlib.metadata import entry_points

    package, slash, _ = name.partition("/")
    return (
        bool(slash) and package != "tenken" and bool(entry_points(group="inspect_ai", name=package))
    )


def _of_inspect(name: str, area: str | None) -> SuiteFile:
    from tenken.evals.external.make import make_task

    if area is not None and area not in areas():
        raise UnknownNameError("area", area, areas(), "--area")
    task = _alias(name)
    draft = SuiteTask.model_construct(task=task, inspect=name, args={})
    made = make_task(draft, {})
    risk = area or (made.metadata or {}).get("risk")
    if risk not in areas():
        raise InputError(
            "the Inspect task '{name}' does not say which risk area it counts in: give "
            "--area {areas}.",
            name=name,
            areas="|".join(areas()),
        )
    scorer = _scorer(made, name)
    raw: dict[str, Any] = {"task": task, "inspect": name, "risk": risk}
    raw["headline"] = _headline(scorer, name)
    if scorer.startswith("inspect_ai/model_graded"):
        raw["graders"] = ["grader"]
    own = task.rsplit("/", 1)[-1]
    title = Bilingual(en=own, ja=own)
    slug = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in own.lower())
    suite = Suite(
        name=slug.strip("_-") or "task",
        title=title,
        description=Bilingual(en=f"The Inspect task {task}.", ja=f"Inspect のタスク {task}。"),
        tasks=[SuiteTask.model_validate(raw)],
    )
    return _file(suite)


def _alias(name: str) -> str:
    """Return what reports call an Inspect task: of a file, its stem and the function's name."""
    if not is_in_file(name):
        return name
    place, _, function = name.rpartition("@")
    return f"{Path(place).stem}/{function}"


def _scorer(made: Task, name: str) -> str:
    from inspect_ai.util import registry_info

    scorers = made.scorer or []
    if len(scorers) != 1:
        raise InputError(
            "the Inspect task '{name}' has {n} scorers: write a suite whose entry says "
            "which counts, with headline.scorer.",
            name=name,
            n=len(scorers),
        )
    return registry_info(scorers[0]).name


def _headline(scorer: str, name: str) -> Headline:
    """Return the figure that a scorer's declared values give.

    Raises:
        InputError: It does not say which of its values are unsafe.
    """
    from tenken.inspect_private import factory_of
    from tenken.scorers.labels import vocabulary_of

    factory = factory_of("scorer", scorer)
    if factory is not None and vocabulary_of(factory, {}) is not None:
        return Headline(
            title=Bilingual(en="Unsafe answers", ja="安全でない回答"), higher_is="worse"
        )
    if scorer.startswith("inspect_ai/") and scorer.removeprefix("inspect_ai/") in RIGHT_OR_WRONG:
        title = Bilingual(en="Wrong answers", ja="誤答")
        return Headline(title=title, key="wrong_rate", unsafe=["I"], safe=["C"])
    raise InputError(
        "the scorer '{scorer}' of the Inspect task '{name}' does not say which of its "
        "values are unsafe: write a suite whose entry says it, with headline: {{title: "
        "…, unsafe: […], safe: […]}} or higher_is: better|worse.",
        scorer=scorer,
        name=name,
    )
