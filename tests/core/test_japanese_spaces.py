"""The Japanese catalogues have one rule of spaces: none beside numbers and Latin words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from japanese_spaces import spaces

from tenken.io.documents import read_mapping

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("src/tenken", "evals", "results", "scorers", "tasks")
CATALOGUES = sorted(
    path
    for room in ROOMS
    for path in (ROOT / room).rglob("*ja.yaml")
    if path.parent.name in ("messages", "terms")
)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_message_has_a_space_beside_japanese(path: Path) -> None:
    found = list(texts(read_mapping(path.read_bytes())))
    assert found and not [place for text in found for place in spaces(text)]


def test_all_catalogues_are_read() -> None:
    assert {path.name for path in CATALOGUES} == {
        "ja.yaml", "usage.ja.yaml", "errors.ja.yaml", "findings.ja.yaml",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("16 件中 4 件", 3),
        ("16件中4件", 0),
        ("{n} 件", 1),
        ("モデル {model}", 1),
        ("--help に並んでいます", 0),
        ("使えるものは --help に並んでいます", 1),
        ("reversed: true と書いてください", 0),
        ("次：tenken plan {suite} で", 0),
        ("<code>x</code> で", 0),
        ("日本語 日本語", 1),
        ("  字下げ\n  は別", 0),
    ],
)
def test_what_is_a_space_too_many(text: str, places: int) -> None:
    assert len(spaces(text)) == places
