"""Finding tasks: those of the library, and those that other packages bring."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tenken.errors import UnknownNameError
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
    assert library.find_task("misinformation/false_claims@4") == library.find_task("false_claims")
    assert library.load_task("misinformation/false_claims@2/open").card.number == "2"
    with pytest.raises(UnknownNameError, match="2, 3, 4"):
        library.find_task("false_claims@9")
    with pytest.raises(UnknownNameError):
        library.find_task("false_claims@../../fraud")


def test_in_a_form_a_letter_goes_and_a_requirement_stays() -> None:
    judged = library.load_task("misinformation/false_premises/judged")
    plain = library.load_task("misinformation/false_premises")
    assert [each.target for each in judged.samples] == [each.target for each in plain.samples]
    assert all(each.target for each in judged.samples)
    letters = library.load_task("misinformation/false_claims/open")
    assert not any(each.target or each.choices for each in letters.samples)


@pytest.fixture
def entry_points(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def bring(*packages: str) -> None:
        points = tuple(EntryPoint(each, each, library.ENTRY_POINTS) for each in packages)
        monkeypatch.setattr(library, "plugin_points", lambda group: points)
        FORGET()

    return bring


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(library, "_BY_PLACE", {})  # folders that other tests named
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


def test_a_second_task_of_a_name_and_a_broken_card_cost_a_line(
    lay_out: LayOut,
    entry_points: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    package = lay_out(risk="criminal_misuse", name="fraud").parent.parent
    (package / "__init__.py").write_text("")
    (package / "broken").mkdir()
    (package / "broken" / "card.yaml").write_text("name: broken\nrisk: [")
    monkeypatch.syspath_prepend(package.parent)
    entry_points("tasks", "no_such_package_of_anybodys")
    found = library.task_folders()
    assert set(found) == set(library.built_in_folders())
    assert found["criminal_misuse/fraud"].package == "tenken"
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3 and all(line.startswith("tenken: warning: ") for line in said)
    assert "'criminal_misuse/fraud' exists already in" in "".join(said)
    library.task_folders()
    assert capsys.readouterr().err == "", "a warning is given once"
