"""What is between a run and an endpoint: the spend cap, the dead-endpoint stop, the secrets.

Inspect's cost limit is for one sample; a run needs one for all of them. Each model that a run
calls is wrapped once, so that every call of every task and judge passes here.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tenken.errors import InputError, Sentence, StorageError, Words, said_by
from tenken.evals.models.endpoint import Endpoint, Price
from tenken.evals.models.explain import explain, status_of
from tenken.evals.models.faults import (
    ContextOverflowError,
    NotACompletionError,
    QuotaUsedUpError,
    kind_of,
    words_of,
)
from tenken.evals.models.make import without_own_retries
from tenken.evals.models.outputs import apart
from tenken.evals.models.told import add_endpoint
from tenken.evals.running.answers import Keeping
from tenken.evals.running.journal import Noting, current
from tenken.evals.running.meter import Meter
from tenken.io.files import LineFile, storage_error
from tenken.io.secrets import known_secrets

if TYPE_CHECKING:
    from inspect_ai.model import Model, ModelOutput, ModelUsage


class SpendCapReachedError(Exception):
    """The run's cap is used up; the sample was not asked."""


class EndpointGoneError(Exception):
    """Too many samples in a row got no answer; the sample was not asked."""


class NotKeptError(Exception):
    """What the endpoint says cannot be kept: the disk is full or not writable."""


_NO_COMPLETION = "the endpoint's answer is not a chat completion"
_OWN_ERRORS = ("SpendCapReachedError", "EndpointGoneError", "NotKeptError", "QuotaUsedUpError")
_ANSWERED = ("ContextOverflowError", "AnswerTooLargeError")
"""Failures of one sample alone: the endpoint is there, and said so."""


def check_caps(max_cost: float | None, price: Price | None) -> None:
    """Refuse a cap that could not be enforced.

    Args:
        max_cost: Most US dollars for the run; None for no cap.
        price: Dollars for a million tokens; None where unknown.

    Raises:
        InputError: The cost is capped and no price is known.
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
        price: US dollars for a million tokens of the model under test.
        tokens_in: Tokens read by models, over all attempts.
        tokens_out: Tokens written by models, over all attempts.
        dollars: What the calls with a known price cost.
        uncounted: Whether an answer came without a count of its tokens.
        unpriced: Whether a call had no known price.
    """

    ledger: Path
    max_cost: float | None = None
    max_tokens: int | None = None
    price: Price | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float = 0.0
    uncounted: bool = False
    unpriced: bool = False
    _file: LineFile = field(init=False, repr=False)

    def __post_init__(self) -> None:
        check_caps(self.max_cost, self.price)
        self._file = LineFile(self.ledger)
        for line in self._file.lines():
            self._count(line)

    @property
    def cost(self) -> float | None:
        """US dollars spent so far, or None where a price is not known."""
        return None if self.unpriced or self.price is None else self.dollars

    def check(self) -> None:
        """Let a call pass, or raise.

        Raises:
            SpendCapReachedError: The cap is used up.
        """
        capped = self.max_tokens is not None or self.max_cost is not None
        if self.uncounted and capped:
            raise SpendCapReachedError(
                "the endpoint does not say how many tokens it used, so the cap cannot be kept"
            )
        if self.max_tokens is not None and self.tokens_in + self.tokens_out >= self.max_tokens:
            said = Sentence("the cap of {n} tokens is used up", n=self.max_tokens)
            raise SpendCapReachedError(said)
        if self.max_cost is not None and (self.cost or 0.0) >= self.max_cost:
            said = Sentence("the cap of {n} US dollars is used up", n=self.max_cost)
            raise SpendCapReachedError(said)

    def spend(self, usage: ModelUsage | None, price: Price | None) -> None:
        """Count one call and keep it in the ledger.

        Args:
            usage: The tokens that it took; None if the endpoint does not say.
            price: The price of the model that was called.
        """
        if usage is None:
            self.uncounted = True
            return
        read, written = tokens_of(usage)
        dollars = (read * price.input + written * price.output) / 1e6 if price else None
        line = json.dumps([read, written, dollars])
        self._count(line)
        self._file.append(line)

    def close(self) -> None:
        """Close the ledger."""
        self._file.close()

    def _count(self, line: str) -> None:
        try:
            read, written, dollars = json.loads(line)
        except (ValueError, TypeError):
            return  # the process was killed while it wrote this line
        self.tokens_in += int(read)
        self.tokens_out += int(written)
        self.dollars += float(dollars or 0.0)
        self.unpriced = self.unpriced or dollars is None


