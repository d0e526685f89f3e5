"""Finding tasks: those of the library, and those that other packages bring."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tenken.errors import CardError, UnknownNameError
from tenken.tasks import library

LayOut = Callable[..., Path]
FORGET = library._installed.cache_clear


def test_a_task_is_found_by_its_name_or_the_last_part_of_it() -> None:
    assert library.find_task("criminal_misuse/fraud") == library.find_task("fraud")
    assert list(library.task_folders()) == sorted(library.task_folders())


@pytest.mark.parametrize("name", ["bias/fraud", "fruad", "", "criminal_misuse", "fraud/"])
def test_an_unknown_task_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownNameError, match="criminal_misuse/fraud"):
        library.find_task(name)


@pytest.mark.parametrize("name", library.built_in_folders())
def test_every_task_of_the_library_loads(name: str) -> None:
    task = library.load_task(name)
    assert task.name == name == f"{task.card.risk}/{task.card.name}"
    assert {sample.language for sample in task.samples} == set(task.card.languages)
    assert {sample.canary for sample in task.samples} == {task.card.canary}


KEPT = [
    f"{name}@{number}"
    for name, entry in library.built_in_folders().items()
    for number in library.kept_versions(entry.folder)
]


@pytest.mark.parametrize("name", KEPT)
def test_every_kept_version_loads_under_the_name_of_its_task(name: str) -> None:
    full, _, number = name.partition("@")
    old, now = library.load_task(name), library.load_task(full)
    assert old.name == now.name == full
    assert old.card.number == number != now.card.number
    assert old.samples != now.samples


def test_the_current_version_may_be_named_and_another_is_refused() -> None:
    assert library.find_task("misinformation/false_claims@3") == library.find_task("false_claims")
    assert library.load_task("misinformation/false_claims@2/open").card.number == "2"
    with pytest.raises(UnknownNameError, match="2, 3"):
        library.find_task("false_claims@9")
    with pytest.raises(UnknownNameError):
        library.find_task("false_claims@../../fraud")


@pytest.fixture
def entry_points(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def bring(*packages: str) -> None:
        points = tuple(EntryPoint(each, each, library.ENTRY_POINTS) for each in packages)
        monkeypatch.setattr(library, "entry_points", lambda group: points)
        FORGET()

    return bring


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    FORGET()


def test_another_package_brings_tasks(
    lay_out: LayOut, entry_points: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = lay_out()
    package = folder.parent.parent
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(package.parent)
    entry_points("tasks")
    task = library.load_task("tiny")
    assert (task.name, task.package, task.folder) == ("bias/tiny", "tasks", folder)
    assert "tasks" not in sys.modules, "finding tasks imports no package"


def test_a_package_that_is_gone_hides_nothing(entry_points: Callable[..., None]) -> None:
    entry_points("no_such_package", "no_such.part", "json.decoder")
    assert set(library.task_folders()) == set(library.built_in_folders())


def test_two_tasks_of_one_name_are_refused(
    lay_out: LayOut, installed: Callable[[Path], str]
) -> None:
    installed(lay_out(risk="criminal_misuse", name="fraud"))
    with pytest.raises(CardError, match="the task 'criminal_misuse/fraud' exists already in"):
        library.task_folders()
