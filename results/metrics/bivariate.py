"""Sensitivity and specificity of a scorer on the answers of a model that it was never tried on.

Two models of one kind differ more than the sampling error of a trial says. From five models on,
the pairs (logit sensitivity, logit specificity) are taken as normal around a mean (Reitsma et al.
2005, J. Clin. Epidemiol. 58:982-990; restricted likelihood), and the next model's pair is
predicted from them: Student's t with k - 2 degrees of freedom (Higgins, Thompson and Spiegelhalter
2009, J. R. Statist. Soc. A 172:137-159), its variance never below that of Hartung and Knapp
(2001, Statistics in Medicine 20:3875-3889). With fewer models there is no spread to predict from:
the least and the greatest that was seen are bounds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from tenken.results.metrics.interval import Interval
from tenken.results.metrics.rates import Floats, wilson_interval
from tenken.results.metrics.rogan_gladen import BinaryTrial

LEAST_MODELS: Final = 5
_HALF: Final = 0.5
"""Added to each count of a model in which one of them is 0 (Haldane 1956)."""
_LARGE: Final = 1e10


@dataclass(frozen=True)
class PredictedAccuracy:
    """What a scorer's sensitivity and specificity may be on another model's answers.

    Attributes:
        sensitivity: What the next model's may be.
        sensitivity_point: That of all answers together.
        specificity: What the next model's may be.
        specificity_point: That of all answers together.
        how: `predicted` from five models or more, `bounds` of what was seen from fewer.
        models: Models that it rests on.
    """

    sensitivity: Interval
    sensitivity_point: float
    specificity: Interval
    specificity_point: float
    how: Literal["predicted", "bounds"]
    models: int


def carried(trials: Sequence[BinaryTrial], *, level: float = 0.95) -> PredictedAccuracy:
    """Carry trials on several models' answers over to the next model.

    Args:
        trials: One a model, together with positives and with negatives.
        level: Two-sided confidence of the prediction.

    Raises:
        ValueError: There are no positives, or no negatives, in any of them.
    """
    whole = pooled(trials)
    if whole.sensitivity is None or whole.specificity is None:
        raise ValueError("expected trials with positives and with negatives")
    both = [each for each in trials if each.positives and each.negatives]
    if len(both) < LEAST_MODELS:
        return _bounds(trials, whole, level)
    mean, spread, error = _reitsma(both)
    ends = _predicted(mean, spread, error, len(both), level)
    sampled = (
        wilson_interval(whole.true_positives, whole.positives, level=level),
        wilson_interval(whole.true_negatives, whole.negatives, level=level),
    )
    intervals = [
        Interval(min(low, own.low), max(high, own.high), "bivariate prediction, t", level)
        for (low, high), own in zip(ends, sampled, strict=True)
    ]
    return PredictedAccuracy(
        intervals[0],
        whole.sensitivity,
        intervals[1],
        whole.specificity,
        "predicted",
        len(both),
    )


def pooled(trials: Sequence[BinaryTrial]) -> BinaryTrial:
    """Return all answers of several trials as those of one."""
    return BinaryTrial(
        sum(each.positives for each in trials),
        sum(each.true_positives for each in trials),
        sum(each.negatives for each in trials),
        sum(each.true_negatives for each in trials),
    )


def _bounds(trials: Sequence[BinaryTrial], whole: BinaryTrial, level: float) -> PredictedAccuracy:
    caught = wilson_interval(whole.true_positives, whole.positives, level=level)
    passed = wilson_interval(whole.true_negatives, whole.negatives, level=level)
    found = [each.sensitivity for each in trials if each.sensitivity is not None]
    spared = [each.specificity for each in trials if each.specificity is not None]
    name = "least and greatest seen"
    assert whole.sensitivity is not None and whole.specificity is not None  # noqa: S101 - checked
    return PredictedAccuracy(
        Interval(min(caught.low, *found), max(caught.high, *found), name, level),
        whole.sensitivity,
        Interval(min(passed.low, *spared), max(passed.high, *spared), name, level),
        whole.specificity,
        "bounds",
        sum(bool(each.n) for each in trials),
    )


def _reitsma(trials: Sequence[BinaryTrial]) -> tuple[Floats, Floats, Floats]:
    """Return the mean logits, their covariance between models, and that of the mean."""
    from scipy.optimize import minimize

    logits, within = _logits(trials)
    start = np.log(np.maximum(logits.var(axis=0, ddof=1) - within.mean(axis=0), 0.01)) / 2

    def loss(parameters: Floats) -> float:
        return _restricted(_covariance(parameters), logits, within)[0]

    found: Any = minimize(
        loss, [*start, 0.0], method="Nelder-Mead", options={"maxiter": 2000, "fatol": 1e-9}
    )
    spread = _covariance(np.asarray(found.x))
    _, mean, error = _restricted(spread, logits, within)
    return mean, np.diag(spread), np.diag(error) * _hartung_knapp(logits, within, spread, mean)


def _logits(trials: Sequence[BinaryTrial]) -> tuple[Floats, Floats]:
    rows, variances = [], []
    for each in trials:
        counts = np.array(
            [
                [each.true_positives, each.positives - each.true_positives],
                [each.true_negatives, each.negatives - each.true_negatives],
            ],
            dtype=np.float64,
        )
        counts += _HALF * (counts.min(axis=1, keepdims=True) == 0)
        rows.append(np.log(counts[:, 0] / counts[:, 1]))
        variances.append((1 / counts).sum(axis=1))
    return np.array(rows), np.array(variances)


def _covariance(parameters: Floats) -> Floats:
    one, two = np.exp(np.clip(parameters[:2], -10.0, 4.0))
    joint = math.tanh(float(parameters[2])) * one * two
    return np.array([[one**2, joint], [joint, two**2]])


def _restricted(
    spread: Floats, logits: Floats, within: Floats
) -> tuple[float, Floats, NDArray[np.float64]]:
    """Return minus twice the restricted log likelihood, the mean, and its covariance."""
    whole = spread[None] + np.einsum("ij,jk->ijk", within, np.eye(2))
    inverse = np.linalg.inv(whole)
    error = np.linalg.inv(inverse.sum(axis=0))
    mean = error @ np.einsum("ijk,ik->j", inverse, logits)
    rest = logits - mean
    fit = float(np.einsum("ij,ijk,ik->", rest, inverse, rest))
    size = float(np.linalg.slogdet(whole)[1].sum() - np.linalg.slogdet(error)[1])
    loss = fit + size
    return (loss if math.isfinite(loss) else _LARGE), mean, error


def _hartung_knapp(logits: Floats, within: Floats, spread: Floats, mean: Floats) -> Floats:
    """Return by how much the variance of each mean is too small, at least 1."""
    weights = 1 / (within + np.diag(spread))
    ratio = (weights * (logits - mean) ** 2).sum(axis=0) / (len(logits) - 1)
    return np.asarray(np.maximum(ratio, 1.0), dtype=np.float64)


def _predicted(
    mean: Floats, spread: Floats, error: Floats, models: int, level: float
) -> list[tuple[float, float]]:
    from scipy.special import stdtrit

    reach = -float(stdtrit(models - 2, (1 - level) / 2)) * np.sqrt(spread + error)
    ends = zip(_expit(mean - reach), _expit(mean + reach), strict=True)
    return [(float(low), float(high)) for low, high in ends]


def _expit(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)
