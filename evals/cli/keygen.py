"""`tenken keygen`: make the key that seals bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenken.evals.actions.keys import default_key
from tenken.evals.cli import _options as o
from tenken.evals.words import phrase

_TRUSTED = "~/.config/tenken/trusted_keys"


def keygen(
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            "--out",
            help="Where the private key goes; the public one goes beside it, ending in .pub.",
        ),
    ] = None,
    lang: o.TerminalLanguage = None,
) -> None:
    """Make an Ed25519 key pair to seal bundles with. A key that exists is never overwritten."""
    from tenken.results.seal.keys import make_key

    private = out or default_key()
    public = private.with_name(private.name + ".pub")
    keyid = make_key(private, public)
    typer.echo(phrase("key_private", path=private))
    typer.echo(phrase("key_public", path=public, trusted=_TRUSTED))
    typer.echo(phrase("key_id", keyid=keyid))
