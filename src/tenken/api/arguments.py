"""From what a notebook gives to what the rest of the package takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tenken.results.frames.run import Run

RunLike: TypeAlias = Run | Path | str
"""A run, its folder, its name, or the beginning of its name below `results/runs`."""


def folder_of(run: RunLike) -> Path:
    """Return a run's folder."""
    from tenken.evals.actions.runs import find_run

    return run.path if isinstance(run, Run) else find_run(str(run))


def path_of(given: str | Path | None) -> Path | None:
    """Return a path with `~` filled in."""
    return None if given is None else Path(given).expanduser()


def pairs(given: Mapping[str, Any] | None) -> list[str]:
    """Return arguments as `KEY=VALUE`, each value as JSON, which is YAML too."""
    return [f"{key}={json.dumps(value)}" for key, value in (given or {}).items()]


def roles_of(given: Mapping[str, str | Path] | None) -> list[str]:
    """Return models in roles as `ROLE=MODEL`."""
    return [f"{role}={model}" for role, model in (given or {}).items()]