def tokens_of(usage: ModelUsage) -> tuple[int, int]:
    """Return the tokens read and written; those of reasoning are written, however counted."""
    read = usage.input_tokens + sum(
        each or 0 for each in (usage.input_tokens_cache_read, usage.input_tokens_cache_write)
    )
    return read, max(usage.total_tokens - read, usage.output_tokens)


@dataclass
class Guard:
    """Passes calls on while the budget lasts, the endpoint lives and what it says can be kept.

    Attributes:
        budget: The run's cap.
        endpoint: The model under test. Its key must reach no log, not even inside an error's
            message; its `stop_after_errors` says how many samples in a row may get no answer.
        kept: Answers that an earlier attempt received and no log has.
        peers: All guards of the run, this one among them: when one stops, all do.
        failures: Samples in a row that ended without an answer.
        last_failure: What the last failure was.
        role: The role of the model; empty for the one under test.
        meter: Where what is used up is counted.
        noting: Who notes requests and answers; the run's journal where left out.
        stopped: Why this guard lets no call pass any more; empty while it does.
        broken: The storage's error, where that is why.
        said: How many requests failed, by what their failure means.
    """

    budget: Budget
    endpoint: Endpoint
    kept: Keeping | None = None
    peers: list[Guard] = field(default_factory=list)
    failures: int = 0
    last_failure: Words = ""
    role: str = ""
    meter: Meter = field(default_factory=Meter)
    noting: Noting | None = None
    stopped: str = field(default="", init=False)
    broken: StorageError | None = field(default=None, init=False)
    said: Counter[str] = field(default_factory=Counter, init=False)

    def __post_init__(self) -> None:
        self.endpoint.secret()  # refuses a variable that is not set
        self.peers.append(self)
        self._secrets = known_secrets([self.endpoint.api_key_env])

    @property
    def why_stopped(self) -> str:
        """Why no call of the run passes any more; empty while they do."""
        return next((guard.stopped for guard in self.peers if guard.stopped), "")

    def wrap(self, model: Model) -> Model:
        """Put the guard before a model's calls; the model is changed in place and returned."""
        without_own_retries(model)
        model.api.generate = self._guarded(model.api.generate)  # type: ignore[method-assign, assignment]
        return model

    def started(self, log_name: str) -> None:
        """Nothing depends on a task's beginning."""

    def ended(
        self, log_name: str, *, unscored: bool, error: str, reason: str = "", sample: str = "",
        answer: str = "",
    ) -> None:  # fmt: skip
        """Count a sample of the run that ended without an answer.

        Args:
            log_name: The task's name in the log; unused.
            unscored: Unused: an answer without a verdict is not a failed request.
            error: Class of the error that it ended with; empty for none.
            reason: Unused.
            sample: Unused.
            answer: Unused.
        """
        if error:
            self.sample_failed(error)

    def sample_failed(self, what: str) -> None:
        """Count a sample that ended without an answer, after all retries.

        Args:
            what: Class of the error that it ended with.
        """
        if what in _OWN_ERRORS + _ANSWERED:
            return  # it was not asked, or the endpoint is there
        for guard in self.peers:
            guard.failures += 1
            guard.last_failure = guard.last_failure or Sentence("{kind}", kind=what)

    def _guarded(self, generate: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def guarded(
            input: Any, tools: Any, tool_choice: Any, config: Any, **more: Any
        ) -> Any:
            kept = self.kept.take(input, config, self.role) if self.kept else None
            if kept is not None:
                self.meter.taken += 1
                self._note_answer(kept, recalled=True)
                return apart(kept, tools=bool(tools))
            self._let_pass()
            self._note_asked()
            if self.endpoint.accepts.structured is False and config.response_schema is not None:
                config = config.model_copy(update={"response_schema": None})
            result = await self._call(generate, input, tools, tool_choice, config, **more)
            output, call = result if isinstance(result, tuple) else (result, None)
            if call is not None:
                # The log holds what was said on the wire, an error's body among it.
                call.response, call.error = self._clean(call.response), self._clean(call.error)
            if isinstance(output, Exception):
                output = self._meaning(output)
            if isinstance(output, Exception):
                self._note(output)
            else:
                add_endpoint(output, call)
                output = apart(self._clean_output(output), tools=bool(tools))
                self._refuse_overflow(output)
                self._received(input, config, output)
                self._note_answer(output)
            return (output, call) if isinstance(result, tuple) else output

        return guarded

    async def _call(self, generate: Callable[..., Awaitable[Any]], *args: Any, **more: Any) -> Any:
        try:
            return await generate(*args, **more)
        except (TypeError, KeyError, IndexError, AttributeError) as error:
            # The provider stumbled over JSON that is no completion.
            self._note(error)
            raise NotACompletionError(_NO_COMPLETION) from error
        except QuotaUsedUpError as error:
            self._note(error)
            self.stopped = self.last_failure
            raise
        except Exception as error:
            self._note(error)
            raise
        except asyncio.CancelledError:
            self.last_failure = "no answer came in time"
            raise

    def _meaning(self, error: Exception) -> ModelOutput | Exception:
        """Return what a provider of Inspect's could not read out of an endpoint's refusal."""
        from inspect_ai.model import ModelOutput

        words = words_of(getattr(error, "body", None) or str(error))
        kind = kind_of(status_of(error), words, self.endpoint.blocked)
        if kind == "blocked":
            return ModelOutput.from_content(self.endpoint.model, "", stop_reason="content_filter")
        if kind == "context_overflow":
            self._hide(error)
            said: Final = "the prompt does not fit into the context: {words}"
            raise ContextOverflowError(said, words=words)
        return error

    def _refuse_overflow(self, output: ModelOutput) -> None:
        """Refuse what Inspect makes of an overflow: an answer of the endpoint's own words."""
        if output.usage is None and output.choices and output.stop_reason == "model_length":
            self.last_failure = "the prompt does not fit into the context."
            raise ContextOverflowError(self.last_failure)

    def _received(self, input: Any, config: Any, output: ModelOutput) -> None:
        self.failures = 0
        try:
            if output.usage is not None or output.stop_reason != "content_filter":
                self.budget.spend(output.usage, self.endpoint.price)
                read, written = tokens_of(output.usage) if output.usage else (0, 0)
                self.meter.received(output.usage, read, written, self.endpoint.price)
            if self.kept is not None:
                self.kept.keep(input, config, output, self.role)
        except OSError as error:
            self._break(error)

    def _break(self, error: OSError) -> NoReturn:
        self.broken = storage_error(self.budget.ledger.parent, error)
        self.stopped = self.broken.sentence
        raise NotKeptError(self.stopped) from error

    def _note_asked(self) -> None:
        journal = self.noting or current.get()
        try:
            if journal is not None:
                journal.asked(self.role)
        except OSError as error:
            self._break(error)

    def _note_answer(self, output: ModelOutput, *, recalled: bool = False) -> None:
        journal = self.noting or current.get()
        try:
            if journal is not None:
                journal.answered(self.role, output, recalled=recalled)
        except OSError as error:
            self._break(error)

    def _let_pass(self) -> None:
        if any(guard.broken for guard in self.peers):
            raise NotKeptError(self.why_stopped)
        try:
            self.budget.check()
        except SpendCapReachedError as error:
            self.stopped = said_by(error)
            raise
        if self.failures >= self.endpoint.connections.stop_after_errors and not self.stopped:
            said: Final = "{n} samples in a row got no answer; the last: {why}"
            self.stopped = Sentence(said, n=self.failures, why=self.last_failure)
        if self.why_stopped:
            raise EndpointGoneError(self.why_stopped)

    def _note(self, error: BaseException) -> None:
        """Remember what an error means, without the secrets."""
        self._hide(error)
        journal = self.noting or current.get()
        if journal is not None:
            journal.failed(self.role, error)
        self.last_failure = explain(error, self.endpoint)
        self.said[self.last_failure] += 1
        self.meter.last_error = self.last_failure

    def _clean_output(self, output: ModelOutput) -> ModelOutput:
        if not (self._secrets and self._secrets.found_in(output.model_dump_json().encode())):
            return output
        return type(output).model_validate(self._clean(output.model_dump()))

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
        return self._secrets.masked(value)
