"""The words of the terminal: both languages say the same, and the terminal's own is spoken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import typer
import typer.main

from tenken.errors import BundleError, UnknownNameError
from tenken.evals.cli._output import padded, print_summary
from tenken.evals.cli.main import app
from tenken.evals.running.meter import Meter
from tenken.evals.words import counted, error_words, language_of, messages, phrase, speak, term
from tenken.results.bundle.write import make_files
from tenken.schema.gates import GateResult

EN, JA = messages("en"), messages("ja")
KEYS = sorted(set(EN) - {"terms"})
ROOT = Path(__file__).resolve().parents[2]
BUNDLE = ROOT / "tests" / "data" / "bundles" / "smoke--smollm2--0.1.0"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def in_japanese() -> Iterator[None]:
    speak("ja")
    yield
    speak("en")


def blanks(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_both_languages_have_the_same_messages_with_the_same_blanks() -> None:
    assert EN.keys() == JA.keys()
    assert {kind: set(names) for kind, names in EN["terms"].items()} == {
        kind: set(names) for kind, names in JA["terms"].items()
    }
    for key in KEYS:
        assert blanks(EN[key]) == blanks(JA[key]), key
        assert not JAPANESE.search(EN[key]), key
        words = re.sub(r"\{[^}]*\}", "", EN[key])
        assert JAPANESE.search(JA[key]) or not re.search(r"[a-z]{3}", words), key


def test_no_message_is_unused() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "evals").rglob("*.py"))
    built = re.compile("^(means|settled|held|gold_not)_")  # the rest is a name that the code holds
    named = set(re.findall(r"""["'](\w+)["']""", code))
    assert not {key for key in KEYS if key not in named and not built.match(key)}


@pytest.mark.parametrize(
    ("environment", "encoding", "expected"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "utf-8", "ja"),
        ({"LANG": "ja"}, "utf-8", "ja"),
        ({"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "utf-8", "en"),
        ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, "utf-8", "ja"),
        ({"LC_MESSAGES": "ja_JP.eucJP"}, "euc_jp", "ja"),
        ({"LANG": "ja_JP.UTF-8"}, "ascii", "en"),
        ({"LANG": "ja_JP.UTF-8"}, None, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "utf-8", "en"),
        ({}, "utf-8", "en"),
    ],
)
def test_the_locale_chooses(
    environment: dict[str, str], encoding: str | None, expected: str
) -> None:
    assert language_of(environment, encoding) == expected


@pytest.mark.usefixtures("in_japanese")
def test_errors_in_japanese_name_what_exists() -> None:
    error = UnknownNameError("task", "frod", ["fraud", "privacy"], "suite smoke")
    hint = "「fraud」のことでしょうか。使えるもの：fraud, privacy。"
    assert error_words(error) == f"suite smoke：タスク「frod」はありません。{hint}"
    assert error_words(UnknownNameError("run", "x", [])).endswith("一つもありません。")
    assert error_words(BundleError("x: no plan.")) == "実行フォルダーを読めません：x: no plan."


def test_errors_in_english_are_what_they_were() -> None:
    for known in ([], ["fraud"], [f"task-{number}" for number in range(20)]):
        error = UnknownNameError("task", "frod", known, "suite smoke")
        assert error_words(error) == str(error)
    assert error_words(BundleError("x: no plan.")) == "x: no plan."


def test_the_option_goes_before_the_locale(
    command_line: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    try:
        assert "はありません" in command_line("verify", "nowhere")[2]
        status, out, _ = command_line("plan", "smoke", "--lang", "ja")
        assert status == 0 and "呼び出し" in out and "費用は不明です" in out
        assert "unknown run 'nowhere'" in command_line("verify", "nowhere", "--lang", "en")[2]
        assert command_line("plan", "smoke", "--lang=fr")[0] == 2
    finally:
        speak("en")


@pytest.mark.usefixtures("in_japanese")
def test_a_summary_in_japanese_names_gates_and_decision_in_japanese(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = make_files(BUNDLE).report
    gate = GateResult(
        name="Few wrong", name_ja="誤りが少ない", task=report.tasks[0].name, measure="error_rate",
        title=None, language=None, max=0.25, value=0.1, low=0.05, high=0.2, n=40,
        decision="PASS", reason="at_or_below", use="raw", allow=None, why=None,
    )  # fmt: skip
    report = report.model_copy(update={"gates": (gate,)})
    print_summary(BUNDLE, report, stopped="", keyid="0123456789abcdef0")
    out = capsys.readouterr().out
    assert "誤りが少ない：" in out and "Few wrong" not in out
    assert term("decision", report.decision) in out and "鍵0123456789abcdefで封印" in out
    assert (
        Meter(tokens_in=3, taken=2).used() == "トークン：入力3、出力0、再試行0回、引き継いだ回答2件"
    )
    assert phrase("nothing_asked", run="r").startswith("r：")


def test_full_width_letters_take_two_columns() -> None:
    assert padded("整合", 8) == "整合    " and padded("yes", 8) == "yes     "
    assert padded("consistent", 4) == "consistent "


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command with its name; those of a group too."""
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, f"{path} {name}".strip())


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"", "import"}))
def test_every_command_takes_the_language(name: str) -> None:
    assert any("--lang" in each.opts for each in COMMANDS[name].params)


def test_what_is_written_to_has_one_name_in_every_command() -> None:
    """Older names are taken as well, and never alone."""
    named = {tuple(each.opts) for command in COMMANDS.values() for each in command.params}
    places = {each for each in named if {"--output", "--out", "--to"} & set(each)}
    assert {each[0] for each in places} == {"--output", "--format"}
    assert all("--key" in each or each == ("--trust",) for each in named if "--trust" in each)


CLI = sorted((ROOT / "evals" / "cli").rglob("*.py"))


@pytest.mark.parametrize("path", CLI, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_command_prints_is_in_the_catalogues(path: Path) -> None:
    """No command writes a sentence of its own; only commands to copy are the same in both."""
    told = re.findall(r"typer\.(?:echo|confirm)\(\s*f?\"([^\"]*)\"", path.read_text("utf-8"))
    plain = [re.sub(r"\{[^}]*\}|tenken.*|python ", "", each) for each in told]
    assert not [each for each in plain if re.search(r"[a-z]{3}", each)]


@pytest.mark.parametrize("name", sorted(EN["terms"]["counted"]))
def test_one_is_counted_in_the_singular(name: str) -> None:
    assert [counted(name, n) for n in (0, 1, 2000)] == [
        f"0 {name}",
        f"1 {name[:-1]}",
        f"2,000 {name}",
    ]
    speak("ja")
    try:
        assert counted(name, 1) == counted(name, 2).replace("2", "1")
    finally:
        speak("en")
