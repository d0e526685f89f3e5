"""Work that brings an event loop of its own, inside a running one too."""

from __future__ import annotations

import asyncio
import ctypes
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import get_ident
from typing import TypeVar

_Result = TypeVar("_Result")


def outside_a_loop(work: Callable[[], _Result]) -> _Result:
    """Do the work where no event loop runs: here, or in a thread of its own (in a notebook).

    Args:
        work: What to do. The stop button of a notebook stops it as the keyboard does.
    """
    from tenken.inspect_private import apart_from_a_notebook

    # Nobody loads IPython but a notebook, or a shell that could be one.
    with apart_from_a_notebook() if "IPython" in sys.modules else nullcontext():
        return _outside(work)


def _outside(work: Callable[[], _Result]) -> _Result:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    thread: list[int] = []

    def started() -> _Result:
        thread.append(get_ident())
        return work()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(started)
        try:
            return future.result()
        except KeyboardInterrupt:
            for ident in thread:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(ident), ctypes.py_object(KeyboardInterrupt)
                )
            return future.result()
