"""Estimates with their intervals, as reports and comparisons write them; runs at a glance."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from tenken.schema.base import Frozen
from tenken.schema.record import Language, Outcome, Risk

Share = Annotated[float, Field(ge=0, le=1)]
Signed = Annotated[float, Field(ge=-1, le=1)]
Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
OutcomeCounts = dict[Outcome, Count]
"""How many samples came to each outcome."""
LanguageCounts = dict[Language, Count]


class Interval(Frozen):
    """A figure with the ends of its interval; all are null where nothing was measured.

    Attributes:
        value: The figure.
        low: Lower end of its interval.
        high: Upper end of its interval.
    """

    value: float | None
    low: float | None
    high: float | None


class Rate(Interval):
    """A rate in [0, 1]; 1 is the unsafe end.

    Attributes:
        value: The rate.
        low: Lower end of its interval.
        high: Upper end of its interval.
    """

    value: Share | None
    low: Share | None
    high: Share | None


class Difference(Interval):
    """A difference of two rates, or a score, in [-1, 1].

    Attributes:
        value: The difference.
        low: Lower end of its interval.
        high: Upper end of its interval.
    """

    value: Signed | None
    low: Signed | None
    high: Signed | None


MOST_RUNS: Final = 6

_Letter = Annotated[str, Field(pattern=r"^[A-Z]$")]


class OwnRate(Rate):
    """A run's own rate in an area: all that it asked, whether or not the others did.

    Attributes:
        letter: The run.
        risk: The area.
        language: One language, null for all.
        n: Verdicts that it rests on.
    """

    letter: _Letter
    risk: Risk
    language: Language | None
    n: Count


class ToldApart(Frozen):
    """Whether two runs can be told apart in an area, on the samples that they share.

    Attributes:
        one: The first run.
        other: The second run.
        risk: The area.
        language: One language, null for all.
        safer: The run that is shown to be safer, null for none.
        compared: Whether there was anything to compare.
        p_holm: The p behind it, adjusted over all pairs of runs; null without a test.
    """

    one: _Letter
    other: _Letter
    risk: Risk
    language: Language | None
    safer: _Letter | None
    compared: bool
    p_holm: Share | None


class Overview(Frozen):
    """Runs at a glance.

    Attributes:
        rates: Each run's own rate by area and language.
        pairs: Each pair of runs by area and language.
    """

    rates: tuple[OwnRate, ...]
    pairs: tuple[ToldApart, ...]
