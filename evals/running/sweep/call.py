"""One request to the model, sent again after a passing failure."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tenken.evals.models.make import with_system
from tenken.evals.running.meter import Meter
from tenken.evals.running.sweep.gate import Gate

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0
_RETRIES: Final = 4
_TIMEOUT: Final = 600


class AttemptTimeoutError(Exception):
    """The endpoint gave no answer within the time that the endpoint's settings allow."""


@dataclass
class Caller:
    """Sends requests to one model.

    Attributes:
        model: Inspect's model; whatever wraps its `api.generate` is passed.
        gate: How many requests may be under way at once.
        meter: Where retries and waits are counted.
    """

    model: Model
    gate: Gate
    meter: Meter = field(default_factory=Meter)

    async def ask(self, messages: list[ChatMessage], config: GenerateConfig) -> ModelOutput:
        """Return the model's answer.

        Args:
            messages: The conversation; the configuration's system prompt goes before it.
            config: Parameters, with `max_retries`, `timeout` and `attempt_timeout` in seconds.

        Raises:
            AttemptTimeoutError: Time ran out.
            Exception: What the provider raises once it cannot be tried again.
        """
        messages = with_system(messages, config)
        last = time.monotonic() + (config.timeout or _TIMEOUT)
        tries = config.max_retries if config.max_retries is not None else _RETRIES
        for attempt in range(tries + 1):
            try:
                return await self._once(messages, config, last)
            except Exception as error:
                wait = self._wait(error, attempt)
                if wait is None or attempt == tries or time.monotonic() + wait >= last:
                    raise
                told = getattr(error, "retry_after", None) is not None
                number = self.meter.waiting(_name(error), time.monotonic() + wait, told=told)
                try:
                    await asyncio.sleep(wait)
                finally:
                    self.meter.sent(number)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def _once(
        self, messages: list[ChatMessage], config: GenerateConfig, last: float
    ) -> ModelOutput:
        left = max(last - time.monotonic(), 0.001)
        limit = min(left, config.attempt_timeout) if config.attempt_timeout else left
        try:
            async with self.gate, asyncio.timeout(limit):
                began = time.monotonic()
                result: Any = await self.model.api.generate(messages, [], "none", config)
        except TimeoutError as error:
            raise AttemptTimeoutError(f"no answer within {limit:.0f} s") from error
        output: ModelOutput | Exception = result[0] if isinstance(result, tuple) else result
        if isinstance(output, Exception):
            raise output
        self.gate.answered(time.monotonic() - began)
        return output

    def _wait(self, error: Exception, attempt: int) -> float | None:
        """Return the seconds to wait before the request is sent again, None for never."""
        if isinstance(error, AttemptTimeoutError):
            return 0.0
        decision: Any = self.model.api.should_retry(error)
        if not (decision if isinstance(decision, bool) else decision.retry):
            return None
        if not isinstance(decision, bool) and decision.kind == "rate_limit":
            self.gate.too_much()
        told = None if isinstance(decision, bool) else decision.retry_after
        if told is not None:
            return float(told)
        spread = random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests, decides nothing
        return float(min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT) * spread)


def _name(error: Exception) -> str:
    """Return what a failure is called on the display: its HTTP status, else its class."""
    status = getattr(error, "status", None)
    return str(status) if isinstance(status, int) and status else type(error).__name__
