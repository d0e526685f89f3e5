"""Commands of Tenken as processes of their own, for all that is heavy or hostile.

A bundle that makes a reader stumble takes that process down, not the server; and the server's
memory stays small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tenken.errors import InputError

TENKEN: Final = (
    sys.executable,
    "-c",
    "import sys; sys.argv[0] = 'tenken'; from tenken.evals.cli import main; main()",
)
"""What `tenken` is in this very environment, whatever the path of commands says."""

_OWN: Final = ("TENKEN_DATABASE", "TENKEN_OIDC_SECRET")
_SECONDS: Final = 900.0
_AT_ONCE: Final = threading.BoundedSemaphore(2)


def run_json(arguments: Sequence[str], *, fine: Sequence[int] | None = (0,)) -> Any:
    """Run a command that prints JSON and return what it printed.

    Args:
        arguments: The command's arguments.
        fine: Statuses that are no failure; None for all.

    Raises:
        InputError: It failed; says what it said.
    """
    done = _run(arguments)
    if fine is None or done.returncode in fine:
        try:
            return json.loads(done.stdout)
        except ValueError:
            pass
    raise _failed(arguments, done)


def run_bytes(arguments: Sequence[str]) -> bytes:
    """Run a command and return what it printed.

    Raises:
        InputError: It failed; says what it said.
    """
    done = _run(arguments)
    if done.returncode:
        raise _failed(arguments, done)
    return done.stdout


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    with _AT_ONCE:
        try:
            return subprocess.run(  # noqa: S603 - our own command, no shell
                [*TENKEN, *arguments],
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
                env=environment(),
            )
        except subprocess.TimeoutExpired:
            raise InputError(
                "'tenken {arguments}' took too long.", arguments=arguments[0]
            ) from None


def _failed(arguments: Sequence[str], done: subprocess.CompletedProcess[bytes]) -> InputError:
    said = last_line(done.stderr.decode("utf-8", "replace"))
    if said:
        return InputError("{said}", said=said)
    return InputError("'tenken {command}' failed.", command=arguments[0])


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a command: the server's, without what is the console's alone."""
    own = {name: value for name, value in os.environ.items() if name not in _OWN}
    return {**own, **(more or {})}


def last_line(said: str) -> str:
    """Return the last line that a command has said, where it says why it failed."""
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("tenken: ")[:500] if lines else ""
