"""`tenken publish RUN --output DIR`: a run's bundle without its texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenken.evals.actions.keys import key_for_change
from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import phrase


def publish(
    run: Annotated[str, typer.Argument(help="The run's folder, or its name.")],
    to: Annotated[
        Path, typer.Option("--output", "-o", "--to", help="New folder for the published bundle.")
    ],
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign the seal with (see 'tenken keygen').")
    ] = None,
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
) -> None:
    """Write a run's bundle without prompts and answers, for everybody to recompute.

    Every sample's texts are represented by a commitment under a key of its own; the seal of the
    full bundle names the root over all of them. 'tenken verify' recomputes every rate, interval,
    correction and gate of it, and says which checks need the texts.
    """
    from tenken.io.files import claimed
    from tenken.results.bundle.publish import publish_bundle

    folder = find_run(run, results_dir)
    with claimed(folder):
        keyids = publish_bundle(folder, to, key_for_change(folder, key))
    typer.echo(phrase("published", to=to))
    if keyids:
        typer.echo(phrase("published_key", key=keyids[0][:16], to=to))
    else:
        typer.echo(phrase("published_unsigned", to=to))
