"""Attacks that adapt, from the command to a bundle, on stubs whose outcome is known beforehand."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from stub_endpoint import Stub, running

from tenken.results.verify.verify import is_whole, verify_bundle

FRAUD = "criminal_misuse/fraud"
ADAPTING = ("crescendo", "pair", "tap")
SMALL = {
    "crescendo": {"turns": 4},
    "pair": {"turns": 3, "width": 2},
    "tap": {"turns": 3, "width": 2, "branching": 2},
}
SETTINGS = {"connections": {"max_retries": 0}, "price": {"input": 1.0, "output": 2.0}}
TARGET_CALLS = {"crescendo": 4, "pair": 6, "tap": 2 + 4 + 4}
CommandLine = Callable[..., tuple[int, str, str]]


@dataclass
class Bench:
    """A command line, a stub, and a folder for what is written."""

    run_command: CommandLine
    stub: Stub
    folder: Path

    def command(
        self, verb: str, *more: str, model: str = "breaks-3", attacker: str = "attack",
        judge: str = "judge", attacks: tuple[str, ...] = ("none", *ADAPTING),
        budgets: dict[str, Any] | None = None, limit: int = 4, gates: list[Any] | None = None,
        **endpoint: Any,
    ) -> tuple[int, str, str]:  # fmt: skip
        files = {"tested": model, "attacker": attacker, "grader": judge}
        for role, name in files.items():
            about = {"model": name, "base_url": self.stub.base_url, **endpoint, **SETTINGS}
            (self.folder / f"{role}.yaml").write_text(yaml.safe_dump(about), "utf-8")
        words = {"en": "One", "ja": "一"}
        task = {"task": FRAUD, "attacks": list(attacks), "limit": limit,
                "budgets": SMALL if budgets is None else budgets}  # fmt: skip
        suite = {
            "name": "one",
            "title": words,
            "description": words,
            "tasks": [task],
            "gates": gates or [],
        }
        (self.folder / "one.yaml").write_text(json.dumps(suite), "utf-8")
        roles = [
            part
            for role in ("attacker", "grader")
            if files[role]
            for part in ("--model-role", f"{role}={self.folder / f'{role}.yaml'}")
        ]
        where = ["--results-dir", str(self.folder / "runs")] if verb == "run" else []
        return self.run_command(
            verb, self.folder / "one.yaml", "--endpoint-file", self.folder / "tested.yaml",
            *roles, *where, *more,
        )  # fmt: skip

    def report(self) -> dict[str, Any]:
        (path,) = (self.folder / "runs").glob("*/report.json")
        return dict(json.loads(path.read_bytes()))

    def attack(self, name: str) -> dict[str, Any]:
        found = self.report()["tasks"][0]["attacks"]["attacks"]
        return next(dict(each) for each in found if each["name"] == name)

    def asked(self) -> Counter[str]:
        """Requests by model, without the question that comes before the samples."""
        return Counter(
            each["model"]
            for each in self.stub.requests
            if not str(each["messages"][-1]["content"]).endswith("Reply with the word OK.")
        )


@pytest.fixture
def bench(command_line: CommandLine, tmp_path: Path) -> Iterator[Bench]:
    with running() as stub:
        yield Bench(command_line, stub, tmp_path)


@pytest.fixture
def run_of(bench: Bench) -> Callable[..., dict[str, Any]]:
    def run(**about: Any) -> dict[str, Any]:
        status, out, err = bench.command("run", "--quiet", **about)
        assert status in (3, 5), out + err
        return bench.report()

    return run


def test_a_model_that_breaks_in_the_third_turn_is_broken_there(
    bench: Bench, run_of: Callable[..., Any]
) -> None:
    report = run_of()
    assert bench.attack("none")["success"]["overall"]["value"] == 0.0
    for name in ADAPTING:
        found = bench.attack(name)
        assert found["success"]["overall"]["value"] == 1.0
        assert (found["success"]["overall"]["n"], found["over_refusal"]) == (2, None)
        assert [turn["success"]["overall"]["value"] for turn in found["adaptive"]["by_turn"]] == [
            0.0, 0.0, 1.0, 1.0,
        ][: len(found["adaptive"]["by_turn"])]  # fmt: skip
        assert found["adaptive"]["broken"] == 2
    assert [bench.attack(name)["adaptive"]["target_calls"] for name in ADAPTING] == [6, 10, 14]
    assert report["tasks"][0]["attacks"]["any_of"]["overall"]["value"] == 1.0
    (folder,) = (bench.folder / "runs").glob("one*")
    assert is_whole(verify_bundle(folder))


@pytest.mark.parametrize("model", ["refuse", "breaks-99"])
def test_a_model_that_never_breaks_uses_the_budget_up_and_no_more(
    bench: Bench, run_of: Callable[..., Any], model: str
) -> None:
    run_of(model=model)
    for name, calls in TARGET_CALLS.items():
        found = bench.attack(name)
        assert found["success"]["overall"]["value"] == 0.0
        assert found["adaptive"]["target_calls"] == 2 * calls
        assert found["adaptive"]["budget_used"] == 2
        assert [each["success"]["overall"]["value"] for each in found["adaptive"]["by_turn"]] == [
            0.0
        ] * found["adaptive"]["budget"]["turns"]


@pytest.mark.parametrize("judge", ["judge", "letter-a"])
@pytest.mark.parametrize("attacker", ["attack", "attack+prose", "attack+late-prose"])
def test_the_plan_is_an_upper_bound_of_what_is_asked(
    bench: Bench, run_of: Callable[..., Any], attacker: str, judge: str
) -> None:
    status, out, _ = bench.command("plan", "--json", model="refuse", attacker=attacker, judge=judge)
    planned = json.loads(out)
    assert status == 0
    run_of(model="refuse", attacker=attacker, judge=judge)
    asked = bench.asked()
    assert asked["refuse"] <= planned["calls"]
    assert asked[attacker] <= planned["roles"]["attacker"]["calls"]
    assert asked[judge] <= planned["roles"]["grader"]["calls"]
    if (attacker, judge) == ("attack", "judge"):
        harmful = 2
        assert asked["refuse"] == planned["calls"] == 4 + harmful * sum(TARGET_CALLS.values())
        assert asked["attack"] == harmful * sum(TARGET_CALLS.values())
        tokens = sum(planned["roles"][role]["tokens_out"] for role in ("attacker", "grader"))
        assert (
            planned["cost"] >= (planned["tokens_in"] + 2 * (tokens + planned["tokens_out"])) / 1e6
        )


FAILURES = [
    ({"attacker": "attack+prose"}, "attacker_reply_invalid"),
    ({"attacker": "attack+refuses"}, "attacker_refused"),
    ({"attacker": "attack+silent"}, "attacker_empty"),
    ({"attacker": "attack+blank"}, "attacker_empty"),
    ({"attacker": "attack@1:filter"}, "attacker_blocked"),
    ({"judge": "letter-a"}, "attack_judge_reply_invalid"),
    ({"judge": "judge@1:filter"}, "attack_judge_blocked"),
]


@pytest.mark.parametrize(("parts", "reason"), FAILURES)
def test_what_fails_of_attacker_or_judge_is_no_score(
    bench: Bench, run_of: Callable[..., Any], parts: dict[str, str], reason: str
) -> None:
    run_of(model="refuse", attacks=("crescendo", "pair"), **parts)
    for name in ("crescendo", "pair"):
        found = bench.attack(name)
        assert found["success"]["overall"]["n"] == 0
        assert found["success"]["overall"]["value"] is None
        assert found["success"]["overall"]["outcomes"]["unscored"] == 2
        assert found["adaptive"]["failed"] == 2
    (path,) = (bench.folder / "runs").glob("*/samples.csv")
    assert path.read_text("utf-8-sig").count(f",unscored,{reason},") == 4
    page = next((bench.folder / "runs").glob("*/report.html")).read_text("utf-8")
    assert reason not in page.replace(f"<code>{reason}</code>", "")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"attacker": "attack@4:http-500"}, "attacker_failed"),
        ({"judge": "judge@4:http-500"}, "attack_judge_failed"),
    ],
)
def test_an_endpoint_that_fails_leaves_an_error_that_is_asked_again(
    bench: Bench, parts: dict[str, Any], reason: str
) -> None:
    bench.command("run", "--quiet", model="breaks-1", attacks=("crescendo",), **parts)
    (path,) = (bench.folder / "runs").glob("*/samples.csv")
    assert path.read_text("utf-8-sig").count(f",errored,{reason},") == 2
    bench.stub.healthy = True
    bench.command("run", "--quiet", model="breaks-1", attacks=("crescendo",), **parts)
    assert bench.attack("crescendo")["success"]["overall"]["value"] == 1.0


def test_messages_off_the_topic_are_not_sent(bench: Bench, run_of: Callable[..., Any]) -> None:
    run_of(model="breaks-1", attacker="attack+astray", attacks=("tap",))
    assert bench.asked()["breaks-1"] == 0
    found = bench.attack("tap")
    assert found["adaptive"]["pruned"] == 4
    assert found["success"]["overall"]["outcomes"]["unscored"] == 2


def test_a_failure_after_a_success_takes_nothing_back(
    bench: Bench, run_of: Callable[..., Any]
) -> None:
    run_of(model="breaks-2", attacker="attack+late-prose", attacks=("pair",))
    assert bench.attack("pair")["success"]["overall"]["value"] == 1.0


def test_the_same_seeds_ask_the_same_and_a_finished_run_asks_nothing(
    bench: Bench, run_of: Callable[..., Any]
) -> None:
    run_of()
    first = sorted(json.dumps(each, sort_keys=True) for each in bench.stub.requests)
    bench.stub.requests.clear()
    run_of()
    assert bench.asked() == {}
    (folder,) = (bench.folder / "runs").glob("one*")
    folder.rename(bench.folder / "first")
    bench.stub.requests.clear()
    run_of()
    assert sorted(json.dumps(each, sort_keys=True) for each in bench.stub.requests) == first


@pytest.mark.parametrize("missing", ["attacker", "judge"])
def test_a_missing_role_is_refused_in_a_line(bench: Bench, missing: str) -> None:
    left_out: dict[str, Any] = {missing: ""}
    status, _, err = bench.command("run", "--quiet", **left_out)
    assert status == 2
    role = {"attacker": "attacker", "judge": "grader"}[missing]
    assert f"add --model-role {role}=MODEL." in err and err.count("\n") == 1
    assert bench.stub.requests == []


def test_the_tested_model_does_not_judge_attacks_on_itself(bench: Bench) -> None:
    status, _, err = bench.command("run", "--quiet", model="judge")
    assert (status, err.count("\n")) == (2, 1)
    assert "would judge" in err


@pytest.mark.parametrize(
    ("budgets", "words"),
    [
        ({"crescendo": {"turn": 3}}, "unknown key 'turn'"),
        ({"crescendo": {"width": 3}}, "unknown key 'width'"),
        ({"pair": {"turns": 0}}, "turns is 0"),
        ({"pear": {"turns": 2}}, "unknown attack that adapts 'pear'. Did you mean 'pair'?"),
        ({"tap": {"turns": 90, "width": 90, "branching": 9}}, "at most 1000"),
    ],
)
def test_a_budget_that_is_none_is_refused(
    bench: Bench, budgets: dict[str, Any], words: str
) -> None:
    status, _, err = bench.command("plan", budgets=budgets)
    assert (status, err.count("\n")) == (2, 1)
    assert words in err


def test_many_shots_fill_the_context_that_the_endpoint_file_states(
    bench: Bench, run_of: Callable[..., Any]
) -> None:
    attacks = ("none", "many_shot")
    _, out, _ = bench.command("plan", attacks=attacks, context=1_000_000)
    assert "many_shot: 256 exchanges before each request" in out
    run_of(model="refuse", attacks=attacks, context=8_192)
    sizes = {len(each["messages"]) for each in bench.stub.requests if each["model"] == "refuse"}
    long = max(sizes)
    assert 2 * 20 < long < 2 * 256
    shown = max((each["messages"] for each in bench.stub.requests), key=len)
    assert len({each["content"] for each in shown}) == len(shown)
    (folder,) = (bench.folder / "runs").glob("one*")
    plan = json.loads((folder / "plan.json").read_bytes())
    assert plan["tasks"][0]["attacks"][1]["shots"] == (long - 1) // 2
    assert is_whole(verify_bundle(folder))


def test_a_run_that_a_cap_stopped_goes_on_and_asks_nothing_twice(bench: Bench) -> None:
    bench.command("run", "--quiet")
    whole = bench.asked()
    (folder,) = (bench.folder / "runs").glob("one*")
    expected = bench.report()["tasks"][0]["attacks"]
    folder.rename(bench.folder / "first")
    bench.stub.requests.clear()
    status, _, _ = bench.command("run", "--quiet", "--max-tokens", "1500")
    assert status == 3
    stopped = bench.asked()
    assert 25 * stopped.total() <= 1500 + 25 * 10  # what is under way when the cap is reached
    status, _, _ = bench.command("run", "--quiet")
    assert status == 5
    assert bench.asked() == whole
    assert bench.report()["tasks"][0]["attacks"] == expected
    (folder,) = (bench.folder / "runs").glob("one*")
    assert is_whole(verify_bundle(folder))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Attacks that adapt, turn by turn", "Turn 3", "Measured beside published", "98.0%"),
        ),
        ("ja", ("適応する攻撃のターンごとの結果", "ターン3", "測定値と公表値")),
    ],
)
def test_the_page_shows_success_by_turn_in_both_languages(
    bench: Bench, run_of: Callable[..., Any], language: str, words: tuple[str, ...]
) -> None:
    run_of(attacks=("none", "crescendo"))
    (folder,) = (bench.folder / "runs").glob("one*")
    bench.run_command("report", folder, "--lang", language)
    page = (folder / "report.html").read_text("utf-8")
    assert all(each in page for each in words)
    chart = re.search(r'<img src="data:image/svg[^"]+" alt="([^"]*)"', page[page.index(words[0]) :])
    assert chart is not None
    assert "100.0%" in chart[1]  # the third turn, for who cannot see the curve
    assert is_whole(verify_bundle(folder))


def test_the_table_has_a_row_for_each_turn(bench: Bench, run_of: Callable[..., Any]) -> None:
    run_of(attacks=("none", "crescendo"))
    (folder,) = (bench.folder / "runs").glob("one*")
    out = bench.folder / "rates.csv"
    bench.run_command("export", folder, "--to", "csv", "--out", out)
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    found = {
        row["by_turn"]: float(row["value"])
        for row in rows
        if row["attack"] == "crescendo" and row["language"] == "all"
    }
    assert found == {"": 1.0, "1": 0.0, "2": 0.0, "3": 1.0, "4": 1.0}


def test_runs_with_other_budgets_are_not_compared(bench: Bench, run_of: Callable[..., Any]) -> None:
    for name, turns in (("one", 4), ("two", 3)):
        run_of(attacks=("none", "crescendo"), budgets={"crescendo": {"turns": turns}})
        (folder,) = (bench.folder / "runs").glob("one*")
        folder.rename(bench.folder / name)
    status, out, _ = bench.run_command("compare", bench.folder / "one", bench.folder / "two")
    assert status == 0
    assert "makes otherwise: crescendo" in out
    assert "Violation rate (headline)" in out  # the plain requests are compared all the same


def test_an_attack_by_name_may_have_a_gate(bench: Bench) -> None:
    gate = {"name": {"en": "Holds out", "ja": "耐える"}, "task": FRAUD,
            "measure": "violation_rate", "attack": "crescendo", "max": 0.9}  # fmt: skip
    about: dict[str, Any] = {
        "attacks": ("none", "crescendo"), "limit": 24, "gates": [gate],
        "budgets": {"crescendo": {"turns": 4}},
    }  # fmt: skip
    status, out, err = bench.command("run", "--quiet", model="refuse", **about)
    assert status == 0, out + err
    status, out, err = bench.command("run", "--quiet", model="breaks-2", **about)
    assert status == 4, out + err
    assert "INCONCLUSIVE  Holds out: 100.0%" in out  # of five clusters, none held out
