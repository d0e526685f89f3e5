"""Finding tasks: the ones that lie beside this file, and those of other installed packages.

A package brings tasks of its own by an entry point in the group `tenken.tasks` that names a
package; every folder with a card below that package's folder is a task.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from tenken.errors import CardError, UnknownNameError
from tenken.tasks.card import CARD_FILE, Card, read_card
from tenken.tasks.samples import TaskSample, read_samples

ENTRY_POINTS = "tenken.tasks"


@dataclass(frozen=True, slots=True)
class TaskFolder:
    """Where a task lies: its full name (`risk/name`), its folder, and whose it is."""

    name: str
    folder: Path
    package: str = "tenken"


@dataclass(frozen=True, slots=True)
class LoadedTask:
    """A task with its card and its checked samples."""

    name: str
    folder: Path
    package: str
    card: Card
    samples: tuple[TaskSample, ...]


def task_folders() -> dict[str, TaskFolder]:
    """Return every task there is by its full name, sorted by name.

    Raises:
        CardError: Two packages bring a task of the same name, or a card outside of the library
            cannot be read (its risk is needed for the full name).
    """
    found = built_in_folders()
    for entry in _installed():
        if entry.name in found:
            other = found[entry.name].folder
            raise CardError(entry.folder, f"the task '{entry.name}' exists already in {other}.")
        found[entry.name] = entry
    return dict(sorted(found.items()))


def find_task(name: str) -> TaskFolder:
    """Return the task of that full name, or of that last part where only one has it.

    Raises:
        UnknownNameError: There is none; the nearest known name is suggested.
    """
    folders = task_folders()
    if name in folders:
        return folders[name]
    matches = [entry for full, entry in folders.items() if full.rsplit("/", 1)[-1] == name]
    if len(matches) == 1:
        return matches[0]
    raise UnknownNameError("task", name, folders)


def load_task(name: str) -> LoadedTask:
    """Read a task's card and samples.

    Raises:
        UnknownNameError: There is no such task.
        CardError: Its card or its samples break a rule.
    """
    entry = find_task(name)
    card = read_card(entry.folder, risk_folder=entry.package == "tenken")
    samples = tuple(read_samples(card, entry.folder))
    return LoadedTask(entry.name, entry.folder, entry.package, card, samples)


def built_in_folders() -> dict[str, TaskFolder]:
    """Return the tasks that come with this package, by full name, sorted by name."""
    root = Path(__file__).parent
    folders = [card.parent for card in sorted(root.glob(f"*/*/{CARD_FILE}"))]
    names = [f"{folder.parent.name}/{folder.name}" for folder in folders]
    return {name: TaskFolder(name, path) for name, path in zip(names, folders, strict=True)}


@lru_cache(maxsize=1)
def _installed() -> tuple[TaskFolder, ...]:
    found: list[TaskFolder] = []
    for point in entry_points(group=ENTRY_POINTS):
        for place in _places(point.value):
            for path in sorted(Path(place).rglob(CARD_FILE)):
                card = read_card(path.parent, risk_folder=False)
                name = f"{card.risk}/{card.name}"
                found.append(TaskFolder(name, path.parent, point.value))
    return tuple(found)


def _places(package: str) -> list[str]:
    """Return the folders of an installed package; none where it is gone or is no package."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    return list(spec.submodule_search_locations or []) if spec else []
