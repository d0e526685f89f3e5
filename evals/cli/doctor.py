"""`tenken doctor ENDPOINT`: what there is to know of an endpoint before a suite is run."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import EndpointError, InputError
from tenken.evals.cli import _options as o
from tenken.evals.words import phrase, speaking, term

if TYPE_CHECKING:
    from tenken.evals.models.doctor.findings import Diagnosis
    from tenken.evals.models.endpoint import Endpoint
    from tenken.evals.planning.meeting import Meeting

_MOST_NAMED = 12


def doctor(
    endpoint: Annotated[
        str, typer.Argument(help="Base URL of the endpoint, or an endpoint file (.yaml).")
    ],
    model: Annotated[
        str | None, typer.Option(help="The model's name; the only one listed where left out.")
    ] = None,
    api_key_env: o.ApiKeyEnv = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="Certificates of the endpoint's own authority (PEM).")
    ] = None,
    suite: Annotated[
        str | None, typer.Option(help="Say what this suite will meet: its name or file.")
    ] = None,
    context: Annotated[
        int,
        typer.Option(min=0, help="Tokens of the longest prompt to send; 0 to send no long one."),
    ] = 32_768,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the endpoint file is written.")
    ] = Path("endpoint.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; write no file.")] = False,
) -> int:
    """Ask an endpoint what there is to know of it, and write an endpoint file with comments.

    About 25 short requests and one long prompt are sent. Exit status: 0 it can be used; 1 a task
    of the suite cannot be measured with it; 2 it cannot be used.
    """
    if not as_json and output.exists() and not force:
        raise InputError(
            "{output} exists; give another --output, or --force to replace it.", output=output
        )
    check_suite(suite)
    given = _endpoint(endpoint, model=model, api_key_env=api_key_env, ca_file=ca_file)
    from tenken.evals.models.doctor.endpoint_file import endpoint_file, remarks
    from tenken.evals.models.doctor.examine import examine
    from tenken.evals.models.preflight import settled_words
    from tenken.io.files import write_atomically

    settled, found = examine(given, context=context)
    met = _met(suite, settled, found)
    if as_json:
        about = {
            "endpoint": settled.model_dump(mode="json", exclude_none=True),
            "found": asdict(found),
            "suite": [asdict(each) for each in met],
        }
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return _status(met)
    typer.echo(phrase("doctor_answers", model=settled.model, url=settled.base_url))
    for line in (*settled_words(given, settled), *remarks(settled, found)):
        typer.echo(f"  {line}")
    with speaking("en"):
        text = endpoint_file(settled, found, datetime.now(UTC).date().isoformat())
    write_atomically(output, text.encode())
    typer.echo("\n" + phrase("written", path=output))
    if suite is not None:
        _print_met(suite, met, output)
    return _status(met)


def check_suite(name: str | None) -> None:
    """Refuse a suite that there is not, before anything is sent.

    Raises:
        UnknownNameError: There is none of that name.
    """
    if name is not None:
        from tenken.evals.suite import read_suite

        read_suite(name)


def _endpoint(place: str, **given: Any) -> Endpoint:
    """Return the endpoint that is to be examined.

    Raises:
        InputError: It has no base URL, or lists several models of which none is named.
    """
    from tenken.evals.models.endpoint import read_endpoint

    changes = {key: str(value) if value is not None else None for key, value in given.items()}
    if "://" not in place:
        endpoint = read_endpoint(Path(place), **changes)
        if endpoint.base_url is None:
            raise InputError(
                "{place}: there is no base_url, and the models of Inspect's own providers are "
                "asked by clients that hide what an endpoint says.",
                place=place,
            )
        return endpoint
    if changes["model"] is None:
        changes["model"] = _only_model(read_endpoint(None, base_url=place, **changes | {
            "model": "not-named"}))  # fmt: skip
    return read_endpoint(None, base_url=place, **changes)


def _only_model(endpoint: Endpoint) -> str:
    from tenken.evals.models.doctor.examine import models_of

    names = models_of(endpoint)
    if len(names) == 1:
        return names[0]
    if not names:
        raise EndpointError(
            "{base_url} lists no models: name one with --model.", base_url=endpoint.base_url
        )
    shown = ", ".join(names[:_MOST_NAMED]) + (" ..." if names[_MOST_NAMED:] else "")
    raise InputError(
        "{base_url} has {n} models: name one with --model. {shown}",
        base_url=endpoint.base_url,
        n=len(names),
        shown=shown,
    )


def _met(suite: str | None, settled: Endpoint, found: Diagnosis) -> list[Meeting]:
    if suite is None:
        return []
    from tenken.evals.asked import Choices
    from tenken.evals.planning.meeting import meetings
    from tenken.evals.planning.plan import resolve
    from tenken.evals.suite import read_suite

    return meetings(resolve(read_suite(suite).suite, Choices()), settled, found)


def _print_met(suite: str, met: list[Meeting], output: Path) -> None:
    typer.echo("\n" + phrase("doctor_suite", suite=suite))
    for each in met:
        key = "meeting_of_task" if each.task else "meeting"
        said = phrase("sentence", text=each.sentence)
        typer.echo("  " + phrase(key, kind=term("meeting", each.kind), task=each.task, said=said))
    if not met:
        typer.echo("  " + phrase("doctor_nothing"))
    typer.echo(phrase("doctor_next", suite=suite, path=output))


def _status(met: list[Meeting]) -> int:
    return int(any(each.kind == "fails" for each in met))
