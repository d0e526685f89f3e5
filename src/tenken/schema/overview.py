"""Up to six runs at a glance: each one's own rates, and which can be told from which."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from tenken.schema.base import Frozen
from tenken.schema.estimate import Count, Rate, Share
from tenken.schema.record import Language, Risk

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
