"""`tenken import aisev FILE`: question sets of other tools as tasks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.errors import InputError
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from tenken.tasks.importers.aisev.rows import Questions
    from tenken.tasks.importers.aisev.tasks import Imported, Terms

app = typer.Typer(
    name="import",
    help="Make tasks of question sets that other tools use.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _top() -> None:
    """Hold the formats, one a command."""


@app.command("aisev")
def aisev(
    files: Annotated[list[Path], typer.Argument(help="CSV files in the question format of aisev.")],
    risk: Annotated[
        list[str] | None,
        typer.Option(
            "--risk",
            help="AREA for all perspectives within the risk areas, or PERSPECTIVE=AREA, such as "
            "2=misinformation; AREA 'none' leaves its questions out. May be repeated.",
        ),
    ] = None,
    risk_file: Annotated[
        Path | None, typer.Option("--risk-file", help="YAML file of PERSPECTIVE: AREA.")
    ] = None,
    out: Annotated[
        Path, typer.Option("--output", "-o", "--out", help="Folder that the tasks are written to.")
    ] = Path("imported"),
    package: Annotated[
        str | None,
        typer.Option("--package", help="Write a package of this name that pip can install."),
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Beginning of the tasks' names.")] = "aisev",
    language: Annotated[
        str | None,
        typer.Option("--language", help="Language of all questions, where they do not show it."),
    ] = None,
    encoding: Annotated[str, typer.Option(help="Encoding of the files.")] = "utf-8",
    licence: Annotated[str, typer.Option(help="Licence of the questions.")] = "not stated",
    author: Annotated[
        list[str] | None, typer.Option("--author", help="Who wrote them; may be repeated.")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Let reports show the questions' text.")
    ] = False,
    lang: o.TerminalLanguage = None,
) -> None:
    """Make tasks of question files of J-AISI's aisev: one a perspective and kind of scoring.

    Nothing is guessed: what the files do not say is asked for, and what cannot be read is an
    error with its line.
    """
    from tenken.errors import UnknownNameError
    from tenken.schema.record import LANGUAGES
    from tenken.tasks.importers.aisev.rows import read_questions
    from tenken.tasks.importers.aisev.tasks import Terms, make_tasks
    from tenken.tasks.scaffold.write import folder_files, package_files, write_files

    if language is not None and language not in LANGUAGES:
        raise UnknownNameError("language", language, LANGUAGES)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        raise InputError(
            "--name '{name}': small letters, digits and underscores, as in my_set.", name=name
        )
    risks, for_all = _risks(risk or [], risk_file)
    terms = Terms(name, risks, for_all, licence, not public, tuple(author or ["not stated"]))
    questions = read_questions(files, encoding=encoding, language=language)
    made = make_tasks(questions, terms)
    tasks = list(made.tasks.values())
    suite = name.strip("_")
    made_of = package_files(tasks, suite, package) if package else folder_files(tasks, suite)
    written = write_files(out, made_of)
    _say(made, terms, questions, out, len(written))


def _risks(given: list[str], file: Path | None) -> tuple[dict[str, str], str | None]:
    """Return the risk areas by code of the perspective, and the one for all that are not named."""
    from tenken.tasks.importers.aisev.rows import perspective_of

    risks: dict[str, str] = {}
    for_all: str | None = None
    for key, area in _mapped(file).items():
        risks[perspective_of(key, str(file)).code] = _area(area, f"{file}: {key}")
    for each in given:
        key, equals, area = each.rpartition("=")
        if equals:
            code = perspective_of(key, f"--risk '{each}'").code
            risks[code] = _area(area, f"--risk '{each}'")
        elif for_all is None:
            for_all = _area(each, "--risk")
        else:
            raise InputError(
                "--risk: '{for_all}' and '{each}' cannot both be for all.",
                for_all=for_all,
                each=each,
            )
    return risks, for_all


def _mapped(file: Path | None) -> dict[str, str]:
    from tenken.io.documents import DocumentError, read_mapping

    if file is None:
        return {}
    try:
        # A perspective may be written as a number, which is no key of our YAML: quote it.
        text = re.sub(r"(?m)^(\d+)(\s*:)", r'"\1"\2', file.read_text("utf-8-sig"))
        raw = read_mapping(text)
    except OSError as error:
        raise InputError("{file}: cannot be read: {error}.", file=file, error=error) from None
    except UnicodeDecodeError:
        raise InputError("{file}: not UTF-8 text.", file=file) from None
    except DocumentError as error:
        place = f"{file}:{error.line}" if error.line is not None else f"{file}"
        raise InputError("{place}: {error}", place=place, error=error) from None
    return {key: "none" if area is None else str(area) for key, area in raw.items()}


def _area(name: str, where: str) -> str:
    from tenken.errors import UnknownNameError
    from tenken.schema.record import RISKS
    from tenken.tasks.importers.aisev.tasks import LEFT_OUT

    if name not in (*RISKS, LEFT_OUT):
        raise UnknownNameError("risk area", name, (*RISKS, LEFT_OUT), where)
    return name


def _say(made: Imported, terms: Terms, questions: Questions, out: Path, written: int) -> None:
    """Say what was made, and what was decided by the options."""
    print_table(
        ("task", "samples", "languages"),
        ((name, task.samples, ", ".join(task.languages)) for name, task in made.tasks.items()),
        right=("samples",),
    )
    for code, count in made.left_out.items():
        typer.echo(phrase("import_left", code=code, count=count))
    if questions.unused:
        typer.echo(phrase("import_unused", columns=", ".join(questions.unused)))
    if terms.private:
        typer.echo(phrase("import_private"))
    typer.echo(phrase("import_written" if written else "import_same", n=written, out=out))
    judged = any(name.endswith("_requirement") for name in made.tasks)
    grader = " --model-role grader=MODEL" if judged else ""
    typer.echo(phrase("import_run", suite=out / "suite.yaml", grader=grader))
