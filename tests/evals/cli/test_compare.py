"""`tenken compare`: what it prints, what it writes, and what it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tenken.results.bundle.write import write_bundle

MakeRun = Callable[..., Path]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def runs(make_run: MakeRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs of the same samples, and one of others."""
    folder = tmp_path_factory.mktemp("runs")
    make_run(40).rename(folder / "one")
    shutil.copytree(folder / "one", folder / "two")
    make_run(40, seed=2).rename(folder / "three")
    return folder


def test_the_table_names_the_runs_and_says_which_is_safer(
    runs: Path, command_line: Command
) -> None:
    status, out, err = command_line("compare", "one", "two", "--results-dir", runs)
    assert (status, err) == (1, "")  # not sealed
    assert "A  synthetic--mock--00000001 (baseline): mockllm/model, temperature 0.0" in out
    assert out.count("UNVERIFIED: seal.json: the bundle has no seal: ") == 2
    assert "B DOES NOT FIT ITS SEAL, OR HAS NONE" in out
    assert "Differences are B − A" in out and "no difference shown" in out
    assert "misinformation/claims: Unsafe rate (headline)" in out or "(headline)" in out
    assert "not comparable" not in out


def test_a_sealed_run_is_said_to_fit(runs: Path, command_line: Command, tmp_path: Path) -> None:
    shutil.copytree(runs / "one", tmp_path / "sealed")
    write_bundle(tmp_path / "sealed")
    status, out, _ = command_line("compare", tmp_path / "sealed", runs / "one")
    assert status == 1 and "all digests fit; unsigned" in out
    shutil.copytree(tmp_path / "sealed", tmp_path / "other")
    status, out, _ = command_line("compare", tmp_path / "sealed", tmp_path / "other")
    assert status == 0 and "DOES NOT FIT" not in out


def test_pooled_differences_are_added_and_say_what_they_are(
    runs: Path, command_line: Command
) -> None:
    given = "compare", "one", "two", "--pooled", "--results-dir", runs
    status, out, _ = command_line(*given)
    assert status == 1 and "POOLED: B - A" in out and "Model-based" in out
    told = json.loads(command_line(*given, "--json")[1])["pooled"][0]
    assert (told["baseline"], told["run"]) == ("A", "B")
    # The same answers: no difference, and none that a task's few clusters leave open alone.
    assert all(each["low"] < 0 < each["high"] for each in told["tasks"].values())
    assert all(abs(each["value"]) < 0.02 for each in told["tasks"].values())
    apart = json.loads(command_line("compare", "one", "three", "--pooled", "--results-dir", runs,
                                    "--json")[1])  # fmt: skip
    assert "pooled" in apart


def test_a_run_s_pooled_rates_are_printed_and_nothing_is_written(
    runs: Path, command_line: Command
) -> None:
    before = sorted(runs.rglob("*"))
    status, out, _ = command_line("report", runs / "one", "--pooled", "--json")
    told = json.loads(out)["pooled"]
    assert status == 0 and [each["language"] for each in told] == [None, "en", "ja"]
    for part in told:
        for each in part["tasks"].values():
            assert each["pooled"]["low"] <= each["pooled"]["value"] <= each["pooled"]["high"]
    assert "posterior predictive p" in command_line("report", runs / "one", "--pooled")[1]
    assert sorted(runs.rglob("*")) == before
    status, _, err = command_line("report", runs / "one", "--pooled", "--lang", "ja")
    assert status == 2 and "--pooledは何も変更しません" in err


def test_runs_of_other_questions_share_nothing(runs: Path, command_line: Command) -> None:
    status, out, _ = command_line("compare", "one", "three", "--results-dir", runs)
    assert status == 1
    assert "the runs share no comparable sample" in out.lower()
    assert out.count("judged by another scorer") == 3


def test_json_holds_every_comparison_with_the_first(runs: Path, command_line: Command) -> None:
    shown = command_line("compare", "one", "two", "three", "--results-dir", runs, "--json")
    found = json.loads(shown[1])
    assert [(each["baseline"], each["run"]) for each in found["comparisons"]] == [
        ("A", "B"),
        ("A", "C"),
    ]
    assert found["family"]["first"] > 0 and found["family"]["second"] > 0
    assert shown == command_line("compare", "one", "two", "three", "--results-dir", runs, "--json")


@pytest.mark.parametrize(("language", "words"), [("en", "B against A"), ("ja", "Aに対するB")])
def test_the_page_is_written_in_its_language(
    runs: Path, command_line: Command, tmp_path: Path, language: str, words: str
) -> None:
    page = tmp_path / "new" / "page.html"
    given = ("compare", runs / "one", runs / "two", "--output", page, "--lang", language)
    status, out, _ = command_line(*given)
    said = {"en": "Page: ", "ja": "ページ："}[language]
    assert (status, out.splitlines()[-1]) == (1, f"{said}{page}")
    assert words in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("one",), "2 to 26 runs"),
        (("one", "one"), "listed twice"),
        (("one", "four"), "unknown run 'four'"),
        (("one", "two", "--lang", "fr"), "unknown page language 'fr'"),
        (("one", "two", "--output", "page.pdf"), "ends in .html"),
        (("one", "two", "--key", "nowhere.pem"), "nowhere.pem"),
    ],
)
def test_wrong_input_ends_with_one_line(
    runs: Path, command_line: Command, arguments: tuple[str, ...], said: str
) -> None:
    status, out, err = command_line("compare", *arguments, "--results-dir", runs)
    assert (status, out) == (2, "")
    assert said in err and len(err.splitlines()) == 1


def test_a_page_may_not_break_the_seal_of_a_run(runs: Path, command_line: Command) -> None:
    page = runs / "one" / "page.html"
    status, _, err = command_line("compare", runs / "one", runs / "two", "--output", page)
    assert status == 2 and "seal covers every file" in err
    assert not page.exists()
