"""Tables of cues: every name that code uses is in its file, every entry compiles and is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tenken import scorers
from tenken.scorers._text.cues import CueTable

ROOT = Path(scorers.__path__[0])
TABLES = sorted([*ROOT.glob("_refusal/*.yaml"), *ROOT.glob("_choice/*.yaml")])
CODE = "\n".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_cue_compiles_and_is_used(path: Path) -> None:
    table, text = CueTable(path), path.read_text("utf-8")
    for name in table.names():
        if name.isupper():
            assert f"{{{{{name}}}}}" in text, f"{name} is part of no cue"
        else:
            assert isinstance(getattr(table, name), re.Pattern)
            assert re.search(rf"\b(?:cues|_CUES|japanese)\.{name}\b", CODE), f"{name} is not used"


def test_every_name_in_code_is_in_a_table() -> None:
    known = {name for path in TABLES for name in CueTable(path).names()}
    assert (
        set(re.findall(r"\b(?:cues|_CUES)\.([a-z_]+)\b", CODE)) - {"text", "yaml", "search"}
        <= known
    )


def test_alternatives_brackets_and_references(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("FRUIT:\n  all: [apple, pear]\neats: ['eat {{FRUIT}}', 'no food']\n")
    table = CueTable(path)
    assert table.eats.pattern == "eat (?:apple|pear)|no food"
    with pytest.raises(AttributeError, match=r"t\.yaml has no cue 'drinks'"):
        _ = table.drinks
