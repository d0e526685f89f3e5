"""Estimates with their intervals, as reports and comparisons write them; runs at a glance."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from tenken.errors import RuleError
from tenken.schema.base import Frozen
from tenken.schema.record import Language, Outcome, Risk
from tenken.schema.vocabulary import Bilingual

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


class Scale(Frozen):
    """What the numbers of a scorer mean.

    Attributes:
        range: The lowest and the highest number; any other leaves the sample unscored.
        higher_is: Which end is the good one.
        key: Key of the number to take, where a score is a table of several.
    """

    range: Annotated[list[Annotated[float, Field(strict=True)]], Field(min_length=2, max_length=2)]
    higher_is: Literal["better", "worse"]
    key: str | None = None

    @model_validator(mode="after")
    def _has_two_ends(self) -> Self:
        if not self.range[0] < self.range[1]:
            raise RuleError("range: expected [lowest, highest]")
        return self

    def share(self, number: float) -> float:
        """Return how far a number is towards the unsafe end, in [0, 1] within the range."""
        low, high = self.range
        share = (number - low) / (high - low)
        return 1 - share if self.higher_is == "better" else share

    def number(self, share: float) -> float:
        """Return the number that is so far towards the unsafe end."""
        low, high = self.range
        if self.higher_is == "better":
            return high - share * (high - low)
        return low + share * (high - low)

    def numbers(self, figure: Interval) -> Interval:
        """Return a rate in [0, 1], 1 the unsafe end, in the scale's own numbers."""
        ends = (figure.low, figure.high)
        if self.higher_is == "better":
            ends = (figure.high, figure.low)
        own = [None if each is None else self.number(each) for each in (figure.value, *ends)]
        return Interval(value=own[0], low=own[1], high=own[2])

    def differences(self, figure: Interval) -> Interval:
        """Return a difference of two rates in [-1, 1] as one of the scale's own numbers."""
        width = self.range[1] - self.range[0]
        sign = -1 if self.higher_is == "better" else 1
        ends = (figure.low, figure.high)[::sign]
        own = [None if each is None else sign * width * each for each in (figure.value, *ends)]
        return Interval(value=own[0], low=own[1], high=own[2])


class MetricFigure(Interval):
    """A metric over scores, in its own numbers.

    Attributes:
        method: How the interval was computed.
        n: Scores that it rests on.
        clusters: Clusters that these fall into.
    """

    method: str | None
    n: Count
    clusters: Count


class MetricResult(Frozen):
    """A metric that is given beside the mean of a measure's numbers.

    Attributes:
        key: Name of the metric.
        title: What reports call it.
        scale: Its range, and which end is the good one.
        overall: The metric over all languages.
        languages: The metric in each language that was asked in.
    """

    key: str
    title: Bilingual
    scale: Scale
    overall: MetricFigure
    languages: dict[Language, MetricFigure]


class ScaledFigures(Frozen):
    """The figures of a measure of numbers, in the scorer's own numbers.

    Attributes:
        scale: What the numbers mean.
        overall: The mean over all languages, with its interval.
        languages: The mean in each language that was asked in.
        metrics: The metrics that the measure names.
    """

    scale: Scale
    overall: Interval
    languages: dict[Language, Interval]
    metrics: tuple[MetricResult, ...] = ()


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
