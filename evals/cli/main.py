"""The command `tenken`: its parts, and the one place where an error becomes a line and a status."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import click
import typer

from tenken._version import __version__
from tenken.errors import TenkenError
from tenken.evals.cli.keygen import keygen
from tenken.evals.cli.list import list_tasks
from tenken.evals.cli.plan import plan
from tenken.evals.cli.report import report
from tenken.evals.cli.run import run
from tenken.evals.cli.show import show
from tenken.evals.cli.verify import verify

_EPILOG = (
    "Exit status: 0 all gates pass, or there are none; 1 a gate fails; 2 wrong input, or a bundle "
    "that does not verify; 3 incomplete: too many samples have no verdict, or the run was stopped; "
    "4 a gate is inconclusive."
)

app = typer.Typer(
    name="tenken",
    help="Safety evaluations of language models, in English and Japanese, with reports that can "
    "be recomputed from their evidence.",
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(list_tasks)
app.command("show")(show)
app.command("plan")(plan)
app.command("run")(run)
app.command("report")(report)
app.command("verify")(verify)
app.command("keygen")(keygen)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tenken {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


def main() -> None:
    """Run the command line and end the process with its exit status."""
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except TenkenError as error:
        status = _say(str(error), error.exit_status)
    except click.exceptions.Exit as error:
        status = error.exit_code
    except click.ClickException as error:
        status = _say(" ".join(error.format_message().split()), 2)
    except (click.exceptions.Abort, KeyboardInterrupt):
        status = _say("stopped.", 3)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status if isinstance(status, int) else 0)


def _say(message: str, status: int) -> int:
    typer.echo(f"tenken: {message}", err=True)
    return status
