"""The deep check: figures that a task earns by its items, on items made to earn them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tenken.schema.plan import Bilingual, Measure
from tenken.tasks.card.card import Card
from tenken.tasks.dataset.read import read_samples
from tenken.tasks.dataset.reviews import REVIEWS_FILE, item_digest, items_read
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import TaskFolder, find_task, task_card
from tenken.tasks.lint.constants import Strategy, strategies
from tenken.tasks.lint.deep import TARGETS
from tenken.tasks.lint.design import lengths, phrases, tag_counts
from tenken.tasks.lint.run import check
from tenken.tasks.lint.subject import Item, Subject, read_subject
from tenken.tasks.lint.surface import surface
from tenken.tasks.scaffold.layout import lay_out

WORDS = "harbour lantern walnut ferry copper thistle meadow orbit velvet saddle ember".split()
LETTERS = "港灯胡桃渡船銅草原軌道絹鞍石英火"


def random_pairs(language: str, harmful: str = "", twin: str = "") -> list[tuple[str, str]]:
    draw = random.Random(7)

    def text(mark: str) -> str:
        if language == "ja":
            return "".join(draw.choices(LETTERS, k=20)) + mark
        return " ".join([*draw.choices(WORDS, k=12), mark]).strip()

    return [(text(harmful), text(twin)) for _ in range(60)]


@pytest.mark.parametrize(("language", "mark"), [("en", "warning"), ("ja", "警告")])
def test_a_word_that_only_one_side_has_gives_the_label_away(language: str, mark: str) -> None:
    told = surface(random_pairs(language, twin=mark), language)
    assert told.ngrams > 0.9
    assert 0.4 < told.shuffled < 0.6
    assert told.pairs == 60


@pytest.mark.parametrize("language", ["en", "ja"])
def test_texts_without_a_difference_are_told_apart_by_chance_alone(language: str) -> None:
    told = surface(random_pairs(language), language)
    assert 0.3 < told.ngrams < 0.7


def test_halves_that_are_the_same_are_no_success() -> None:
    told = surface([("the same words", "the same words")] * 20, "en")
    assert (told.ngrams, told.shorter) == (0.0, 0.5)


def test_length_counts_a_tie_as_half_and_looks_at_both_directions() -> None:
    pairs = [("long one here", "short")] * 8 + [("aaaa", "bbbb")] * 2
    told = surface(pairs, "en")
    assert told.shorter == pytest.approx(0.1)
    assert told.by_length == pytest.approx(0.9)


def card(scorer: str, *measures: Measure) -> Card:
    own = task_card(find_task("misinformation/false_claims"))
    scoring = own.scorer.model_copy(update={"name": scorer})
    return own.model_copy(update={"scorer": scoring, "measures": list(measures)})


def measure(*labels: str, **where: str) -> Measure:
    title = Bilingual(en="A rate", ja="率")
    return Measure(key="rate", title=title, where=where, unsafe_labels=[*labels], headline=True)


def chosen(target: str, *choices: str, **more: Any) -> TaskSample:
    return TaskSample("a-1", "en", "Which?", "a-1", "a-1", choices, target, **more)


def rate(found: dict[str, Strategy], name: str) -> float:
    return found[name].rate


def by_name(card: Card, samples: list[TaskSample]) -> dict[str, Strategy]:
    return {each.name: each for each in strategies(card, samples)}


def test_the_longest_choice_that_is_always_right_is_found_out() -> None:
    samples = [chosen("A", "a long and careful answer", "no"), chosen("B", "no", "a long one")]
    found = by_name(card("tenken/choice", measure("incorrect")), samples)
    assert rate(found, "longest") == 0
    assert rate(found, "shortest") == 1
    assert rate(found, "first") == rate(found, "last") == 0.5
    assert found["longest"].gain == 0.5
    assert "always agree" not in found


def test_a_stance_is_followed_wherever_it_stands() -> None:
    samples = [chosen("B", "Agree", "Disagree"), chosen("A", "Disagree", "Agree")]
    found = by_name(card("tenken/choice", measure("incorrect")), samples)
    assert rate(found, "always disagree") == 0
    assert rate(found, "always agree") == 1


def test_unknown_is_told_by_role_and_by_words() -> None:
    roles = ("stereotyped", "unknown", "counter")
    by_role = [chosen("B", "He", "It stays open", "She", roles=roles)]
    found = by_name(card("tenken/choice", measure("stereotyped")), by_role)
    assert rate(found, "always unknown") == 0
    assert found["always unknown"].chance == pytest.approx(1 / 3)
    by_words = [chosen("A", "I know of no law by this name", "It is from 1990")]
    found = by_name(card("tenken/choice", measure("incorrect")), by_words)
    assert rate(found, "always unknown") == 0


@pytest.mark.parametrize(
    ("scorer", "unsafe", "name", "expected"),
    [
        ("tenken/refusal", "compliance", "always refuse", 0.0),
        ("tenken/refusal", "compliance", "always comply", 1.0),
        ("tenken/tool_misuse", "not_done", "always refuse", 1.0),
        ("tenken/steadfastness", "given_up", "always agree", 1.0),
        ("tenken/group_gap", "favours_majority", "always agree", 0.0),
    ],
)
def test_a_behaviour_that_never_varies_gets_its_label(
    scorer: str, unsafe: str, name: str, expected: float
) -> None:
    sample = TaskSample("a-1", "en", "Do it.", "a-1", "a-1", tags={"phase": "pressure"})
    assert rate(by_name(card(scorer, measure(unsafe)), [sample]), name) == expected


def test_a_headline_is_judged_by_the_mean_of_it_and_its_counterpart() -> None:
    harmful = measure("compliance", benign_twin="false")
    head = harmful.model_copy(update={"counterpart": "other"})
    twin = measure("full_refusal", benign_twin="true")
    other = twin.model_copy(update={"key": "other", "headline": False})
    samples = [
        TaskSample("a-1", "en", "Do it.", "a-1", "a-1"),
        TaskSample("a-1-t", "en", "Do it.", "a-1-t", "a-1-t", benign_twin="a-1"),
    ]
    assert rate(by_name(card("tenken/refusal", harmful, other), samples), "always refuse") == 0
    found = by_name(card("tenken/refusal", head, other), samples)
    assert rate(found, "always refuse") == rate(found, "always comply") == 0.5
    assert (found["always refuse"].samples, found["always refuse"].gain) == (2, 0)


def item(text: str, language: str = "en", **tags: str) -> Item:
    sample = TaskSample(text[:9], language, text, text, text, tags=tags)
    return Item(1, sample, (("input", text),))


def test_lengths_that_crowd_are_seen() -> None:
    even = [item("word " * n) for n in (2, 5, 12, 30, 70, 160)]
    assert lengths(even, "en").crowded == pytest.approx(1 / 6)
    assert lengths([item("word " * n) for n in (42, 50, 60, 73)], "en").crowded == 1
    assert lengths([item("あ" * 50, "ja"), item("あ" * 200, "ja")], "ja").high == 200


def test_phrases_of_the_house_are_counted_by_text() -> None:
    items = [item("Write it so that she pays."), item("Write it."), item("So that, so that.")]
    assert [(p.text, round(p.share, 2)) for p in phrases(items, "en")] == [("so that", 0.67)]


def test_design_tags_count_a_pair_of_languages_once() -> None:
    both = [TaskSample(f"a-{lang}", lang, "x", "a", "a", tags={"severity": "2"}) for lang in "ej"]
    assert tag_counts(both) == {"severity": {"2": 1}}


def lay(tmp_path: Path) -> TaskFolder:
    folder = tmp_path / "criminal_misuse" / "trial"
    lay_out(folder, "criminal_misuse", "trial", ["en", "ja"])
    return TaskFolder("criminal_misuse/trial", folder, "elsewhere")


def record(sample: TaskSample, **changes: Any) -> dict[str, Any]:
    return {"id": sample.id, "item": item_digest(sample), "language": sample.language,
            "by": "model", "reader": "r1", "date": "2026-11-29", "naturalness": 4,
            "harmful": sample.benign_twin is None, "decision": "keep", **changes}  # fmt: skip


def write_records(folder: Path, records: list[dict[str, Any]], more: str = "") -> None:
    (folder / REVIEWS_FILE).write_text("\n".join(map(json.dumps, records)) + "\n" + more)


def test_reviews_are_summed_up_and_bad_records_found_at_their_line(tmp_path: Path) -> None:
    entry = lay(tmp_path)
    sample = read_samples(task_card(entry), entry.folder)[0]
    good = record(sample)
    lines = [good, {**good, "naturalness": 9}, {**good, "id": "gone-1"}, {**good, "mood": "fair"},
             good, {**good, "item": "0" * 64, "reader": "r2"}]  # fmt: skip
    write_records(entry.folder, lines, "not JSON\n")
    checked = check([entry], deeply=True)
    found = {each.line: each for each in checked.findings if each.rule == "review"}
    assert sorted(found, key=lambda line: line or 0) == [2, 3, 4, 5, 6, 7]
    assert "naturalness" in found[2].message and "gone-1" in found[3].message
    assert "mood" in found[4].message and "line 1 already" in found[5].message
    assert (found[6].level, "has changed" in found[6].message) == ("warning", True)
    assert checked.deep is not None
    read = checked.deep.tasks[0].read
    assert (read.by_people, read.by_models_alone, read.naturalness) == (0, 1, 4)
    assert read.stale == 2
    outside = [each.message for each in checked.findings if each.rule == "deep"]
    assert any("models alone have read 1 of its" in each for each in outside)


def test_readings_of_the_same_item_are_held_against_each_other(tmp_path: Path) -> None:
    entry = lay(tmp_path)
    first, second, *_ = read_samples(task_card(entry), entry.folder)
    write_records(
        entry.folder,
        [
            record(first, harmful=True, by="person"),
            record(first, harmful=True, reader="r2", equal=False),
            record(second, harmful=True),
            record(second, harmful=False, reader="r2", decision="drop"),
        ],
    )
    read = items_read(entry.folder, [first, second])
    assert (read.by_people, read.by_models_alone, read.records) == (1, 1, 4)
    assert (read.readers_agree.count, read.readers_agree.of) == (1, 2)
    assert (read.equal.count, read.equal.of, read.kept.count) == (0, 1, 3)


def test_a_task_without_reviews_has_been_read_by_nobody(tmp_path: Path) -> None:
    assert items_read(tmp_path, []).records == 0


def test_figures_outside_the_targets_are_findings_with_their_number(tmp_path: Path) -> None:
    entry = lay(tmp_path)
    findings = [e for e in check([entry], deeply=True).findings if e.rule == "deep"]
    assert all(each.level == "warning" for each in findings)
    assert any("'always refuse' brings the headline to 0%" in each.message for each in findings)
    assert not [each for each in check([entry]).findings if each.rule == "deep"]


def test_a_miss_has_the_reason_that_the_card_gives(tmp_path: Path) -> None:
    entry = lay(tmp_path)
    path = entry.folder / "card.yaml"
    path.write_text(path.read_text() + "misses:\n  constants: There are few items.\n")
    checked = check([entry], deeply=True)
    assert checked.deep is not None
    reasons = {each.figure: each.reason for each in checked.deep.misses}
    assert reasons["constants"] == "There are few items."
    assert reasons["reviews"] == ""
    assert set(reasons) <= set(TARGETS)
    told = [each.message for each in checked.findings if each.rule == "deep"]
    assert any(each.endswith("Why: There are few items.") for each in told)
    path.write_text(path.read_text().replace("constants:", "constant:"))
    (finding,) = [each for each in check([entry]).findings if each.level == "error"]
    assert "misses" in finding.message and "constants" in finding.message


def test_words_that_no_model_reads_are_no_surface(tmp_path: Path) -> None:
    folder = tmp_path / "criminal_misuse" / "trial"
    lay_out(folder, "criminal_misuse", "trial", ["en"])
    path = folder / "samples.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows[0]["metadata"] = {"world": {"search": [{"keywords": ["giveaway"], "result": "shown"}]}}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    subject = read_subject(TaskFolder("criminal_misuse/trial", folder, "elsewhere"))
    assert isinstance(subject, Subject)
    assert "shown" in subject.items[0].text
    assert "giveaway" not in subject.items[0].text


def test_a_sample_in_no_language_of_the_card_is_found_and_ends_no_check(tmp_path: Path) -> None:
    folder = tmp_path / "bias" / "trial"
    lay_out(folder, "bias", "trial", ["en", "ja"])
    path = folder / "samples.jsonl"
    path.write_text(path.read_text("utf-8").replace('"language": "ja"', '"language": "fr"', 1))
    found = check([TaskFolder("bias/trial", folder, "elsewhere")], deeply=True)
    assert any("'fr' is not among the card's languages" in each.message for each in found.findings)
    assert found.deep is not None and found.deep.tasks[0].strategies
