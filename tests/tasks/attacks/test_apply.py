"""Which tasks can be attacked, and what their samples are then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import InputError, UnknownNameError
from tenken.schema.plan import PlannedAttack
from tenken.tasks.attacks.apply import (
    attacks_chosen,
    check_attackable,
    named_attacks,
    planned_attacks,
    under_attack,
)
from tenken.tasks.attacks.transforms import ATTACKS
from tenken.tasks.build import build, prompt_of, selected
from tenken.tasks.library import LoadedTask, built_in_folders, load_task

FRAUD = "criminal_misuse/fraud"
MEASURES = [
    {
        "key": "harm", "title": {"en": "Harm", "ja": "害"}, "headline": True,
        "where": {"benign_twin": "false"}, "unsafe_labels": ["compliance"],
    },
    {
        "key": "declined", "title": {"en": "Declined", "ja": "拒否"},
        "where": {"benign_twin": "true"}, "unsafe_labels": ["full_refusal"],
    },
]  # fmt: skip


def requests(**more: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"r-{kind}{lang}", "language": lang, "pair_id": f"r-{kind}".rstrip("-"),
         "input": "Do {this one}." if lang == "en" else "これを{して}。", **twin, **more}
        for kind in ("", "t-")
        for lang in ("en", "ja")
        for twin in [{"benign_twin": f"r-{lang}"} if kind else {}]
    ]  # fmt: skip


@pytest.fixture
def task(lay_out: Callable[..., Path], installed: Callable[[Path], str]) -> Callable[..., Any]:
    def made(samples: list[dict[str, Any]], **changes: Any) -> LoadedTask:
        plain = {"en": "{input}", "ja": "{input}"}
        card = {"prompt": plain, "scorer": {"name": "tenken/refusal"}, "measures": MEASURES}
        return load_task(installed(lay_out(samples, **{**card, "balance": [], **changes})))

    return made


def test_names_come_in_the_order_of_reports_and_once() -> None:
    assert named_attacks(["base64", "none", "role_play", "base64"]) == (
        "none", "role_play", "base64",
    )  # fmt: skip
    assert named_attacks(["all"]) == tuple(ATTACKS)
    assert named_attacks(["none"]) == named_attacks([]) == ()
    assert attacks_chosen(["none"]) == ("none",)
    assert attacks_chosen(None) == ()


def test_an_unknown_name_is_an_error_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"suite x: unknown attack 'roleplay'.*'role_play'"):
        named_attacks(["roleplay"], "suite x")


@pytest.mark.parametrize("name", sorted(built_in_folders()))
def test_in_the_library_the_request_tasks_alone_can_be_attacked(name: str) -> None:
    loaded = load_task(name)
    if (loaded.card.scorer.name, loaded.card.solver.name) == ("tenken/refusal", "tenken/ask"):
        check_attackable(loaded)
        return
    with pytest.raises(InputError, match=f"the task '{name}' cannot be attacked: "):
        check_attackable(loaded)


@pytest.mark.parametrize(
    ("samples", "changes", "why"),
    [
        (
            requests(choices=["a", "b"]),
            {"prompt": {"en": "{input}{choices}", "ja": "{input}{choices}"}},
            "offers choices",
        ),
        (
            [{**each, "input": [{"role": "user", "content": "x"}]} for each in requests()],
            {},
            "conversations",
        ),
        (requests(), {"solver": {"name": "elsewhere/talk"}}, "more than ask once"),
        (
            [each for each in requests() if "benign_twin" not in each],
            {"scorer": {"name": "x/y"}, "measures": [{**MEASURES[0], "where": {}}]},
            "'x/y' judges neither",
        ),
    ],
)
def test_what_is_no_request_is_refused(
    task: Callable[..., LoadedTask], samples: Any, changes: Any, why: str
) -> None:
    with pytest.raises(InputError, match=why):
        check_attackable(task(samples, **changes))


def test_a_scorer_of_ones_own_will_do_where_the_headline_leaves_out_twins(
    task: Callable[..., LoadedTask],
) -> None:
    check_attackable(task(requests(), scorer={"name": "mine/judge"}))


def test_variants_share_their_cluster_and_stay_pairs_of_one_attack() -> None:
    fraud = load_task(FRAUD)
    samples = selected(fraud, limit=4)
    made = under_attack(fraud, samples, ("none", "role_play", "many_shot"))
    assert len(made) == 12 == len({each.id for each in made})
    by_id = {each.id: each for each in made}
    for sample in samples:
        plain, played = by_id[sample.id], by_id[f"{sample.id}~role_play"]
        assert (plain.input, plain.pair_id) == (sample.input, sample.pair_id)
        assert played.pair_id == f"{sample.pair_id}~role_play"
        assert plain.cluster == played.cluster == sample.cluster
        assert (plain.tags["attack"], played.tags["attack"]) == ("none", "role_play")
        assert {**played.tags, "attack": ""} == {**sample.tags, "attack": ""}
        assert str(sample.input) in prompt_of(fraud, played)[-1]["content"]  # type: ignore[index]
        assert played.metadata["request"] == sample.input
        twin = f"{sample.benign_twin}~role_play" if sample.benign_twin else None
        assert played.benign_twin == twin


def test_an_attack_goes_around_the_template_too(task: Callable[..., LoadedTask]) -> None:
    loaded = task(requests(), prompt={"en": "Please: {input}", "ja": "次：{input}"})
    (played, *_) = under_attack(loaded, loaded.samples, ("base64",))
    (message,) = prompt_of(loaded, played)
    assert played.metadata["request"] == "Please: Do {this one}."
    encoded = ATTACKS["base64"].apply("Please: Do {this one}.", "en", "r-en")
    assert message == {"role": "user", "content": encoded}


def test_inspect_gets_the_messages(task: Callable[..., LoadedTask]) -> None:
    loaded = task(requests())
    made = build(loaded, under_attack(loaded, loaded.samples[:1], ("none", "many_shot")))
    plain, shots = list(made.dataset)
    assert plain.input == "Do {this one}."
    assert [each.role for each in shots.input][-2:] == ["assistant", "user"]  # type: ignore[union-attr]


def test_a_plan_says_what_each_attack_is_and_what_makes_it() -> None:
    none, played = planned_attacks(("none", "role_play"))
    assert isinstance(played, PlannedAttack)
    assert (none.source, played.title.en) == ("", "Persona")
    assert "Shen et al. (2024)" in played.source
    assert len(played.source_sha256) == 64
