"""What is used of Inspect's private parts is there and does its work; else this says what broke."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.scorer import Score, match
from inspect_ai.solver import Generate, TaskState, solver

import tenken._registry  # noqa: F401 - registers our own
from tenken import inspect_private

ROOT = Path(__file__).resolve().parents[2]
MOVED = "Inspect has moved a private name: look for its new place or for a public twin"


def test_nothing_else_imports_what_inspect_keeps_private() -> None:
    private = re.compile(r"from inspect_ai(\.\w+)*\._|import inspect_ai(\.\w+)*\._")
    places = [ROOT / name for name in ("src/tenken", "evals", "tasks", "scorers", "results")]
    found = {
        path.relative_to(ROOT).as_posix()
        for place in places
        for path in place.rglob("*.py")
        if private.search(path.read_text("utf-8"))
    }
    assert found == {"src/tenken/inspect_private.py"}


def test_a_missing_package_has_a_class_of_error_with_a_message() -> None:
    error = inspect_private.prerequisite_error()("[bold]ERROR[/bold]: install it")
    assert "install it" in str(getattr(error, "message", "")), MOVED


def test_no_notebook_is_seen_from_within_a_thread_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = ModuleType("IPython")
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    places = [import_module(f"inspect_ai.{name}") for name in ("_util.platform", "_eval.score")]
    seen = [lambda place=place: place.running_in_notebook() for place in places]
    assert [each() for each in seen] == [True, True], MOVED
    with inspect_private.apart_from_a_notebook():
        assert [each() for each in seen] == [False, False], MOVED
        places[0].platform_init()  # it would ask for widgets
    assert [each() for each in seen] == [True, True], MOVED


@pytest.mark.parametrize("kind", ["task", "scorer", "solver", "modelapi"])
def test_what_is_registered_is_found_by_kind(kind: str) -> None:
    inspect_private.load_entry_points()
    names = inspect_private.registered(kind)
    assert any(name.startswith("tenken/") for name in names), MOVED


def test_a_factory_its_arguments_and_its_name_can_be_told() -> None:
    assert callable(inspect_private.factory_of("scorer", "tenken/choice")), MOVED
    assert inspect_private.factory_of("scorer", "tenken/none") is None
    made = match(location="begin")
    assert inspect_private.arguments_of(made) == {"location": "begin"}, MOVED
    assert inspect_private.short_name(made) == "match", MOVED


def test_a_scorer_can_be_named_and_a_running_sample_known(tmp_path: Path) -> None:
    seen: list[object] = []

    @solver
    def look() -> object:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            seen.append(inspect_private.active_sample())
            return state

        return solve

    async def score(state: TaskState, target: object) -> Score:
        return Score(value=0.0)

    named = inspect_private.scorer_named(score, "mine_2", {})
    task = Task(name="small", dataset=[Sample(id="s", input="x")], solver=look(), scorer=named)  # type: ignore[arg-type]
    (log,) = eval(
        task, model="mockllm/model", display="none", log_dir=str(tmp_path), ctl_server=False
    )
    assert seen == [("small", "s", 1)], MOVED
    assert list((log.samples or [])[0].scores or {}) == ["mine_2"], MOVED
    assert inspect_private.active_sample() is None
