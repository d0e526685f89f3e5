"""What a run is using up while it goes on: tokens, money, retries, waits, and what went wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenken.evals.words import phrase

if TYPE_CHECKING:
    from inspect_ai.model import ModelUsage

    from tenken.evals.models.endpoint import Price


@dataclass
class Meter:
    """Counts of one attempt, shared by all models of a run.

    Attributes:
        calls: Answers that came.
        taken: Answers that were taken from an earlier attempt or run.
        tokens_in: Tokens read.
        tokens_out: Tokens written, those of reasoning among them.
        reasoning: Tokens of reasoning.
        dollars: What calls with a known price cost.
        unpriced: Whether a call had no known price.
        retries: Requests that were sent again, by what had gone wrong.
        waits: Requests that wait now: what for, until when on the monotonic clock, and whether the
            endpoint told how long.
        last_error: What went wrong last, in words for a person; empty for nothing.
    """

    calls: int = 0
    taken: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    reasoning: int = 0
    dollars: float = 0.0
    unpriced: bool = False
    retries: Counter[str] = field(default_factory=Counter)
    waits: dict[int, tuple[str, float, bool]] = field(default_factory=dict)
    last_error: str = ""
    _number: int = 0

    def received(self, usage: ModelUsage | None, read: int, written: int,
                 price: Price | None) -> None:  # fmt: skip
        """Count an answer.

        Args:
            usage: The tokens that it took; None if the endpoint does not say.
            read: Tokens read.
            written: Tokens written.
            price: The price of the model that was called.
        """
        self.calls += 1
        self.tokens_in += read
        self.tokens_out += written
        self.reasoning += (usage.reasoning_tokens or 0) if usage else 0
        if price is None or usage is None:
            self.unpriced = True
        else:
            self.dollars += (read * price.input + written * price.output) / 1e6

    def waiting(self, what: str, until: float, *, told: bool) -> int:
        """Note that a request waits before it is sent again.

        Args:
            what: What went wrong, as `retries` counts it.
            until: When it is sent again, in seconds on the monotonic clock.
            told: Whether the endpoint said how long to wait.

        Returns:
            A number that `sent` takes once the wait is over.
        """
        self._number += 1
        self.retries[what] += 1
        self.waits[self._number] = what, until, told
        return self._number

    def sent(self, number: int) -> None:
        """Note that a request that waited is sent."""
        self.waits.pop(number, None)

    def used(self) -> str:
        """Return what was used up, in one line."""
        reasoning = phrase("used_reasoning", tokens=self.reasoning) if self.reasoning else ""
        tokens = {"tokens_in": self.tokens_in, "tokens_out": self.tokens_out}
        parts = [phrase("used_tokens", **tokens, reasoning=reasoning)]
        if self.calls and not self.unpriced:
            parts.append(phrase("used_dollars", dollars=self.dollars))
        retries = self.retries.total()
        parts.append(phrase("used_retry" if retries == 1 else "used_retries", n=retries))
        if self.taken:
            parts.append(phrase("used_taken", n=self.taken))
        return phrase("then").join(parts)

    def wait(self, now: float) -> str:
        """Return what is waited for longest, in one line; empty where nothing waits."""
        if not self.waits:
            return ""
        what, until, told = max(self.waits.values(), key=lambda each: each[1])
        number = len(self.waits)
        seconds = max(0, round(until - now))
        how = phrase("waiting_told") if told else ""
        key = "waiting" if number > 1 else "waiting_one"
        return phrase(key, what=what, seconds=seconds, told=how, n=number)
