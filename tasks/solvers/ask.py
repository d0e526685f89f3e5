"""The solver that puts one prompt to the model."""

from __future__ import annotations

from inspect_ai.solver import Generate, Solver, TaskState, solver


@solver(name="ask")
def ask() -> Solver:
    """Ask once."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return await generate(state)

    return solve
