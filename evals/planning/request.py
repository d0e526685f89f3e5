"""From a configuration to a request: every name looked up before anything is sent or written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tenken.errors import InputError, UnknownNameError
from tenken.evals.asked import Choices, TaskSelection
from tenken.evals.config import RunConfig
from tenken.evals.models.endpoint import Endpoint, read_endpoint
from tenken.evals.models.roles import endpoints_of
from tenken.evals.planning.gates import gates_of
from tenken.evals.planning.plan import EVERY_TASK, is_embedded, resolve
from tenken.evals.planning.resolve import name_in
from tenken.evals.planning.single import suite_named
from tenken.evals.suite import SuiteFile
from tenken.schema.plan import Gate
from tenken.tasks.attacks.apply import attacks_chosen
from tenken.tasks.library import public_folders
from tenken.terms.known import languages as known_languages


@dataclass(frozen=True)
class Request:
    """What a configuration means for one model.

    Attributes:
        suite_file: The suite.
        endpoint: The model under test.
        choices: What was chosen within the suite.
        asked: What will be asked.
    """

    suite_file: SuiteFile
    endpoint: Endpoint
    choices: Choices
    asked: list[TaskSelection]

    def with_models(self, endpoint: Endpoint, roles: Mapping[str, Endpoint]) -> Request:
        """Return the request with other settings of its models.

        Args:
            endpoint: The model under test.
            roles: The models in other roles; they take the place of all there were.
        """
        return replace(self, endpoint=endpoint, choices=replace(self.choices, roles=dict(roles)))

    def at_attempt(self, attempt: int) -> Request:
        """Return the request as an attempt of some number."""
        return replace(self, choices=replace(self.choices, attempt=attempt))

    def without_samples(self) -> Request:
        """Return the request without its samples: nothing needs them once they are asked."""
        return replace(self, asked=[each.without_samples() for each in self.asked])

    def gates(self) -> list[Gate]:
        """Return the suite's gates on what is asked."""
        if not self.choices.gates:
            return []
        asked = {each.task.name: each.attacks for each in self.asked}
        return gates_of(self.suite_file.suite, asked, self.choices.languages)


def understand(config: RunConfig) -> Request:
    """Turn a configuration for one model into a request.

    Args:
        config: The configuration (see `RunConfig.each` for several models).

    Raises:
        InputError: A name is unknown, or a file breaks a rule.
    """
    suite_file = suite_named(config.suite, config.area)
    for language in config.languages:
        if language not in known_languages():
            raise UnknownNameError("language", language, known_languages())
    endpoint = endpoint_of(config)
    suite = suite_file.suite
    choices = Choices(
        limit=config.limit,
        languages=tuple(sorted(set(config.languages))),
        tasks=tuple(sorted({name_in(suite, name) for name in config.tasks})),
        epochs=config.epochs,
        scorers={
            task if task == EVERY_TASK else name_in(suite, task): full_scorer_name(name)
            for task, name in config.scorers.items()
        },
        roles=endpoints_of(config.model_roles),
        attacks=attacks_chosen(config.attacks),
        context=endpoint.context,
        data=data_paths(config.data),
        accepted=config.accept_licence,
        gates=config.gates,
        fresh=config.fresh,
    )
    asked = resolve(suite, choices, embedded=is_embedded(endpoint))
    return Request(suite_file, endpoint, choices, asked)


def endpoint_of(config: RunConfig) -> Endpoint:
    """Return the model under test: the endpoint file's, with what the configuration changes.

    Raises:
        InputError: No model is named, or several.
        SuiteError: The file breaks a rule.
    """
    if len(config.model) > 1 or len(config.endpoint_file) > 1:
        raise InputError("several models are named where one is needed.")
    return read_endpoint(
        config.endpoint_file[0] if config.endpoint_file else None,
        model=config.model[0] if config.model else None,
        base_url=config.base_url,
        api_key_env=config.api_key_env,
        parameters=_given(temperature=config.temperature),
        reasoning=_given(effort=config.reasoning_effort, tokens=config.reasoning_tokens),
        connections=_given(max_connections=config.max_connections),
        model_args=config.model_args or None,
    )


def full_scorer_name(name: str) -> str:
    """Return a scorer's registry name: one of ours may be named without its package."""
    return name if "/" in name or "@" in name else f"tenken/{name}"


def data_paths(given: Mapping[str, Path]) -> dict[str, Path]:
    """Return the paths that the user named, by the full name of the public benchmark.

    Raises:
        InputError: A benchmark is named twice.
        UnknownNameError: No public benchmark of that name has a card here.
    """
    known = public_folders() if given else {}
    short = {name.rsplit("/", 1)[-1]: name for name in known}
    found: dict[str, Path] = {}
    for key, path in given.items():
        name = short.get(key, key)
        if name not in known:
            raise UnknownNameError("public benchmark", key, short, "--data")
        if name in found:
            raise InputError("--data '{key}': it is given twice; give it once.", key=key)
        found[name] = path.expanduser()
    return found


def _given(**values: Any) -> dict[str, Any] | None:
    return {key: value for key, value in values.items() if value is not None} or None
