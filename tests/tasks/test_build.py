"""From a card to an Inspect task."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ChatMessageSystem, ChatMessageUser

from tenken.errors import CardError, InputError, UnknownNameError
from tenken.tasks import build
from tenken.tasks.card.card import Scoring
from tenken.tasks.library import LoadedTask, load_task
from tenken.tasks.parts import make_scorer

LayOut = Callable[..., Path]
Rows = Callable[[int], list[dict[str, Any]]]
OWN = """
from inspect_ai.solver import generate, solver

@solver
def twice():
    step = generate()
    async def solve(state, generate):
        return await step(await step(state, generate), generate)
    return solve

def solver(**args):
    return twice(**args)
"""


@pytest.fixture
def load(lay_out: LayOut, installed: Callable[[Path], str]) -> Callable[..., LoadedTask]:
    def made(*samples: Any, **changes: Any) -> LoadedTask:
        return load_task(installed(lay_out(*samples, **changes)))

    return made


def test_the_template_stands_around_each_text(load: Callable[..., LoadedTask]) -> None:
    task = load(prompt={"en": "Q: {input}\n{choices}\n", "ja": "問: {input}\n{choices}\n"})
    english, japanese = task.samples[:2]
    assert build.prompt_of(task, english) == "Q: Question 0?\nA) yes\nB) no"
    assert build.prompt_of(task, japanese) == "問: 質問0?\nA) yes\nB) no"


def test_a_template_may_differ_in_one_language_alone(
    load: Callable[..., LoadedTask], tiny_samples: Rows
) -> None:
    rows = [{k: v for k, v in r.items() if k not in ("choices", "target")} for r in tiny_samples(1)]
    task = load(rows, prompt={"en": "{input}", "ja": "問: {input}"})
    assert [build.prompt_of(task, s) for s in task.samples] == ["Question 0?", "問: 質問0?"]


def test_braces_in_a_sample_are_text(load: Callable[..., LoadedTask], tiny_samples: Rows) -> None:
    rows = tiny_samples(1)
    rows[0]["input"] = "{choices} {0} }{"
    task = load(rows)
    assert build.prompt_of(task, task.samples[0]) == "{choices} {0} }{\nA) yes\nB) no"


def test_chat_messages_are_asked_as_they_are(
    load: Callable[..., LoadedTask], tiny_samples: Rows
) -> None:
    rows = tiny_samples(1)
    rows[0]["input"] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
    ]
    task = load(rows)
    made = build.build(task, task.samples).dataset[0]
    assert [type(message) for message in made.input] == [ChatMessageSystem, ChatMessageUser]


def test_a_task_carries_what_scorers_and_reports_need(load: Callable[..., LoadedTask]) -> None:
    task = load()
    made = build.build(task, build.selected(task, ["ja"], 2), max_tokens=7)
    assert (made.name, made.version, made.config.max_tokens) == ("elsewhere/tiny", "1-A", 7)
    assert [sample.id for sample in made.dataset] == ["t-00-ja", "t-01-ja"]
    ours = (made.dataset[0].metadata or {})["tenken"]
    assert ours["measure"] == "wrong_rate" and ours["unsafe_labels"] == ["incorrect"]


def test_samples_on_demand_are_the_samples_and_are_not_held(
    load: Callable[..., LoadedTask],
) -> None:
    task = load()
    held = build.build(task, task.samples).dataset
    made = build.build(task, task.samples, on_demand=True).dataset
    assert [each.model_dump() for each in made] == [each.model_dump() for each in held]
    assert len(made) == len(held) and [each.id for each in made[1:3]] == [held[1].id, held[2].id]
    assert made[0] is not made[0] and held[0] is held[0]


def test_a_sample_cannot_pass_itself_off_as_another(
    load: Callable[..., LoadedTask], tiny_samples: Rows
) -> None:
    rows = tiny_samples(1)
    rows[0]["metadata"] = {"tenken": {"measure": "forged"}, "note": "kept"}
    made = build.build(task := load(rows), task.samples).dataset[0]
    assert (made.metadata or {})["tenken"]["measure"] == "wrong_rate"
    assert (made.metadata or {})["note"] == "kept"


def test_the_digest_covers_what_is_asked_and_how_it_counts(
    load: Callable[..., LoadedTask], tiny_samples: Rows
) -> None:
    def of(task: LoadedTask) -> str:
        return build.samples_digest(task, task.samples)

    plain = of(load())
    assert of(load()) == plain
    assert of(load(title={"en": "New", "ja": "新"})) == plain, "a title changes no answer"
    changed = tiny_samples(4)
    changed[0]["target"] = "B"
    different = [
        of(load(changed)),
        of(load(prompt={"en": "{input}\n{choices}.", "ja": "{input}\n{choices}"})),
        of(load(solver={"name": "tenken/ask", "args": {"x": 1}})),
    ]
    assert len({plain, *different}) == 4
    task = load()
    (task.folder / "task.py").write_text(OWN)
    assert of(task) != plain


def test_a_limit_or_language_that_makes_no_sense(load: Callable[..., LoadedTask]) -> None:
    with pytest.raises(InputError, match="at least 1"):
        build.selected(load(), None, 0)
    with pytest.raises(UnknownNameError, match="unknown language 'jp'"):
        build.selected(load(), ["jp"])


def test_a_task_may_bring_code_of_its_own(load: Callable[..., LoadedTask]) -> None:
    task = load()
    (task.folder / "task.py").write_text(OWN)
    assert build.build(task, task.samples).solver is not None


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import no_such_module", "cannot be imported: ModuleNotFoundError"),
        ("def (", "cannot be imported: SyntaxError"),
        ("solver = 3", "has a function solver"),
        ("def solver(): return 3", "must return an Inspect solver"),
        ("def solver(needed): pass", "needs a value for needed"),
    ],
)
def test_wrong_code_is_named(load: Callable[..., LoadedTask], code: str, message: str) -> None:
    task = load()
    (task.folder / "task.py").write_text(code)
    with pytest.raises(CardError, match=message):
        build.build(task, task.samples)


def test_unknown_solvers_and_scorers_are_named(load: Callable[..., LoadedTask]) -> None:
    task = load(solver={"name": "tenken/askk"})
    with pytest.raises(CardError, match="unknown solver 'tenken/askk'"):
        build.build(task, task.samples)
    with pytest.raises(UnknownNameError, match="Did you mean 'tenken/choice'"):
        make_scorer(Scoring(name="tenken/choise"))
    with pytest.raises(InputError, match=r"'tenken/human' needs a value for file: .* file=VALUE"):
        make_scorer(Scoring(name="tenken/human"))
    with pytest.raises(InputError, match="the scorer 'tenken/choice' cannot be made"):
        make_scorer(Scoring(name="tenken/choice", args={"volume": 11}))
