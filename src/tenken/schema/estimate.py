"""An estimate with its interval, as reports and comparisons write it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tenken.schema.base import Frozen
from tenken.schema.record import Language, Outcome

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
