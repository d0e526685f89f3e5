"""A run's folder belongs to one process at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tenken.errors import RunBusyError
from tenken.io.files import claimed

HOLD = """
import sys
from pathlib import Path
from tenken.io.files import claimed
with claimed(Path(sys.argv[1])):
    (Path(sys.argv[1]) / "kept").write_text("x")
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_that_another_process_holds_is_refused_until_that_process_is_gone(
    tmp_path: Path,
) -> None:
    run = tmp_path / "run"
    command = [sys.executable, "-c", HOLD, str(run)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(RunBusyError, match="another process is writing to this run"):
            claimed(run).__enter__()
        os.kill(other.pid, signal.SIGKILL)  # nobody is left to remove the lock
    with claimed(run):
        assert (run / "kept").exists()
    with claimed(run):
        pass


def test_a_folder_in_which_nothing_was_written_is_gone_again(tmp_path: Path) -> None:
    with claimed(tmp_path / "run"):
        assert (tmp_path / "run").is_dir()
    assert not (tmp_path / "run").exists()
