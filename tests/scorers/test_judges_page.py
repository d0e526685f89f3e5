"""The page of judges says what the trials give: its command makes the same table again."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def make_judges() -> Any:
    spec = importlib.util.spec_from_file_location("make_judges", ROOT / "tools" / "make_judges.py")
    assert spec and spec.loader
    sys.path.insert(0, str(ROOT / "tools"))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "tools"))
    return module


def test_a_row_is_what_the_scorer_gives_now(
    make_judges: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [row for row in make_judges.OWN if row[1] == "refusal_en.jsonl"]
    monkeypatch.setattr(make_judges, "OWN", few)
    made = make_judges._table(list(make_judges._own()))
    page = (ROOT / "docs" / "judges.md").read_text("utf-8")
    for line in made:
        assert line in page, "run python tools/make_judges.py"
    assert "not recomputed here" in page


def test_the_rules_of_others_are_compared_on_the_same_answers(make_judges: Any) -> None:
    page = (ROOT / "docs" / "judges.md").read_text("utf-8")
    lines = list(make_judges._rules())
    for line in lines:
        assert line in page, "run python tools/make_judges.py"
    ours = [line for line in lines if "Tenken" in line]
    assert all(line.split("|")[5].strip() == "0.000" for line in ours)  # never wrong on any list
