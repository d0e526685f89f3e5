"""The pool of a sweep ends, whatever becomes of the one that writes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tenken.errors import StorageError
from tenken.evals.running.sweep.pool import _Sweep


class _FullDisk(_Sweep):
    """A sweep that has answers at once, and no room for the first when it is told to write."""

    write: asyncio.Event

    def _jobs(self, tasks: Any) -> Iterator[Any]:
        return iter(range(1000))

    async def _ask(self, job: Any) -> Any:
        return SimpleNamespace(output="an answer")

    async def _judged(self, job: Any, how: Any, output: Any) -> Any:
        await self.write.wait()
        return how

    def _keep(self, job: Any, how: Any) -> None:
        raise StorageError("the disk is full")


async def _stopped_with_a_full_queue() -> None:
    gate: Any = SimpleNamespace(gate=SimpleNamespace(limit=3, most=None))
    sweep = _FullDisk(gate, SimpleNamespace(), Path(), [])  # type: ignore[arg-type]
    sweep.write = asyncio.Event()
    running = asyncio.create_task(sweep.run([]))
    for _ in range(50):
        await asyncio.sleep(0)
    running.cancel()
    for _ in range(50):
        await asyncio.sleep(0)
    sweep.write.set()
    async with asyncio.timeout(10):
        await running


def test_a_disk_that_fills_while_a_sweep_is_stopped_ends_it() -> None:
    with pytest.raises(StorageError, match="the disk is full"):
        asyncio.run(_stopped_with_a_full_queue())
