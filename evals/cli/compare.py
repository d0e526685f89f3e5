"""`tenken compare RUN RUN ...`: paired differences on the samples that runs share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import check_page, table_lines
from tenken.evals.cli.items.held_out import show_halves
from tenken.evals.cli.server import remote
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import language, phrase, term

if TYPE_CHECKING:
    from tenken.results.pages.words import Words
    from tenken.schema.comparison import (
        ComparedArea,
        ComparedMeasure,
        Comparison,
        PairedFigures,
        RunComparison,
    )
    from tenken.schema.estimate import Interval


_LEAST = 0.0005


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            help="Folders or names of two or more runs; the first is the baseline. With --held-out "
            "one is enough."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write a page with a chart to this .html file."),
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of the page: en or ja.")] = "en",
    key: Annotated[
        Path | None,
        typer.Option("--key", "--trust", help="Public key (PEM) that must have signed every seal."),
    ] = None,
    with_pooled: Annotated[
        bool,
        typer.Option(
            "--pooled",
            help="Add differences for which tasks lend each other strength (model-based; no "
            "finding rests on them).",
        ),
    ] = False,
    halves: Annotated[
        bool,
        typer.Option(
            "--held-out",
            help="Compare the public items with held-out ones of the same kind, model by model: "
            "were the public ones trained on?",
        ),
    ] = False,
    results_dir: o.ResultsDir = RESULTS_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    server: remote.Option = None,
) -> int:
    """Compare runs with the first of them, on the samples that they share.

    The status is 1 where a run does not fit its seal, else 0, whatever the differences.
    """
    from tenken.errors import InputError
    from tenken.evals.cli.statistics.pooled import pooled_contents, pooled_lines
    from tenken.io.files import write_atomically
    from tenken.results.compare.compare import compare_runs, read_all
    from tenken.results.compare.pooled import pooled_differences
    from tenken.results.pages.words import Words

    folders = [] if server else [find_run(run, results_dir) for run in runs]
    if halves:
        if server or output or key or with_pooled:
            raise InputError("--held-out goes with folders, --results-dir and --json alone.")
        show_halves(folders, as_json=as_json)
        return 0
    check_page(output, folders, lang)
    read = []
    if server is None:
        read = read_all(folders, key)
        found = compare_runs(read)
    elif key is not None:
        raise InputError("--key goes with folders: a console trusts the keys it was started with.")
    elif with_pooled:
        raise InputError("--pooled goes with folders: it reads every verdict.")
    else:
        found = _compared_there(remote.Server.at(server), runs)
    if output is not None:
        from tenken.results.pages.compare import render_comparison

        write_atomically(output, render_comparison(found, lang))
    status = 0 if all(run.intact for run in found.runs) else 1
    pooled = pooled_differences(read) if with_pooled else None
    if as_json:
        more = {} if pooled is None else {"pooled": pooled_contents(pooled)}
        typer.echo(json.dumps({**found.contents(), **more}, ensure_ascii=False, indent=2))
        return status
    for line in _lines(found, Words(language())):
        typer.echo("".join(each if each.isprintable() else " " for each in line))
    for line in pooled_lines(pooled) if pooled is not None else ():
        typer.echo(line)
    if output is not None:
        typer.echo("\n" + phrase("page_line", path=output))
    return status


def _compared_there(server: remote.Server, runs: list[str]) -> Comparison:
    """Return the comparison that a console makes.

    Raises:
        InputError: It cannot be read: the console is of another version.
    """
    from pydantic import ValidationError

    from tenken.errors import InputError
    from tenken.schema.comparison import Comparison

    try:
        return Comparison.model_validate(server.comparison(runs))
    except ValidationError:
        raise InputError(
            "{address}: the console is of another version.", address=server.address
        ) from None


def _lines(found: Comparison, words: Words) -> Iterator[str]:
    from tenken.results.pages.findings import seal_said

    for run in found.runs:
        given = ", ".join(f"{key} {value}" for key, value in sorted(run.parameters.items()))
        role = phrase("compare_baseline") if run is found.runs[0] else ""
        yield f"{run.letter}  {run.run}{role}: {run.model}{f', {given}' if given else ''}"
        source = "" if run.records_from == "logs" else f"; {words('from_table')}"
        yield f"   {seal_said(run, words)}{source}"
        if not run.complete:
            yield f"   {term('decision', 'INCOMPLETE')}: {words.incomplete(run)}"
    for run in found.runs:
        if not run.intact:
            yield words("unverified_run", letter=run.letter).upper()
    for comparison in found.comparisons:
        yield ""
        yield from _comparison(comparison, words)
    level = found.statistics.level
    yield ""
    yield phrase(
        "compare_holm", alpha=1 - level, first=found.family.first, second=found.family.second,
        level=level,
    )  # fmt: skip


def _comparison(comparison: RunComparison, words: Words) -> Iterator[str]:
    baseline, run, samples = comparison.baseline, comparison.run, comparison.samples
    yield words("compare_title", run=run, baseline=baseline).upper() + (
        f": {words('nothing_comparable')}" if not samples.comparable else ""
    )
    if samples.comparable:
        yield words(
            "summary_line", compared=samples.compared, comparable=samples.comparable,
            run=run, baseline=baseline,
        )  # fmt: skip
    for task in comparison.tasks:
        for measure in task.measures:
            mark = phrase("compare_headline") if measure.headline else ""
            attack = task.attack
            under = phrase("compare_under", attack=attack.name) if attack else ""
            yield f"{task.name}{under}: {words.own(measure.title)}{mark}"
            yield from _table(measure, comparison, words)
    for area in comparison.areas:
        count = len(area.tasks)
        key = "compare_area_one" if count == 1 else "compare_area"
        yield phrase(key, area=words.term("risk", area.risk), n=count)
        if count > 1:
            yield from _table(area, comparison, words)
        else:
            yield f"  {words.finding(area.overall, comparison)}"
    if comparison.settings:
        yield phrase("compare_set")
        for each in comparison.settings:
            yield f"  {each.setting}: {baseline} {each.baseline}, {run} {each.run}"
    if comparison.not_comparable:
        yield phrase("compare_not")
    for left in comparison.not_comparable:
        what = f"{left.task}{': ' + left.measure if left.measure else ''}"
        why = words.term("apart", left.reason, detail=left.detail)
        named = {"baseline": baseline, "n": left.in_baseline, "run": run, "m": left.in_run}
        yield "  " + phrase("compare_samples", what=what, why=why, **named)


def _table(
    part: ComparedMeasure | ComparedArea, comparison: RunComparison, words: Words
) -> Iterator[str]:
    from tenken.schema.figures import parts

    rows = parts(part.overall, part.languages)
    if len(part.languages) == 1:
        del rows["overall"]
    sides = comparison.baseline, comparison.run
    heads = ("", "compared", *sides, "difference", "p (Holm)", "finding")
    cells = []
    for name, row in rows.items():
        end = _p(row), words.finding(row, comparison)
        label, count = term("row", name), words.compared_of(row)
        cells.append(_row(label, count, row.baseline, row.run, row, words) + end)
        fixed = row.corrected
        if fixed.reason is None:
            kind = "corrected" if fixed.basis == "labels" else "exploratory"
            label = f"{term('row', name)}, {term('row', kind)}"
            cells.append(_row(label, "", fixed.baseline, fixed.run, fixed, words))
    for line in table_lines(heads, cells, right=("compared", *sides)):
        yield f"  {line}"
    for name, row in rows.items():
        if row.corrected.reason is not None:
            why = words.why(row.corrected.reason)
            yield "    " + phrase("compare_not_corrected", what=term("row", name), why=why)
        if left := words.left_out(row, comparison):
            yield "    " + phrase("compare_left_out", what=term("row", name), why=left)


def _row(
    name: str, compared: str, left: Interval | None, right: Interval | None,
    figure: Interval, words: Words,
) -> tuple[str, ...]:  # fmt: skip
    sides = (
        "-" if each is None or each.value is None else words.percent(each.value)
        for each in (left, right)
    )
    return (name, compared, *sides, words.points_only(figure))


def _p(row: PairedFigures) -> str:
    if row.p_value is None or row.p_holm is None:
        return "-"
    p, p_holm = ("<0.001" if each < _LEAST else f"{each:.3f}" for each in (row.p_value, row.p_holm))
    return f"{p} ({p_holm})"
