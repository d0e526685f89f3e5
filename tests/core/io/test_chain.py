"""A line of a chain is taken in the one form that it has, and in no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.errors import InputError
from tenken.io.canonical import canonical_json
from tenken.io.chain import START, ChainFile, _entry, iter_chain

_TEXTS = st.text(st.sampled_from('ab":\\,{}点 \x1f\x7f\n'), max_size=6)
_VALUES = st.one_of(
    _TEXTS, st.integers(), st.floats(), st.booleans(), st.none(), st.lists(_TEXTS, max_size=2)
)
_ENTRIES = st.dictionaries(st.sampled_from(["at", "epoch", "event", "A", "é"]), _VALUES)


@given(_ENTRIES, st.sampled_from([(",", ":"), (", ", ":"), (",", ": ")]), st.booleans())
def test_a_line_is_an_entry_where_it_is_its_canonical_form(
    entry: dict[str, object], marks: tuple[str, str], escaped: bool
) -> None:
    line = json.dumps(entry, separators=marks, ensure_ascii=escaped).encode()
    try:
        expected = canonical_json(entry) == line
    except ValueError:  # no number
        with pytest.raises(ValueError, match="JSON compliant"):
            _entry(line)
        return
    assert (_entry(line) is not None) is expected


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":"1","a":"2"}',
        b'{"a":"1","b":":","a":"2"}',
        b'{"b":1,"a":2}',
        b'{"a":1.0e3}',
        b'{"a":01}',
        b'{"a":-0}',
        b'{"a":"\\u0041"}',
        b'{"a":1,}',
        b'{"a":1} ',
        b'{"a":"\xff"}',
        b"[1]",
        b"",
    ],
)
def test_another_spelling_is_no_entry(line: bytes) -> None:
    assert _entry(line) is None


def test_a_chain_reads_back_and_breaks_where_a_line_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "chain.jsonl"
    chain = ChainFile(path)
    entries = [{"event": "asked", "epoch": 1}, {"event": "met", "about": {"x": [1.5, "点"]}}]
    for entry in entries:
        chain.append(entry)
    chain.close()
    read = list(iter_chain(path))
    assert [{k: v for k, v in each.items() if k != "previous"} for each in read] == entries
    assert read[0]["previous"] == START
    path.write_bytes(path.read_bytes().replace(b'"epoch":1', b'"epoch":2'))
    with pytest.raises(InputError, match=r"chain\.jsonl:2: does not continue"):
        list(iter_chain(path))
