"""`tenken items RUN...`: how well the items of tasks work, over any number of runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.errors import Sentence
from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import phrase, term

if TYPE_CHECKING:
    from tenken.evals.actions.items import TaskItems

_FEW = 8


def items(
    runs: Annotated[list[str], typer.Argument(help="Folders or names of one or more runs.")],
    flagged: Annotated[
        bool, typer.Option("--flagged", help="Show the items with a flag alone.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a page with plots to this .html file."),
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of the page: en or ja.")] = "en",
    results_dir: o.ResultsDir = RESULTS_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how well each item of the headline measures works.

    Facility is the share of safe verdicts; discrimination is the correlation of the item with
    the rest of its task over the runs. Flags: ceiling and floor (all answer alike), negative
    discrimination, dependent (two items go together beyond what the task explains). What one
    answers without reading comes to, such as always the first choice, needs no run.
    """
    from tenken.evals.actions.items import task_items
    from tenken.evals.cli._output import check_page

    folders = [find_run(run, results_dir) for run in runs]
    check_page(output, folders, lang)
    found = task_items(folders)
    if output is not None:
        from tenken.io.files import write_atomically
        from tenken.results.pages.items import render_items

        write_atomically(output, render_items(found, len(runs), lang))
    if as_json:
        contents = {"runs": len(runs), "tasks": [each.contents() for each in found]}
        typer.echo(json.dumps(contents, ensure_ascii=False, indent=2))
        return
    for task in found:
        alpha, half, omega = (_number(each) for each in task.reliability)
        about = {"task": task.task, "measure": task.measure, "items": len(task.items)}
        reliability = {"alpha": alpha, "half": half, "omega": omega}
        typer.echo(phrase("items_task", **about, answerers=task.answerers, **reliability))
        rows = list(_rows(task, flagged=flagged))
        if rows:
            heads = phrase("items_heads").split("|")
            print_table(heads, rows, right=heads[1:6])
        if task.dif:
            typer.echo(phrase("items_dif", items=", ".join(task.dif)))
        for each in task.constants:
            typer.echo(phrase("items_constant", **asdict(each) | {"name": Sentence(each.name)}))
        typer.echo("")
    if output is not None:
        typer.echo(phrase("page_at", page=output))
    if found and max(task.answerers for task in found) < _FEW:
        typer.echo(phrase("items_few", few=_FEW))


def _rows(task: TaskItems, *, flagged: bool) -> Iterator[tuple[str, ...]]:
    for place, (name, each) in enumerate(task.items.items()):
        if each.flags or not flagged:
            yield (
                f"  {name}",
                str(each.answers),
                _number(each.facility),
                _number(each.discrimination),
                _number(float(task.model.slopes[place]) if task.model else None),
                _number(float(task.model.locations[place]) if task.model else None),
                ", ".join(term("item_flag", flag) for flag in each.flags),
            )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
