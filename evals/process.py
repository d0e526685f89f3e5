"""What a run changes in its own process: signals, the console, the collector and the event loop."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tenken.errors import StoppedError, Words


def tune_process() -> None:
    """Make one process ask faster: see docs/adr/0004-speed.md for what each is worth."""
    import asyncio

    if not _in_main_thread():  # a notebook's process has other work, and loops of its own
        return
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with suppress(ImportError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


def say(line: str) -> None:
    """Say a line to whoever watches, apart from the command's own output."""
    print(line, file=sys.stderr, flush=True)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def interruptible(said: Words) -> Iterator[None]:
    """Let SIGTERM stop the block as cleanly as the keyboard does, in a background job too.

    Args:
        said: What the user is told: what is kept and how to go on.

    Raises:
        StoppedError: The block was stopped.
    """
    if not _in_main_thread():  # signals are for the main thread alone
        try:
            yield
        except KeyboardInterrupt:
            raise StoppedError(said) from None
        return

    def stop(*_: object) -> None:
        # The event loop has its own way to end on SIGINT; an exception raised from here would
        # hit whichever callback happens to run.
        signal.raise_signal(signal.SIGINT)

    old = signal.signal(signal.SIGTERM, stop)
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    if ignored:  # so a shell starts its background jobs, and the event loop would heed neither
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedError(said) from None
    finally:
        signal.signal(signal.SIGTERM, old)
        if ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def silent_console() -> Iterator[None]:
    """Keep Inspect's words off the terminal: the command says itself how things went."""
    import rich

    console = rich.get_console()
    old, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = old
