"""What a person sees on the terminal when a report has been made."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from tenken.evals.words import language, phrase, term

if TYPE_CHECKING:
    from tenken.schema.estimate import Interval
    from tenken.schema.figures import RateFigure
    from tenken.schema.gates import FairTestWarning, GateResult
    from tenken.schema.record import Outcome
    from tenken.schema.report import AreaResult, Report, TaskResult

_SHOWN = 3
"""Cautions of a kind that have a line of their own; the tasks of the others are named in one."""

_ONE_LINE = 2**16
"""Columns of what is no terminal: no row is ever folded."""


def interval(part: Interval | Mapping[str, float | None], form: str = ".3f") -> str:
    """Return `value (low to high)`, the value alone without an interval, or `not measured`.

    Args:
        part: A figure, or its `value`, `low` and `high` in JSON; each of them may be None.
        form: How a number is written.
    """
    names = ("value", "low", "high")
    value, low, high = (part[n] if isinstance(part, Mapping) else getattr(part, n) for n in names)
    if value is None:
        return phrase("not_measured")
    if low is None:
        return f"{value:{form}}"
    return phrase("to", value=f"{value:{form}}", low=f"{low:{form}}", high=f"{high:{form}}")


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


def padded(text: str, width: int) -> str:
    """Return a text filled up with spaces to some columns; full-width letters take two.

    Args:
        text: The text.
        width: Columns; a text that is as wide gets one space.
    """
    from rich.cells import cell_len

    return text + " " * max(1 if cell_len(text) >= width else 0, width - cell_len(text))


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
        head = Text(term("column", name))
        table.add_column(head, justify=side, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else _ONE_LINE, no_color=not terminal)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().splitlines()]


def check_page(output: Path | None, folders: Sequence[Path], language: str) -> None:
    """Refuse a page in no known language, a file that is no page, or one that would break a seal.

    Args:
        output: The file; None for none.
        folders: Folders of the runs that the page is about.
        language: Language of the page.

    Raises:
        InputError: The file does not end in .html, or is in a run.
        UnknownNameError: There are no pages in the language.
    """
    from tenken.errors import InputError, UnknownNameError
    from tenken.schema.record import LANGUAGES

    if language not in LANGUAGES:
        raise UnknownNameError("page language", language, LANGUAGES)
    if output is None:
        return
    if output.suffix.lower() not in (".html", ".htm") or output.is_dir():
        raise InputError("--output {output}: name a file that ends in .html.", output=output)
    for folder in folders:
        if output.resolve().is_relative_to(folder.resolve()):
            raise InputError(
                "--output {output}: is in the run {name}, whose seal covers every file; choose "
                "another folder.",
                output=output,
                name=folder.name,
            )


def print_summary(folder: Path, report: Report, *, stopped: str, keyid: str) -> None:
    """Print the areas, the gates, the decision, and where the report is.

    Args:
        folder: The run's folder.
        report: The report.
        stopped: Why the run stopped early; empty if it did not.
        keyid: Id of the key that sealed it; empty when unsigned.
    """
    typer.echo("")
    areas = [
        (_risk(area.risk), _area(area, report) + _missing(area.outcomes)) for area in report.areas
    ]
    print_table(("", ""), areas)
    for line in _judged(report):
        typer.echo(line)
    for task in report.tasks:
        for line in _attacks(task):
            typer.echo(line)
    if gates := [row for gate in report.gates for row in _gate_rows(gate)]:
        print_table(("", ""), gates)
    for line in (*_unanswered(report), *_fair_test(report)):
        typer.echo(line)
    if tasks := [t.name for t in report.tasks if t.scorer.calibration == "uncalibrated"]:
        typer.echo(f"  {phrase('no_card', tasks=', '.join(tasks))}")
    means = phrase(f"means_{report.decision}")
    typer.echo("")
    typer.echo(phrase("decision_line", decision=term("decision", report.decision), means=means))
    if stopped:
        typer.echo(phrase("stopped_line", why=stopped))
    elif report.outcomes["errored"]:
        typer.echo(phrase("errored_line"))
    typer.echo(phrase("report_line", path=folder / "report.html"))
    key = "sealed_key" if keyid else "sealed_unsigned"
    typer.echo(phrase(key, key=keyid[:16], run=folder))


def _judged(report: Report) -> Iterator[str]:
    """Say which tasks were judged for refusal alone, and of the others both harm and refusal."""
    found = [(task, task.judged) for task in report.tasks if task.judged]
    alone = [task.name for task, kind in found if kind.what == "refusal"]
    if alone:
        yield f"  {phrase('judged_alone', tasks=', '.join(alone))}"
    for task, kind in found:
        if kind.what == "harm":
            head = next(each for each in task.measures if each.headline)
            rate = _rate(head.overall)
            refused = phrase("harm_refused", rate=_rate(kind.refused)) if kind.refused else ""
            yield phrase("harm_line", task=task.name, rate=rate) + refused


def _unanswered(report: Report) -> Iterator[str]:
    """Say of each task which of its answers are none."""
    from tenken.results.pages.words import Words

    words = Words(language())
    for task in report.tasks:
        worst = max(
            task.unanswered, key=lambda each: (each.too_many, each.share, each.n), default=None
        )
        if worst is not None:
            mark = f"{term('decision', 'INCOMPLETE')}  " if worst.too_many else ""
            measure = f", {worst.measure}" if worst.measure else ""
            yield f"  {mark}{task.name}{measure}: {words.unanswered(worst)}"


def _fair_test(report: Report) -> Iterator[str]:
    """Say in a line each what makes the figures say less than they seem to."""
    from tenken.results.pages.words import Words

    words = Words(language())
    kinds: dict[str, list[FairTestWarning]] = {}
    for each in report.warnings:
        kinds.setdefault(each.code, []).append(each)
    for code, found in kinds.items():
        for each in found[:_SHOWN]:
            counts = {"n": words.count(each.n), "of": words.count(each.of)}
            yield f"  {words.term('fair_test', code, task=each.task, **counts)}"
        if len(found) > _SHOWN:
            names = ", ".join(each.task.rsplit("/", 1)[-1] for each in found[_SHOWN:])
            yield f"    {phrase('and_more', n=len(found) - _SHOWN, names=names)}"


def _attacks(task: TaskResult) -> Iterator[str]:
    if task.attacks is None:
        return
    worst, any_of = task.attacks.worst, task.attacks.any_of
    if worst is not None:
        rate = _rate(worst.success.overall)
        yield phrase("worst_attack", task=task.name, attack=worst.name, rate=rate)
    yield phrase("any_attack", task=task.name, n=any_of.tries, rate=_rate(any_of.overall))


def _gate_rows(gate: GateResult) -> Iterator[tuple[str, str]]:
    """Yield a gate's decision and figure, and below it what the model was not capable of."""
    name = (language() == "ja" and gate.name_ja) or gate.name
    said = phrase("gate_line", gate=name, **_gate(gate))
    yield f"  {term('decision', gate.decision)}", said
    if gate.reason == "not_capable" and (did := gate.capability) is not None:
        yield "", phrase("not_capable", done=did.done, n=did.n, least=_per(did.least))


