"""`tenken disclose RUN --sample ID`: open single samples of a published bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import phrase


def disclose(
    run: Annotated[str, typer.Argument(help="The full run's folder, or its name.")],
    sample: Annotated[
        list[str],
        typer.Option(help="Id of a sample, or task:id:epoch as the seal names it; repeatable."),
    ],
    to: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            "--to",
            help="The published bundle, or any folder to put the files into.",
        ),
    ],
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
) -> None:
    """Open single samples of a published bundle; 'tenken verify' proves that they belong to it.

    Each file holds the sample's prompt, answer and scores, its key, and the proof that leads to
    the root in the seal. It opens no other sample.
    """
    from tenken.io.files import claimed, write_atomically
    from tenken.results.bundle.publish import disclose as opened

    folder = find_run(run, results_dir)
    with claimed(folder):
        files = opened(folder, sample)
    for name, data in files.items():
        write_atomically(to / name, data)
        typer.echo(phrase("opened", file=to / name))
