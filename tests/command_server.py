"""Starts `tenken` commands as processes of their own without the seconds of imports.

A process that has made a run once, as a rehearsal, waits for orders on its standard input and
forks a child for each: a real process, with its own signals, that can be killed.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

PLACES = ("CONFIG", "CACHE", "DATA", "STATE")


def own_environment(home: Path) -> dict[str, str]:
    """The variables of whoever runs the tests, but for their home, keys, caches and plug-ins."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith(("_API_KEY", "_BASE_URL"))
        and not name.startswith(("INSPECT_", "TENKEN_SIGN"))
    }
    places = {f"XDG_{name}_HOME": str(home / name.lower()) for name in PLACES}
    return {**kept, **places, "HOME": str(home), "TENKEN_PLUGINS": "none"}


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
    """The process that forks; it is begun by the first command, and threads may share it."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._environment = own_environment(scratch / "home")
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def start(self, *arguments: str | Path, env: dict[str, str] | None = None,
              code: str = "") -> Command:  # fmt: skip
        """Start `tenken` with these arguments, after running `code` in its process."""
        folder = self._scratch / str(next(self._numbers))
        folder.mkdir()
        pid = self.order(
            {"argv": [str(each) for each in arguments], "env": env or {}, "code": code,
             "folder": str(folder)}
        )  # fmt: skip
        return Command(self, pid, folder, time.monotonic())

    def run(self, *arguments: str | Path, seconds: float = 60, **options: Any) -> Ended:
        """Start `tenken` and wait for its end."""
        return self.start(*arguments, **options).wait(seconds)

    def run_tool(self, tool: Path, *arguments: str | Path) -> Ended:
        """Run one of the project's tools instead of `tenken`."""
        argv = [str(tool), *map(str, arguments)]
        run = f"runpy.run_path({argv[0]!r}, run_name='__main__')"
        return self.run(code=f"import runpy, sys; sys.argv = {argv!r}; {run}; sys.exit()")

    def order(self, what: dict[str, Any]) -> int:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, __file__, str(self._scratch)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,
                    text=True,
                    env=self._environment,
                )
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=10)


def _child(order: dict[str, Any]) -> None:
    folder = Path(order["folder"])
    os.setsid()
    _speak_into(folder)
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


def _rehearse(folder: Path) -> None:
    """Make a run and verify it here, so that children find all of it imported and compiled."""
    from stub_endpoint import running

    from tenken.tasks import library
    from tenken.terms import known

    with running() as stub:
        model = ["--model", "letter-hash", "--base-url", stub.base_url]
        _type(folder, "run", "smoke", "--no-gates", *model, "--results-dir", "runs", "--json")
    assert (folder / "runs").is_dir(), (folder / "stderr").read_text("utf-8")
    (run,) = (path for path in (folder / "runs").iterdir() if path.is_dir())
    _type(folder, "verify", str(run), "--json")
    for plugins in (known._installed, library._installed):  # each child has its own
        plugins.cache_clear()
    gc.collect()
    gc.freeze()  # a child that collects would copy every page of what is here


def _type(folder: Path, *arguments: str) -> None:
    """Do in this process, in a folder, what a command does; what it says goes to files there."""
    kept, before = (os.dup(1), os.dup(2)), Path.cwd()
    _speak_into(folder)
    os.chdir(folder)
    sys.argv = ["tenken", *arguments]
    with suppress(SystemExit):
        importlib.import_module("tenken.evals.cli").main()
    sys.stdout.flush()
    sys.stderr.flush()
    os.chdir(before)
    for number, handle in enumerate(kept, 1):
        os.dup2(handle, number)
        os.close(handle)


def _speak_into(folder: Path) -> None:
    for number, name in ((1, "stdout"), (2, "stderr")):
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(handle, number)
        os.close(handle)


def _serve(scratch: Path) -> None:
    folder = scratch / "rehearsal"
    folder.mkdir()
    _rehearse(folder)
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
    _serve(Path(sys.argv[1]))
