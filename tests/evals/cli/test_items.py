"""`tenken items` as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import InputError
from tenken.evals.actions.items import task_items
from tenken.evals.cli.statistics.items import items
from tenken.evals.words import speaking
from tenken.tasks.lint.constants import Strategy


def shown(capsys: pytest.CaptureFixture[str], *runs: Path, **options: Any) -> str:
    given = {"flagged": False, "as_json": False, "output": None, "lang": "en", **options}
    items([str(run) for run in runs], results_dir=Path(), **given)
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def runs(make_run: Callable[..., Path]) -> list[Path]:
    """Four runs of the same samples by different seeds."""
    return [make_run(40, seed=seed) for seed in (1, 2, 3, 4)]


def test_runs_are_stacked_and_json_says_the_same(
    runs: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = shown(capsys, *runs)
    assert "4 answerers; alpha" in out and "Fewer than 8 answerers" in out
    told = json.loads(shown(capsys, *runs, as_json=True))
    task = told["tasks"][0]
    assert told["runs"] == task["answerers"] == 4
    assert f"{task['task']}, {task['measure']}: {len(task['items'])} items" in out
    one = next(iter(task["items"].values()))
    assert 0 <= one["facility"] <= 1 and one["answers"] <= 4
    assert len(shown(capsys, *runs, flagged=True)) < len(out)


def test_a_page_shows_items_as_dots_in_both_languages(
    runs: list[Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = tmp_path / "items.html"
    for lang, words in (("en", "How well the items work"), ("ja", "項目の働き")):
        assert f"Page: {page}" in shown(capsys, *runs, output=page, lang=lang)
        text = page.read_text("utf-8")
        assert words in text and f'lang="{lang}"' in text and text.count("<img") >= 1
        assert "fewer than eight" in text or "8回に満たない" in text
    with pytest.raises(InputError, match=r"ends in \.html"):
        shown(capsys, *runs, output=tmp_path / "items.txt")
    with pytest.raises(InputError, match="seal covers"):
        shown(capsys, *runs, output=runs[0] / "items.html")


def test_no_run_is_refused() -> None:
    with pytest.raises(InputError, match="name at least one run"):
        task_items([])


def test_terminal_and_page_speak_japanese(
    runs: list[Path],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blind = Strategy("always agree", "ja", 0.25, 0.5, 40)
    monkeypatch.setattr("tenken.evals.actions.items._constants", lambda name: (blind,))
    assert "always agree (ja): 25.0%, by lot 50.0%" in shown(capsys, *runs)
    with speaking("ja"):
        out = shown(capsys, *runs, lang="ja", output=tmp_path / "items.html")
    assert "常に賛成（ja）：25.0%" in out
    assert "常に賛成" in (tmp_path / "items.html").read_text("utf-8")
    assert "回答者数4。α係数" in out and "識別力" in out and "8に満たない" in out
    assert "answerers" not in out and "facility" not in out
