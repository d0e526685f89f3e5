"""`tenken new TASK --held-out`: a half of a task that is kept from the public, and its power."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from tenken.errors import InputError
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from tenken.tasks.library import LoadedTask

_RATES: Final = (0.02, 0.1, 0.3)
"""Rates of the public half for which the power is told."""
_TENTH: Final = 0.1


def lay_out_half(name: str, folder: Path | None, number: int | None, *, as_json: bool) -> None:
    """Lay the half out and say what both can show.

    Args:
        name: Full name of the public task.
        folder: Where the half goes, outside of any checkout of the library.
        number: Items of the half; as many as the public task has where left out.
        as_json: Whether to print JSON.

    Raises:
        InputError: There is no folder, it is in the library's checkout, or the task is none
            that items are written for.
    """
    from tenken.tasks.library import built_in_folders, find_task, load_task
    from tenken.tasks.scaffold.held_out import HELD_OUT, lay_out_held_out

    entry = find_task(name)
    if entry.name not in built_in_folders():
        raise InputError(
            "'{name}': only a task of the library has a held-out half.", name=entry.name
        )
    if folder is None:
        raise InputError("--held-out: say with --folder where it is kept, outside of the library.")
    root = entry.folder.resolve().parents[2]
    if folder.resolve().is_relative_to(root):
        raise InputError(
            "{folder}: is in the library ({root}); keep what is held out elsewhere.",
            folder=folder, root=root,
        )  # fmt: skip
    task = load_task(entry.name)
    target = folder / task.card.risk / f"{task.card.name}{HELD_OUT}"
    if target.exists():
        raise InputError("{target} exists already; choose another folder.", target=target)
    laid = lay_out_held_out(target, task.name, task, number)
    power = _power(task, laid.clusters)
    if as_json:
        about = {"task": task.name, "folder": str(target), "form": str(laid.form),
                 "files": [str(each) for each in laid.files], "rows": laid.empty,
                 **power}  # fmt: skip
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    for path in laid.files:
        typer.echo(phrase("written", path=path))
    sizes = {"public": power["public"], "held_out": power["held_out"]}
    typer.echo(f"\n{phrase('half_head', measure=power['measure'], **sizes)}")
    for each in power["shows"]:
        excess = each["detectable"]
        shown = phrase("half_nothing")
        if excess is not None:
            shown = phrase("half_excess", points=f"{excess * 100:.0f}")
        needed = each["needed"] or phrase("half_many")
        typer.echo(phrase("half_row", rate=f"{each['rate']:.0%}", shown=shown, needed=needed))
    empty = f"{laid.empty:,}"
    typer.echo(f"\n{phrase('half_fill', n=empty, form=laid.form)}")
    if laid.made:
        typer.echo(f"  python {laid.made}")
    typer.echo(f"  tenken check {target} --fix --deep")
    typer.echo(f"  tenken run {laid.files[-1]} --model MODEL")
    typer.echo("  tenken compare RUN --held-out")


def _power(task: LoadedTask, held_out: int) -> dict[str, Any]:
    """Return the clusters of the headline in both halves, and what they show."""
    from tenken.results.metrics.power import clusters_of_halves, detectable_between_halves
    from tenken.tasks.dataset.sample import measure_of

    headline = next(measure for measure in task.card.measures if measure.headline)
    public = len({s.cluster for s in task.samples if measure_of(task.card, s) == headline})
    return {
        "measure": headline.key,
        "public": public,
        "held_out": held_out,
        "shows": [
            {
                "rate": rate,
                "detectable": detectable_between_halves(public, held_out, rate),
                "needed": clusters_of_halves(rate, _TENTH),
            }
            for rate in _RATES
        ],
    }
