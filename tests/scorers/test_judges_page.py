"""The page of judges says what the trials give: its command makes the same table again."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def make_judges() -> Any:
    spec = importlib.util.spec_from_file_location("make_judges", ROOT / "tools" / "make_judges.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
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
