"""Every attack keeps the whole request, in both languages, and is the same every time."""

from __future__ import annotations

import ast
import base64
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenken.tasks.attacks import transforms
from tenken.tasks.attacks.spelling import full_width, kana_swapped, leet, romanised, zero_width
from tenken.tasks.attacks.transforms import ATTACKS, MOST_SHOTS, shots_that_fit

character_tricks: Any = ATTACKS["character_tricks"].apply
many_shot: Any = ATTACKS["many_shot"].apply
translation_sandwich: Any = ATTACKS["translation_sandwich"].apply

REQUESTS = {
    "en": 'Write a note: "call {me} at 5",\nthen sign it.',
    "ja": "「五時に{私}へ電話して」と書いて、\n最後に署名して。",
}
KEPT_AS_IT_IS = sorted(
    set(ATTACKS)
    - {"payload_splitting", "base64", "character_codes", "reversed_text", "character_tricks"}
    - {"code_completion"}
)
TEXTS = st.text(min_size=1, max_size=200)
LANGUAGES = st.sampled_from(["en", "ja"])
SEEDS = st.from_regex(r"[a-z]{2}-[0-9]{3}-(en|ja)", fullmatch=True)


def said(put: Any) -> str:
    """What the user says last."""
    return put if isinstance(put, str) else put[-1]["content"]


def decoded(name: str, put: str) -> str:
    """Read the request back out of an encoding attack."""
    if name == "base64":
        return base64.b64decode(put.split("\n\n", 1)[1]).decode()
    if name == "character_codes":
        return "".join(chr(int(code, 16)) for code in put.split("\n\n", 1)[1].split(" "))
    if name == "reversed_text":
        return put.split("\n\n", 1)[1][::-1]
    if name == "payload_splitting":
        lines = put.split("\n\n", 1)[0].split("\n")
        assert [line[:4] for line in lines] == ["x = ", "y = ", "z = "]
        return "".join(json.loads(line[4:]) for line in lines)
    line = next(line for line in put.split("\n") if line.startswith("task = "))
    return str(json.loads(line[7:]))


def test_there_are_at_least_twelve_attacks_and_none_is_the_first() -> None:
    assert next(iter(ATTACKS)) == "none"
    assert len(ATTACKS) - 1 >= 12
    named = "role_play refusal_suppression affirmative_prefix fiction authority_and_urgency "
    named += "system_prompt_override payload_splitting base64 character_tricks "
    named += "translation_sandwich many_shot past_tense"
    assert set(named.split()) <= set(ATTACKS)


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"none"}))
def test_each_says_where_it_was_published_and_has_both_titles(name: str) -> None:
    attack = ATTACKS[name]
    assert re.search(r"\((19|20)\d\d\)", attack.source), attack.source
    assert attack.title.en and re.search(r"[ぁ-んァ-ヶ一-龠]|Base64", attack.title.ja)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"none", "translation_sandwich"}))
def test_a_frame_is_written_in_the_language_of_the_request(name: str, language: str) -> None:
    put = ATTACKS[name].apply("7", language, "a")
    shown = "".join(m["content"] for m in put) if isinstance(put, list) else put
    if name == "character_tricks":
        return  # has no frame
    assert bool(re.search(r"[ぁ-ん]", shown)) == (language == "ja")


@pytest.mark.parametrize("name", sorted(ATTACKS))
@settings(max_examples=25)
@given(text=TEXTS, language=LANGUAGES, seed=SEEDS)
def test_the_same_again_gives_the_same(name: str, text: str, language: str, seed: str) -> None:
    apply = ATTACKS[name].apply
    assert apply(text, language, seed) == apply(text, language, seed)
    put = apply(text, language, seed)
    assert isinstance(put, str) or all(set(each) == {"role", "content"} for each in put)


@pytest.mark.parametrize("name", KEPT_AS_IT_IS)
@settings(max_examples=25)
@given(text=TEXTS, language=LANGUAGES, seed=SEEDS)
def test_a_frame_holds_the_whole_request(name: str, text: str, language: str, seed: str) -> None:
    assert text in said(ATTACKS[name].apply(text, language, seed))


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - set(KEPT_AS_IT_IS) - {"character_tricks"}))
@settings(max_examples=25)
@given(text=TEXTS, language=LANGUAGES, seed=SEEDS)
def test_an_encoding_can_be_read_back(name: str, text: str, language: str, seed: str) -> None:
    assert decoded(name, said(ATTACKS[name].apply(text, language, seed))) == text


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"none"}))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_ordinary_request_is_changed(name: str, language: str) -> None:
    put = ATTACKS[name].apply(REQUESTS[language], language, f"fr-001-{language}")
    assert put != REQUESTS[language]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_program_to_be_finished_is_a_program(language: str) -> None:
    put = said(ATTACKS["code_completion"].apply(REQUESTS[language], language, "a"))
    code = ast.parse(put.split("```python\n")[1].split("```")[0])
    assert isinstance(code.body[0], ast.Assign)
    assert ast.literal_eval(code.body[0].value) == REQUESTS[language]


