"""The matrix of the frameworks: every category is there, and what is missing is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tenken.frameworks.catalogue import FRAMEWORKS, HAZARDS, OUTSIDE_THE_RISKS, PERSPECTIVES
from tenken.frameworks.coverage import Covering, coverage, in_words
from tenken.schema.coverage import CoveredCategory, CoveredFramework


def _task(name: str, en: int = 3, ja: int = 3, n: int | None = None, **codes: Any) -> Covering:
    asked = {"en": en, "ja": ja}
    return Covering(name, codes, asked, asked if n is None else {"en": n, "ja": n})


def _row(blocks: Sequence[CoveredFramework], framework: str, code: str) -> CoveredCategory:
    block = next(each for each in blocks if each.framework == framework)
    return next(each for each in block.categories if each.code == code)


def test_the_frameworks_have_the_categories_of_their_documents() -> None:
    assert [len(each.categories) for each in FRAMEWORKS] == [10, 12, 7]
    assert PERSPECTIVES.codes == tuple(map(str, range(1, 11)))
    for framework in FRAMEWORKS:
        assert len(set(framework.codes)) == len(framework.codes)
        assert framework.source and framework.url.startswith("https://")
        for each in framework.categories:
            assert each.en and each.ja and bool(each.gap_en) == bool(each.gap_ja)
    assert set(PERSPECTIVES.codes) > OUTSIDE_THE_RISKS


def test_without_a_task_every_category_is_missing_in_words() -> None:
    blocks = coverage([])
    for language in ("en", "ja"):
        words = in_words(blocks, language)
        assert len(words) == 29
        for framework in FRAMEWORKS:
            for each in framework.categories:
                assert any(getattr(each, language) in sentence for sentence in words)


def test_what_institutes_hold_closed_is_said() -> None:
    for code in ("cse", "iwp"):
        (said,) = [each for each in in_words(coverage([]), "en") if each.startswith(code)]
        assert "hold their test items for it closed" in said
        (said,) = [each for each in in_words(coverage([]), "ja") if each.startswith(code)]
        assert "非公開で管理" in said
    # A private set of an institute covers it, and then nothing is missing.
    blocks = coverage([_task("criminal_misuse/closed", hazards=["iwp"])])
    assert not [each for each in in_words(blocks, "en") if each.startswith("iwp")]


def test_a_task_counts_in_every_category_that_it_serves() -> None:
    blocks = coverage(
        [
            _task("a/x", 5, 4, perspectives=["1", "4"], hazards=["ncr"]),
            _task("a/y", 2, 0, perspectives=["1"], trustworthiness=["safe"]),
        ]
    )
    one = _row(blocks, "perspectives", "1")
    assert [task.name for task in one.tasks] == ["a/x", "a/y"]
    assert one.n == {"en": 7, "ja": 4}
    assert _row(blocks, "perspectives", "4").n == {"en": 5, "ja": 4}
    assert _row(blocks, "hazards", "ncr").tasks[0].n == {"en": 5, "ja": 4}
    assert _row(blocks, "hazards", "hte").model_dump() == {
        "code": "hte", "title": {"en": "Hate", "ja": "ヘイト"}, "tasks": (),
        "asked": {"en": 0, "ja": 0}, "n": {"en": 0, "ja": 0}, "gap": {"en": "", "ja": ""},
    }  # fmt: skip


def test_one_language_and_no_verdict_are_told_apart_from_no_task() -> None:
    blocks = coverage(
        [
            _task("a/en", 2, 0, perspectives=["1"]),
            _task("a/none", n=0, perspectives=["2"]),
            _task("a/whole", perspectives=["3"]),
            _task("a/nothing_asked", 0, 0, perspectives=["4"]),
        ]
    )
    words = in_words(blocks, "en")
    assert "1 Control of Toxic Output: nothing in Japanese." in words
    assert any(each.startswith("2 ") and "no answer has a verdict" in each for each in words)
    assert not any(each.startswith("3 ") for each in words)
    assert any(each.startswith("4 ") and "no task covers it" in each for each in words)
    assert "1 有害情報の出力制御：日本語では測っていません。" in in_words(blocks, "ja")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_is_missing_where_all_is_covered(language: str) -> None:
    everything = {each.key: each.codes for each in FRAMEWORKS}
    assert in_words(coverage([_task("a/all", **everything)]), language) == []


def test_hazard_codes_are_those_of_the_demo_prompts() -> None:
    codes = "vcr ncr src cse iwp ssh hte prv dfm ipv spc sxc"
    assert " ".join(HAZARDS.codes) == codes
