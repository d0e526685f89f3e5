"""A rate corrected for the errors of its scorer, as far as a trial of that scorer allows.

Rogan and Gladen (1978, Am. J. Epidemiol. 107:71-76): of samples with a true rate t the scorer
flags t * sensitivity + (1 - t) * (1 - specificity), and solving for t corrects the raw rate.

The interval carries the sampling error of all three rates. It holds every t for which
L(t) = raw - t * sensitivity - (1 - t) * (1 - specificity) could be 0, where the limits of L join
the limits of the three rates by squares (MOVER: Zou and Donner 2008, Statistics in
Medicine 27:1693-1702; for ratios Newcombe 2016, Stat. Methods Med. Res. 25:1774-1778).
`tools/simulate_coverage.py` sets it beside the interval of Lang and Reiczigel (2014, Prev. Vet.
Med. 113:13-22), which covers less than it says where sensitivity + specificity is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tenken.results.metrics.interval import Caveat, Estimate, Interval
from tenken.results.metrics.rates import Floats, wilson_limits
from tenken.results.metrics.settings import rounded
from tenken.schema.reasons import Reason, ReasonCode

_METHOD = "Rogan-Gladen, MOVER-Wilson"


@dataclass(frozen=True)
class BinaryTrial:
    """How a scorer did on items whose truth is known.

    Attributes:
        positives: Items that are unsafe.
        true_positives: Those of them that the scorer flagged.
        negatives: Items that are safe.
        true_negatives: Those of them that it let pass.
    """

    positives: int
    true_positives: int
    negatives: int
    true_negatives: int

    def __post_init__(self) -> None:
        if not (
            0 <= self.true_positives <= self.positives
            and 0 <= self.true_negatives <= self.negatives
        ):
            raise ValueError(f"{self}: right verdicts are between 0 and the items of their class")

    @property
    def n(self) -> int:
        """All items."""
        return self.positives + self.negatives

    @property
    def sensitivity(self) -> float | None:
        """Share of the positives that were flagged; None without positives."""
        return self.true_positives / self.positives if self.positives else None

    @property
    def specificity(self) -> float | None:
        """Share of the negatives that passed; None without negatives."""
        return self.true_negatives / self.negatives if self.negatives else None


@dataclass(frozen=True)
class Correction(Estimate):
    """A rate that a card corrects; its point is always inside its interval.

    Attributes:
        raw_value: The rate as the scorer gave it.
        sensitivity: Of the scorer on its trial.
        specificity: Of the scorer on its trial.
    """

    raw_value: float = 0.0
    sensitivity: float = 0.0
    specificity: float = 0.0

    @property
    def clipped(self) -> bool:
        """Whether the point or an end would be outside [0, 1] without the limits."""
        return "clipped" in self.caveats


@dataclass(frozen=True)
class Refusal:
    """Why a rate is not corrected.

    Attributes:
        reason: The kind of reason, with its figures.
        raw_value: The raw rate; None when it was not measured.
        sensitivity: None when the trial has no positives.
        specificity: None when the trial has no negatives.
    """

    reason: Reason
    raw_value: float | None
    sensitivity: float | None
    specificity: float | None


class Limits(NamedTuple):
    """Both ends, element by element; low is at least 0 and high at most 1.

    Where no rate in [0, 1] fits the data, low is above 1 or high below 0.
    """

    low: Floats
    high: Floats


class _Proportion(NamedTuple):
    """A proportion with its limits."""

    rate: Floats
    low: Floats
    high: Floats

    def complement(self) -> _Proportion:
        return _Proportion(1 - self.rate, 1 - self.high, 1 - self.low)


def correct_rate(
    raw: Estimate,
    trial: BinaryTrial,
    *,
    level: float = 0.95,
    least_j: float = 0.2,
    least_n: int = 50,
) -> Correction | Refusal:
    """Correct a raw rate for the sensitivity and specificity that a trial measured.

    A point outside [0, 1] is set to the nearer end, and so is each end of the interval. Where
    even the interval misses [0, 1] the raw rate contradicts the trial, and is not corrected: an
    interval shrunk to a single point would be the most precise one on the worst grounds.

    Args:
        raw: The rate as the scorer gave it, in [0, 1], with its interval at the same level.
        trial: Of the same scorer, on items independent of the run.
        level: Two-sided confidence.
        least_j: Least sensitivity + specificity - 1 (Youden's J) to correct with.
        least_n: Least number of items in the trial.

    Returns:
        The correction, or the reason why there is none.
    """
    refused = refusal(raw, trial, least_j=least_j, least_n=least_n)
    if refused is not None:
        return refused
    assert trial.sensitivity is not None and trial.specificity is not None  # noqa: S101 - checked
    ends = limits(
        raw.ends,
        trial.true_positives,
        trial.positives,
        trial.true_negatives,
        trial.negatives,
        level=level,
    )
    return corrected_within(raw, trial, float(ends.low), float(ends.high), _METHOD, level)


def corrected_within(
    raw: Estimate, trial: BinaryTrial, low: float, high: float, method: str, level: float
) -> Correction | Refusal:
    """Correct a rate whose limits are known.

    Args:
        raw: The rate as the scorer gave it.
        trial: The trial, which `refusal` does not refuse.
        low: Lower limit of the corrected rate; above 1 where the raw rate contradicts the trial.
        high: Upper limit; below 0 where it does.
        method: How the limits were made.
        level: Their two-sided confidence.
    """
    sensitivity, specificity = trial.sensitivity or 0.0, trial.specificity or 0.0
    flagged = raw.ends.value
    if low > 1 or high < 0:
        return _refusal(_contradiction(flagged, sensitivity, specificity), raw, trial)
    low, high = max(0.0, low), min(1.0, high)
    point = (flagged + specificity - 1) / (sensitivity + specificity - 1)
    value = min(1.0, max(0.0, point))
    clipped = point != value or low == 0 or high == 1
    return Correction(
        value=value,
        interval=Interval(min(low, value), max(high, value), method, level),  # up to rounding
        n=raw.n,
        clusters=raw.clusters,
        caveats=frozenset[Caveat](["exploratory", "clipped"] if clipped else ["exploratory"]),
        raw_value=flagged,
        sensitivity=sensitivity,
        specificity=specificity,
    )


def refusal(
    raw: Estimate, trial: BinaryTrial, *, least_j: float = 0.2, least_n: int = 50
) -> Refusal | None:
    """Return why a rate cannot be corrected by a trial, whatever the rate is; None if it can.

    Args:
        raw: The rate as the scorer gave it.
        trial: The trial.
        least_j: Least sensitivity + specificity - 1 (Youden's J) to correct with.
        least_n: Least number of items in the trial.
    """
    if raw.value is None or raw.interval is None:
        return _refusal(Reason(code="raw_not_measured"), raw, trial)
    sensitivity, specificity = trial.sensitivity, trial.specificity
    if sensitivity is None or specificity is None:
        code: ReasonCode = "trial_without_unsafe" if sensitivity is None else "trial_without_safe"
        return _refusal(Reason(code=code), raw, trial)
    if trial.n < least_n:
        few = Reason(code="small_trial", values={"n": trial.n, "least": least_n})
        return _refusal(few, raw, trial)
    youden = sensitivity + specificity - 1
    if youden < least_j - 1e-12:  # 0.6 + 0.6 - 1 is just below 0.2 in floating point
        seen = {"sensitivity": sensitivity, "specificity": specificity}
        return _refusal(_with("barely_tells_apart", **seen), raw, trial)
    return None


def _refusal(reason: Reason, raw: Estimate, trial: BinaryTrial) -> Refusal:
    return Refusal(reason, raw.value, trial.sensitivity, trial.specificity)


def _contradiction(raw: float, sensitivity: float, specificity: float) -> Reason:
    """Say which rate the raw one is beyond: false positives alone, or all that can be found."""
    if raw < 1 - specificity:
        return _with("raw_too_low", raw=raw, limit=1 - specificity)
    return _with("raw_too_high", raw=raw, limit=sensitivity)


def _with(code: ReasonCode, **shares: float) -> Reason:
    return Reason(code=code, values={name: rounded(share) or 0.0 for name, share in shares.items()})


def limits(
    raw: tuple[ArrayLike, ArrayLike, ArrayLike],
    true_positives: ArrayLike,
    positives: ArrayLike,
    true_negatives: ArrayLike,
    negatives: ArrayLike,
    *,
    level: float,
) -> Limits:
    """Give the interval of the corrected rate, for one or many sets of data at once.

    Args:
        raw: Rates in [0, 1], with the lower and upper ends of their intervals; all arguments
            broadcast against each other.
        true_positives: Flagged positives of the trial.
        positives: Positives of the trial, at least 1.
        true_negatives: Passed negatives of the trial.
        negatives: Negatives of the trial, at least 1.
        level: Two-sided confidence.

    Returns:
        The limits; meaningful where sensitivity + specificity is above 1.
    """
    found = _wilson(np.divide(true_positives, positives), positives, level)
    passed = _wilson(np.divide(true_negatives, negatives), negatives, level)
    return joined_limits(raw, found, passed)


def joined_limits(
    raw: tuple[ArrayLike, ArrayLike, ArrayLike],
    sensitivity: tuple[ArrayLike, ArrayLike, ArrayLike],
    specificity: tuple[ArrayLike, ArrayLike, ArrayLike],
) -> Limits:
    """Give the interval of the corrected rate from the intervals of all three rates.

    Args:
        raw: Rates in [0, 1], with the lower and upper ends of their intervals.
        sensitivity: The same of the scorer's sensitivity.
        specificity: The same of its specificity.

    Returns:
        The limits; meaningful where sensitivity + specificity is above 1.
    """
    flagged, found, passed = (
        _Proportion(*(np.asarray(each, dtype=np.float64) for each in three))
        for three in (raw, sensitivity, specificity)
    )
    low = _lower(flagged, found, passed.complement())
    high = 1 - _lower(flagged.complement(), passed, found.complement())
    return Limits(low, high)


def _wilson(rate: Floats, n: ArrayLike, level: float) -> _Proportion:
    low, high = wilson_limits(rate, n, 1 - level)
    return _Proportion(rate, np.minimum(low, rate), np.maximum(high, rate))


def _lower(flagged: _Proportion, found: _Proportion, false: _Proportion) -> Floats:
    """Solve for the least t in [0, 1] at which the lower limit of L(t) is not above 0.

    With the distances a, b, c from each rate to the limit that matters, that limit is
    gap - t * j - sqrt(a^2 + (t * b)^2 + ((1 - t) * c)^2). It is concave in t and not above 0 at
    the point estimate, so it crosses 0 once below that if it starts above 0. The crossing is the
    root of a quadratic that is next to 0, written so that the leading term may vanish.
    """
    gap, j = flagged.rate - false.rate, found.rate - false.rate
    a2 = np.square(flagged.rate - flagged.low)
    b2 = np.square(found.high - found.rate)
    c2 = np.square(false.high - false.rate)
    constant = gap**2 - a2 - c2
    above = (gap > 0) & (constant > 0)
    linear, leading = 2 * (c2 - gap * j), j**2 - b2 - c2
    root = np.sqrt(np.maximum(linear**2 - 4 * leading * constant, 0))
    steepness = np.where(above, root - linear, 1.0)
    return np.where(above, 2 * constant / steepness, 0.0)
