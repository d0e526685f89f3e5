"""Graders that are asked outside of a run: no answer of theirs is lost, none is asked for twice.

A trial of a judge, or a second scoring of a run, may be hours of calls that cost money. Each
answer is written down as it comes; a command that was stopped and is given again goes on.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import Sentence, StoppedError
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.make import make_model
from tenken.evals.models.roles import REPLY_TOKENS
from tenken.evals.running.answers import KeptAnswers
from tenken.evals.running.guard import Budget, Guard
from tenken.io.canonical import digest
from tenken.io.files import storage_error

if TYPE_CHECKING:
    from inspect_ai.model import Model

JUDGING: Final = ".judging"
"""Folder, beside the runs, of the answers of graders that a stopped command had received."""

MakeGraders = Callable[[], dict[str, "Model"]]
"""Makes the graders of the roles anew: a model is bound to the event loop that it was used in."""

_LINE_EVERY: Final = 15.0


class AllowanceUsedError(StoppedError):
    """What graders may spend is used up; their answers are kept, and the next command goes on."""


@dataclass
class Allowance:
    """What graders may still spend, over all that they are asked for; None for no cap.

    Attributes:
        max_cost: US dollars.
        max_tokens: Input and output tokens together.
    """

    max_cost: float | None = None
    max_tokens: int | None = None

    def less(self, cost: float, tokens: int) -> None:
        """Take off what was spent.

        Args:
            cost: US dollars.
            tokens: Tokens read and written.
        """
        if self.max_cost is not None:
            self.max_cost -= cost
        if self.max_tokens is not None:
            self.max_tokens -= tokens


@dataclass
class _Count:
    """Says now and then how many answers there are."""

    expected: int
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    said: float = field(default_factory=time.monotonic)

    def one_more(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.said < _LINE_EVERY:
            return
        self.said = now
        left = (now - self.started) / self.done * (self.expected - self.done)
        ends = f"about {left:.0f} s left" if left > 0 else "some were asked once more"
        sys.stderr.write(f"grader: {self.done} answers of about {self.expected}, {ends}\n")
        sys.stderr.flush()


@contextmanager
def kept_graders(
    roles: Mapping[str, Endpoint],
    place: Path,
    work: Any,
    expected: int,
    allowance: Allowance | None = None,
) -> Iterator[MakeGraders]:
    """Give a function that makes the graders, whose answers are kept until the block is through.

    Args:
        roles: The endpoints by role.
        place: Folder of the runs; the answers go below its `.judging`.
        work: What they are asked for, as JSON: answers are never taken over to other work, nor
            to other graders.
        expected: About how many answers there will be, for the display.
        allowance: What they may spend; what they spent is taken off it.

    Raises:
        StorageError: The folder cannot be written.
        InputError: The cost is capped and no price is known.
        AllowanceUsedError: It was used up before the last answer.
    """
    if not roles:
        yield dict
        return
    planned = {role: endpoint.planned().model_dump(mode="json") for role, endpoint in roles.items()}
    folder = place / JUDGING / digest([work, planned])[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        price = next(iter(roles.values())).price
        caps = allowance or Allowance()
        budget = Budget(folder / "spent.jsonl", caps.max_cost, caps.max_tokens, price)
        kept = KeptAnswers(folder / "answers.jsonl")
    except OSError as error:
        raise storage_error(folder, error) from error
    peers: list[Guard] = []
    count = _Count(expected)

    def make() -> dict[str, Model]:
        return {
            role: _watched(Guard(budget, endpoint, kept, peers, role=role), count)
            for role, endpoint in sorted(roles.items())
        }

    try:
        yield make
    finally:
        budget.close()
        kept.close()
        caps.less(budget.dollars, budget.tokens_in + budget.tokens_out)
    why = next((guard.stopped for guard in peers if guard.stopped), "")
    if allowance is not None and why:
        raise AllowanceUsedError(Sentence("{said}", said=why))
    shutil.rmtree(folder, ignore_errors=True)


def _watched(guard: Guard, count: _Count) -> Model:
    """Return the guard's model, with its answers counted and failures in a row as well."""
    model = guard.wrap(make_model(guard.endpoint, REPLY_TOKENS))
    guarded = model.api.generate

    async def watched(*args: Any, **more: Any) -> Any:
        try:
            result = await guarded(*args, **more)
        except Exception as error:
            guard.sample_failed(type(error).__name__)
            raise
        count.one_more()
        return result

    model.api.generate = watched  # type: ignore[method-assign]
    return model
