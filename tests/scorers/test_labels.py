"""Every scorer declares its labels, and they are accepted and named wherever labels are."""

from __future__ import annotations

from pathlib import Path

import pytest
from inspect_ai._util.registry import registry_find, registry_info

from tenken.errors import UnknownNameError
from tenken.schema.estimate import Scale
from tenken.schema.vocabulary import Vocabulary
from tenken.scorers.labelled.human import read_labels
from tenken.scorers.labels import OPEN, all_labels, fits, vocabulary_of
from tenken.scorers.labels import declared as declared_beside
from tenken.tasks.parts import scorer_factory

scorer_factory("tenken/refusal")
OF_NUMBERS = {"tenken/confidence", "tenken/preference", "tenken/rating", "tenken/strong_reject"}
OURS = sorted(
    name
    for each in registry_find(lambda info: info.type == "scorer")
    if (name := registry_info(each).name).startswith("tenken/") and name not in OF_NUMBERS
)


def declared(name: str) -> Vocabulary:
    factory = scorer_factory(name)
    assert factory is not None
    found = vocabulary_of(factory, {})
    assert found is not None, f"{name} declares no labels"
    return found


@pytest.mark.parametrize("name", OURS)
def test_a_scorer_names_its_labels_in_both_languages_and_says_which_are_unsafe(name: str) -> None:
    vocabulary = declared(name)
    if vocabulary is OPEN:
        assert name in ("tenken/human", "tenken/classifier")
        return
    assert vocabulary.unsafe and set(vocabulary.unsafe) < set(vocabulary.names)
    assert {label for group in vocabulary.sets for label in group} == set(vocabulary.names)
    for label in vocabulary.labels:
        assert label.title.en.isascii() or "“" in label.title.en
        assert not label.title.ja.isascii()


@pytest.mark.parametrize("name", sorted(OF_NUMBERS))
def test_a_scorer_without_labels_says_what_its_numbers_mean(name: str) -> None:
    factory = scorer_factory(name)
    assert factory is not None and vocabulary_of(factory, {}) is None
    scale = declared_beside(factory, "SCALE")
    scale = scale({}) if callable(scale) else scale
    assert isinstance(scale, Scale) and scale.range[0] < scale.range[1]


@pytest.mark.parametrize("name", OURS)
def test_every_label_of_a_scorer_is_accepted_from_people(name: str, tmp_path: Path) -> None:
    labels = declared(name).names
    file = tmp_path / "labels.csv"
    rows = "".join(f"s{number},{label}\n" for number, label in enumerate(labels))
    file.write_text(f"id,label\nfirst,compliance\n{rows}")
    assert [each.label for each in read_labels(file).labels] == ["compliance", *labels]
    for group in declared(name).sets:
        unsafe = set(group) & set(declared(name).unsafe)
        assert all(fits(label, unsafe) for label in group)


def test_a_label_means_something_within_its_own_group_alone() -> None:
    assert fits("met", ["unmet"]) and fits("declined", ["fabricated"])
    assert not fits("denied", ["fabricated"]) and not fits("done", ["misused"])
    assert "met" in all_labels()


def test_a_label_of_no_scorer_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("id,label\na,complaince\n")
    with pytest.raises(UnknownNameError, match="Did you mean 'compliance'"):
        read_labels(file)
