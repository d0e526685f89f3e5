"""The runs of a results folder."""

from __future__ import annotations

from pathlib import Path

from tenken.evals.config import RESULTS_DIR


def find_run(name: str, results_dir: Path = RESULTS_DIR) -> Path:
    """Return the folder of a run by its path, its name, or the beginning of its name.

    Raises:
        UnknownNameError: There is none, or several begin so.
    """
    from tenken.errors import UnknownNameError
    from tenken.schema.plan import PLAN_FILE

    path = Path(name)
    if (path / PLAN_FILE).exists() or (path.is_dir() and not any(path.glob(f"*/{PLAN_FILE}"))):
        return path
    parent, prefix = (path, "") if path.is_dir() else (results_dir, name)
    runs = sorted(plan.parent for plan in parent.glob(f"*/{PLAN_FILE}"))
    matches = [run for run in runs if run.name.startswith(prefix)]
    if len(matches) == 1:
        return matches[0]
    raise UnknownNameError("run", name, [run.name for run in runs], str(parent))
