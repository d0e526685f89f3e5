"""`tenken check [TASK...]`: what is wrong with tasks and their items, with file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tenken.errors import InputError
from tenken.evals.cli import _options as o
from tenken.evals.cli.items.sources import source_counts, source_lines
from tenken.evals.words import counted, phrase

if TYPE_CHECKING:
    from tenken.schema.reviews import ItemsRead
    from tenken.tasks.library import TaskFolder
    from tenken.tasks.lint.deep import Deep
    from tenken.tasks.lint.run import Checked
    from tenken.tasks.lint.subject import Finding
    from tenken.tasks.lint.surface import Surface


_OWN_REASON: Final = ("reviews", "sources")
"""Figures whose miss is its own reason: nobody has read the items, or archived the pages."""


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
            typer.echo(_plain(f"{_place(finding)}: {finding.level}: {finding.message}")
                       + f" [{finding.rule}]")  # fmt: skip
    for line in _figures(checked.deep) if checked.deep and not quiet else ():
        typer.echo(line)
    for line in source_lines(checked.sources) if pages else ():
        typer.echo(_plain(line))
    if checked.sources and not quiet:
        typer.echo(source_counts(checked.sources))
    found = {"errors": checked.errors, "warnings": checked.warnings}
    sizes = {"tasks": len(checked.tasks), "samples": checked.samples}
    told = {name: counted(name, number) for name, number in {**sizes, **found}.items()}
    typer.echo(phrase("checked_total", **told))


def _figures(deep: Deep) -> Iterator[str]:
    """Yield the figures of a deep check, a block a task."""
    for depth in deep.tasks:
        yield f"\n{depth.task}: {depth.samples:,} samples, {depth.doubles} nearly the same"
        yield from map(_surface, depth.surfaces)
        for language in sorted({each.language for each in depth.strategies}):
            rates = [each for each in depth.strategies if each.language == language]
            told = ", ".join(f"{each.name} {each.rate:.0%}" for each in rates)
            yield f"  {language} headline: {told}; by lot {rates[0].chance:.0%}"
        for each in depth.lengths:
            yield (f"  {each.language} lengths: {each.low} to {each.high}, "
                   f"{each.crowded:.0%} in one band")  # fmt: skip
        for key, counts in depth.tags.items():
            yield f"  {key}: " + ", ".join(f"{value} {n}" for value, n in counts.items())
        having, all_items = depth.in_other_words
        yield f"  in other words too: {having} of {all_items} items"
        if depth.sources:
            yield f"  {source_counts(depth.sources)}"
        yield f"  {_reading(depth.read)}"
        for miss in deep.misses:
            if miss.task == depth.task:
                yield f"  outside its target: {miss.figure}: {miss.told}"
    if deep.pooled:
        yield "\nall tasks"
        yield from map(_surface, deep.pooled)
    yield from _targets(deep)


def _targets(deep: Deep) -> Iterator[str]:
    """Yield each figure's target, and which tasks miss it, with the reason where one is known."""
    from tenken.tasks.lint.deep import ALL, TARGETS

    yield "\ntargets"
    for figure, target in TARGETS.items():
        missed = {each.task: each.reason for each in deep.misses if each.figure == figure}
        over_all = missed.pop(ALL, None) is not None
        said = f"missed by {len(missed)} of {len(deep.tasks)} tasks" if missed else "met by all"
        said += ", and over all tasks together" if over_all else ""
        unexplained = [name for name, reason in missed.items() if not reason]
        if unexplained and figure not in _OWN_REASON:
            said += f"; without a reason in the card's `misses`: {', '.join(unexplained)}"
        yield f"  {figure}: {target}: {said}"
    yield ""


def _reading(read: ItemsRead) -> str:
    if not read.records:
        return f"read by somebody else: 0 of {read.samples:,}"
    said = [
        f"read by people: {read.by_people:,} of {read.samples:,}",
        f"by models alone {read.by_models_alone:,}",
        f"natural {read.naturalness:.1f} of 5",
        *(
            f"{words} {share.count} of {share.of}"
            for words, share in (
                ("as labelled", read.as_labelled),
                ("readers agree", read.readers_agree),
                ("languages equal", read.equal),
                ("kept", read.kept),
            )
            if share.of
        ),
    ]
    return ", ".join(said) + (
        f"; {read.stale} records of items changed since" if read.stale else ""
    )


def _surface(each: Surface) -> str:
    from tenken.results.metrics.rates import wilson_interval

    picked = round(each.ngrams * each.pairs)
    ends = wilson_interval(picked, each.pairs, level=0.95)
    return (
        f"  {each.language} harmful half of {each.pairs} pairs: n-grams {each.ngrams:.0%} "
        f"({ends.low:.0%} to {ends.high:.0%}; shuffled {each.shuffled:.0%}), "
        f"the shorter {each.shorter:.0%}"
    )


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
