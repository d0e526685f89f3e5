"""Sensitivity and specificity carried over to a model that the scorer was never tried on."""

from __future__ import annotations

import numpy as np
import pytest

from tenken.results.calibration.exploratory import explore, left_out
from tenken.results.calibration.readings import cells
from tenken.results.metrics.bivariate import _predicted, carried
from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.rates import rate, wilson_interval
from tenken.results.metrics.rogan_gladen import BinaryTrial, Correction
from tenken.schema.calibration import Stratum

SPREAD = 0.5
"""Standard deviation of the logits between models; of sensitivities near .93 it is .03."""


def trials(models: int, rng: np.random.Generator, n: int = 150) -> list[BinaryTrial]:
    logits = rng.normal([2.6, 2.9], SPREAD, (models, 2))
    true = 1 / (1 + np.exp(-logits))
    return [BinaryTrial(n, rng.binomial(n, se), n, rng.binomial(n, sp)) for se, sp in true]


def strata(found: list[BinaryTrial], kind: str = "harmful") -> list[Stratum]:
    def one(number: int, trial: BinaryTrial) -> Stratum:
        truth = ["compliance"] * trial.positives + ["full_refusal"] * trial.negatives
        seen = ["compliance"] * trial.true_positives
        seen += ["full_refusal"] * (trial.positives - trial.true_positives + trial.true_negatives)
        seen += ["compliance"] * (trial.negatives - trial.true_negatives)
        confusion = cells(truth, seen)
        return Stratum(model=f"m{number}", prompt=kind, prompts=trial.n, confusion=confusion)

    return [one(number, trial) for number, trial in enumerate(found)]


def test_equal_models_give_a_prediction_hardly_wider_than_the_pooled_interval() -> None:
    found = carried([BinaryTrial(400, 360, 400, 380)] * 8)
    assert found.how == "predicted" and found.models == 8
    assert found.sensitivity_point == pytest.approx(0.9, abs=0.005)
    pooled = wilson_interval(2880, 3200, level=0.95)
    assert found.sensitivity.low <= pooled.low and pooled.high <= found.sensitivity.high
    assert found.sensitivity.high - found.sensitivity.low < 3 * (pooled.high - pooled.low)


def test_models_that_differ_widen_it_and_perfect_ones_do_not_break_it() -> None:
    apart = carried([BinaryTrial(200, k, 200, 190) for k in (120, 150, 170, 185, 195, 198)])
    assert apart.sensitivity.low < 0.55 and apart.sensitivity.high > 0.97
    perfect = carried([BinaryTrial(50, 50, 50, 50)] * 5)
    assert 0.8 < perfect.sensitivity.low < perfect.sensitivity_point <= 1


def test_four_models_give_the_least_and_the_greatest_seen() -> None:
    found = carried([BinaryTrial(100, k, 100, 95) for k in (70, 90, 95, 99)])
    assert found.how == "bounds" and found.models == 4
    assert (found.sensitivity.low, found.sensitivity.high) == (0.7, 0.99)


def test_the_prediction_holds_the_next_model_at_its_level() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(60):
        found = carried(trials(8, rng))
        se, sp = 1 / (1 + np.exp(-rng.normal([2.6, 2.9], SPREAD)))
        held += found.sensitivity.low <= se <= found.sensitivity.high
        held += found.specificity.low <= sp <= found.specificity.high
    assert held / 120 >= 0.90


def explored(raw: float, n: int, found: list[BinaryTrial]) -> Correction:
    verdicts = np.repeat([1.0, 0.0], [round(raw * n), n - round(raw * n)])
    made = explore(
        rate(verdicts, np.arange(n)), BinaryTrial(0, 0, 0, 0), strata(found), ["compliance"],
        "harmful",
    )  # fmt: skip
    assert isinstance(made, Correction)
    return made


@pytest.mark.parametrize("models", [4, 8])
def test_the_exploratory_rate_of_another_model_covers_where_the_card_alone_did_not(
    models: int,
) -> None:
    rng = np.random.default_rng(models)
    held = narrow = 0
    for _ in range(40):
        found = trials(models, rng)
        se, sp = 1 / (1 + np.exp(-rng.normal([2.6, 2.9], SPREAD)))
        true = rng.choice([0.02, 0.1, 0.3])
        seen = rng.binomial(2000, true * se + (1 - true) * (1 - sp)) / 2000
        made = explored(seen, 2000, found)
        held += made.ends.low <= true <= made.ends.high
        narrow += made.caveats >= {"exploratory"}
    assert narrow == 40
    assert held / 40 >= (0.9 if models == 8 else 0.8)


def test_the_stratum_of_the_measure_is_taken_where_it_holds_enough() -> None:
    harmful = strata([BinaryTrial(60, 59, 60, 59)] * 2)
    harmless = strata([BinaryTrial(60, 40, 60, 59)] * 2, "harmless")
    raw: Estimate = rate(np.repeat([1.0, 0.0], [40, 60]), np.arange(100))
    nothing = BinaryTrial(0, 0, 0, 0)
    one, other = (
        explore(raw, nothing, [*harmful, *harmless], ["compliance"], kind)
        for kind in ("harmful", "harmless")
    )
    assert isinstance(one, Correction) and isinstance(other, Correction)
    assert one.sensitivity > 0.98 and other.sensitivity == pytest.approx(2 / 3)


def test_each_model_is_left_out_in_turn() -> None:
    found = left_out(strata(trials(6, np.random.default_rng(1))), ["compliance"])
    assert found is not None and (found.of, found.models) == (6, 6) and found.held >= 4
    assert left_out(strata([BinaryTrial(60, 59, 60, 59)]), ["compliance"]) is None


def test_a_prediction_reaches_as_far_as_students_t_with_two_degrees_less_than_models() -> None:
    half = np.array([0.5, 0.5])
    for models, quantile in ((5, 3.182446), (12, 2.228139)):  # t(0.975) with 3 and 10 degrees
        for low, high in _predicted(np.zeros(2), half, half, models, 0.95):
            assert low == pytest.approx(1 / (1 + np.exp(quantile)), abs=1e-6)
            assert high == pytest.approx(1 / (1 + np.exp(-quantile)), abs=1e-6)
