"""Samples: reading them line by line, and choosing a balanced part of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenken.errors import CardError
from tenken.tasks.card.card import Card, read_card
from tenken.tasks.dataset.choose import choose
from tenken.tasks.dataset.read import read_samples
from tenken.tasks.dataset.sample import TaskSample, measure_of
from tenken.tasks.library import built_in_folders, load_task

LayOut = Callable[..., Path]
Rows = Callable[[int], list[dict[str, Any]]]


def _read(folder: Path) -> list[TaskSample]:
    return read_samples(read_card(folder), folder)


def _refusal(folder: Path) -> str:
    with pytest.raises(CardError) as caught:
        _read(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(str(folder / "samples.jsonl"))


def test_samples_are_read_with_their_defaults(lay_out: LayOut) -> None:
    first, *_, last = _read(lay_out())
    assert (first.id, first.pair_id, first.cluster) == ("t-00-en", "t-00", "t-00")
    assert first.choices == ("yes", "no") and first.target == "A"
    assert last.input == "質問3?" and last.tags == {"kind": "odd"} and last.benign_twin is None


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"colour": "red"}, "unknown key 'colour'."),
    ({"cluser": "c"}, "unknown key 'cluser'. Did you mean 'cluster'?"),
    ({"id": ""}, "the key 'id' is missing or empty."),
    ({"id": "a b"}, "an id is made of letters"),
    ({"id": "../../etc"}, "an id is made of letters"),
    ({"language": "qq"}, "unknown language 'qq'."),
    ({"language": "fr"}, "'fr' is not among the card's languages."),
    ({"input": "  \n"}, "the input is blank."),
    ({"input": 5}, "input: expected a text, or messages such as"),
    ({"input": [{"role": "user"}]}, "a message has 'role' and 'content'."),
    ({"input": [{"role": "robot", "content": "x"}]}, "a message's role is one of"),
    ({"input": [{"role": "user", "content": 1}]}, "a message's content is a text."),
    ({"tags": {"a": 1}}, "every value in 'tags' is a text."),
    ({"source": {"title": None}}, "every value in 'source' is a text."),
    ({"choices": ["a", "a"]}, "two choices are the same but for case"),
    ({"choices": ["a", ""]}, "every choice is a text that is not blank."),
    ({"choices": [str(n) for n in range(27)]}, "more than 26 choices."),
    ({"target": "C"}, "target is 'C', not one of A, B."),
    ({"target": "AB"}, "target is 'AB', not one of A, B."),
    ({"target": ""}, "target is '', not one of A, B."),
    ({"roles": ["counter"]}, "roles and choices differ in number."),
    ({"roles": ["counter", "other"]}, "a role is one of stereotyped, counter, unknown."),
    ({"benign_twin": "t-77-en"}, "benign_twin names 't-77-en', which is not here."),
    ({"cluster": "other"}, "the pair 't-01' is in two clusters."),
]


@pytest.mark.parametrize(("changes", "message"), WRONG)
def test_a_wrong_sample_is_named_with_its_line(
    lay_out: LayOut, tiny_samples: Rows, changes: dict[str, Any], message: str
) -> None:
    rows = tiny_samples(4)
    rows[2] |= changes
    assert _refusal(lay_out(rows)).startswith(f":3: {message}")


LINES = [
    ("{", ":2: not JSON: "),
    ("[1]", ":2: a sample is a JSON object."),
    ('{"id": NaN}', ":2: not JSON: NaN is no number in JSON."),
    ('{"id": "a", "id": "b"}', ":2: the key 'id' is listed twice."),
    ('{"id": "\\ud800"}', ":2: an escape"),
    ('{"metadata": ' + "9" * 5000 + "}", ":2: not JSON: Exceeds the limit"),
    ("[" * 100_000, ":2: not a sample: nested too deeply."),
    ('\ufeff{"id": "a"}', ":2: not JSON: "),
]


@pytest.mark.parametrize(("line", "message"), LINES)
def test_what_is_no_json_is_named_with_its_line(
    lay_out: LayOut, tiny_samples: Rows, line: str, message: str
) -> None:
    data = f"{json.dumps(tiny_samples(1)[0])}\n{line}\n".encode()
    assert _refusal(lay_out(data)).startswith(message)


def test_other_bytes_than_the_card_says(lay_out: LayOut) -> None:
    folder = lay_out()
    path = folder / "samples.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Question 3", b"Question 4"))
    message = _refusal(folder)
    assert message.startswith(": the file's SHA-256 is ") and "raise its version" in message


def test_missing_empty_and_foreign_files(lay_out: LayOut) -> None:
    assert "the dataset is empty" in _refusal(lay_out(b"\n \n"))
    assert _refusal(lay_out("a\n日本".encode("cp932"))) == ":2: not UTF-8 text."
    folder = lay_out()
    (folder / "samples.jsonl").unlink()
    assert "cannot be read: No such file" in _refusal(folder)
    with pytest.raises(CardError, match="null byte"):
        _read(lay_out(dataset={"file": "a\0b"}))


def test_doubles_and_pairs(lay_out: LayOut, tiny_samples: Rows) -> None:
    rows = tiny_samples(4)
    assert _refusal(lay_out([*rows, rows[0]])) == ":9: the id 't-00-en' is already used on line 1."
    assert _refusal(lay_out(rows[:-1])) == ":7: the pair 't-03' has no ja sample."
    doubled = [*rows, {**rows[0], "id": "t-00b-en"}]
    assert _refusal(lay_out(doubled)) == ":1: the pair 't-00' has two en samples."
    assert len(_read(lay_out(rows[:-1], paired=False))) == 7


def test_samples_must_fit_the_card(lay_out: LayOut, tiny_samples: Rows) -> None:
    one = [row for row in tiny_samples(2) if row["language"] == "en"]
    foreign = lay_out(tiny_samples(2), languages=["en"], paired=False)
    assert _refusal(foreign) == ":2: 'ja' is not among the card's languages."
    hidden = lay_out(one, languages=["en"], prompt={"en": "{input}"})
    assert "the sample has choices, and the card's prompt.en no {choices}" in _refusal(hidden)
    title = {"en": "Odd", "ja": "Odd"}
    odd = [{"key": "odd", "title": title, "where": {"kind": "odd"}, "headline": True}]
    assert "belongs to none of the card's measures" in _refusal(lay_out(measures=odd))


def test_the_benign_twin_decides_the_measure(lay_out: LayOut, tiny_samples: Rows) -> None:
    rows = tiny_samples(2)
    for row in rows[2:]:
        row["benign_twin"] = row["id"].replace("01", "00")
    title = {"en": "T", "ja": "T"}
    measures = [
        {"key": "harm", "title": title, "where": {"benign_twin": "false"}, "headline": True},
        {"key": "over", "title": title, "where": {"benign_twin": "true"}},
    ]
    folder = lay_out(rows, measures=measures)
    card = read_card(folder)
    found = [measure_of(card, sample) for sample in _read(folder)]
    assert [measure.key if measure else "" for measure in found] == ["harm", "harm", "over", "over"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace"))
)
def test_any_bytes_as_samples_give_a_card_error(lay_out: LayOut, data: bytes) -> None:
    with pytest.raises(CardError):
        _read(lay_out(data))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = [*TaskSample.__dataclass_fields__, "extra"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1, max_size=3))
def test_a_sample_with_anything_in_it_is_read_or_a_card_error(
    lay_out: LayOut, tiny_samples: Rows, changes: dict[str, Any]
) -> None:
    rows = tiny_samples(2)
    rows[1] |= changes
    data = "\n".join(json.dumps(row) for row in rows).encode()
    try:
        _read(lay_out(data))
    except CardError as error:
        assert "\n" not in str(error)


PAIRS = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["x", "y", "z"]), st.integers(1, 2)),
    min_size=1,
    max_size=40,
)


def _made(pairs: Sequence[tuple[str, str, int]]) -> list[TaskSample]:
    return [
        TaskSample(f"s{n}-{lang}", lang, "?", f"s{n}", f"s{n}", target=target, tags={"kind": kind})
        for n, (target, kind, languages) in enumerate(pairs)
        for lang in ("en", "ja")[:languages]
    ]


@pytest.fixture
def card(lay_out: LayOut) -> Card:
    return read_card(lay_out())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(pairs=PAIRS, limit=st.integers(1, 90) | st.none())
def test_choosing_keeps_pairs_whole_and_the_limit(
    card: Card, pairs: list[tuple[str, str, int]], limit: int | None
) -> None:
    samples = _made(pairs)
    chosen = choose(card, samples, ["en", "ja"], limit)
    assert chosen == choose(card, list(samples), ["ja", "en"], limit)
    assert [s for s in samples if s in chosen] == chosen, "the file's order is kept"
    assert 1 <= len(chosen) <= min(limit or len(samples), len(samples))
    if limit is None or limit >= 2:
        whole = Counter(s.pair_id for s in samples)
        assert all(whole[p] == n for p, n in Counter(s.pair_id for s in chosen).items())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(each=st.integers(1, 6), part=st.integers(1, 6))
def test_a_small_part_is_as_balanced_as_the_whole(card: Card, each: int, part: int) -> None:
    kinds = [(target, kind, 2) for target in "AB" for kind in "xyz" for _ in range(each)]
    limit = 12 * min(part, each)
    chosen = choose(card, _made(kinds), ["en", "ja"], limit)
    assert len(chosen) == limit
    for feature in (lambda s: s.tags["kind"], lambda s: s.target, lambda s: s.language):
        counts = Counter(map(feature, chosen))
        assert max(counts.values()) - min(counts.values()) <= 2 * 2


def test_one_language_alone(card: Card) -> None:
    samples = _made([("A", "x", 2), ("B", "y", 2), ("A", "z", 2)])
    assert [s.id for s in choose(card, samples, ["ja"], None)] == ["s0-ja", "s1-ja", "s2-ja"]
    assert len(choose(card, samples, ["ja"], 2)) == 2
    assert len(choose(card, samples, ["en", "ja"], 1)) == 1


@pytest.mark.parametrize("name", built_in_folders())
@pytest.mark.parametrize("limit", [8, 24, 60])
def test_small_parts_of_the_library_are_balanced(name: str, limit: int) -> None:
    task = load_task(name)
    chosen = choose(task.card, task.samples, ["en", "ja"], limit)
    assert Counter(s.language for s in chosen) == {"en": limit // 2, "ja": limit // 2}
    part, whole = (
        Counter(str(m and m.key) for m in (measure_of(task.card, s) for s in samples))
        for samples in (chosen, task.samples)
    )
    assert set(part) == set(whole) == {measure.key for measure in task.card.measures}
    for key, count in part.items():
        assert abs(count - limit * whole[key] / whole.total()) <= 3
