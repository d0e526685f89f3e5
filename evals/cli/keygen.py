"""`tenken keygen`: make the key that seals bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tenken.evals.actions.keys import default_key

_TRUSTED = "~/.config/tenken/trusted_keys"


def keygen(
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where the private key goes; the public one goes beside it, ending in .pub.",
        ),
    ] = None,
) -> None:
    """Make an Ed25519 key pair to seal bundles with. A key that exists is never overwritten."""
    from tenken.results.seal.keys import make_key

    private = out or default_key()
    public = private.with_name(private.name + ".pub")
    keyid = make_key(private, public)
    typer.echo(f"Private key: {private} (keep it secret)")
    typer.echo(
        f"Public key:  {public} (give it to those who verify: they put it into {_TRUSTED}, "
        "or name it with --key)"
    )
    typer.echo(f"Key id:      {keyid}")
