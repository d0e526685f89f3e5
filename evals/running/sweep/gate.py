"""How many requests may be under way at once: a fixed number, or one that grows while it helps."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

_SLOWER: Final = 2.0
"""How many times its best an answer may take before the number no longer grows."""

_SMOOTHING: Final = 0.1
_FROM_DISK: Final = 0.001
"""Seconds below which an answer was kept from an earlier attempt and says nothing."""


@dataclass
class Gate:
    """Lets so many requests pass at once.

    An adaptive gate begins with its limit and adds one place for each round of answers that came
    as fast as the fastest; it halves when the endpoint says that it is too much. This is additive
    increase and multiplicative decrease (Chiu and Jain 1989).

    Attributes:
        limit: Requests at once, now.
        most: Requests at once that an adaptive gate may grow to; None for a fixed gate.
    """

    limit: int
    most: int | None = None
    _busy: int = field(default=0, init=False)
    _answers: int = field(default=0, init=False)
    _best: float = field(default=float("inf"), init=False)
    _usual: float = field(default=0.0, init=False)
    _free: asyncio.Condition = field(default_factory=asyncio.Condition, init=False)

    async def __aenter__(self) -> None:
        async with self._free:
            await self._free.wait_for(lambda: self._busy < self.limit)
            self._busy += 1

    async def __aexit__(self, *_: object) -> None:
        async with self._free:
            self._busy -= 1
            self._free.notify(max(self.limit - self._busy, 0))

    def answered(self, seconds: float) -> None:
        """Take note of an answer and how long it took."""
        if self.most is None or seconds < _FROM_DISK:
            return
        self._best = min(self._best, seconds)
        self._usual += _SMOOTHING * (seconds - self._usual) if self._usual else seconds
        self._answers += 1
        if self._answers >= self.limit and self._usual <= _SLOWER * self._best:
            self.limit, self._answers = min(self.limit + 1, self.most), 0

    def too_much(self) -> None:
        """Take note that the endpoint wants fewer requests."""
        if self.most is not None:
            self.limit, self._answers = max(self.limit // 2, 1), 0
