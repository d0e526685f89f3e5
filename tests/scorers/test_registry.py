"""A change of anything that a scorer is made of is a change of the scorer."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.scorer import match

import tenken
from tenken.scorers.choice import choice
from tenken.scorers.refusal import refusal
from tenken.scorers.registry import _closure, scorer_source

FILES = {
    "__init__.py": "",
    "judge.py": (
        'SOURCE_DATA = ["gold.json"]\nVERSION = "7"\n'
        "from . import words\nfrom .deep.rules import RULE\n\ndef judge():\n    return RULE\n"
    ),
    "words.py": "import madeup_judges.more\n",
    "more.py": "X = 1\n",
    "unused.py": "X = 1\n",
    "deep/__init__.py": "",
    "deep/rules.py": "from ..more import X\nRULE = X\n",
    "gold.json": "[]",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "madeup_judges"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [each for each in sys.modules if each.startswith("madeup_judges")]:
        del sys.modules[name]


def _factory() -> Callable[..., Any]:
    found: Callable[..., Any] = importlib.import_module("madeup_judges.judge").judge
    return found


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("judge.py", "LIMIT = 3"),
        ("words.py", "WORDS = ['no']"),
        ("more.py", "X = 2"),
        ("deep/rules.py", "def rule(x=1): return x"),
        ("gold.json", " "),
    ],
)
def test_every_part_counts(package: Path, name: str, change: str) -> None:
    version, before = scorer_source(_factory())
    assert version == "7"
    with (package / name).open("a") as stream:
        stream.write(f"{change}\n")
    assert scorer_source(_factory())[1] != before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f'"""What it is for."""\n# Why.\n{text}',
        lambda text: f"import os\nfrom pathlib import Path\n{text}",
        lambda text: text.replace("def judge():\n", 'def judge():\n    """Judge."""\n\n'),
    ],
)
def test_comments_docstrings_and_imports_do_not_count(
    package: Path, change: Callable[[str], str]
) -> None:
    before = scorer_source(_factory())
    path = package / "judge.py"
    path.write_text(change(path.read_text()))
    assert scorer_source(_factory()) == before


def test_a_move_of_a_module_does_not_count(package: Path) -> None:
    before = scorer_source(_factory())
    (package / "deep" / "rules.py").rename(package / "laws.py")
    judge = package / "judge.py"
    judge.write_text(judge.read_text().replace("from .deep.rules", "from .laws"))
    (package / "laws.py").write_text("from .more import X\nRULE = X\n")
    assert scorer_source(_factory()) == before


def test_what_is_not_imported_does_not_count(package: Path) -> None:
    before = scorer_source(_factory())
    (package / "unused.py").write_text("X = 2\n")
    assert scorer_source(_factory()) == before


def test_ours_have_their_version_and_all_of_their_modules() -> None:
    found = set(_closure("tenken.scorers.refusal")[0])
    assert {"tenken.scorers.refusal", "tenken.scorers._refusal.classify"} <= found
    assert "tenken.scorers.verdict" in found and "tenken.scorers._choice.reading" not in found
    assert scorer_source(refusal)[1] != scorer_source(choice)[1]


def test_a_scorer_of_another_distribution_has_its_version() -> None:
    version, source = scorer_source(match)
    assert version.startswith("0.3.") and len(source) == 64


def test_a_scorer_from_a_loose_file_has_the_digest_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "loose.py"
    path.write_text("def judge():\n    return 1\n")
    space: dict[str, Any] = {"__name__": "no_module_at_all"}
    exec(compile(path.read_text(), str(path), "exec"), space)
    version, before = scorer_source(space["judge"])
    path.write_text("def judge():\n    return 2\n")
    assert version == "0" and scorer_source(space["judge"])[1] != before


def test_our_version_is_the_modules_not_the_packages() -> None:
    assert scorer_source(refusal)[0] != tenken.__version__
