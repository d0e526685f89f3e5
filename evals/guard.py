"""What stands between a run and an endpoint: the spend cap, the dead-endpoint stop, the secrets.

Inspect's cost limit is for one sample; a run needs one for all of them. Each model that a run
calls is wrapped once, so that every call of every task and judge passes here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenken.errors import InputError
from tenken.evals.endpoint import Price

if TYPE_CHECKING:
    from inspect_ai.model import Model, ModelUsage


class SpendCapReachedError(Exception):
    """The run's cap is used up; the sample was not asked."""


class EndpointGoneError(Exception):
    """Too many samples in a row got no answer; the sample was not asked."""


def check_caps(max_cost: float | None, price: Price | None) -> None:
    """Refuse a cap that could not be kept.

    Raises:
        InputError: Money is capped and no price is known.
    """
    if max_cost is not None and price is None:
        raise InputError(
            "--max-cost needs a price: give 'price: {input: ..., output: ...}' (US dollars for a "
            "million tokens) in the endpoint file, or cap the tokens with --max-tokens."
        )


@dataclass
class Budget:
    """A cap on what a run may spend, over all its attempts.

    What was spent is kept in a file of the run's folder, a line a call, so that a run which is
    taken up again goes on counting. Calls that are under way when the cap is reached are paid:
    the overshoot is at most the answers of `max_connections` calls.

    Attributes:
        ledger: The file.
        max_cost: US dollars; None for no cap. Needs a price.
        max_tokens: Input and output tokens together; None for no cap.
        price: US dollars for a million tokens.
    """

    ledger: Path
    max_cost: float | None = None
    max_tokens: int | None = None
    price: Price | None = None
    tokens_in: int = 0
    tokens_out: int = 0

    def __post_init__(self) -> None:
        check_caps(self.max_cost, self.price)
        if self.ledger.exists():
            for line in self.ledger.read_text("utf-8").splitlines():
                self._count(line)

    @property
    def cost(self) -> float | None:
        """US dollars spent so far, or None where no price is known."""
        if self.price is None:
            return None
        return (self.tokens_in * self.price.input + self.tokens_out * self.price.output) / 1e6

    def check(self) -> None:
        """Let a call pass, or raise.

        Raises:
            SpendCapReachedError: The cap is used up.
        """
        if self.max_tokens is not None and self.tokens_in + self.tokens_out >= self.max_tokens:
            raise SpendCapReachedError(f"the cap of {self.max_tokens} tokens is used up")
        if self.max_cost is not None and (self.cost or 0.0) >= self.max_cost:
            raise SpendCapReachedError(f"the cap of {self.max_cost} US dollars is used up")

    def spend(self, usage: ModelUsage | None) -> None:
        """Count one call and keep it in the ledger."""
        if usage is None:
            return
        read, written = usage.total_tokens - usage.output_tokens, usage.output_tokens
        self.tokens_in += read
        self.tokens_out += written
        with self.ledger.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([read, written]) + "\n")

    def _count(self, line: str) -> None:
        try:
            read, written = json.loads(line)
        except ValueError:
            return  # the process was killed while it wrote this line
        self.tokens_in += int(read)
        self.tokens_out += int(written)


@dataclass
class Guard:
    """Passes calls on while the budget lasts and the endpoint lives.

    Attributes:
        budget: The run's cap.
        stop_after: Failed calls in a row, with no answer between them, that end the run.
        secrets: Texts that must reach no log, not even inside an error's message.
    """

    budget: Budget
    stop_after: int
    secrets: tuple[str, ...] = ()
    failures: int = 0
    last_failure: str = ""
    stopped: str = field(default="", init=False)

    def wrap(self, model: Model) -> Model:
        """Put the guard before a model's calls; the model is changed in place and returned."""
        model.api.generate = self._guarded(model.api.generate)  # type: ignore[method-assign]
        return model

    def wrap_all(self, models: Iterable[Model]) -> None:
        """Put the guard before each model's calls."""
        for model in models:
            self.wrap(model)

    def sample_failed(self, what: str) -> None:
        """Count a sample that ended without an answer, after all retries."""
        self.failures += 1
        self.last_failure = what

    def _guarded(self, generate: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            self._let_pass()
            try:
                result = await generate(*args, **kwargs)
            except Exception as error:
                self._hide(error)
                raise
            output = result[0] if isinstance(result, tuple) else result
            if isinstance(output, Exception):
                self._hide(output)
                return result
            self.failures = 0
            self.budget.spend(output.usage)
            return result

        return guarded

    def _let_pass(self) -> None:
        try:
            self.budget.check()
        except SpendCapReachedError as error:
            self.stopped = str(error)
            raise
        if self.failures >= self.stop_after:
            self.stopped = (
                f"{self.failures} samples in a row got no answer (last: {self.last_failure})"
            )
            raise EndpointGoneError(self.stopped)

    def _hide(self, error: BaseException) -> None:
        """Take the secrets out of an error and of what it was raised from."""
        seen: set[int] = set()
        current: BaseException | None = error
        while current is not None and id(current) not in seen:
            seen.add(id(current))
            current.args = tuple(self._clean(part) for part in current.args)
            for name, value in list(vars(current).items()):
                if isinstance(value, (str, dict, list)):
                    vars(current)[name] = self._clean(value)
            current = current.__cause__ or current.__context__

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            for secret in self.secrets:
                value = value.replace(secret, "[secret]")
            return value
        if isinstance(value, dict):
            return {key: self._clean(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._clean(each) for each in value)
        return value
