"""The command line: what it prints, and that what is wrong is said in one line and status 2."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from tenken import __version__
from tenken.evals.suite import read_suite, suite_names
from tenken.tasks.library import built_in_folders, load_task

CommandLine = Callable[..., tuple[int, str, str]]
LayOut = Callable[..., Path]
HEAVY = ("inspect_ai", "pandas", "scipy", "numpy", "openai", "pyarrow", "statsmodels")
COMMANDS = ("list", "show", "plan", "run", "report", "verify", "keygen")
MOCK = ("--model", "mockllm/model")
GATE = {"name": "Few", "task": "criminal_misuse/fraud", "measure": "violation_rate", "max": 0.1}


def _suite(folder: Path, **changes: Any) -> Path:
    words = {"en": "Mine", "ja": "私の"}
    suite = {
        "name": "mine",
        "title": words,
        "description": dict(words),
        "tasks": [{"task": "fraud"}],
    }
    path = folder / "suite.yaml"
    path.write_text(yaml.safe_dump({**suite, **changes}, allow_unicode=True), "utf-8")
    return path


def _refused(command_line: CommandLine, *arguments: str | Path) -> str:
    """Run a command that must be refused in one line, and return the line."""
    status, out, err = command_line(*arguments)
    assert (status, out) == (2, ""), (out, err)
    assert err.startswith("tenken: ") and err.endswith("\n")
    assert err.count("\n") == 1 and "Traceback" not in err
    assert not [each for each in Path.cwd().rglob("*") if each.name not in ("results", "runs")]
    assert not [each for each in Path.home().rglob("*") if "tenken" in each.name]
    return err


@pytest.mark.parametrize(
    "arguments",
    [["--help"], [], ["--version"], ["list"], ["list", "--json"], ["run", "--help"],
     ["show", "fraud"], ["run", "nope"], ["plan", "smoke", "--language", "fr"]],
)  # fmt: skip
def test_nothing_heavy_is_imported_before_it_is_needed(arguments: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['tenken', *{arguments!r}]\n"
        "import atexit\n"
        f"atexit.register(lambda: print('HEAVY', [m for m in {HEAVY!r} if m in sys.modules]))\n"
        "from tenken.evals.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "HEAVY []", done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_shows_every_command_and_every_status(
    command_line: CommandLine, arguments: Any
) -> None:
    status, out, err = command_line(*arguments)
    assert (status, err) == (0, "")
    assert all(f"  {command} " in out for command in COMMANDS)
    assert "Exit status: 0 all gates pass" in " ".join(out.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_its_help(command_line: CommandLine, command: str) -> None:
    status, out, _ = command_line(command, "--help")
    assert status == 0
    options = [line for line in out.splitlines() if line.startswith("  -")]
    assert options and out.startswith("Usage: ")


def test_the_version(command_line: CommandLine) -> None:
    assert command_line("--version") == (0, f"tenken {__version__}\n", "")


def test_list_for_people(command_line: CommandLine) -> None:
    status, out, err = command_line("list")
    assert (status, err) == (0, "")
    assert all(name in out for name in [*built_in_folders(), *suite_names()])


def test_list_of_what_somebody_has_read(command_line: CommandLine) -> None:
    status, out, _ = command_line("list", "--read", "--json")
    listed = {each["name"]: each for each in json.loads(out)["tasks"]}
    assert status == 0
    assert list(listed) == list(built_in_folders())
    fraud = listed["criminal_misuse/fraud"]
    assert fraud["records"] >= fraud["by_people"]
    assert fraud["samples"] >= fraud["by_people"] + fraud["by_models_alone"]
    assert f"{fraud['samples']}" in command_line("list", "--read")[1]
    assert command_line("list", "--read", "--attacks")[0] == 2


def test_list_for_programs(command_line: CommandLine) -> None:
    status, out, _ = command_line("list", "--json")
    listed = json.loads(out)
    assert status == 0
    assert [task["name"] for task in listed["tasks"]] == list(built_in_folders())
    for task in listed["tasks"]:
        assert task["risk"] == task["name"].split("/")[0]
        assert set(task["samples"]) == {"en", "ja"} and task["samples"]["en"] >= 30
        assert {"version", "title", "languages", "scorer", "measures", "package"} <= set(task)
    assert [suite["name"] for suite in listed["suites"]] == suite_names()


def test_show_withholds_what_may_do_harm(command_line: CommandLine) -> None:
    _, shown, _ = command_line("show", "fraud")
    _, with_text, _ = command_line("show", "fraud", "--with-text")
    assert "withheld; --with-text shows it" in shown and "withheld" not in with_text
    about = json.loads(command_line("show", "criminal_misuse/fraud", "--json")[1])
    assert all(example["input"] is None for example in about["examples"])
    assert sum(sum(m["samples"].values()) for m in about["measures"]) == (
        len(load_task("fraud").samples)
    )
    bias = json.loads(command_line("show", "ambiguous_qa", "--json")[1])
    assert all(example["input"] for example in bias["examples"])


def test_plan_asks_nothing_and_writes_nothing(command_line: CommandLine, tmp_path: Path) -> None:
    status, out, _ = command_line("plan", "smoke")
    assert status == 0 and "40 calls" in out and "Cost unknown" in out
    endpoint = tmp_path / "endpoint.yaml"
    endpoint.write_text("model: openai/x\nprice: {input: 1000000, output: 0}\n")
    _, out, _ = command_line("plan", "smoke", "--endpoint-file", endpoint, "--json")
    seen = json.loads(out)
    assert seen["calls"] == 40 and seen["cost"] == seen["tokens_in"] > 1000
    assert set(seen["detectable"]) == {each.task for each in read_suite("smoke").suite.tasks}
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("run", "smoke", "--base-url", "a", "--base-url", "b"), "--base-url"),
        (("plan", "smoke", "--limit", "1", "--limit", "2"), "--limit"),
        (("run", "smoke", "--json", "--json"), "--json"),
        (("score", "x", "--scorer", "a", "--key", "k", "--key", "k"), "--key"),
    ],
)
def test_an_option_that_is_no_list_is_given_once(
    command_line: CommandLine, arguments: tuple[str, ...], option: str
) -> None:
    assert _refused(command_line, *arguments) == f"tenken: {option} is given twice; give it once.\n"


def test_a_dry_run_is_a_plan(command_line: CommandLine) -> None:
    status, out, _ = command_line("run", "smoke", *MOCK, "--dry-run", "--limit", "4")
    assert status == 0 and "12 calls" in out and not list(Path.cwd().iterdir())


WRONG: list[tuple[list[str], str]] = [
    (["lst"], "No such command 'lst'"),
    (["run"], "no suite is named"),
    (["run", "smoke", "--limt", "3"], "No such option: --limt"),
    (["run", "smok", *MOCK], "unknown suite or task 'smok'. Did you mean 'smoke'?"),
    (["run", "none.yaml", *MOCK], "unknown suite 'none.yaml'."),
    (["plan", "basline"], "unknown suite or task 'basline'. Did you mean 'baseline'?"),
    (["show", "fruad"], "unknown task 'fruad'. Did you mean 'criminal_misuse/fraud'?"),
    (["run", "smoke", *MOCK, "--task", "fruad"], "Did you mean 'criminal_misuse/fraud'?"),
    (["run", "smoke", *MOCK, "--language", "jp"], "unknown language 'jp'. Did you mean 'ja'?"),
    (["run", "smoke", *MOCK, "--lang", "fr"], "unknown report language 'fr'."),
    (["run", "smoke", *MOCK, "--limit", "0"], "Invalid value for '--limit'"),
    (["run", "smoke", *MOCK, "--limit", "many"], "Invalid value for '--limit'"),
    (["run", "smoke", *MOCK, "--epochs", "0"], "Invalid value for '--epochs'"),
    (["run", "smoke", *MOCK, "--temperature", "-1"], "parameters.temperature: expected 0"),
    (["run", "smoke", *MOCK, "--scorer", "fraud"], "unknown scorer 'tenken/fraud'."),
    (["run", "smoke", *MOCK, "--scorer", "=x"], "--scorer '=x': write TASK=NAME."),
    (["run", "smoke", *MOCK, "--scorer", "fruad=tenken/choice"], "unknown task 'fruad'."),
    (
        ["run", "smoke", *MOCK, "--scorer", "fraud=tenken/refusel"],
        "unknown scorer 'tenken/refusel'. Did you mean 'tenken/refusal'?",
    ),
    (["run", "smoke", *MOCK, "--model-arg", "x"], "--model-arg 'x': write KEY=VALUE."),
    (["run", "smoke", *MOCK, "--model-arg", "x=[1"], "--model-arg '[1': not valid YAML"),
    (["run", "smoke", *MOCK, "--model-arg", "api_key=hunter2"], "'api_key' looks like a secret"),
    (["run", "smoke", *MOCK, "--max-cost", "1"], "--max-cost needs a price"),
    (["run", "smoke", *MOCK, "--key", "none.pem"], "none.pem: there is no such key"),
    (["run", "smoke"], "no model is named: give --model"),
    (["run", "smoke", "--model", "gpt"], "the model 'gpt' names no provider"),
    (["run", "smoke", "--model", "opnai/gpt"], "unknown provider 'opnai'"),
    (["run", "smoke", "--model", "openai/gpt"], "OPENAI_API_KEY"),
    (["run", "smoke", "--model", "a\x1b[2J/b"], "model: only printable characters"),
    (["run", "smoke", "--endpoint-file", "none.yaml"], "none.yaml: cannot be read: No such file"),
    (
        ["run", "smoke", "--model", "m", "--base-url", "https://user:hunter2@host/v1"],
        "a base URL holds no user name, password or query",
    ),
    (
        [
            "run",
            "smoke",
            "--model",
            "m",
            "--base-url",
            "http://127.0.0.1:9",
            "--api-key-env",
            "NOPE",
        ],
        "the environment variable NOPE is not set",
    ),
    (
        ["run", "smoke", "--model", "m", "--base-url", "http://127.0.0.1:9", "--limit", "1"],
        "no connection to 127.0.0.1:9",
    ),
    (["report", "none"], "unknown run 'none'. None exist."),
    (["verify", "none"], "unknown run 'none'. None exist."),
]


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize(("arguments", "message"), WRONG)
def test_wrong_input_is_one_line(
    command_line: CommandLine, arguments: list[str], message: str
) -> None:
    line = _refused(command_line, *arguments)
    assert message in line and "hunter2" not in line


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gates": [{**GATE, "measure": "violation"}]}, "Did you mean 'violation_rate'?"),
        ({"gates": [{**GATE, "task": "fraud"}]}, "Did you mean 'criminal_misuse/fraud'?"),
        ({"gate": [GATE]}, "unknown key 'gate'. Did you mean 'gates'?"),
        ({"tasks": [{"task": "frauds"}]}, "unknown task 'frauds'."),
        (
            {"tasks": [{"task": "fraud", "scorer": {"name": "tenken/chioce"}}]},
            "unknown scorer 'tenken/chioce'. Did you mean 'tenken/choice'?",
        ),
        (
            {"tasks": [{"task": "fraud", "scorer": {"name": "tenken/choice", "args": {"x": 1}}}]},
            "the scorer 'tenken/choice' cannot be made",
        ),
    ],
)
def test_a_wrong_suite_is_one_line(
    command_line: CommandLine, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert message in _refused(command_line, "run", _suite(tmp_path, **changes), *MOCK)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"name: a\n\tb: 1\n", "suite.yaml:2: not valid YAML"),
        (b"name: &a a\ntitle: *a\n", "suite.yaml:2: aliases (*name) are not allowed"),
        ("名: a".encode("cp932"), "suite.yaml:1: not valid YAML"),
        (b"", "suite.yaml: the file must be a mapping"),
        (b'"a\\nb": 1\n', "the key 'name' is missing"),
    ],
)
def test_a_file_that_is_no_suite_is_one_line(
    command_line: CommandLine, tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(data)
    assert message in _refused(command_line, "run", path, *MOCK)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model: mockllm/model\nbase-url: x\n", "unknown key 'base-url'. Did you mean 'base_url'?"),
        ("base_url: http://x\n", "no model is named"),
        ("model: mockllm/model\nmodel_args: {token: a}\n", "'token' looks like a secret"),
    ],
)
def test_a_wrong_endpoint_file_is_one_line(
    command_line: CommandLine, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "endpoint.yaml"
    path.write_text(text)
    assert message in _refused(command_line, "run", "smoke", "--endpoint-file", path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scorers": {"name": "x"}}, "card.yaml: unknown key 'scorers'. Did you mean 'scorer'?"),
        ({"dataset": {"sha256": "0" * 64}}, "samples.jsonl: the file's SHA-256 is "),
        ({"samples": b""}, "samples.jsonl: the dataset is empty"),
        ({"samples": b'{"id": 1}\n'}, "samples.jsonl:1: id: expected a text, such as"),
        ({"samples": b"\n{]\n"}, "samples.jsonl:2: not JSON"),
        ({"samples": b"\xff\xfe\n"}, "samples.jsonl:1: not UTF-8 text"),
        ({"scorer": {"name": "tenken/chioce"}}, "unknown scorer 'tenken/chioce'."),
    ],
)
def test_a_wrong_task_is_one_line(
    command_line: CommandLine,
    tmp_path: Path,
    lay_out: LayOut,
    installed: Callable[[Path], str],
    changes: dict[str, Any],
    message: str,
) -> None:
    installed(lay_out(**changes))
    suite = _suite(tmp_path, tasks=[{"task": "bias/tiny"}])
    assert message in _refused(command_line, "run", suite, *MOCK)


@pytest.mark.parametrize(("provider", "package"), [("mistral", "mistralai"), ("groq", "groq")])
def test_a_provider_that_is_not_installed_says_what_to_install(
    command_line: CommandLine, provider: str, package: str
) -> None:
    if find_spec(package) is not None:
        pytest.skip(f"{package} is installed here")
    line = _refused(command_line, "run", "smoke", "--model", f"{provider}/x")
    assert f"pip install {package}" in line


def test_the_same_task_under_two_names_is_the_same_run(tmp_path: Path) -> None:
    from tenken.evals.config import RunConfig
    from tenken.evals.planning.plan import run_name
    from tenken.evals.planning.request import understand

    def name(*tasks: str) -> str:
        request = understand(RunConfig.of(suite="smoke", model="mockllm/model", tasks=tasks))
        return run_name(request.suite_file, request.endpoint, request.choices)

    both = name("fraud", "ambiguous_qa")
    assert both == name("bias/ambiguous_qa", "criminal_misuse/fraud", "fraud") != name("fraud")


def test_keygen_never_overwrites(command_line: CommandLine, tmp_path: Path) -> None:
    key = tmp_path / "keys" / "mine.pem"
    status, out, _ = command_line("keygen", "--out", key)
    assert status == 0 and str(key) in out and key.stat().st_mode & 0o077 == 0
    before = key.read_bytes()
    status, _, err = command_line("keygen", "--out", key)
    assert status == 2 and err.count("\n") == 1 and key.read_bytes() == before


@pytest.mark.parametrize("error", [KeyError("x"), SystemExit(0), GeneratorExit()])
def test_a_fault_of_the_code_is_no_status_of_a_gate(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fails() -> list[str]:
        raise error

    module = sys.modules["tenken.evals.cli.main"]
    monkeypatch.setattr(module, "_command", lambda: lambda **_: fails())
    status, out, err = command_line("list")
    last = err.splitlines()[-1]
    assert (status, out) == (70, "")
    assert last.startswith("tenken: ") and type(error).__name__ in last


def test_the_keyboard_stops_a_command_before_a_run_with_the_status_of_a_stop(
    command_line: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["tenken.evals.cli.list"], "print_table", stopped)
    status, _, err = command_line("list")
    assert status == 3 and err.count("\n") == 1 and "stopped" in err
