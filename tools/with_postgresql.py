"""Run a command with a PostgreSQL server of its own, which is gone afterwards.

    python tools/with_postgresql.py .venv/bin/python -m pytest tests/console

The command finds the server's address in `TENKEN_TEST_POSTGRESQL`, or in `TENKEN_DATABASE` with
`--console`. The server listens on a socket in a temporary folder alone. Where PostgreSQL is not
installed the command is run without it, and the tests that need it say why they are skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

USER = "postgres"


def main() -> int:
    """Start the server, run the command, stop the server."""
    command = sys.argv[1:]
    as_console = command[:1] == ["--console"]
    command = command[as_console:]
    if not command:
        print(__doc__)
        return 2
    programs = find_programs()
    if programs is None:
        print("PostgreSQL is not installed: running without it.", file=sys.stderr)
        return subprocess.run(command, check=False).returncode
    with ExitStack() as stack:
        more = {}
        try:
            url = stack.enter_context(server(programs))
            more["TENKEN_DATABASE" if as_console else "TENKEN_TEST_POSTGRESQL"] = url
        except (RuntimeError, OSError, KeyError) as error:
            print(f"PostgreSQL does not start: running without it. {error}", file=sys.stderr)
        return subprocess.run(command, check=False, env={**os.environ, **more}).returncode


def find_programs() -> Path | None:
    """Return the folder of `initdb` and `pg_ctl`: Debian keeps them out of the path."""
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        known.insert(0, Path(found).parent)
    return next((path for path in known if (path / "initdb").exists()), None)


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """Run a server in a temporary folder and yield its address for SQLAlchemy."""
    with tempfile.TemporaryDirectory(prefix="tenken-pg-") as name:
        folder = Path(name)
        become = []
        if os.geteuid() == 0:  # the server refuses to run as root
            owner = pwd.getpwnam(USER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            become = ["setpriv", f"--reuid={USER}", f"--regid={owner.pw_gid}", "--clear-groups"]
        data, control = folder / "data", [*become, str(programs / "pg_ctl")]
        _quiet(
            [*become, str(programs / "initdb"), "--pgdata", str(data), "--username", USER,
             "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"],
            folder,
        )  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        log = str(folder / "server.log")
        _quiet(
            [*control, "start", "--wait", "--pgdata", str(data), "--log", log, "-o", options],
            folder,
        )  # fmt: skip
        try:
            yield f"postgresql+psycopg://{USER}@/postgres?host={folder}"
        finally:
            _quiet([*control, "stop", "--pgdata", str(data), "--mode", "immediate"], folder)


def _quiet(command: list[str], folder: Path) -> None:
    """Run a command with its words in a file: a server that it starts would hold a pipe open."""
    said = folder / "said.log"
    with said.open("w") as stream:
        done = subprocess.run(
            command, check=False, cwd=folder, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {said.read_text()}")


if __name__ == "__main__":
    sys.exit(main())
