"""`tenken runs`: what is in a results folder; putting runs away and removing them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError
from tenken.evals.actions.runs import (
    Headline,
    archive_run,
    delete_run,
    find_run,
    is_sealed,
    list_runs,
)
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table
from tenken.evals.cli.server import remote
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import phrase, term

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
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    server: remote.Option = None,
) -> None:
    """List the runs: model, suite, decision, headline rates, when, attempt, seal.

    The seal is `sealed` where every file is what was sealed (`tenken verify` recomputes the
    figures as well), `changed` where one is not, and `open` where the run has not ended. Of a
    console's runs, the last column is what it has verified.
    """
    if context.invoked_subcommand is not None:
        if server is not None:
            raise InputError("--server lists runs; put them away or remove them where they are.")
        return
    if server is not None:
        _list_there(remote.Server.at(server), as_json=as_json)
        return
    found = list_runs(results_dir)
    if as_json:
        _print_json([run.contents() for run in found])
    else:
        _print_rows([_row(run) for run in found], "seal", str(results_dir))


def _list_there(server: remote.Server, *, as_json: bool) -> None:
    found = list(server.runs())
    if as_json:
        _print_json(found)
    else:
        _print_rows([_row_there(run) for run in found], "verified", server.address)


def _print_json(listed: Sequence[object]) -> None:
    typer.echo(json.dumps({"runs": listed}, ensure_ascii=False, indent=2))


def _print_rows(rows: Sequence[Sequence[object]], last: str, place: str) -> None:
    if not rows:
        typer.echo(phrase("runs_none", place=place))
        return
    columns = ("run", "model", "suite", "decision", "headline rates", "ended", "attempt", last)
    print_table(columns, rows, right=("attempt",))


def _row_there(run: Mapping[str, Any]) -> tuple[object, ...]:
    held = [term("grade", name) for name, holds in run["grades"].items() if holds == "yes"]
    wrong = [
        phrase("runs_not", grade=term("grade", name))
        for name, holds in run["grades"].items()
        if holds == "no"
    ]
    state = ", ".join([*wrong, *held]) or "-"
    ended = run["finished"][:16].replace("T", " ")
    cells = [run["name"], run["model"], run["suite"], term("decision", run["decision"] or "-")]
    rates = {
        risk: Headline.model_validate(figure)
        for risk, figure in run["areas"].items()
        if figure["value"] is not None
    }
    told = (_rates(rates), ended)
    return (*map(_plain, (*cells, *told)), run["attempt"] or "-", _plain(state))


def _row(run: ListedRun) -> tuple[object, ...]:
    ended = run.finished[:16].replace("T", " ")
    state = term("run_state", run.state)
    seal = phrase("runs_signed", state=state) if run.signed else state
    decision = term("decision", run.decision or "-")
    cells = (run.name, run.model, run.suite, decision, _rates(run.rates), ended)
    return (*map(_plain, cells), run.attempt or "-", _plain(seal))


def _rates(rates: Mapping[str, Headline]) -> str:
    told = (
        phrase(
            "runs_rate",
            risk=risk,
            value=f"{rate.value:.1%}",
            low=f"{rate.low:.1%}",
            high=f"{rate.high:.1%}",
        )
        for risk, rate in rates.items()
        if rate.low is not None
    )
    return ", ".join(told) or "-"


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)


@app.command("archive")
def archive(
    names: Names,
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
) -> None:
    """Move runs, whole and still sealed, to the folder `archived` beside the others."""
    for folder in [find_run(name, results_dir) for name in names]:
        typer.echo(f"{folder} -> {archive_run(folder)}")


@app.command("share")
def share(
    name: Annotated[str, typer.Argument(help="Folder or name of the run.")],
    to: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", "--to", help="The file, ending in .zip. Default: RUN.zip here."
        ),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign the seal with (see 'tenken keygen').")
    ] = None,
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
) -> None:
    """Write a run into one file to send, without prompts and answers, as 'tenken publish' does."""
    from tenken.evals.actions.keys import key_for_change
    from tenken.io.files import claimed
    from tenken.results.bundle.share import share_run

    folder = find_run(name, results_dir)
    file = to or Path(f"{folder.resolve().name}.zip")
    with claimed(folder):
        keyids = share_run(folder, file, key_for_change(folder, key))
    typer.echo(phrase("shared", file=file, size=f"{file.stat().st_size / 1e6:,.1f}"))
    typer.echo(phrase("sealed_by", key=keyids[0][:16]) if keyids else phrase("sealed_none"))
    typer.echo(phrase("shared_check", run=folder.resolve().name))


@app.command("delete")
def delete(
    names: Names,
    results_dir: o.ResultsDir = RESULTS_DIR,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask, and remove sealed runs too.")
    ] = False,
    lang: o.TerminalLanguage = None,
) -> None:
    """Remove runs for good. A sealed run is evidence: it is removed with --yes alone."""
    folders = [find_run(name, results_dir) for name in names]
    for folder in folders:
        if is_sealed(folder) and not yes:
            raise InputError(
                "{folder}: this run is sealed, and what it showed could not be checked any "
                "more: put it away with 'tenken runs archive', or give --yes.",
                folder=folder,
            )
    if not yes:
        names_told = ", ".join(str(folder) for folder in folders)
        typer.confirm(phrase("runs_remove", names=names_told), abort=True)
    for folder in folders:
        delete_run(folder)
        typer.echo(phrase("runs_removed", folder=folder))