def _gate(gate: GateResult) -> dict[str, str]:
    """Return a gate's figure and its threshold, in the numbers that it was set in."""
    if gate.units is None:
        return {"rate": _rate(gate), "most": phrase("most", value=_per(gate.max))}
    from tenken.schema.estimate import Interval

    scale = gate.units.scale
    own = scale.numbers(Interval(value=gate.value, low=gate.low, high=gate.high))
    key = "least" if scale.higher_is == "better" else "most"
    rate = phrase("not_measured")
    if own.value is not None:
        value, low, high = (f"{each:z.2f}" for each in (own.value, own.low, own.high))
        rate = phrase("rate_n", rate=phrase("to", value=value, low=low, high=high), n=gate.n)
    return {"rate": rate, "most": phrase(key, value=f"{gate.units.bound:g}")}


def _rate(part: AreaResult | GateResult | RateFigure) -> str:
    if part.value is None or part.low is None or part.high is None:
        return phrase("not_measured")
    value, low, high = (_per(each) for each in (part.value, part.low, part.high))
    return phrase("rate_n", rate=phrase("to", value=value, low=low, high=high), n=part.n)


def _area(area: AreaResult, report: Report) -> str:
    """Return an area's rate, or how many items its tasks have of those that one takes."""
    if area.value is not None or not area.too_few:
        return _rate(area)
    from tenken.results.report.areas import LEAST_CLUSTERS

    few = [task for task in report.tasks if task.name in area.too_few]
    have = [f"{task.name.rsplit('/', 1)[-1]} {task.headline.overall.clusters}" for task in few]
    return phrase("area_few", have=", ".join(have), least=LEAST_CLUSTERS)


def _risk(name: str) -> str:
    """Return the word for a risk area; in English its name, as commands take it."""
    from tenken.results.pages.words import Words

    return name if language() == "en" else Words(language()).term("risk", name)


def _per(value: float) -> str:
    return f"{value * 100:z.1f}%"


def _missing(outcomes: Mapping[Outcome, int]) -> str:
    parts = [
        f"{count} {term('outcome', name)}"
        for name, count in sorted(outcomes.items())
        if name != "scored" and count
    ]
    return f"; {', '.join(parts)}" if parts else ""
