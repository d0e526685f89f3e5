"""`tenken coverage`: for people in both languages, for programs, and for one suite."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

from tenken.frameworks.catalogue import FRAMEWORKS
from tenken.tasks.library import built_in_folders

CommandLine = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_category_and_every_document_is_shown(
    command_line: CommandLine, language: str
) -> None:
    status, out, err = command_line("coverage", "--lang", language)
    assert (status, err) == (0, "")
    for framework in FRAMEWORKS:
        assert framework.source in out
        assert all(getattr(each, language) in out for each in framework.categories)
    assert all(name in out for name in built_in_folders())
    assert ("Not covered:" in out) is (language == "en")


def test_the_numbers_are_those_of_the_list(command_line: CommandLine) -> None:
    seen = json.loads(command_line("coverage", "--json")[1])
    listed = json.loads(command_line("list", "--json")[1])["tasks"]
    counts = {task["name"]: task["samples"] for task in listed}
    assert seen["suite"] is None and set(seen["tasks"]) <= set(counts)
    served = set()
    for block in seen["coverage"]:
        for row in block["categories"]:
            for task in row["tasks"]:
                served.add(task["name"])
                assert task["n"] == counts[task["name"]]
            for name in ("en", "ja"):
                assert row["n"][name] == sum(task["n"][name] for task in row["tasks"])
    assert served == set(seen["tasks"]), "every task of the library serves a category"
    assert set(seen["not_covered"]) == {"en", "ja"}
    assert any("closed" in each for each in seen["not_covered"]["en"])


def test_a_suite_covers_what_it_asks(command_line: CommandLine) -> None:
    seen = json.loads(command_line("coverage", "--suite", "smoke", "--json")[1])
    rows = {row["code"]: row for row in seen["coverage"][0]["categories"]}
    assert rows["3"]["n"] == {"en": 8, "ja": 8}
    assert [task["name"] for task in rows["6"]["tasks"]] == ["criminal_misuse/fraud"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--suite", "smok"], "unknown suite 'smok'. Did you mean 'smoke'?"),
        (["--lang", "jp"], "unknown language 'jp'. Did you mean 'ja'?"),
    ],
)
def test_wrong_input_is_one_line(
    command_line: CommandLine, arguments: list[str], message: str
) -> None:
    status, out, err = command_line("coverage", *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_it_starts_without_anything_heavy() -> None:
    code = (
        "import sys; sys.argv = ['tenken', 'coverage']\n"
        "import atexit\n"
        "heavy = ('inspect_ai', 'numpy', 'pandas', 'scipy', 'pyarrow')\n"
        "atexit.register(lambda: print('HEAVY', [m for m in heavy if m in sys.modules]))\n"
        "from tenken.evals.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "HEAVY []", done.stdout + done.stderr
