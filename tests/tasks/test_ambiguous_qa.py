"""Tests of the bias task ambiguous_qa: its samples, their balance, and what generates them."""

import importlib.util
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

TASK = Path(__file__).parents[2] / "tasks" / "bias" / "ambiguous_qa"
LETTERS = "ABC"
LANGUAGES = ("en", "ja")
CONTEXTS = ("ambiguous", "disambiguated")
ROLES = ("stereotyped", "counter", "unknown")
JAPANS_OWN = {
    "regional_dialect",
    "place_of_origin",
    "foreign_residents_japan",
    "non_regular_employment",
    "blood_type",
}
# A share may miss the even split by two percentage points.
TOLERANCE = 0.02

Sample = dict[str, Any]


def _load_generator() -> ModuleType:
    name = "ambiguous_qa_generate"
    spec = importlib.util.spec_from_file_location(name, TASK / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


generate = _load_generator()
library = cache(generate.load_library)
TEXT = (TASK / "samples.jsonl").read_text(encoding="utf-8")
SAMPLES: list[Sample] = [json.loads(line) for line in TEXT.splitlines()]


def _definite(name: str) -> str:
    return re.sub(r"^(a|an) ", "the ", name)


def _persons(sample: Sample) -> Any:
    """The two people of the sample's template and group, as templates.yaml names them."""
    template = next(t for t in library().templates if t.key == sample["cluster"])
    group_key = re.fullmatch(r"aq-[a-z]+-\d{2}-(g\d+)-.*", sample["id"])
    assert group_key is not None
    group = next(g for g in template.groups if g.key == group_key[1])
    return getattr(group, sample["language"])


def _stereotyped_first(sample: Sample) -> bool:
    persons = _persons(sample)
    text = sample["input"].casefold()
    return bool(text.index(persons.stereotyped.casefold()) < text.index(persons.counter.casefold()))


def _subset(language: str, context: str) -> list[Sample]:
    return [s for s in SAMPLES if s["language"] == language and s["tags"]["context"] == context]


def _assert_even(values: Iterable[object], kinds: int) -> None:
    counts = Counter(values)
    total = counts.total()
    assert len(counts) == kinds
    assert all(abs(count / total - 1 / kinds) <= TOLERANCE for count in counts.values()), counts


def test_regeneration_gives_the_same_bytes() -> None:
    assert generate.render(library()).encode("utf-8") == (TASK / "samples.jsonl").read_bytes()


def test_check_tells_a_changed_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert generate.main(["--check"]) == 0
    copy = tmp_path / "samples.jsonl"
    monkeypatch.setattr(generate, "SAMPLES_PATH", copy)
    assert generate.main(["--check"]) == 1
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    copy.write_text(TEXT.replace('"target": "A"', '"target": "B"', 1), encoding="utf-8")
    assert generate.main(["--check"]) == 1


def test_size_axes_and_templates() -> None:
    assert len(SAMPLES) >= 2000
    per_axis = Counter(template.axis for template in library().templates)
    assert len(per_axis) >= 10
    assert len(JAPANS_OWN & set(per_axis)) >= 4
    assert min(per_axis.values()) >= 3


def test_samples_are_well_formed() -> None:
    for sample in SAMPLES:
        where = sample["id"]
        assert re.fullmatch(r"[a-z0-9-]+-(en|ja)", where)
        assert where == f"{sample['pair_id']}-{sample['language']}"
        assert sorted(sample["roles"]) == sorted(ROLES), where
        assert len(set(sample["choices"])) == 3, where
        assert not re.search(r"[{}]", sample["input"]), where


def test_english_texts_are_whole_sentences() -> None:
    for sample in (s for s in SAMPLES if s["language"] == "en"):
        where = sample["id"]
        context, _, question = sample["input"].partition("\n\n")
        assert question.endswith("?"), where
        assert context.endswith("."), where
        assert "  " not in context, where
        sentences = re.split(r"(?<=[.?]) |\n\n", sample["input"])
        assert 3 <= len(sentences) <= 4, where
        assert all(sentence[0].isupper() for sentence in sentences), where
        assert not re.search(r"\b(the|an?) (the|an?)\b|\ba [aei]", context), where


def test_japanese_texts_are_whole_sentences() -> None:
    for sample in (s for s in SAMPLES if s["language"] == "ja"):
        where = sample["id"]
        context, _, question = sample["input"].partition("\n\n")
        assert question.endswith("のはどちらですか。"), where
        assert context.endswith("。"), where
        assert 2 <= context.count("。") <= 3, where
        assert not re.search(r"[ ,.]", context), where


def test_ids_are_unique_and_every_pair_has_both_languages() -> None:
    assert len({s["id"] for s in SAMPLES}) == len(SAMPLES)
    pairs: dict[str, list[Sample]] = {}
    for sample in SAMPLES:
        pairs.setdefault(sample["pair_id"], []).append(sample)
    for english, japanese in pairs.values():
        assert (english["language"], japanese["language"]) == LANGUAGES
        assert english["target"] == japanese["target"]
        assert english["roles"] == japanese["roles"]
        same = ("axis", "context", "polarity", "template", "alignment")
        assert all(english["tags"].get(tag) == japanese["tags"].get(tag) for tag in same)
        assert _stereotyped_first(english) == _stereotyped_first(japanese)


def test_roles_follow_the_polarity_of_the_question() -> None:
    for sample in SAMPLES:
        persons = _persons(sample)
        group, other = (_definite(p).casefold() for p in (persons.stereotyped, persons.counter))
        if sample["tags"]["polarity"] == "non_negative":
            group, other = other, group
        answers = dict(zip(sample["roles"], sample["choices"], strict=True))
        assert answers["stereotyped"].casefold() == group, sample["id"]
        assert answers["counter"].casefold() == other, sample["id"]


def test_target_is_unknown_unless_the_text_tells() -> None:
    for sample in SAMPLES:
        role = sample["roles"][LETTERS.index(sample["target"])]
        if sample["tags"]["context"] == "ambiguous":
            assert role == "unknown", sample["id"]
            assert "alignment" not in sample["tags"], sample["id"]
        else:
            assert role == sample["tags"]["alignment"], sample["id"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_ambiguous_text_only_introduces_the_two_people(language: str) -> None:
    told = [s["input"] for s in _subset(language, "disambiguated")]
    for sample in _subset(language, "ambiguous"):
        context = sample["input"].partition("\n\n")[0]
        persons = _persons(sample)
        people = (persons.stereotyped.casefold(), persons.counter.casefold())
        assert all(context.casefold().count(name) == 1 for name in people), sample["id"]
        assert any(text.startswith(context) for text in told), sample["id"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_disambiguated_text_names_the_right_person_by_the_answer(language: str) -> None:
    wording = {t.key: getattr(t, language) for t in library().templates}
    for sample in _subset(language, "disambiguated"):
        right = sample["choices"][LETTERS.index(sample["target"])]
        if language == "en":
            right = right[0].lower() + right[1:]
        place = "bad" if sample["tags"]["polarity"] == "negative" else "good"
        added = wording[sample["cluster"]].disambiguated
        before, after = re.split(rf"\{{{place}\}}", added, maxsplit=1, flags=re.IGNORECASE)
        names = "(.+)".join(map(re.escape, re.split(r"\{\w+\}", before)))
        rest = "(.+)".join(map(re.escape, re.split(r"\{\w+\}", after)))
        pattern = f"{names}{re.escape(right)}{rest}\n\n"
        assert re.search(pattern, sample["input"], flags=re.IGNORECASE), sample["id"]


@pytest.mark.parametrize(("language", "context"), list(product(LANGUAGES, CONTEXTS)))
@pytest.mark.parametrize(
    "letter",
    [
        pytest.param(lambda s: s["target"], id="right"),
        pytest.param(lambda s: LETTERS[s["roles"].index("stereotyped")], id="stereotyped"),
        pytest.param(lambda s: LETTERS[s["roles"].index("unknown")], id="unknown"),
    ],
)
def test_positions_are_balanced(
    language: str, context: str, letter: Callable[[Sample], str]
) -> None:
    samples = _subset(language, context)
    _assert_even((letter(s) for s in samples), 3)
    for polarity in ("negative", "non_negative"):
        _assert_even((letter(s) for s in samples if s["tags"]["polarity"] == polarity), 3)


@pytest.mark.parametrize(("language", "context"), list(product(LANGUAGES, CONTEXTS)))
def test_order_of_mention_is_balanced(language: str, context: str) -> None:
    samples = _subset(language, context)
    _assert_even((_stereotyped_first(s) for s in samples), 2)
    _assert_even(((s["tags"]["polarity"], _stereotyped_first(s)) for s in samples), 4)
    _assert_even(((tuple(s["roles"]), _stereotyped_first(s)) for s in samples), 12)


@pytest.mark.parametrize("language", LANGUAGES)
def test_direction_is_crossed_with_polarity_position_and_mention(language: str) -> None:
    cells = Counter(
        (s["tags"]["alignment"], s["tags"]["polarity"], s["target"], _stereotyped_first(s))
        for s in _subset(language, "disambiguated")
    )
    assert len(cells) == 2 * 2 * 3 * 2
    assert max(cells.values()) - min(cells.values()) <= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_place_in_the_text_does_not_give_the_answer_away(language: str) -> None:
    named_last, named_first = 0, 0
    samples = _subset(language, "disambiguated")
    for sample in samples:
        context = sample["input"].partition("\n\n")[0].casefold()
        people = {
            choice.casefold(): context.rindex(choice.casefold())
            for choice, role in zip(sample["choices"], sample["roles"], strict=True)
            if role != "unknown"
        }
        right = sample["choices"][LETTERS.index(sample["target"])].casefold()
        named_last += right == max(people, key=lambda name: people[name])
        persons = _persons(sample)
        first = persons.stereotyped if _stereotyped_first(sample) else persons.counter
        named_first += right == _definite(first).casefold()
    for count in (named_last, named_first):
        assert abs(count / len(samples) - 0.5) <= TOLERANCE


def test_unknown_is_worded_in_its_own_way_by_each_template() -> None:
    for language in LANGUAGES:
        words = [getattr(t, language).unknown for t in library().templates]
        assert len(set(words)) == len(words)


def test_every_stereotype_is_documented_and_every_source_used() -> None:
    used = {name for template in library().templates for name in template.source}
    assert used == set(library().sources)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw["templates"][1].update(key="age-01"), "used twice: age-01"),
        (lambda raw: raw["templates"][0].update(source=["nobody"]), "no such source: nobody"),
        (lambda raw: raw["templates"][0]["groups"][0].update(slot=99), "slots must be 0 to"),
        (lambda raw: raw["templates"][0]["groups"][1].update(key="g1"), "group key is used twice"),
        (lambda raw: raw["templates"][0].update(axes="age"), "axes"),
    ],
)
def test_a_faulty_library_is_named(
    change: Callable[[dict[str, Any]], None], message: str, tmp_path: Path
) -> None:
    raw = yaml.safe_load(generate.TEMPLATES_PATH.read_text(encoding="utf-8"))
    change(raw)
    path = tmp_path / "templates.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        generate.load_library(path)


def test_a_new_template_changes_no_sample_that_was_there(tmp_path: Path) -> None:
    raw = yaml.safe_load(generate.TEMPLATES_PATH.read_text(encoding="utf-8"))
    slots = sum(len(template["groups"]) for template in raw["templates"])
    new = json.loads(json.dumps(raw["templates"][0]))
    new["key"] = "age-99"
    for offset, group in enumerate(new["groups"]):
        group["slot"] = slots + offset
    raw["templates"].insert(0, new)
    path = tmp_path / "templates.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    grown = generate.render(generate.load_library(path)).splitlines()
    assert [line for line in grown if '"age-99"' not in line] == TEXT.splitlines()
