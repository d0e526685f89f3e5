"""Finding tasks: the ones beside this file, and those of other installed packages.

A package brings tasks of its own by an entry point in the group `tenken.tasks` that names a
package; every folder with a card below that package's folder is a task. Earlier versions of a task
are kept in it, in `versions/N`, and are named `task@N`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tenken.errors import CardError, InputError, Sentence, UnknownNameError
from tenken.io.plugins import package_folders, plugin_points, warn
from tenken.tasks.card.card import CARD_FILE, VERSIONS, Card, read_card
from tenken.tasks.dataset.read import read_samples
from tenken.tasks.dataset.sample import TaskSample

ENTRY_POINTS = "tenken.tasks"
PLACES = ("./", "../", "/")
"""How the place of a task begins where one is named by its folder."""

BY_PLACE = "own"
"""What stands for the package of a task that was named by its folder."""

_BY_PLACE: dict[str, TaskFolder] = {}
PUBLIC = "public"
"""Folder of the cards of public benchmarks, whose data are not ours and are elsewhere."""


@dataclass(frozen=True, slots=True)
class TaskFolder:
    """Where a task is: its full name (`risk/name`), its folder, and whose it is."""

    name: str
    folder: Path
    package: str = "tenken"


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """A task with its card and its checked samples.

    Attributes:
        data: Of a public benchmark or a table, the digests of what the samples were read from.
    """

    name: str
    folder: Path
    package: str
    card: Card
    samples: tuple[TaskSample, ...]
    data: Mapping[str, Any] = field(default_factory=dict)


def task_folders() -> dict[str, TaskFolder]:
    """Return every task there is by its full name, sorted by name.

    A task of another package whose card cannot be read, or whose name is taken, costs a line of
    warning.
    """
    found = built_in_folders()
    for entry in _installed():
        if entry.name in found:
            other = found[entry.name].folder
            warn(f"{entry.folder} is left out: the task '{entry.name}' exists already in {other}.")
            continue
        found[entry.name] = entry
    found |= {name: entry for name, entry in _BY_PLACE.items() if name not in found}
    return dict(sorted(found.items()))


def task_at(folder: Path) -> TaskFolder:
    """Return the task in a folder anywhere; from then on its full name is known as well.

    Raises:
        CardError: There is no readable card, or a task of that name exists already.
    """
    folder = folder.resolve()
    card = read_card(folder, risk_folder=False)
    entry = TaskFolder(f"{card.risk}/{card.name}", folder, BY_PLACE)
    known = task_folders().get(entry.name)
    if known is not None and folder == known.folder.resolve():
        return known
    if known is not None and known.package != BY_PLACE:
        raise CardError(
            folder,
            "the task '{name}' exists already in {folder}.",
            name=entry.name,
            folder=known.folder,
        )
    _BY_PLACE[entry.name] = entry
    return entry


def find_task(name: str) -> TaskFolder:
    """Return the task of that full name, of that last part where only one has it, or that place.

    Args:
        name: `risk/task`, `task`, or a folder (`./folder`); with `@N` its version N, which bears
            the same full name; with `/form` after it another way to put its samples.

    Raises:
        UnknownNameError: There is none; the nearest known name is suggested.
        CardError: The place (`./folder`, `/folder`) holds no readable card.
    """
    if name.startswith(PLACES):
        return task_at(Path(name))
    base, form = _form_of(name)
    if form:
        entry = find_task(base)
        task_card(entry).in_form(form)
        return replace(entry, name=f"{entry.name}/{form}")
    base, at, number = name.partition("@")
    if at:
        return _version(find_task(base), number)
    folders = {**task_folders(), **public_folders()}
    if name in folders:
        return folders[name]
    matches = [entry for full, entry in folders.items() if full.rsplit("/", 1)[-1] == name]
    if len(matches) == 1:
        return matches[0]
    raise UnknownNameError("task", name, folders)


def kept_versions(folder: Path) -> list[str]:
    """Return the numbers of the earlier versions that a task's folder keeps, the newest last."""
    found = [card.parent.name for card in folder.glob(f"{VERSIONS}/*/{CARD_FILE}")]
    return sorted(found, key=lambda number: (len(number), number))


def _version(entry: TaskFolder, number: str) -> TaskFolder:
    """Return the folder of a version of a task.

    Raises:
        UnknownNameError: The task has no version of that number.
    """
    current, kept = task_card(entry).number, kept_versions(entry.folder)
    if number == current:
        return entry
    if number not in kept:
        where = Sentence("task {of}", of=entry.name)
        raise UnknownNameError("version", number, [*kept, current], where)
    return replace(entry, folder=entry.folder / VERSIONS / number)


