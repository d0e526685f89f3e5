"""Templates are kept compiled beside Python's modules, and are compiled again when they change."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tenken.results.pages import environment


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules with one template, from which pages are made."""
    folder = tmp_path / "pages" / "templates"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("<p>{{ text }}</p>")
    (folder.parent / "words.py").write_text("")
    monkeypatch.setattr(environment, "TEMPLATES", folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return folder


def page() -> str:
    return environment.page_environment().get_template("page.html").render(text="<a>")


def test_a_page_is_the_same_from_a_compiled_template(templates: Path) -> None:
    first, kept = page(), list((templates / "__pycache__").iterdir())
    assert len(kept) == 1
    assert page() == first == "<p>&lt;a&gt;</p>"


def test_a_changed_template_is_compiled_again(templates: Path) -> None:
    page()
    (templates / "page.html").write_text("<b>{{ text }}</b>")
    assert page() == "<b>&lt;a&gt;</b>"


def test_what_another_state_of_the_modules_compiled_is_taken_away(templates: Path) -> None:
    page()
    before = {path.name for path in (templates / "__pycache__").iterdir()}
    (templates.parent / "words.py").write_text("changed = True")
    page()
    after = {path.name for path in (templates / "__pycache__").iterdir()}
    assert len(after) == 1
    assert not after & before


def test_a_folder_that_cannot_be_written_keeps_nothing(templates: Path) -> None:
    shutil.rmtree(templates / "__pycache__", ignore_errors=True)
    (templates / "__pycache__").write_text("in the way")
    assert page() == "<p>&lt;a&gt;</p>"


def test_nothing_is_kept_where_python_keeps_nothing(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    page()
    assert not (templates / "__pycache__").exists()
