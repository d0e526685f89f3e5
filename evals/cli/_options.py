"""The options that `plan` and `run` share, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError

if TYPE_CHECKING:
    from tenken.evals.models.endpoint import Endpoint
    from tenken.evals.planning.plan import Asked, Choices
    from tenken.evals.suite import SuiteFile
    from tenken.schema.plan import Gate


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
AcceptLicence = Annotated[
    bool,
    typer.Option(
        "--accept-licence",
        help="Accept the terms of data that may not be used for everything (see 'tenken show').",
    ),
]


def data_paths(given: list[str] | None) -> dict[str, Path]:
    """Return the paths that the user named, by the full name of the public benchmark.

    Raises:
        InputError: Not of the form NAME=PATH, or named twice.
        UnknownNameError: No public benchmark of that name has a card here.
    """
    from tenken.errors import UnknownNameError
    from tenken.tasks.library import public_folders

    known = public_folders()
    short = {name.rsplit("/", 1)[-1]: name for name in known}
    found: dict[str, Path] = {}
    for each in given or []:
        key, _, value = each.partition("=")
        if not key or not value:
            raise InputError(f"--data '{each}': write NAME=PATH.")
        name = short.get(key, key)
        if name not in known:
            raise UnknownNameError("public benchmark", key, short, "--data")
        if name in found:
            raise InputError(f"--data '{each}': {key} is listed twice.")
        found[name] = Path(value).expanduser()
    return found


RESULTS_DIR = Path("results/runs")

SuiteName = Annotated[
    str, typer.Argument(help="Name of a suite (see 'tenken list') or path of a suite's YAML file.")
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
    typer.Option("--scorer", help="TASK=NAME: judge a task by another scorer; may be repeated."),
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
    typer.Option("--results-dir", help="Where the folders of runs lie.", show_default=True),
]


@dataclass(frozen=True)
class Request:
    """What the options come to: the suite, the endpoint, the choices, and what will be asked."""

    suite_file: SuiteFile
    endpoint: Endpoint
    choices: Choices
    asked: list[Asked]

    def with_models(self, endpoint: Endpoint, roles: Mapping[str, Endpoint]) -> Request:
        """Return the request for other settings of its models."""
        return replace(self, endpoint=endpoint, choices=replace(self.choices, roles=dict(roles)))

    def at_attempt(self, attempt: int) -> Request:
        """Return the request as an attempt of some number."""
        return replace(self, choices=replace(self.choices, attempt=attempt))

    def gates(self) -> list[Gate]:
        """Return the suite's gates on what is asked."""
        from tenken.evals.planning.gates import gates_of

        if not self.choices.gates:
            return []
        asked = [each.task.name for each in self.asked]
        return gates_of(self.suite_file.suite, asked, self.choices.languages)


def understand(
    suite: str,
    *,
    model: str | None,
    endpoint_file: Path | None,
    base_url: str | None,
    api_key_env: str | None,
    model_args: list[str] | None,
    temperature: float | None,
    limit: int | None,
    languages: list[str] | None,
    tasks: list[str] | None,
    epochs: int | None,
    scorers: list[str] | None,
    roles: list[str] | None = None,
    attacks: list[str] | None = None,
    data: list[str] | None = None,
    accepted: bool = False,
    reasoning_effort: str | None = None,
    reasoning_tokens: int | None = None,
    max_connections: int | None = None,
    no_gates: bool = False,
) -> Request:
    """Turn the options into a request, checking every name before anything is sent or written.

    Raises:
        InputError: A name is unknown, or a file breaks a rule.
    """
    from tenken.errors import UnknownNameError
    from tenken.evals.cli._options import data_paths
    from tenken.evals.models.endpoint import read_endpoint
    from tenken.evals.models.roles import read_roles
    from tenken.evals.planning.plan import Choices, is_embedded, resolve
    from tenken.evals.planning.resolve import name_in
    from tenken.evals.suite import read_suite
    from tenken.schema.record import LANGUAGES
    from tenken.tasks.attacks.apply import attacks_chosen

    suite_file = read_suite(suite)
    for language in languages or []:
        if language not in LANGUAGES:
            raise UnknownNameError("language", language, LANGUAGES)
    endpoint = read_endpoint(
        endpoint_file,
        model=model,
        base_url=base_url,
        api_key_env=api_key_env,
        parameters=_given(temperature=temperature),
        reasoning=_given(effort=reasoning_effort, tokens=reasoning_tokens),
        connections=_given(max_connections=max_connections),
        model_args={k: _typed(v) for k, v in _pairs(model_args, "--model-arg").items()} or None,
    )
    choices = Choices(
        limit=limit,
        languages=tuple(sorted(set(languages or []))),
        tasks=tuple(sorted({name_in(suite_file.suite, name) for name in tasks or []})),
        epochs=epochs,
        scorers={
            name_in(suite_file.suite, k): full_scorer_name(v)
            for k, v in _pairs(scorers, "--scorer", "TASK=NAME").items()
        },
        roles=read_roles(roles),
        attacks=attacks_chosen(attacks),
        data=data_paths(data),
        accepted=accepted,
        gates=not no_gates,
    )
    asked = resolve(suite_file.suite, choices, embedded=is_embedded(endpoint))
    return Request(suite_file, endpoint, choices, asked)


def _given(**values: Any) -> dict[str, Any] | None:
    return {key: value for key, value in values.items() if value is not None} or None


def _pairs(given: list[str] | None, option: str, form: str = "KEY=VALUE") -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given or []:
        key, _, value = each.partition("=")
        if not key or not value:
            raise InputError(f"{option} '{each}': write {form}.")
        found[key] = value
    return found


def full_scorer_name(name: str) -> str:
    """Return a scorer's registry name: one of ours may be named without its package."""
    return name if "/" in name or "@" in name else f"tenken/{name}"


def scorer_arguments(given: list[str] | None) -> dict[str, Any]:
    """Return a scorer's arguments, each value read as YAML.

    Raises:
        InputError: One is not of the form KEY=VALUE, or its value is no YAML.
    """
    from tenken.io.documents import DocumentError, read_value

    found: dict[str, Any] = {}
    for key, value in _pairs(given, "--scorer-arg").items():
        try:
            found[key] = read_value(value)
        except DocumentError as error:
            raise InputError(f"--scorer-arg '{key}={value}': {error}") from None
    return found


def _typed(value: str) -> Any:
    from tenken.io.documents import DocumentError, read_value

    try:
        return read_value(value)
    except DocumentError as error:
        raise InputError(f"--model-arg '{value}': {error}") from None


def find_run(name: str, results_dir: Path = RESULTS_DIR) -> Path:
    """Return the folder of a run by its path, its name, or the beginning of its name.

    Raises:
        UnknownNameError: There is none, or several begin so.
    """
    from tenken.errors import UnknownNameError
    from tenken.schema.plan import PLAN_FILE

    path = Path(name)
    if (path / PLAN_FILE).exists() or (path.is_dir() and not any(path.glob(f"*/{PLAN_FILE}"))):
        return path
    parent, prefix = (path, "") if path.is_dir() else (results_dir, name)
    runs = sorted(plan.parent for plan in parent.glob(f"*/{PLAN_FILE}"))
    matches = [run for run in runs if run.name.startswith(prefix)]
    if len(matches) == 1:
        return matches[0]
    raise UnknownNameError("run", name, [run.name for run in runs], str(parent))
