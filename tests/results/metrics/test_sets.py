"""A trial by gold set and model: its figures, how far sets differ, and sets left out in turn."""

from __future__ import annotations

import numpy as np
import pytest

from tenken.results.calibration.exploratory import left_out
from tenken.results.calibration.readings import prompt_share, strata_of
from tenken.results.calibration.sets import between_sets, parts_of
from tenken.schema.calibration import Stratum

Row = tuple[dict[str, str], str, str, str]


def rows(name: str, model: str, positives: int, caught: int, negatives: int = 50) -> list[Row]:
    """Return answers of one model in one set; a tenth of the negatives are taken for positive."""
    tags = {"set": name, "model": model}
    made = [("p", "p")] * caught + [("p", "n")] * (positives - caught)
    made += [("n", "p")] * (negatives // 10) + [("n", "n")] * (negatives - negatives // 10)
    return [(tags, f"{name}{n}", truth, seen) for n, (truth, seen) in enumerate(made)]


def strata(*answers: list[Row]) -> list[Stratum]:
    return strata_of([row for part in answers for row in part], "gold")


def test_figures_by_set_and_by_model_where_a_set_has_several() -> None:
    parts = parts_of(
        strata(rows("a", "m", 50, 40), rows("a", "k", 50, 50), rows("b", "m", 20, 10)), ["p"]
    )
    assert [(part.gold_set, part.model, part.n) for part in parts] == [
        ("a", "", 200), ("a", "k", 100), ("a", "m", 100), ("b", "", 70)
    ]  # fmt: skip
    assert [part.sensitivity.value for part in parts] == [0.9, 1.0, 0.8, 0.5]
    assert parts_of(strata([({}, "q", "p", "p")]), ["p"]) == []


def test_the_spread_between_sets_is_that_beyond_sampling() -> None:
    alike = between_sets(strata(*(rows(name, "m", 100, 80) for name in "abc")), ["p"])
    assert alike is not None and alike.sensitivity is not None
    assert (alike.sensitivity.variance, alike.sensitivity.sets) == (0.0, 3)
    apart = between_sets(strata(rows("a", "m", 100, 50), rows("b", "m", 100, 90)), ["p"])
    assert apart is not None and apart.sensitivity is not None and apart.specificity is not None
    # DerSimonian and Laird by hand: two logits y with variances v; Q = (y1 - y2)^2 / (v1 + v2).
    y = np.log([50 / 50, 90 / 10])
    v = np.array([1 / 50 + 1 / 50, 1 / 90 + 1 / 10])
    w = 1 / v
    tau2 = ((y[0] - y[1]) ** 2 / v.sum() - 1) / (w.sum() - (w**2).sum() / w.sum())
    assert apart.sensitivity.variance == pytest.approx(tau2)
    assert (apart.sensitivity.least, apart.sensitivity.greatest) == (0.5, 0.9)
    assert apart.specificity.variance == 0.0
    assert between_sets(strata(rows("a", "m", 9, 5)), ["p"]) is None


def test_sets_are_left_out_as_models_are() -> None:
    same = strata(*(rows(name, "m", 100, 80, 100) for name in "abcdef"))
    held = left_out(same, ["p"], "gold_set")
    assert held is not None and (held.held, held.of, held.models) == (6, 6, 6)
    assert left_out(same, ["p"]) is None  # one model alone
    odd = strata(*(rows(name, "m", 400, 380, 400) for name in "ab"), rows("c", "m", 400, 80, 400))
    found = left_out(odd, ["p"], "gold_set")
    assert found is not None and found.held < found.of


def test_prompts_of_different_sets_are_different_prompts() -> None:
    both = strata(rows("a", "m", 50, 50), rows("a", "k", 50, 50), rows("b", "m", 50, 50))
    assert prompt_share(both) == pytest.approx(200 / 300)