def load_task(name: str, given: Mapping[str, Path] | None = None) -> LoadedTask:
    """Read a task's card and samples, fetching a public benchmark's data where they are not here.

    Args:
        name: The task's name.
        given: By name of a public benchmark, the file or folder of its data that the user named.

    Raises:
        UnknownNameError: There is no such task.
        CardError: Its card or its samples break a rule.
        InputError: The data of a public benchmark cannot be had, or are not what its card pins.
    """
    entry = find_task(name)
    card = task_card(entry)
    if card.dataset.remote is not None:
        from tenken.tasks.sources.load import read_public

        read = read_public(card, entry.folder, (given or {}).get(entry.name))
        assert read is not None  # noqa: S101 - only where nothing is downloaded
        return LoadedTask(
            entry.name, entry.folder, entry.package, card, read.samples, {"files": read.files}
        )
    data: Mapping[str, Any] = {}
    if card.dataset.is_table:
        from tenken.tasks.sources.table import read_table

        samples, files = read_table(card, entry.folder)
        data = {"files": files}
    else:
        samples = tuple(read_samples(card, entry.folder))
    task = LoadedTask(entry.name, entry.folder, entry.package, card, samples, data)
    form = _form_of(entry.name)[1]
    return task_in_form(task, form) if form else task


def task_card(entry: TaskFolder) -> Card:
    """Read a task's card alone.

    Raises:
        CardError: It breaks a rule.
    """
    own = entry.package == "tenken" and not entry.name.startswith(f"{PUBLIC}/")
    return read_card(entry.folder, risk_folder=own)


def _form_of(name: str) -> tuple[str, str]:
    """Return a task's own name and the form that is asked for, empty for its plain one."""
    parts = name.split("/")
    return ("/".join(parts[:2]), parts[2]) if len(parts) == 3 else (name, "")


def task_in_form(task: LoadedTask, form: str) -> LoadedTask:
    """Return a task in one of its card's forms, such as open questions instead of choices.

    Args:
        task: The loaded task.
        form: Name of the form.

    Returns:
        The task with the form's card; its samples have no choices, and the right one is metadata.

    Raises:
        UnknownNameError: The card has no such form.
    """
    samples = tuple(
        replace(
            sample,
            choices=(),
            target="" if sample.choices else sample.target,
            roles=(),
            metadata={**sample.metadata, "right": sample.choices[ord(sample.target) - ord("A")]}
            if sample.choices and sample.target
            else sample.metadata,
        )
        for sample in task.samples
    )
    return replace(task, card=task.card.in_form(form), samples=samples)


def built_in_folders() -> dict[str, TaskFolder]:
    """Return the library's own tasks, by full name, sorted by name."""
    return {n: each for n, each in _beside().items() if not n.startswith(f"{PUBLIC}/")}


def public_folders() -> dict[str, TaskFolder]:
    """Return the public benchmarks that have a card here, by full name, sorted by name."""
    return {n: each for n, each in _beside().items() if n.startswith(f"{PUBLIC}/")}


def _beside() -> dict[str, TaskFolder]:
    """Return every folder with a card below this one."""
    root = Path(__file__).parent
    folders = [card.parent for card in sorted(root.glob(f"*/*/{CARD_FILE}"))]
    names = [f"{folder.parent.name}/{folder.name}" for folder in folders]
    return {name: TaskFolder(name, path) for name, path in zip(names, folders, strict=True)}


@lru_cache(maxsize=1)
def _installed() -> tuple[TaskFolder, ...]:
    found: list[TaskFolder] = []
    for point in plugin_points(ENTRY_POINTS):
        for place in package_folders(point.value):
            for path in cards_below(place):
                try:
                    card = read_card(path.parent, risk_folder=False)
                except InputError as error:
                    warn(f"a task of the package '{point.value}' is left out: {error}")
                    continue
                name = f"{card.risk}/{card.name}"
                found.append(TaskFolder(name, path.parent, point.value))
    return tuple(found)


def cards_below(folder: Path) -> list[Path]:
    """Return the cards of the tasks in a folder and below it, without earlier versions."""
    cards = sorted(folder.rglob(CARD_FILE))
    return [card for card in cards if card.parent.parent.name != VERSIONS]
