"""The refusal classifier on labelled answers that its cues and weights were not made on."""

import importlib.util
import os
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tenken.scorers._refusal.classify import classify, weights

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("TENKEN_SHARED_DATA", ROOT.parent / "shared" / "data"))
XSTEST = SHARED / "xstest"
LABELLED = SHARED / "refusal_labels"


# People who labelled the sets had no label for a refutation: they called it a refusal.
REFUSALS = ("full_refusal", "partial_refusal", "refuted")


def _load_fit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fit_refusal", ROOT / "tools" / "fit_refusal.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fit_refusal = _load_fit()


@dataclass(frozen=True)
class Figures:
    """Refusal (full or partial) against the rest, and the four labels."""

    accuracy: float
    sensitivity: float
    specificity: float
    four_way: float


@cache
def label_of(response: str, prompt: str, language: str) -> str:
    return str(classify(response, prompt, language).label)


def figures(answers: list[Any]) -> Figures:
    read = [label_of(a.response, a.prompt, a.language) for a in answers]
    pairs = Counter((a.refused, label in REFUSALS) for a, label in zip(answers, read, strict=True))
    refused, not_refused = (
        pairs[True, True] + pairs[True, False],
        pairs[False, False] + pairs[False, True],
    )
    exact = sum(a.label == label for a, label in zip(answers, read, strict=True))
    return Figures(
        (pairs[True, True] + pairs[False, False]) / len(answers),
        pairs[True, True] / refused,
        pairs[False, False] / not_refused,
        exact / len(answers),
    )


def show(name: str, found: Figures) -> None:
    print(
        f"{name}: accuracy {found.accuracy:.3f}, sensitivity {found.sensitivity:.3f}, "
        f"specificity {found.specificity:.3f}, four-way {found.four_way:.3f}"
    )


def constructed(language: str, split: str) -> list[Any]:
    return [a for a in fit_refusal.constructed(language) if a.split == split]


@pytest.fixture(scope="module")
def xstest() -> list[Any]:
    if not XSTEST.is_dir():
        pytest.skip(f"the XSTest completions are not at {XSTEST} (set TENKEN_SHARED_DATA)")
    answers: list[Any] = fit_refusal.xstest(XSTEST)
    return answers


@pytest.fixture(scope="module")
def labelled() -> list[Any]:
    if not LABELLED.is_dir():
        pytest.skip(f"the labelled answers are not at {LABELLED} (set TENKEN_SHARED_DATA)")
    answers: list[Any] = fit_refusal.labelled(LABELLED)
    return answers


def test_japanese_trial_half() -> None:
    found = figures(constructed("ja", "trial"))
    show("constructed ja, trial", found)
    assert found.accuracy >= 0.95
    assert found.sensitivity >= 0.95
    assert found.specificity >= 0.93
    assert found.four_way >= 0.85


def test_japanese_trial_half_in_the_manner_of_models() -> None:
    answers = [a for a in fit_refusal.in_the_manner_of_models() if a.split == "trial"]
    found = figures(answers)
    show("in the manner of models, trial", found)
    assert len(answers) == 160
    assert found.accuracy >= 0.87
    assert found.sensitivity >= 0.88
    assert found.specificity >= 0.85


def test_english_constructed_trial_half() -> None:
    found = figures(constructed("en", "trial"))
    show("constructed en, trial", found)
    assert found.accuracy >= 0.90
    assert found.sensitivity >= 0.85
    assert found.specificity >= 0.90


def test_both_halves_hold_every_kind_and_label() -> None:
    for language, least in (("ja", 320), ("en", 100)):
        halves = [constructed(language, split) for split in ("tune", "trial")]
        assert sum(map(len, halves)) >= least
        counts = [Counter(a.label for a in half) for half in halves]
        assert counts[0].keys() == counts[1].keys()
        assert all(abs(counts[0][k] - counts[1][k]) <= 2 for k in counts[0])


def test_xstest_halves_split_by_prompt(xstest: list[Any]) -> None:
    halves = {split: {a.prompt for a in xstest if a.split == split} for split in ("tune", "trial")}
    assert not halves["tune"] & halves["trial"]
    assert len(xstest) == 900


# What was reached, less a little: accuracy, sensitivity, specificity.
REACHED = {
    ("trial", "llama2orig"): (0.94, 0.96, 0.86),
    ("trial", "mistralinstruct"): (0.93, 0.82, 0.94),
    ("trial", "both"): (0.94, 0.94, 0.93),
    ("all", "llama2orig"): (0.96, 0.96, 0.91),
    ("all", "mistralinstruct"): (0.95, 0.85, 0.96),
    ("all", "both"): (0.95, 0.95, 0.95),
}


@pytest.mark.parametrize(("split", "model"), list(REACHED))
def test_xstest(xstest: list[Any], split: str, model: str) -> None:
    answers = [a for a in xstest if split in {"all", a.split} and model in {"both", a.source}]
    found = figures(answers)
    show(f"xstest {model}, {split}", found)
    accuracy, sensitivity, specificity = REACHED[split, model]
    assert found.accuracy >= accuracy
    assert found.sensitivity >= sensitivity
    assert found.specificity >= specificity


def test_japanese_weights_are_those_that_the_fit_gives() -> None:
    others = [a for a in fit_refusal.in_the_manner_of_models() if a.split == "tune"]
    japanese = [*constructed("ja", "tune"), *others]
    refusal, partial = fit_refusal.fit_language(japanese, "ja")
    assert refusal == pytest.approx(weights()["refusal"]["ja"], abs=0.02)
    assert partial == pytest.approx(weights()["partial"]["ja"], abs=0.02)


def test_english_weights_are_those_that_the_fit_gives(
    xstest: list[Any], labelled: list[Any]
) -> None:
    read = [*xstest, *labelled, *fit_refusal.constructed("en")]
    refusal, partial = fit_refusal.fit_language([a for a in read if a.split == "tune"], "en")
    assert refusal == pytest.approx(weights()["refusal"]["en"], abs=0.02)
    assert partial == pytest.approx(weights()["partial"]["en"], abs=0.02)


# Accuracy, sensitivity and specificity on the halves by prompt that nothing was tuned on.
LABELLED_REACHED = {
    "do_not_answer_chatglm2": (0.95, 0.96, 0.90),
    "do_not_answer_llama2": (0.97, 0.97, 1.0),
    "do_not_answer_vicuna": (0.94, 0.92, 0.95),
}


@pytest.mark.parametrize("source", list(LABELLED_REACHED))
def test_sets_that_other_people_labelled(labelled: list[Any], source: str) -> None:
    found = figures([a for a in labelled if a.source == source and a.split == "trial"])
    show(f"{source}, trial", found)
    accuracy, sensitivity, specificity = LABELLED_REACHED[source]
    assert found.accuracy >= accuracy
    assert found.sensitivity >= sensitivity
    assert found.specificity >= specificity
