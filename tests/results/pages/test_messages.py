"""The message catalogues: both languages say the same things, and nothing is left over."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from tenken.results.compare.match import REASONS
from tenken.results.metrics.settings import rounded
from tenken.results.pages.messages import FOLDER, catalogue
from tenken.results.pages.words import Words
from tenken.schema.reasons import PARAMETERS, Reason, ReasonCode
from tenken.schema.record import LANGUAGES, OUTCOMES, RISKS, Decision

EN, JA = catalogue("en"), catalogue("ja")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
PAIRS = {key: (EN.text[key], JA.text.get(key, "")) for key in EN.text} | {
    f"{kind}.{name}": (words, JA.term.get(kind, {}).get(name, ""))
    for kind, names in EN.term.items()
    for name, words in names.items()
}
ROOT = Path(__file__).resolve().parents[3]
ROOMS = [ROOT / name for name in ("src", "evals", "tasks", "scorers", "results")]


@cache
def sources() -> str:
    """All code, templates and data that can name a message, without the catalogues."""
    files = [
        path
        for room in ROOMS
        for ending in ("py", "html", "yaml", "jsonl")
        for path in room.rglob(f"*.{ending}")
        if path.parent != FOLDER and "runs" not in path.parts
    ]
    return "\n".join(path.read_text("utf-8") for path in files)


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_catalogues_have_the_same_keys() -> None:
    assert EN.text.keys() == JA.text.keys()
    assert {kind: set(names) for kind, names in EN.term.items()} == {
        kind: set(names) for kind, names in JA.term.items()
    }


def test_a_message_has_the_same_blanks_and_its_own_language() -> None:
    assert len(PAIRS) > 1000
    for key, (en, ja) in PAIRS.items():
        assert en and ja, key
        assert blanks(ja) == blanks(en), key
        assert not JAPANESE.search(en), key
        if re.search(r"[a-z]{3}.* ", re.sub(r"\{\w+\}", "", en)):
            assert JAPANESE.search(ja), key


def test_no_message_is_unused() -> None:
    quoted = set(re.findall(r"""["']([\w]+)["']""", sources()))
    assert not set(EN.text) - quoted
    assert not set(EN.term) - quoted


def test_no_word_is_for_a_name_that_nothing_gives() -> None:
    names = {name for names in EN.term.values() for name in names}
    words = set(re.findall(r"\w+", sources()))
    built = re.compile("^(first|last|limit|http)_")  # what a scorer or the logs put before a reason
    plain = {name if name in words else built.sub("", name) for name in names}
    assert not {name for name in plain if name not in (words if name.isidentifier() else sources())}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("why", get_args(ReasonCode)),
        ("apart", REASONS),
        ("outcome", OUTCOMES),
        ("outcome_means", OUTCOMES),
        ("decision", get_args(Decision)),
        ("decision_means", get_args(Decision)),
        ("language", LANGUAGES),
        ("risk", RISKS),
        ("about", EN.term["method"]),
    ],
)
def test_every_code_has_its_words_and_none_is_more(kind: str, names: list[str]) -> None:
    assert set(EN.term[kind]) == set(names)


@pytest.mark.parametrize("code", get_args(ReasonCode))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_reason_says_its_parameters(code: ReasonCode, language: str) -> None:
    given = {"labels": ("compliance",), "n": 30, "least": 50}
    values = {name: given.get(name, 0.25) for name in PARAMETERS.get(code, ())}
    said = Words(language).why(Reason(code=code, values=values))
    for name in values:
        shown = {"labels": Words(language).term("label", "compliance"), "n": "30", "least": "50"}
        assert shown.get(name, "0.250") in said


def test_a_reason_without_its_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'small_trial' has the parameters \['n'\], expected"):
        Reason(code="small_trial", values={"n": 3})


def test_a_name_without_a_word_is_shown_as_it_is() -> None:
    words = Words("en")
    assert words.term("label", "half_done") == "half done"
    assert words.term("seal", "{said}") == "{said}"
    assert words.term("apart", "version") == EN.term["apart"]["version"], "a tag may have that name"


@pytest.mark.parametrize("value", [-0.0, -1e-9, -0.0004])
def test_a_share_of_nothing_has_no_sign(value: float) -> None:
    assert Words("en").percent(value) == "0.0%"
    assert str(rounded(value * 0)) == "0.0"
