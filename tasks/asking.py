"""The solver that puts one prompt to the model and keeps the answer until the log has it."""

from __future__ import annotations

from contextvars import ContextVar

from inspect_ai.model import CachePolicy
from inspect_ai.solver import Generate, Solver, TaskState, solver

keep_answers: ContextVar[str | None] = ContextVar("keep_answers", default=None)
"""Name under which answers are kept on disk until they are logged; None to keep none.

Inspect writes samples to the log in batches, because each write copies the whole file. A
process that is killed between two writes would have to ask again what was answered already.
The runner sets this, and points Inspect's answer cache into the run's own folder.
"""


@solver(name="ask")
def ask() -> Solver:
    """Ask once. Within a run, an answer that was received before a crash is not asked again."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        scope = keep_answers.get()
        if scope is None:
            return await generate(state)
        kept = CachePolicy(expiry=None, scopes={"task": scope, "sample": str(state.sample_id)})
        return await generate(state, cache=kept)

    return solve
