"""Commands that the console starts as processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenken._version import __version__
from tenken.console.bundles import commands
from tenken.console.reviewing import sheets
from tenken.errors import InputError

RUN, START = commands._run, sheets._start  # before any test puts something in their place


def test_a_command_is_a_process_without_the_consoles_own_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(commands, "_run", RUN)
    monkeypatch.setattr(sheets, "_start", START)
    monkeypatch.setenv("TENKEN_DATABASE", "postgresql+psycopg://own:secret@db/x")
    assert "TENKEN_DATABASE" not in commands.environment()
    assert commands.run_bytes(["--version"]) == f"tenken {__version__}\n".encode()
    with pytest.raises(InputError, match="No such command"):
        commands.run_bytes(["no-such-command"])
    with pytest.raises(InputError, match="'tenken --version' failed"):
        commands.run_json(["--version"])
    with pytest.raises(InputError, match="cannot be used"):
        sheets.make_sheets(tmp_path, f"sqlite:///{tmp_path}")
