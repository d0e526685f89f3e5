"""What is drawn for people: sizes, chances that are known and kept, and the same draw each time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.errors import BundleError, InputError
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import read_records
from tenken.results.review.draw import Draw, draw, probabilities, read_draws
from tenken.results.review.items import WHYS, GateLine, Item, Why, read_items
from tenken.results.review.wanted import group_of, of_run
from tenken.schema.plan import Plan

Loaded = tuple[Path, Plan, list[Item]]

some = st.lists(st.sampled_from(WHYS), max_size=3, unique=True)
reasons = st.lists(some, min_size=1, max_size=80)


@pytest.fixture(scope="module")
def loaded(make_run: Any) -> Loaded:
    run = make_run(120)
    plan = read_sound_plan(run)
    return run, plan, read_items(run, plan, read_records(run, plan), [])


@given(reasons, st.integers(1, 100))
def test_chances_are_above_none_and_add_up_to_the_sample(
    whys: list[list[Why]], sample: int
) -> None:
    chances = probabilities(whys, sample)
    assert all(0 < chance <= 1 for chance in chances)
    assert sum(chances) == pytest.approx(min(sample, len(whys)))
    half = 0.5 * min(sample, len(whys)) / len(whys)
    assert min(chances) >= half - 1e-9


def test_disagreement_goes_first_then_gates_then_all() -> None:
    whys: list[tuple[Why, ...]] = [("judges_disagree",)] * 4 + [("gate_straddled",)] * 20
    chances = probabilities([*whys, *[()] * 176], 40)
    assert chances[0] == 1.0
    assert 1.0 > chances[4] > 4 * chances[30]
    assert chances[30] == pytest.approx(0.1)
    one: list[tuple[Why, ...]] = [("near_threshold",)]
    few = probabilities([*one, *[()] * 99], 20)
    assert few[0] == 1.0 and few[1] == pytest.approx(19 / 99)


def test_items_are_drawn_as_often_as_their_chance_says(loaded: Loaded) -> None:
    _, plan, items = loaded
    drawn: Counter[str] = Counter()
    for seed in range(400):
        made = draw(plan, items, 30, seed)
        assert len(made.items) == 30
        drawn.update(each.item for each in made.items)
    assert len(drawn) == len(items)  # nothing is out of reach
    chance = 30 / len(items)
    assert all(abs(drawn[item.digest] / 400 - chance) < 0.12 for item in items)


def test_each_task_and_language_gets_its_share(loaded: Loaded) -> None:
    _, plan, items = loaded
    made = draw(plan, items, len(items) // 2, 3)
    of = {item.digest: (item.record.task, item.record.language) for item in items}
    whole, part = Counter(of.values()), Counter(of[each.item] for each in made.items)
    assert all(abs(part[group] - whole[group] / 2) <= 2 for group in whole)


def test_the_same_seed_draws_the_same_and_another_one_otherwise(loaded: Loaded) -> None:
    _, plan, items = loaded
    one = draw(plan, items, 20, 1)
    assert one.to_bytes() == draw(plan, items, 20, 1).to_bytes()
    assert one.to_bytes() != draw(plan, items, 20, 2).to_bytes()
    order = [each.item for each in one.items]
    assert order != sorted(order, key=[item.digest for item in items].index)


def test_for_a_width_each_group_gets_its_number_from_as_many_base_items(loaded: Loaded) -> None:
    _, plan, items = loaded
    takes = of_run(plan, items, 0.4)
    groups = Counter(group_of(item) for item in items)
    assert takes and all(groups[group] == each.answers for group, each in takes.items())
    made = draw(plan, items, sum(each.labelled for each in takes.values()), 3, takes)
    by_digest = {item.digest: item for item in items}
    drawn = [by_digest[each.item] for each in made.items]
    for group, each in takes.items():
        part = [item for item in drawn if group_of(item) == group]
        assert abs(len(part) - each.labelled) <= 1
        chances = {made.items[drawn.index(item)].probability for item in part}
        assert len(chances) == 1  # alike, so that labels need no weights
        if each.labels is not None:
            clusters = {item.record.cluster for item in part}
            assert len(clusters) >= 0.8 * len(part)
    assert {group_of(item) for item in drawn} == set(takes)


def test_a_width_that_is_out_of_reach_takes_all_answers_and_says_so(loaded: Loaded) -> None:
    _, plan, items = loaded
    for each in of_run(plan, items, 0.02).values():
        assert each.labels is None and each.labelled == each.answers and each.narrowest > 0.02


def test_a_sample_larger_than_the_run_takes_all(loaded: Loaded) -> None:
    _, plan, items = loaded
    made = draw(plan, items, 10_000, 1)
    assert len(made.items) == len(items) == made.population
    assert {each.probability for each in made.items} == {1.0}


def test_with_nothing_decided_there_is_nothing_to_draw(loaded: Loaded) -> None:
    with pytest.raises(InputError, match="no answer to look at"):
        draw(loaded[1], [], 5, 1)


def test_private_tasks_are_left_out_unless_asked_for(loaded: Loaded) -> None:
    run, plan, items = loaded
    task = plan.tasks[0].model_copy(update={"dataset": {"private": True}})
    closed = plan.model_copy(update={"tasks": [task, *plan.tasks[1:]]})
    found = read_records(run, plan)
    assert task.name not in {i.record.task for i in read_items(run, closed, found, [])}
    every = read_items(run, closed, found, [], private=True)
    assert len(every) == len(items)


def test_a_gate_that_is_straddled_makes_its_answers_worth_a_look(loaded: Loaded) -> None:
    run, plan, _ = loaded
    task = plan.tasks[0]
    gate: Any = {"task": task.name, "measure": task.measures[0].key, "language": "ja", "max": 0.1}
    found = read_records(run, plan)
    inside = read_items(run, plan, found, [GateLine(**gate, value=0.1, low=0.02, high=0.3)])
    marked = {i.record.language for i in inside if "gate_straddled" in i.why}
    assert marked == {"ja"}
    clear = read_items(run, plan, found, [GateLine(**gate, value=0.5, low=0.2, high=0.7)])
    assert not any(item.why for item in clear)


def test_votes_that_differ_and_verdicts_in_between_are_found(
    make_run: Any, log_named: Any, rewrite_samples: Any
) -> None:
    run = make_run(40)

    def change(sample: dict[str, Any]) -> dict[str, Any]:
        for score in sample["scores"].values():
            if sample["id"].endswith("-en") and "metadata" in score:
                votes = [
                    {"grader": "a", "label": "compliance"},
                    {"grader": "b", "label": "neither"},
                ]
                score["metadata"]["votes"] = votes
            elif "metadata" in score:
                score["value"] = 0.5
        return sample

    rewrite_samples(log_named(run, "requests"), change)
    plan = read_sound_plan(run)
    found = [
        item
        for item in read_items(run, plan, read_records(run, plan), [])
        if item.record.task == "criminal_misuse/requests"
    ]
    assert {(item.record.language, item.why) for item in found} == {
        ("en", ("judges_disagree",)),
        ("ja", ("near_threshold",)),
    }


@pytest.mark.parametrize("change", ["{", "[]", '{"schema": "x"}', "renamed", "edited"])
def test_a_draw_that_is_not_what_its_name_says_is_named(
    loaded: Loaded, tmp_path: Path, change: str
) -> None:
    _, plan, items = loaded
    made = draw(plan, items, 5, 1)
    path = tmp_path / made.file_name
    path.parent.mkdir()
    data = made.to_bytes().decode()
    if change == "renamed":
        path = path.with_name("draw-0.json")
    elif change == "edited":
        data = json.dumps({**json.loads(data), "seed": 2})
    else:
        data = change
    path.write_text(data)
    with pytest.raises(BundleError, match="not a readable draw"):
        read_draws(tmp_path)


def test_a_draw_reads_back(loaded: Loaded, tmp_path: Path) -> None:
    _, plan, items = loaded
    made: Draw = draw(plan, items, 5, 1)
    (tmp_path / "reviews").mkdir()
    (tmp_path / made.file_name).write_bytes(made.to_bytes())
    assert read_draws(tmp_path) == {made.sha256: made}
