"""`tenken new TASK --held-out`: a half of a task that is kept from the public, and its power."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from tenken.errors import InputError

if TYPE_CHECKING:
    from tenken.tasks.library import LoadedTask

_RATES: Final = (0.02, 0.1, 0.3)
"""Rates of the public half for which the power is told."""
_TENTH: Final = 0.1


def lay_out_half(name: str, folder: Path | None, number: int | None, *, as_json: bool) -> None:
    """Lay the half out and say what both can show.

    Raises:
        InputError: There is no folder, it lies in the library's checkout, or the task is none
            that items are written for.
    """
    from tenken.tasks.library import built_in_folders, find_task, load_task
    from tenken.tasks.scaffold.held_out import HELD_OUT, lay_out_held_out

    entry = find_task(name)
    if entry.name not in built_in_folders():
        raise InputError(f"'{entry.name}': only a task of the library has a held-out half.")
    if folder is None:
        raise InputError("--held-out: say with --folder where it is kept, outside of the library.")
    root = entry.folder.resolve().parents[2]
    if folder.resolve().is_relative_to(root):
        raise InputError(f"{folder}: lies in the library ({root}); what is held out is kept apart.")
    task = load_task(entry.name)
    target = folder / task.card.risk / f"{task.card.name}{HELD_OUT}"
    if target.exists():
        raise InputError(f"{target} exists already; choose another folder.")
    written = lay_out_held_out(target, task.name, task.card, task.samples, number)
    rows = written[1].read_text("utf-8").count("\n")
    power = _power(task, target)
    if as_json:
        about = {"task": task.name, "folder": str(target), "files": [str(each) for each in written],
                 "rows": rows, **power}  # fmt: skip
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    for path in written:
        typer.echo(f"written: {path}")
    typer.echo(
        f"\n{power['measure']}: {power['public']} public and {power['held_out']} held-out items. "
        "With a power of 0.8 they show:"
    )
    for each in power["shows"]:
        excess = each["detectable"]
        shown = "nothing" if excess is None else f"an excess of {excess * 100:.0f} points"
        needed = each["needed"] or "more than 2,000"
        typer.echo(
            f"  where the public rate is {each['rate']:.0%}: {shown}; for 10 points each half "
            f"needs {needed}"
        )
    typer.echo(f"\nFill the {rows} empty rows of {written[1]}, then:")
    typer.echo(f"  tenken check {target} --deep")
    typer.echo(f"  tenken run {written[-1]} --model MODEL")
    typer.echo("  tenken compare RUN --held-out")


def _power(task: LoadedTask, target: Path) -> dict[str, Any]:
    """Return the clusters of the headline in both halves, and what they show."""
    from tenken.results.metrics.power import clusters_of_halves, detectable_between_halves
    from tenken.tasks.dataset.sample import measure_of

    headline = next(measure for measure in task.card.measures if measure.headline)
    clusters = {s.cluster for s in task.samples if measure_of(task.card, s) == headline}
    rows = [json.loads(line) for line in (target / "samples.jsonl").read_text("utf-8").splitlines()]
    ours = {row["cluster"] for row in rows if _belongs(row, headline.where)}
    return {
        "measure": headline.key,
        "public": len(clusters),
        "held_out": len(ours),
        "shows": [
            {
                "rate": rate,
                "detectable": detectable_between_halves(len(clusters), len(ours), rate),
                "needed": clusters_of_halves(rate, _TENTH),
            }
            for rate in _RATES
        ],
    }


def _belongs(row: dict[str, Any], where: dict[str, str]) -> bool:
    facts = {**row.get("tags", {}), "benign_twin": str("benign_twin" in row).lower()}
    return all(facts.get(key) == value for key, value in where.items())
