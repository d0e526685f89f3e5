"""`tenken runs`: what is in a results folder; putting runs away and removing them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.errors import InputError
from tenken.evals.actions.runs import archive_run, delete_run, find_run, is_sealed, list_runs
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table
from tenken.evals.config import RESULTS_DIR

if TYPE_CHECKING:
    from tenken.evals.actions.runs import ListedRun

app = typer.Typer(
    name="runs",
    help="List the runs of a results folder, put runs away, or remove them.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Names = Annotated[list[str], typer.Argument(help="Folders or names of runs.")]


@app.callback()
def runs(
    context: typer.Context,
    results_dir: o.ResultsDir = RESULTS_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the runs: model, suite, decision, headline rates, when, attempt, seal.

    The seal is `sealed` where every file is what was sealed (`tenken verify` recomputes the
    figures as well), `changed` where one is not, and `open` where the run has not ended.
    """
    if context.invoked_subcommand is not None:
        return
    found = list_runs(results_dir)
    if as_json:
        listed = [run.contents() for run in found]
        typer.echo(json.dumps({"runs": listed}, ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo(f"{results_dir}: no runs.")
        return
    print_table(
        ("run", "model", "suite", "decision", "headline rates", "ended", "attempt", "seal"),
        (_row(run) for run in found),
        right=("attempt",),
    )


def _row(run: ListedRun) -> tuple[object, ...]:
    rates = ", ".join(
        f"{risk} {rate['value']:.1%} ({rate['low']:.1%} to {rate['high']:.1%})"
        for risk, rate in run.rates.items()
        if rate["value"] is not None and rate["low"] is not None
    )
    ended = run.finished[:16].replace("T", " ")
    seal = f"{run.state}, signed" if run.signed else run.state
    cells = (run.name, run.model, run.suite, run.decision or "-", rates or "-", ended, seal)
    name, model, suite, decision, told, when, state = (
        "".join(each if each.isprintable() else " " for each in cell) for cell in cells
    )
    return name, model, suite, decision, told, when, run.attempt or "-", state


@app.command("archive")
def archive(names: Names, results_dir: o.ResultsDir = RESULTS_DIR) -> None:
    """Move runs, whole and still sealed, to the folder `archived` beside the others."""
    for folder in [find_run(name, results_dir) for name in names]:
        typer.echo(f"{folder} -> {archive_run(folder)}")


@app.command("delete")
def delete(
    names: Names,
    results_dir: o.ResultsDir = RESULTS_DIR,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask, and remove sealed runs too.")
    ] = False,
) -> None:
    """Remove runs for good. A sealed run is evidence: it is removed with --yes alone."""
    folders = [find_run(name, results_dir) for name in names]
    for folder in folders:
        if is_sealed(folder) and not yes:
            raise InputError(
                f"{folder}: this run is sealed, and what it showed could not be checked any more: "
                "put it away with 'tenken runs archive', or give --yes."
            )
    if not yes:
        names_told = ", ".join(str(folder) for folder in folders)
        typer.confirm(f"Remove {names_told} for good?", abort=True)
    for folder in folders:
        delete_run(folder)
        typer.echo(f"removed: {folder}")
