"""`tenken export RUN --format FORMAT`: a run's results in a form that others read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import phrase


def export(
    run: Annotated[str, typer.Argument(help="The run's folder, or its name; published too.")],
    to: Annotated[
        str, typer.Option("--format", "--to", help="in-toto, every-eval-ever, oscal, aisev or csv.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            "--out",
            help="File to write; '-' for the terminal. Default: named after the run.",
        ),
    ] = None,
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
) -> None:
    """Write a run's results in a form that others read.

    in-toto: a test-result statement for policy engines. every-eval-ever: rates with intervals in
    that schema. oscal: NIST's assessment results. aisev: results by perspective. csv: a row a rate.
    """
    from tenken.errors import UnknownNameError
    from tenken.io.files import write_atomically
    from tenken.results.export.formats import FORMATS
    from tenken.results.export.source import read_source

    if to not in FORMATS:
        raise UnknownNameError("export format", to, FORMATS)
    name, made_of = FORMATS[to]
    source = read_source(find_run(run, results_dir))
    data = made_of(source)
    if out is not None and str(out) == "-":
        sys.stdout.buffer.write(data)
        return
    place = out or Path(f"{source.report.run}.{name}")
    write_atomically(place, data)
    typer.echo(phrase("exported", file=place))
