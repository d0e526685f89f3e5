"""What a person sees on the terminal when a report has been made."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import typer

_ONE_LINE = 2**16
"""Columns of what is no terminal: no row is ever folded."""


def interval(part: Mapping[str, Any], form: str = ".3f") -> str:
    """Return `value (low to high)`, the value alone without an interval, or `not measured`.

    Args:
        part: `value`, `low` and `high`, each of which may be None.
        form: How a number is written.
    """
    if part["value"] is None:
        return "not measured"
    if part["low"] is None:
        return f"{part['value']:{form}}"
    return f"{part['value']:{form}} ({part['low']:{form}} to {part['high']:{form}})"


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[str] = ()
) -> None:
    """Print a table; see `table_lines`.

    Args:
        columns: The heads of the columns; all empty for a table without heads.
        rows: The cells; None is an empty one.
        right: Heads of the columns that are set to the right.
    """
    typer.echo("\n".join(table_lines(columns, rows, right=right)))


def table_lines(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Collection[str] = ()
) -> list[str]:
    """Return the lines of a table whose columns line up, full-width letters too.

    On a terminal, cells that do not fit are folded; elsewhere every row is one line, with neither
    colours nor spaces at its end, so that programs can read it.

    Args:
        columns: The heads of the columns; all empty for a table without heads.
        rows: The cells; None is an empty one.
        right: Heads of the columns that are set to the right.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(columns))
    for number, name in enumerate(columns):  # names, in the first column, are never folded
        side: Literal["left", "right"] = "right" if name in right else "left"
        table.add_column(Text(name), justify=side, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else _ONE_LINE, no_color=not terminal)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


_MEANING = {
    "PASS": "every gate passes",
    "FAIL": "a gate fails: the whole interval is above its maximum",
    "INCONCLUSIVE": "a gate's interval straddles its maximum: more samples would be needed",
    "NO_GATES": "the run is complete; no gate was set, so nothing could fail and nothing passes",
    "INCOMPLETE": "too many samples have no verdict, or too many answers are none: not a result",
}


def print_summary(folder: Path, report: dict[str, Any], *, stopped: str, keyid: str) -> None:
    """Print the areas, the gates, the decision, and where the report lies.

    Args:
        folder: The run's folder.
        report: The report's contents.
        stopped: Why the run stopped early; empty if it did not.
        keyid: Id of the key that sealed it; empty when unsigned.
    """
    typer.echo("")
    areas = [
        (area["risk"], f"{_rate(area)}{_missing(area['outcomes'])}") for area in report["areas"]
    ]
    print_table(("", ""), areas)
    for task in report["tasks"]:
        if task["attacks"]:
            _print_attacks(task)
    gates = []
    for gate in report["gates"]:
        said = _gate(gate)
        gates.append((f"  {gate['decision']}", said))
        if gate["reason"] == "not_capable":
            did = gate["capability"]
            gates.append(
                (
                    "",
                    f"not measured: {did['done']} of {did['n']} harmless samples were done, "
                    f"{_per(did['least'])} must be",
                )
            )
    if gates:
        print_table(("", ""), gates)
    for line in _unanswered(report):
        typer.echo(line)
    decision = report["decision"].replace("_", " ")
    typer.echo(f"\n{decision}: {_MEANING[report['decision']]}.")
    if stopped:
        typer.echo(f"Stopped: {stopped}. The same command goes on from here.")
    elif report["outcomes"]["errored"]:
        typer.echo("The same command asks again what ended in an error.")
    typer.echo(f"Report: {folder / 'report.html'}")
    sealed = f"by key {keyid[:16]}" if keyid else "unsigned"
    typer.echo(f"Sealed {sealed}; check it with: tenken verify {folder}")


def _unanswered(report: Mapping[str, Any]) -> Iterator[str]:
    """Say of each task which of its answers are none."""
    from tenken.results.pages.words import Words
    from tenken.schema.figures import Unanswered

    words = Words("en")
    for task in report["tasks"]:
        found = [Unanswered.model_validate(each) for each in task.get("unanswered", ())]
        worst = max(found, key=lambda each: (each.too_many, each.share, each.n), default=None)
        if worst is not None:
            mark = "INCOMPLETE  " if worst.too_many else ""
            measure = f", {worst.measure}" if worst.measure else ""
            yield f"  {mark}{task['name']}{measure}: {words.unanswered(worst)}"


def _print_attacks(task: dict[str, Any]) -> None:
    from tenken.schema.attacks import Attacks

    attacks = Attacks.model_validate(task["attacks"])
    if attacks.worst is not None:
        worst = _rate(attacks.worst.success.overall.model_dump())
        typer.echo(f"  {task['name']}, most successful attack ({attacks.worst.name}): {worst}")
    any_of = attacks.any_of
    words = f"{task['name']}, any of {any_of.tries} ways of asking"
    typer.echo(f"  {words}: {_rate(any_of.overall.model_dump())}")


def _gate(gate: dict[str, Any]) -> str:
    """Return what a gate's figure is and must be, in the numbers that the gate was set in."""
    if not gate.get("units"):
        return f"{gate['name']}: {_rate(gate)}, max {_per(gate['max'])}"
    from tenken.schema.estimate import Interval, Scale

    scale = Scale.model_validate(gate["units"]["scale"])
    own = scale.numbers(Interval(value=gate["value"], low=gate["low"], high=gate["high"]))
    limit = "at least" if scale.higher_is == "better" else "at most"
    said = "not measured"
    if own.value is not None:
        said = f"{own.value:z.2f} ({own.low:z.2f} to {own.high:z.2f}), n {gate['n']}"
    return f"{gate['name']}: {said}, {limit} {gate['units']['bound']:g}"


def _rate(part: dict[str, Any]) -> str:
    if part["value"] is None:
        return "not measured"
    return f"{_per(part['value'])} ({_per(part['low'])} to {_per(part['high'])}), n {part['n']}"


def _per(value: float) -> str:
    return f"{value * 100:z.1f}%"


def _missing(outcomes: dict[str, int]) -> str:
    parts = [
        f"{count} {name}" for name, count in sorted(outcomes.items()) if name != "scored" and count
    ]
    return f"; {', '.join(parts)}" if parts else ""
