"""`tenken serve`: the console, in a browser."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from tenken.errors import InputError
from tenken.evals.cli import _options as o
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import phrase


def serve(
    results_dir: o.ResultsDir = RESULTS_DIR,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free.")
    ] = 8765,
    sign_in: Annotated[
        str,
        typer.Option(
            help="link (this machine alone), accounts, oidc, or proxy (a header of a proxy)."
        ),
    ] = "link",
    public_url: Annotated[
        str, typer.Option(help="Address at which people reach the console through a proxy.")
    ] = "",
    endpoints: Annotated[
        Path | None, typer.Option(help="Folder of endpoint files that runs may be started with.")
    ] = None,
    secrets: Annotated[
        Path | None,
        typer.Option(help="File of NAME=VALUE lines, mode 600: keys of endpoints for the runs."),
    ] = None,
    key: Annotated[
        list[Path] | None,
        typer.Option(
            "--key", "--trust", help="Public key, or folder of keys, that verification trusts."
        ),
    ] = None,
    proxy_header: Annotated[
        str, typer.Option(help="Header in which a trusted proxy names who is signed in.")
    ] = "",
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(help="Address or network of such a proxy; may be repeated.")
    ] = None,
    oidc_issuer: Annotated[str, typer.Option(help="Address of the OpenID provider.")] = "",
    oidc_client: Annotated[
        str, typer.Option(help="The console's id there; its secret is TENKEN_OIDC_SECRET.")
    ] = "",
    add_account: Annotated[
        str | None, typer.Option(metavar="NAME", help="Make an account and stop.")
    ] = None,
    role: Annotated[
        str,
        typer.Option(
            help="Its role: reader, reviewer, evaluator, auditor or administrator; "
            "goes with --add-account."
        ),
    ] = "reader",
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    lang: o.TerminalLanguage = None,
) -> None:
    """Show the results in a browser: runs, samples, reviews, starting and auditing.

    The console needs the extra of that name: pip install 'tenken[console]'. Its database is a file
    below the results, or the one that the variable TENKEN_DATABASE names.
    """
    settings, serving = _room("settings"), _room("serving")
    if results_dir == RESULTS_DIR:
        results_dir.mkdir(parents=True, exist_ok=True)  # before the first run, it is empty
    chosen = settings.Settings(
        results=results_dir.resolve(),
        endpoints=endpoints.resolve() if endpoints else None,
        keys=tuple(each.resolve() for each in key or ()),
        host=host,
        port=port,
        sign_in=sign_in,
        public_url=public_url,
        proxy_header=proxy_header,
        trusted_proxies=tuple(trusted_proxy or ()),
        oidc_issuer=oidc_issuer,
        oidc_client=oidc_client,
        secrets=settings.read_secrets(secrets) if secrets else {},
        database=os.environ.get("TENKEN_DATABASE", ""),
    )
    if add_account is not None:
        serving.make_account(chosen, add_account, role)
        typer.echo(phrase("account_made", name=add_account, role=role))
        return
    serving.serve(chosen, open_page=open_page, say=lambda line: typer.echo(line, err=True))


def _room(name: str) -> Any:
    """Return a module of the console, which is above the command line and starts it as processes.

    Raises:
        InputError: What the console needs is not installed.
    """
    try:
        return import_module(f"tenken.console.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tenken"):
            raise
        raise InputError(
            "the console needs '{name}'; install it with: pip install 'tenken[console]'.",
            name=error.name,
        ) from None