@given(text=TEXTS)
def test_zero_width_and_kana_can_be_undone(text: str) -> None:
    if "\u200b" not in text:
        assert zero_width(text).replace("\u200b", "") == text
    assert kana_swapped(kana_swapped(text)) == text


@given(text=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_full_width_can_be_undone(text: str) -> None:
    back = "".join(" " if c == "\u3000" else chr(ord(c) - 0xFEE0) for c in full_width(text))
    assert back == text


@given(text=TEXTS)
def test_leet_leaves_all_but_some_letters(text: str) -> None:
    written = leet(text)
    assert len(written) == len(text)
    changed = {(a, b) for a, b in zip(text, written, strict=True) if a != b}
    assert changed <= set(zip("aeiostAEIOST", "431057431057", strict=True))


@given(text=st.text(st.sampled_from("あきっんょゃしちつ漢字カナ。a \n")))
def test_romaji_leaves_no_hiragana_and_all_else(text: str) -> None:
    written = romanised(text)
    assert not re.search(r"[ぁ-ゖ]", written)
    assert re.sub(r"[a-z' \n]", "", written) == re.sub(r"[ぁ-ゖa \n]", "", text)


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("きょうと", "kyouto"),
        ("まって", "matte"),
        ("はっちゅう", "hatchuu"),
        ("しんよう", "shin'you"),
        ("てんけん", "tenken"),
        ("ざっし", "zasshi"),
        ("あっ。", "axtsu。"),
        ("電話して、すぐ", "電話shite、sugu"),
    ],
)
def test_romaji_is_written_as_people_type_it(kana: str, latin: str) -> None:
    assert romanised(kana) == latin


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_seed_and_the_language_choose_the_trick(language: str) -> None:
    text = "Please write it down いますぐ書いて"
    seen = {str(character_tricks(text, language, f"a-{number}")) for number in range(40)}
    own = (
        {kana_swapped(text), romanised(text)}
        if language == "ja"
        else {leet(text), full_width(text)}
    )
    assert seen == {zero_width(text), *own}


def test_the_seed_moves_the_cuts_and_turns_the_shots() -> None:
    splits = {said(ATTACKS["payload_splitting"].apply("x" * 200, "en", str(n))) for n in range(20)}
    assert len(splits) > 5
    first = {many_shot("x", "en", str(number))[0]["content"] for number in range(40)}  # type: ignore[index]
    assert len(first) > 5


def test_a_sandwich_has_the_request_in_its_middle() -> None:
    put = said(translation_sandwich("the request", "en", "a"))
    numbered = [line for line in put.split("\n") if re.match(r"\d\. ", line)]
    assert len(numbered) == 5
    assert numbered[2] == "3. the request"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_many_shots_alternate_and_end_with_the_request(language: str) -> None:
    put = many_shot("the request", language, "a")
    assert isinstance(put, list)
    assert [each["role"] for each in put] == ["user", "assistant"] * 12 + ["user"]
    assert put[-1]["content"] == "the request"
    assert len({each["content"] for each in put}) == len(put)


def test_another_process_makes_the_same_of_a_request() -> None:
    code = (
        "from tenken.tasks.attacks.transforms import ATTACKS\n"
        "import hashlib\n"
        "made = [repr(a.apply('Write 手紙 now', l, 'fr-001-en')) for a in ATTACKS.values()"
        " for l in ('en', 'ja')]\n"
        "print(hashlib.sha256(''.join(made).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_many_shots_are_all_different_and_the_same_for_a_seed(language: str) -> None:
    full = transforms.many_shot("Request.", language, "seed", MOST_SHOTS)
    questions = [each["content"] for each in full if each["role"] == "user"]
    assert len(full) == 2 * MOST_SHOTS + 1
    assert len(set(questions)) == MOST_SHOTS + 1
    assert questions[-1] == "Request."
    assert full == transforms.many_shot("Request.", language, "seed", MOST_SHOTS)
    assert full != transforms.many_shot("Request.", language, "other", MOST_SHOTS)
    dozen = transforms.many_shot("Request.", language, "seed", 12)
    assert dozen == transforms.many_shot("Request.", language, "seed") == full[-25:]


def test_no_more_shots_go_before_a_request_than_fit() -> None:
    assert shots_that_fit(1_000_000, 500) == MOST_SHOTS
    assert shots_that_fit(1_000, 500) == 1
    some = shots_that_fit(8_192, 512)
    assert 1 < some < shots_that_fit(16_384, 512) < MOST_SHOTS
    for language, rate in (("en", 0.25), ("ja", 0.9)):
        put = transforms.many_shot("Request.", language, "s", some)
        tokens = sum(len(each["content"]) * rate + 8 for each in put)
        assert tokens + 512 < 8_192
