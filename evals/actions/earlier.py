"""Earlier runs of a results folder whose answers a run may take over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tenken.errors import TenkenError
from tenken.evals.running.reuse import planned_keys, shared_logs
from tenken.evals.running.sweep.log import Key, finished
from tenken.io.chain import read_chain
from tenken.results.seal.folder import SEAL_FILE
from tenken.schema.evidence import REGISTER_FILE
from tenken.schema.plan import Plan, read_plan


def at_most_reused(plan: Plan, results: Path) -> int:
    """Return how many samples of a plan earlier runs have answers to, each epoch counted.

    What the endpoint says about itself is not known yet: fewer may be reused.

    Args:
        plan: What is to be asked.
        results: The folder of the runs.
    """
    found: set[tuple[str, Key]] = set()
    for run in earlier_runs(plan, results / plan.run):
        for shared in shared_logs(plan, run):
            keys = planned_keys(shared.task) & finished(shared.path)
            found.update((shared.task.name, key) for key in keys)
    return len(found)


def earlier_runs(plan: Plan, folder: Path) -> Iterator[Path]:
    """Yield the sealed runs beside a run's folder whose answers may be reused, newest first.

    A run counts only if the register says that it was sealed here, if its evidence is what was
    sealed, and if it asked the same model.

    Args:
        plan: The plan to be answered; no run is yielded where its `reuse_days` is 0.
        folder: The run's folder; itself left out.
    """
    if not plan.reuse_days:
        return
    try:
        entries, _ = read_chain(folder.parent / REGISTER_FILE)
    except TenkenError:
        return  # a broken register vouches for nothing
    started = {str(entry.get("run")) for entry in entries if entry.get("model") == plan.model.name}
    sealed = {
        str(entry.get("run")): None
        for entry in reversed(entries)
        if entry.get("event") == "sealed" and entry.get("run") in started
    }
    if not sealed:
        return
    from tenken.results.bundle.staging import check_sealed

    for name in sealed:
        run = folder.parent / name
        if name == folder.name or Path(name).name != name or not (run / SEAL_FILE).is_file():
            continue
        try:
            if read_plan(run).model.identity() == plan.model.identity():
                check_sealed(run)
                yield run
        except TenkenError:
            continue
