"""`tenken held-out RUN...`: public items beside held-out ones: were the public ones trained on?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table
from tenken.evals.config import RESULTS_DIR

if TYPE_CHECKING:
    from tenken.schema.attacks import HeldOut, HeldOutFigure


def held_out(
    runs: Annotated[list[str], typer.Argument(help="Folders or names of runs of one model.")],
    results_dir: o.ResultsDir = RESULTS_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare a task's public items with held-out ones of the same kind, laid out by 'new'.

    A rate that is worse on the held-out items is what training on the public ones would look
    like. The halves hold different items, so the interval carries the error of both. What the
    halves can show, with a power of 0.8, stands beside it.
    """
    from tenken.evals.actions.held_out import held_out_of_runs

    model, found = held_out_of_runs([find_run(run, results_dir) for run in runs])
    if as_json:
        contents = {name: each.model_dump(mode="json") for name, each in found.items()}
        typer.echo(json.dumps({"model": model, "tasks": contents}, ensure_ascii=False, indent=2))
        return
    typer.echo(model)
    for name, each in found.items():
        typer.echo(f"\n{name} against {each.public}, {each.measure}")
        heads = ("", "public", "held out", "difference", "shown", "could show", "needed")
        print_table(heads, list(_rows(each)), right=heads[1:4])
    typer.echo("\nneeded: items in each half to show an excess of 10 points with a power of 0.8.")


def _rows(block: HeldOut) -> Iterator[tuple[str, ...]]:
    yield _row("all", block.overall)
    for language, figure in block.languages.items():
        yield _row(language, figure)


def _row(name: str, each: HeldOutFigure) -> tuple[str, ...]:
    points = "-"
    if each.value is not None and each.low is not None and each.high is not None:
        points = f"{each.value * 100:+.1f} ({each.low * 100:+.1f} to {each.high * 100:+.1f})"
    return (
        name,
        _share(each.public.value),
        _share(each.held_out.value),
        points,
        each.shown,
        "-" if each.detectable is None else f"+{each.detectable * 100:.0f} points",
        _needed(each),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _needed(each: HeldOutFigure) -> str:
    if each.needed is not None:
        return f"{each.needed:,}"
    return "-" if each.detectable is None else "more than 2,000"
