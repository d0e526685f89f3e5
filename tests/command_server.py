"""Starts `tenken` commands as processes of their own without the three seconds of imports.

A process that has imported everything waits for orders on its standard input and forks a child
for each: a real process, with its own signals, that can be killed.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# What a run imports, found by comparing `sys.modules` before and after one.
PRELOADED = (
    "tenken._registry", "tenken.evals.cli.run", "tenken.evals.planning.plan",
    "tenken.evals.models.preflight",
    "tenken.evals.running.run", "tenken.results.bundle.write", "tenken.results.verify.verify",
    "anthropic", "openai",
    "openai.resources.chat", "inspect_ai.agent._acp.server", "inspect_ai._eval.evalset",
    "inspect_ai.model._providers.openai_compatible", "pandas", "pyarrow.parquet", "scipy.stats",
    "scipy.optimize", "statsmodels.stats.multitest", "rich.live", "uvloop", "zipfile_zstd",
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a command ended; a negative status is the signal that killed it."""

    status: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def report(self) -> dict[str, Any]:
        """What `--json` printed."""
        assert self.stdout.startswith("{"), (self.status, self.stdout, self.stderr)
        loaded: dict[str, Any] = json.loads(self.stdout)
        return loaded


@dataclass
class Command:
    """A command under way."""

    server: CommandServer
    pid: int
    folder: Path
    began: float

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = 60) -> Ended:
        """Wait for the end; a command that takes longer is killed and fails the test."""
        handle = os.pidfd_open(self.pid)
        ended = bool(select.select([handle], [], [], seconds)[0])
        os.close(handle)
        took = time.monotonic() - self.began
        if not ended:
            self.kill()
        status = os.waitstatus_to_exitcode(self.server.order({"wait": self.pid}))
        texts = [(self.folder / name).read_text("utf-8") for name in ("stdout", "stderr")]
        assert ended, f"still running after {seconds} s: {texts}"
        return Ended(status, texts[0], texts[1], took)


class CommandServer:
    """The process that forks."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def start(self, *arguments: str | Path, env: dict[str, str] | None = None,
              code: str = "") -> Command:  # fmt: skip
        """Start `tenken` with these arguments, after running `code` in its process."""
        self._count += 1
        folder = self._scratch / str(self._count)
        folder.mkdir()
        pid = self.order(
            {"argv": [str(each) for each in arguments], "env": env or {}, "code": code,
             "folder": str(folder)}
        )  # fmt: skip
        return Command(self, pid, folder, time.monotonic())

    def run(self, *arguments: str | Path, seconds: float = 60, **options: Any) -> Ended:
        """Start `tenken` and wait for its end."""
        return self.start(*arguments, **options).wait(seconds)

    def order(self, what: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@contextmanager
def command_server(scratch: Path) -> Iterator[CommandServer]:
    """Run the process that forks as long as the block lasts."""
    server = CommandServer(scratch)
    try:
        yield server
    finally:
        server.close()


def _child(order: dict[str, Any]) -> None:
    folder = Path(order["folder"])
    os.setsid()
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["env"])
    os.chdir(folder)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")
    sys.argv = ["tenken", *order["argv"]]
    status = 1
    try:
        exec(order["code"], {})
        importlib.import_module("tenken.evals.cli").main()
    except SystemExit as error:
        status = int(error.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _serve() -> None:
    for name in PRELOADED:
        with suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, answer = os.waitpid(order["wait"], 0)
        else:
            answer = os.fork()
            if answer == 0:
                _child(order)
        print(answer, flush=True)


if __name__ == "__main__":
    _serve()
