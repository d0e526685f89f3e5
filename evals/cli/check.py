"""`tenken check [TASK...]`: what is wrong with tasks and their items, with file and line."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError
from tenken.evals.cli import _options as o
from tenken.evals.cli.items.figures import figure_lines
from tenken.evals.cli.items.sources import source_counts, source_lines
from tenken.evals.words import counted, phrase, term

if TYPE_CHECKING:
    from tenken.tasks.library import TaskFolder
    from tenken.tasks.lint.deep import Deep
    from tenken.tasks.lint.run import Checked
    from tenken.tasks.lint.subject import Finding


def check(
    tasks: Annotated[
        list[str] | None,
        typer.Argument(help="Names of tasks, or folders that hold some. Default: all there are."),
    ] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Write digests, counts and READMEs anew, then check.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show errors and the totals alone.")
    ] = False,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Measure what the items can tell: surface, constant answers, design, reviews.",
        ),
    ] = False,
    sources: Annotated[
        bool,
        typer.Option(
            "--sources",
            help="List the pages that facts rest on: copy in an archive, day to look again.",
        ),
    ] = False,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check tasks: schema, doubles, pairs, twins, language, balance, sources, digests, names.

    With --deep each task's figures are printed: how often n-grams or length pick the harmful half
    of a held-out pair, what constant answers come to on the headline, the design, the reviews,
    and which figures lie outside their targets, with the reason that the card gives.

    Each item is also compared with those of all other tasks. Exit status 2 where there is an
    error; warnings are for a reader to judge.
    """
    from tenken.tasks.library import public_folders, task_folders
    from tenken.tasks.lint.run import check as check_tasks

    known = {**task_folders(), **public_folders()}
    entries = _entries(tasks, known)
    written = _fix(entries, by_name=bool(tasks)) if fix else []
    checked = check_tasks(entries, list(known.values()), deeply=deep)
    if as_json:
        typer.echo(json.dumps(_about(checked, written), ensure_ascii=False, indent=2))
    else:
        _print(checked, written, quiet=quiet, pages=sources)
    if checked.errors:
        raise typer.Exit(2)


def _entries(names: list[str] | None, known: dict[str, TaskFolder]) -> list[TaskFolder]:
    from tenken.tasks.library import find_task

    if not names:
        return list(known.values())
    found: dict[str, TaskFolder] = {}
    for name in names:
        short = [full for full in known if full.rsplit("/", 1)[-1] == name]
        if name in known or len(short) == 1:
            found[name if name in known else short[0]] = known[name if name in known else short[0]]
        elif Path(name).is_dir():
            found |= {entry.name: entry for entry in _below(Path(name), known)}
        else:
            entry = find_task(name)
            found[entry.name] = entry
    return sorted(found.values(), key=lambda entry: entry.name)


def _below(folder: Path, known: dict[str, TaskFolder]) -> list[TaskFolder]:
    """Return the tasks in a folder, known ones by their name and others by where they are."""
    from tenken.tasks.card.card import CARD_FILE
    from tenken.tasks.library import TaskFolder, cards_below

    places = {entry.folder.resolve(): entry for entry in known.values()}
    cards = cards_below(folder)
    if not cards:
        raise InputError(
            "{folder}: there is no {card_file} in it or below it.",
            folder=folder,
            card_file=CARD_FILE,
        )
    found = []
    for path in (card.parent.resolve() for card in cards):
        own = TaskFolder(f"{path.parent.name}/{path.name}", path, "elsewhere")
        found.append(places.get(path, own))
    return found


def _fix(entries: list[TaskFolder], *, by_name: bool) -> list[Path]:
    """Refresh the tasks that are here; what is installed elsewhere is left alone."""
    from tenken.errors import CardError
    from tenken.tasks.scaffold.refresh import refresh

    written: list[Path] = []
    here = Path.cwd().resolve()
    for entry in entries:
        if not entry.folder.resolve().is_relative_to(here):
            if by_name and entry.package != "elsewhere":
                raise InputError(
                    "--fix: {folder} is outside of {here}; change to its folder first.",
                    folder=entry.folder,
                    here=here,
                )
            if entry.package != "elsewhere":
                continue
        try:
            written += refresh(entry.folder, write=True, risk_folder=entry.package == "tenken")
        except CardError:
            continue  # the check says what is wrong
    return written


def _print(checked: Checked, written: list[Path], *, quiet: bool, pages: bool) -> None:
    for path in written:
        typer.echo(phrase("written", path=_short_path(path)))
    for finding in checked.findings:
        if finding.level == "error" or not quiet:
            level = term("level", finding.level)
            about = {"level": level, "message": finding.message, "rule": finding.rule}
            typer.echo(_plain(phrase("finding", place=_place(finding), **about)))
    for line in figure_lines(checked.deep) if checked.deep and not quiet else ():
        typer.echo(line)
    for line in source_lines(checked.sources) if pages else ():
        typer.echo(_plain(line))
    if checked.sources and not quiet:
        typer.echo(source_counts(checked.sources))
    found = {"errors": checked.errors, "warnings": checked.warnings}
    sizes = {"tasks": len(checked.tasks), "samples": checked.samples}
    told = {name: counted(name, number) for name, number in {**sizes, **found}.items()}
    typer.echo(phrase("checked_total", **told))


def _about(checked: Checked, written: list[Path]) -> dict[str, Any]:
    return {
        "tasks": list(checked.tasks),
        "samples": checked.samples,
        "errors": checked.errors,
        "warnings": checked.warnings,
        "written": [_short_path(path) for path in written],
        "findings": [
            {
                "task": finding.task,
                "file": _short_path(finding.path),
                "line": finding.line,
                "level": finding.level,
                "rule": finding.rule,
                "message": finding.message,
            }
            for finding in checked.findings
        ],
        "sources": [{**asdict(each), "overdue": each.overdue} for each in checked.sources],
        **({"deep": _json_figures(checked.deep)} if checked.deep else {}),
    }


def _json_figures(deep: Deep) -> dict[str, Any]:
    return {
        "tasks": [
            {**asdict(depth), "read": depth.read.model_dump(mode="json")} for depth in deep.tasks
        ],
        "pooled": [asdict(each) for each in deep.pooled],
        "misses": [asdict(each) for each in deep.misses],
    }


def _place(finding: Finding) -> str:
    return _short_path(finding.path) + (f":{finding.line}" if finding.line is not None else "")


def _short_path(path: Path) -> str:
    here = Path.cwd().resolve()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _plain(text: str) -> str:
    """Return a text that cannot steer a terminal, whatever a file brought into it."""
    return "".join(each if each.isprintable() else " " for each in text)
