"""The command `tenken`: its parts, and the one place where an error becomes a line and a status."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from functools import cache
from typing import Annotated, Any, Final, cast

import typer
import typer.core
import typer.main

from tenken._version import __version__
from tenken.errors import InputError, TenkenError
from tenken.evals.cli.calibrate import calibrate
from tenken.evals.cli.check import check
from tenken.evals.cli.compare import compare
from tenken.evals.cli.coverage import coverage
from tenken.evals.cli.doctor import doctor
from tenken.evals.cli.evidence.attest import attest
from tenken.evals.cli.evidence.disclose import disclose
from tenken.evals.cli.evidence.export import export
from tenken.evals.cli.evidence.publish import publish
from tenken.evals.cli.import_ import app as importing
from tenken.evals.cli.items.review import review_items
from tenken.evals.cli.keygen import keygen
from tenken.evals.cli.list import list_tasks
from tenken.evals.cli.new import new
from tenken.evals.cli.plan import plan
from tenken.evals.cli.report import report
from tenken.evals.cli.review import review
from tenken.evals.cli.run import run
from tenken.evals.cli.runs import app as runs
from tenken.evals.cli.score import score
from tenken.evals.cli.server.serve import serve
from tenken.evals.cli.show import show
from tenken.evals.cli.statistics.items import items
from tenken.evals.cli.statistics.judges import judges
from tenken.evals.cli.verify import verify
from tenken.evals.words import error_words, language_of, phrase, speak, term, usage_words
from tenken.schema.record import LANGUAGES

_FAULT: Final = 70  # EX_SOFTWARE of sysexits.h
_INTERRUPTED: Final = 130  # what typer makes of the keyboard's interrupt
_EPILOG = (
    "Exit status: 0 all gates pass; 1 a gate fails; 2 wrong input, or a bundle that does not "
    "verify; 3 incomplete: too many samples have no verdict, or the run was stopped; 4 a gate is "
    "inconclusive; 5 there was no gate, so nothing could fail; 70 a fault of tenken or of "
    "code that it loaded."
)

# Wrong options raise click's exceptions, and typer brings a click of its own since 0.26: this is
# the base class of whichever it uses.
_UsageError = cast(type[typer.BadParameter], typer.BadParameter.__mro__[2])


class _OnceEach(typer.core.TyperCommand):
    """A command whose options may be given once, but for those that are lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Refuse an option that is given twice: the one that counts could only be guessed.

        Raises:
            InputError: An option that is no list is given twice.
        """
        given = self.make_parser(ctx).parse_args(args=list(args))[2]
        for option in given:
            if (
                given.count(option) > 1
                and not option.multiple
                and option.param_type_name == "option"
            ):
                name = max(option.opts, key=len)
                raise InputError("{option} is given twice; give it once.", option=name)
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="tenken",
    help="Safety evaluations of language models, in English and Japanese, with reports that can "
    "be recomputed from their evidence.",
    epilog=_EPILOG,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list", cls=_OnceEach)(list_tasks)
app.command("show", cls=_OnceEach)(show)
app.command("doctor", cls=_OnceEach)(doctor)
app.command("plan", cls=_OnceEach)(plan)
app.command("run", cls=_OnceEach)(run)
app.command("report", cls=_OnceEach)(report)
app.command("score", cls=_OnceEach)(score)
app.command("review", cls=_OnceEach)(review)
app.command("verify", cls=_OnceEach)(verify)
app.command("publish", cls=_OnceEach)(publish)
app.command("disclose", cls=_OnceEach)(disclose)
app.command("attest", cls=_OnceEach)(attest)
app.command("export", cls=_OnceEach)(export)
app.command("calibrate", cls=_OnceEach)(calibrate)
app.command("coverage", cls=_OnceEach)(coverage)
app.add_typer(importing)
app.add_typer(runs)
app.command("compare", cls=_OnceEach)(compare)
app.command("items", cls=_OnceEach)(items)
app.command("judges", cls=_OnceEach)(judges)
app.command("new", cls=_OnceEach)(new)
app.command("check", cls=_OnceEach)(check)
app.command("review-items", cls=_OnceEach)(review_items)
app.command("keygen", cls=_OnceEach)(keygen)
app.command("serve", cls=_OnceEach)(serve)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tenken {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Hold the options that come before a command; without a command, show the help."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line and end the process with its exit status."""
    gc.set_threshold(50_000, 20, 50)  # a command ends soon: collecting less often starts it sooner
    speak(language_of(os.environ, sys.stderr.encoding))
    try:
        _speak_as_asked(sys.argv[1:])
        status = _command()(standalone_mode=False)
        sys.stdout.flush()
        if status == _INTERRUPTED:
            status = _say(phrase("stopped"), 3)
    except TenkenError as error:
        status = _say(error_words(error), error.exit_status)
    except typer.Exit as error:
        status = error.exit_code
    except _UsageError as error:
        status = _say(term("error", "UsageError") + usage_words(error.format_message()), 2)
    except (typer.Abort, KeyboardInterrupt):
        status = _say(phrase("stopped"), 3)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except BaseException as error:  # 1 would say that a gate fails
        traceback.print_exc()
        fault = InputError(
            "this is a fault of tenken, or of code that it loaded: {name}. The lines above say "
            "where; nothing follows from it about a model.",
            name=type(error).__name__,
        )
        status = _say(error_words(fault), _FAULT)
    speak("en")  # whoever called this as a function goes on in the language of the code
    sys.exit(status if isinstance(status, int) else 0)


@cache
def _command() -> Any:
    """The command with all its parts, which take a tenth of a second to put together."""
    return typer.main.get_command(app)


def _speak_as_asked(arguments: list[str]) -> None:
    """Set the terminal's language by the option --lang, before anything is said."""
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name != "--lang":
            continue
        chosen = value if equals else next(iter(arguments[place + 1 :]), "")
        if chosen in LANGUAGES:  # the command itself refuses any other
            speak(chosen)


def _say(message: str, status: int) -> int:
    # One line, whatever a file's keys or an endpoint's answer brought into the message.
    plain = "".join(each if each.isprintable() else " " for each in message)
    typer.echo(f"tenken: {' '.join(plain.split())}", err=True)
    return status
