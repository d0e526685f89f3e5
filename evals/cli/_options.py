"""The options that commands share, and the configuration that they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tenken.errors import InputError, UnknownNameError
from tenken.evals.config import RESULTS_DIR, RunConfig
from tenken.schema.record import LANGUAGES

Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        help="NAME=PATH: take a public benchmark's data from this file or folder; may be repeated.",
    ),
]
NoGates = Annotated[
    bool,
    typer.Option(
        "--no-gates", help="Decide no gate: for a size at which none of them could be passed."
    ),
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Ask everything: take no answer over from earlier runs."),
]
AcceptLicence = Annotated[
    bool,
    typer.Option(
        "--accept-licence",
        help="Accept the terms of data that may not be used for everything (see 'tenken show').",
    ),
]


Area = Annotated[
    str | None,
    typer.Option("--area", help="Risk area that an Inspect task named as SUITE counts in."),
]
OptionalSuite = Annotated[
    str | None,
    typer.Argument(
        metavar="SUITE",
        help="Name of a suite or task (see 'tenken list'), path of a suite's YAML file or a task's "
        "folder, or file.py@task; --config may name it.",
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", help="YAML file of a run's settings; options given beside it go before it."
    ),
]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="Inspect's model string (openai/..., anthropic/..., vllm/..., tenken/smollm2), or, "
        "with --base-url, the name that the endpoint knows the model by.",
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        "-m",
        help="Inspect's model string (openai/..., anthropic/..., vllm/..., tenken/smollm2), or, "
        "with --base-url, the name that the endpoint knows the model by. May be repeated: each "
        "model is a run of its own, and the runs are compared.",
    ),
]
EndpointFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--endpoint-file",
        help="YAML file with the model, base URL, parameters, system prompt, limits, price. May "
        "be repeated, as --model.",
    ),
]
EndpointFile = Annotated[
    Path | None,
    typer.Option(
        "--endpoint-file",
        help="YAML file with the model, base URL, parameters, system prompt, limits, price.",
    ),
]
BaseUrl = Annotated[
    str | None, typer.Option("--base-url", help="Base URL of an OpenAI-compatible endpoint.")
]
ApiKeyEnv = Annotated[
    str | None,
    typer.Option("--api-key-env", help="NAME of the environment variable that holds the key."),
]
ModelArg = Annotated[
    list[str] | None,
    typer.Option("--model-arg", "-M", help="KEY=VALUE for Inspect's provider; may be repeated."),
]
Temperature = Annotated[float | None, typer.Option(help="Temperature of generation (default 0).")]
ReasoningEffort = Annotated[
    str | None, typer.Option(help="How hard a model that reasons is to think, such as low.")
]
ReasoningTokens = Annotated[
    int | None,
    typer.Option(min=0, help="Tokens for reasoning beside those of an answer (default 8192)."),
]
MaxConnections = Annotated[
    int | None, typer.Option(min=1, help="Requests under way at once, at most (default 10).")
]
Limit = Annotated[
    int | None,
    typer.Option(min=1, help="Most samples of each task over its languages, chosen in balance."),
]
Languages = Annotated[
    list[str] | None, typer.Option("--language", help="Ask in this language alone: en or ja.")
]
Tasks = Annotated[
    list[str] | None, typer.Option("--task", help="Run this task alone; may be repeated.")
]
Epochs = Annotated[int | None, typer.Option(min=1, max=1000, help="How often to ask each sample.")]
Scorers = Annotated[
    list[str] | None,
    typer.Option(
        "--scorer",
        help="TASK=NAME: judge a task by another scorer; NAME alone is for every task. NAME may be "
        "file.py@scorer. May be repeated.",
    ),
]
ScorerArgs = Annotated[
    list[str] | None,
    typer.Option("--scorer-arg", "-S", help="KEY=VALUE for the scorer; may be repeated."),
]
ModelRoles = Annotated[
    list[str] | None,
    typer.Option(
        "--model-role",
        help="ROLE=MODEL or ROLE=FILE.yaml, such as grader=openai/...; may be repeated.",
    ),
]
Attacks = Annotated[
    list[str] | None,
    typer.Option(
        "--attack",
        help="Ask every sample under this attack ('tenken list --attacks'; 'all'; 'none' is the "
        "plain request), whatever the suite says; may be repeated.",
    ),
]
ResultsDir = Annotated[
    Path,
    typer.Option("--results-dir", help="Where the folders of runs are.", show_default=True),
]

OwnResultsDir = Annotated[
    Path | None,
    typer.Option("--results-dir", help=f"Where the folders of runs are [default: {RESULTS_DIR}]."),
]


def _known_language(chosen: str | None) -> str | None:
    if chosen is not None and chosen not in LANGUAGES:
        raise UnknownNameError("language", chosen, LANGUAGES, "--lang")
    return chosen


TerminalLanguage = Annotated[
    str | None,
    typer.Option(
        "--lang",
        help="Language of the terminal: en or ja. Default: that of LANG.",
        callback=_known_language,
    ),
]

_KEYS = {
    "language": "languages",
    "task": "tasks",
    "attack": "attacks",
    "lang": "report_language",
}
"""Keys of a configuration that options have another name than."""


def config_of(given: Mapping[str, Any]) -> RunConfig:
    """Return what a command line, and the file that it names with --config, come to.

    Args:
        given: The command's options, by the name of its parameter.

    Raises:
        InputError: An option has another form, or no suite is named.
        SuiteError: The file breaks a rule.
    """
    found = {_KEYS.get(key, key): value for key, value in given.items()}
    found["model_args"] = {
        key: _typed(value) for key, value in _pairs(found.pop("model_arg", None), "--model-arg")
    }
    found["scorers"] = dict(_scorer(each) for each in found.pop("scorer", None) or ())
    found["model_roles"] = roles_of(found.pop("model_role", None))
    found["data"] = _once(_pairs(found.pop("data", None), "--data", "NAME=PATH"), "--data")
    if found.pop("no_gates", False):
        found["gates"] = False
    language = found.get("report_language")
    if language is not None and language not in LANGUAGES:
        raise UnknownNameError("report language", language, LANGUAGES)
    file = found.pop("config", None)
    flags = {key: value for key, value in found.items() if value is not False or key == "gates"}
    return RunConfig.of(file, **flags)


def _scorer(given: str) -> tuple[str, str]:
    """Return the task and the scorer of `TASK=NAME`; of `NAME` alone, for every task."""
    task, equals, name = given.partition("=")
    if not equals:
        task, name = "*", given
    if not task or not name:
        raise InputError(
            "--scorer '{given}': write TASK=NAME. NAME alone is for every task.", given=given
        )
    return task, name


def roles_of(given: Sequence[str] | None) -> dict[str, str]:
    """Return the models in roles that a command line names, by role.

    Raises:
        InputError: Not of the form ROLE=MODEL, or named twice.
    """
    option = "--model-role"
    return _once(_pairs(given, option, "ROLE=MODEL or ROLE=FILE.yaml"), option)


def data_paths(given: Sequence[str] | None) -> dict[str, Path]:
    """Return the paths that the user named, by the full name of the public benchmark.

    Raises:
        InputError: Not of the form NAME=PATH, or named twice.
        UnknownNameError: No public benchmark of that name has a card here.
    """
    from tenken.evals.planning.request import data_paths as named

    pairs = _once(_pairs(given, "--data", "NAME=PATH"), "--data")
    return named({name: Path(place) for name, place in pairs.items()})


def _once(given: Sequence[tuple[str, str]], option: str) -> dict[str, str]:
    names = [key for key, _ in given]
    twice = next((key for key in names if names.count(key) > 1), None)
    if twice is not None:
        raise InputError(
            "{option}: '{twice}' is given twice; give it once.", option=option, twice=twice
        )
    return dict(given)


def _pairs(
    given: Sequence[str] | None, option: str, form: str = "KEY=VALUE"
) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for each in given or ():
        key, _, value = each.partition("=")
        if not key or not value:
            raise InputError(
                "{option} '{each}': write {form}.", option=option, each=each, form=form
            )
        found.append((key, value))
    return found


def scorer_arguments(given: list[str] | None) -> dict[str, Any]:
    """Return a scorer's arguments, each value read as YAML.

    Raises:
        InputError: One is not of the form KEY=VALUE, or its value is no YAML.
    """
    from tenken.io.documents import DocumentError, read_value

    found: dict[str, Any] = {}
    for key, value in _pairs(given, "--scorer-arg"):
        try:
            found[key] = read_value(value)
        except DocumentError as error:
            raise InputError(
                "--scorer-arg '{key}={value}': {error}", key=key, value=value, error=error
            ) from None
    return found


def _typed(value: str) -> Any:
    from tenken.io.documents import DocumentError, read_value

    try:
        return read_value(value)
    except DocumentError as error:
        raise InputError("--model-arg '{value}': {error}", value=value, error=error) from None
