"""How often somebody may try to sign in."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from typing import Final

_MOST_KEYS: Final = 10_000


class Attempts:
    """Failed attempts by name and by address, in the memory of the one server."""

    def __init__(self, most: int = 8, seconds: float = 300.0) -> None:
        """Allow so many failed attempts in so many seconds."""
        self._most, self._seconds = most, seconds
        self._failed: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def allowed(self, *keys: str) -> bool:
        """Whether another attempt may be made under all of these keys."""
        now = time.monotonic()
        with self._lock:
            return all(len(self._recent(key, now)) < self._most for key in keys)

    def failed(self, *keys: str) -> None:
        """Count a failed attempt."""
        now = time.monotonic()
        with self._lock:
            if len(self._failed) > _MOST_KEYS:
                self._failed = defaultdict(
                    deque, {k: v for k, v in self._failed.items() if v and now - v[-1] < 60}
                )
            for key in keys:
                self._recent(key, now).append(now)

    def _recent(self, key: str, now: float) -> deque[float]:
        times = self._failed[key]
        while times and now - times[0] > self._seconds:
            times.popleft()
        return times
