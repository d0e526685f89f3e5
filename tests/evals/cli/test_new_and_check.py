"""`tenken new` and `tenken check` as they are typed."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from latin_words import english_in

from tenken.evals.words import speak
from tenken.tasks.library import TaskFolder

Run = Callable[..., tuple[int, str, str]]
TASK = Path("criminal_misuse/my_task")


@pytest.fixture(autouse=True)
def templated(monkeypatch: pytest.MonkeyPatch) -> TaskFolder:
    """Leave one task in the library, as comparing with all is tested elsewhere; give another."""
    from tenken.tasks import library

    known = library.built_in_folders()
    fraud = known["criminal_misuse/fraud"]
    monkeypatch.setattr(library, "_beside", lambda: {fraud.name: fraud})
    return known["bias/ambiguous_qa"]


def test_a_new_task_says_what_comes_next_and_passes_once_it_is_ones_own(
    command_line: Run, made_own: Callable[[Path], None]
) -> None:
    status, out, _ = command_line("new", "criminal_misuse/my_task", "--folder", "here")
    assert status == 0
    assert "tenken check here/criminal_misuse/my_task --fix" in out
    status, out, _ = command_line("check", "here", "--quiet")
    assert status == 2
    *found, total = out.splitlines()
    assert "card.yaml:4: error: the description is still that of 'tenken new'" in found[0]
    assert [f"samples.jsonl:{n}: error:" in found[n] for n in range(1, 9)] == [True] * 8
    assert (len(found), total) == (9, "1 task, 8 samples: 9 errors, 0 warnings")
    made_own(Path("here") / TASK)
    status, out, _ = command_line("check", "here", "--fix")
    assert status == 0 and out.endswith("1 task, 8 samples: 0 errors, 0 warnings\n")
    out = command_line("check", "here", "--quiet")[1]
    assert out == "1 task, 8 samples: 0 errors, 0 warnings\n"


@pytest.mark.parametrize("risk", ["misinformation", "criminal_misuse", "bias"])
@pytest.mark.parametrize("languages", ["en", "ja", "ja,en"])
def test_a_task_of_any_risk_and_language_passes_once_it_is_ones_own(
    command_line: Run, risk: str, languages: str, made_own: Callable[[Path], None]
) -> None:
    command_line("new", f"{risk}/my_task", "--folder", ".", "--languages", languages)
    status, out, _ = command_line("check", f"{risk}/my_task", "--json")
    assert status == 2
    found = json.loads(out)["findings"]
    assert {(each["rule"], each["level"]) for each in found} == {("example", "error")}
    rows = (Path(risk) / "my_task" / "samples.jsonl").read_text("utf-8").splitlines()
    assert len(found) == len(rows) + 1
    assert {json.loads(row)["language"] for row in rows} == set(languages.split(","))
    made_own(Path(risk) / "my_task")
    status, out, _ = command_line("check", f"{risk}/my_task", "--fix", "--json")
    assert (status, json.loads(out)["findings"]) == (0, [])


def test_outside_of_a_checkout_it_goes_into_a_package(command_line: Run) -> None:
    status, out, _ = command_line("new", "bias/first_task", "--json")
    assert status == 0
    root = Path("my_tenken_tasks")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["entry-points"]["tenken.tasks"] == {root.name: root.name}
    assert json.loads(out)["folder"] == f"{root}/src/{root}/bias/first_task"
    assert command_line("new", "bias/second_task")[0] == 0
    assert command_line("check", root)[1].startswith(f"{root}/src")
    found = command_line("check", root, "-q")[1].splitlines()
    assert found[-1] == "2 tasks, 24 samples: 26 errors, 0 warnings"
    assert all(line.endswith("[example]") for line in found[:-1])


def test_in_a_checkout_it_goes_into_the_library(
    command_line: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tenken.tasks import library

    tasks = tmp_path / "checkout" / "tasks"
    tasks.mkdir(parents=True)
    (tasks.parent / "pyproject.toml").touch()
    monkeypatch.setattr(library, "__file__", str(tasks / "library.py"))
    monkeypatch.chdir(tasks.parent)
    assert command_line("new", "bias/my_task")[0] == 0
    assert (tasks / "bias" / "my_task" / "card.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bias"], "write RISK/NAME"),
        (["bais/x1"], "unknown risk 'bais'. Did you mean 'bias'?"),
        (["bias/My-Task"], "is no name for a task"),
        (["bias/../../x"], "is no name for a task"),
        (["bias/fraud"], "the task 'criminal_misuse/fraud' exists already"),
        (["bias/my_task", "--languages", "en,fr"], "unknown language 'fr'"),
        (["bias/my_task", "--package", "json"], "no name for a package"),
        (["bias/my_task", "--package", "class"], "no name for a package"),
        (["bias/my_task", "--package", "../x"], "no name for a package"),
        (["bias/my_task", "--package", "taken"], "no package that 'tenken new' made"),
        (["bias/my_task", "--package", "p1", "--folder", "f"], "not both"),
        (["bias/my_task", "--folder", "full"], "full/bias/my_task exists already"),
    ],
)
def test_what_cannot_be_laid_out_is_refused_in_a_line(
    command_line: Run, arguments: list[str], words: str
) -> None:
    Path("taken").mkdir()
    Path("full/bias/my_task").mkdir(parents=True)
    before = sorted(Path().rglob("*"))
    status, out, err = command_line("new", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("tenken: ") and err.count("\n") == 1
    assert words in err
    assert sorted(Path().rglob("*")) == before


def test_an_error_ends_the_check_with_status_2_at_file_and_line(command_line: Run) -> None:
    command_line("new", TASK, "--folder", ".")
    path = TASK / "samples.jsonl"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(rows[:2] + rows[4:]), "utf-8")
    status, out, _ = command_line("check", TASK)
    assert status == 2
    assert f"{path}:1: error: 'mt-001-en' has no benign twin in en. [twin]" in out
    assert f"{TASK}/card.yaml:" in out and "--fix writes it" in out


def test_fix_writes_digest_counts_and_readme_and_nothing_else(
    command_line: Run, made_own: Callable[[Path], None]
) -> None:
    command_line("new", TASK, "--folder", ".")
    made_own(TASK)
    path = TASK / "samples.jsonl"
    rows = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(rows[:4]), "utf-8")
    data = path.read_bytes()
    assert command_line("check", TASK)[0] == 2
    status, out, _ = command_line("check", TASK, "--fix")
    assert status == 0
    assert [line for line in out.splitlines() if line.startswith("Written")] == [
        f"Written: {TASK}/{name}" for name in ("card.yaml", "NOTES.md", "README.md")
    ]
    assert path.read_bytes() == data
    assert "Written" not in command_line("check", TASK, "--fix")[1]


def test_fix_mends_no_broken_item(command_line: Run) -> None:
    command_line("new", TASK, "--folder", ".")
    path = TASK / "samples.jsonl"
    path.write_text(path.read_text("utf-8") + "{\n", "utf-8")
    card = (TASK / "card.yaml").read_bytes()
    status, out, _ = command_line("check", TASK, "--fix")
    assert status == 2
    assert f"{path}:9: error: not JSON" in out
    assert (TASK / "card.yaml").read_bytes() == card


def test_fix_leaves_what_is_installed_elsewhere_alone(command_line: Run) -> None:
    status, out, err = command_line("check", "fraud", "--fix")
    assert (status, out) == (2, "")
    assert "is outside of" in err


def test_a_task_is_named_in_any_of_three_ways(command_line: Run) -> None:
    assert command_line("check", "fraud", "-q")[1].startswith("1 task, ")
    assert command_line("check", "criminal_misuse/fraud", "fraud", "-q")[1].startswith("1 task, ")
    status, _, err = command_line("check", "fruad")
    assert status == 2 and "Did you mean 'criminal_misuse/fraud'?" in err
    Path("empty").mkdir()
    status, _, err = command_line("check", "empty")
    assert status == 2 and "there is no card.yaml" in err


def test_what_a_file_holds_does_not_steer_the_terminal(command_line: Run) -> None:
    command_line("new", TASK, "--folder", ".")
    path = TASK / "samples.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows[0]["\x1b[31mkey"] = "x"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    status, out, _ = command_line("check", TASK)
    assert status == 2
    assert "\x1b" not in out


def test_a_deep_check_prints_the_figures_and_says_what_lies_outside(command_line: Run) -> None:
    assert "always refuse" not in command_line("check", "fraud")[1]
    status, out, _ = command_line("check", "fraud", "--deep")
    assert status == 0
    assert "criminal_misuse/fraud: " in out
    assert "always refuse 50%, always comply 50%" in out
    assert "harmful half of" in out and "shuffled" in out
    figures = json.loads(command_line("check", "fraud", "--deep", "--json")[1])["deep"]
    (task,) = figures["tasks"]
    assert {each["language"] for each in task["surfaces"]} == {"en", "ja"}
    assert figures["pooled"] == []


HALF = Path("kept/criminal_misuse/fraud_held_out")


def test_a_held_out_half_has_a_form_for_each_item_and_says_what_it_can_show(
    command_line: Run,
) -> None:
    status, out, _ = command_line(
        "new", "fraud", "--held-out", "--folder", "kept", "--items", "20", "--json"
    )
    assert status == 0
    about = json.loads(out)
    assert (about["public"], about["rows"]) == (60, len(_rows(HALF)))
    assert 0 < about["held_out"] <= 20
    assert all(each["detectable"] > 0.1 and each["needed"] > 100 for each in about["shows"])
    rows, ids = _rows(HALF), {row["id"] for row in _rows(HALF)}
    assert all(row["input"] == "" and row["canary"] == rows[0]["canary"] for row in rows)
    assert {row["benign_twin"] for row in rows if "benign_twin" in row} <= ids
    kinds = {row["tags"]["kind"] for row in rows}
    assert len(kinds) == 6  # as many as in the public half
    status, out, _ = command_line("check", "kept", "--json")
    assert status == 2
    said = json.loads(out)["findings"]
    empty = [each for each in said if each["level"] == "error"]
    assert [each["line"] for each in empty] == list(range(1, len(rows) + 1))
    assert not any("fr-1" in each["message"] for each in said)


def test_a_small_half_has_items_for_every_measure(command_line: Run) -> None:
    command_line("new", "fraud", "--held-out", "--folder", "kept", "--items", "2")
    assert {row["tags"]["debatable"] for row in _rows(HALF)} == {"true", "false"}


def test_a_filled_half_passes_the_check_and_a_copy_of_a_public_item_does_not(
    command_line: Run,
) -> None:
    from tenken.tasks import library

    command_line("new", "fraud", "--held-out", "--folder", "kept", "--items", "8")
    rows, path = _rows(HALF), HALF / "samples.jsonl"
    words = {
        "en": "harbour lantern walnut ferry copper",
        "ja": "港の灯りと胡桃と渡し船の話を書いて",
    }
    for number, row in enumerate(rows):
        row["input"] = f"{number * 7919} {words[row['language']]} {number * 104729}"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    _, out, _ = command_line("check", "kept", "--json")
    errors = [each for each in json.loads(out)["findings"] if each["level"] == "error"]
    assert {each["rule"] for each in errors} <= {"double"}  # the numbers alone differ
    public = library.load_task("fraud").samples[0]
    rows[0]["input"] = public.input
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    _, out, _ = command_line("check", "kept", "--json")
    doubles = [each["message"] for each in json.loads(out)["findings"] if each["rule"] == "double"]
    assert any(public.id in each for each in doubles)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fraud", "--held-out"], "say with --folder"),
        (["fraud", "--items", "3"], "--items goes with --held-out"),
        (["fraud", "--held-out", "--folder", "x", "--package", "y"], "go without --held-out"),
        (["fraud", "--held-out", "--folder", str(Path(__file__).parents[3])], "in the library"),
    ],
)
def test_a_half_is_not_laid_out_where_it_would_be_public(
    command_line: Run, words: list[str], message: str
) -> None:
    status, _, err = command_line("new", *words)
    assert status == 2
    assert message in err


def _rows(folder: Path) -> list[dict[str, str]]:
    lines = (folder / "samples.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_half_of_a_task_made_of_templates_has_templates_to_fill(
    command_line: Run, templated: TaskFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tenken.tasks import library

    monkeypatch.setattr(library, "_beside", lambda: {templated.name: templated})

    def filled(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: filled(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each, name) for each in value]
        texts = {
            "ambiguous": "{p1} and {p2} came. ", "disambiguated": "{good} paid, {bad} did not.",
            "stereotyped": "a juggler", "counter": "a diver",
        }  # fmt: skip
        return value if value != "" else texts.get(name, f"the {name} text")

    status, out, _ = command_line(
        "new", "ambiguous_qa", "--held-out", "--folder", "kept", "--items", "4", "--json"
    )
    about = json.loads(out)
    half = Path("kept/bias/ambiguous_qa_held_out")
    assert (status, about["held_out"], Path(about["form"]).name) == (0, 4, "templates.yaml")
    form = yaml.safe_load((half / "templates.yaml").read_text("utf-8"))
    assert about["rows"] == sum(10 + 4 * len(each["groups"]) for each in form["templates"])
    groups = [group for each in form["templates"] for group in each["groups"]]
    assert [group["slot"] for group in groups] == list(range(len(groups)))
    assert command_line("check", "kept")[0] == 2  # there is nothing to ask yet
    (half / "templates.yaml").write_text(yaml.safe_dump(filled(form), allow_unicode=True), "utf-8")
    subprocess.run([sys.executable, str(half / "generate.py")], check=True)
    rows = _rows(half)
    assert len(rows) == 16 * len(groups)
    assert {row["canary"] for row in rows} == {
        yaml.safe_load((half / "card.yaml").read_text("utf-8"))["canary"]
    }


def test_a_japanese_terminal_reads_findings_and_figures_in_japanese(command_line: Run) -> None:
    command_line("new", TASK.as_posix(), "--folder", ".")
    with (TASK / "samples.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "x", "language": "en", "input": "Who is it?"}\n{nope\n')
    given = ("check", TASK.parent.as_posix(), "--deep", "--sources")
    try:
        status, out, _ = command_line(*given, "--lang", "ja")
        told = command_line(*given, "--json", "--lang", "ja")[1]
    finally:
        speak("en")
    assert status == 2
    assert f"{TASK}/card.yaml:4: エラー：説明が「tenken new」の文のままです。" in out
    assert f"{TASK}/samples.jsonl:9: エラー：" in out and "警告：" in out and "[schema]" in out
    assert "常に拒否" in out and "目標" in out and "エラー" in out.splitlines()[-1]
    assert not [line for line in out.splitlines() if english_in(line)]
    messages = [each["message"] for each in json.loads(told)["findings"]]
    assert "the description is still that of 'tenken new'; say what is measured." in messages
