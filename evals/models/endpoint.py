"""The model under test: how it is addressed, with which parameters, at which price."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tenken.errors import EndpointError, InputError, SuiteError, nearest
from tenken.evals.process import silent_console
from tenken.evals.suite import read_yaml
from tenken.io.canonical import digest
from tenken.schema.plan import PlannedModel
from tenken.tasks.card.card import explain

if TYPE_CHECKING:
    from inspect_ai.model import GenerateConfig, Model

_T = TypeVar("_T")

EMBEDDED = "tenken/smollm2"
_SERVICE = "openai-api/endpoint"
_SECRET = re.compile(r"(^|[_-])(key|token|secret|password|credentials?|authorization)$", re.I)


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Parameters(_Strict):
    """Parameters of generation, as Inspect names them. The default is greedy decoding.

    Attributes:
        temperature: How much chance there is in an answer; 0 for none.
        top_p: Choose among the likeliest tokens that have this probability together.
        top_k: Choose among so many of the likeliest tokens.
        max_tokens: Most tokens of an answer, where the task sets none.
        seed: Seed of the endpoint's own chance, where it has one.
        stop_seqs: Texts at which an answer ends.
        frequency_penalty: How much repeated tokens are made less likely.
        presence_penalty: How much tokens that have occurred are made less likely.
        reasoning_effort: How much a reasoning model thinks, in its provider's words.
        reasoning_tokens: Most tokens of thinking.
        extra_body: Further keys of the request's body; never a secret.
    """

    temperature: Annotated[float, Field(ge=0, le=5)] | None = 0.0
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    top_k: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    seed: int | None = None
    stop_seqs: list[str] | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    reasoning_effort: str | None = None
    reasoning_tokens: int | None = None
    extra_body: dict[str, Any] | None = None

    @field_validator("extra_body")
    @classmethod
    def _no_secrets(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        return _without_secrets(value)


class Connections(_Strict):
    """How hard the endpoint may be pressed, and how long it may take. They change no answer.

    Attributes:
        max_connections: Requests under way at once.
        max_retries: Times that a request is sent again after 429, 5xx or a broken connection.
        timeout: Seconds for one answer, all retries included.
        attempt_timeout: Seconds for one attempt.
        stop_after_errors: Samples that may fail one after the other, with no answer between
            them, before the run stops: the endpoint is gone.
    """

    max_connections: Annotated[int, Field(ge=1)] | None = None
    max_retries: Annotated[int, Field(ge=0)] = 4
    timeout: Annotated[int, Field(ge=1)] = 600
    attempt_timeout: Annotated[int, Field(ge=1)] = 180
    stop_after_errors: Annotated[int, Field(ge=1)] = 25


class Price(_Strict):
    """US dollars for a million tokens.

    Attributes:
        input: For tokens that the model reads.
        output: For tokens that the model writes.
    """

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]


class Endpoint(_Strict):
    """An endpoint as `--endpoint-file` holds it and the command line changes it.

    Attributes:
        model: Inspect's model string; with `base_url` and no provider that Inspect knows, the
            name that an OpenAI-compatible endpoint knows the model by.
        base_url: Base URL of an OpenAI-compatible endpoint.
        api_key_env: Name of the environment variable that holds the key. Never the key.
        system_prompt: What is put before every sample.
        parameters: Parameters of generation.
        connections: How hard the endpoint may be pressed.
        price: What tokens cost, for `--max-cost`.
        model_args: Arguments of Inspect's provider.
    """

    model: Annotated[str, Field(min_length=1)]
    base_url: str | None = None
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    system_prompt: str | None = None
    parameters: Parameters = Parameters()
    connections: Connections = Connections()
    model_args: dict[str, Any] = {}
    price: Price | None = None

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError where it is no port
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a base URL begins with http:// or https:// and a host")
        if parts.username or parts.password or parts.query:
            raise ValueError("a base URL holds no user name, password or query: keep secrets out")
        return value

    @field_validator("model", "base_url")
    @classmethod
    def _printable(cls, value: str | None) -> str | None:
        if value is not None and not value.isprintable():
            raise ValueError("only printable characters may stand here")
        return value

    @field_validator("model_args")
    @classmethod
    def _no_secret_args(cls, value: dict[str, Any]) -> dict[str, Any]:
        return _without_secrets(value)

    @model_validator(mode="after")
    def _key_needs_url(self) -> Self:
        if self.api_key_env and not self.base_url and not self.model.startswith("openai-api/"):
            raise ValueError(
                "api_key_env goes with base_url; Inspect's own providers read their own variables"
            )
        return self

    def planned(self) -> PlannedModel:
        """Return what the plan says of the endpoint."""
        system = self.system_prompt
        return PlannedModel(
            name=self.model,
            base_url=self.base_url,
            api_key_env=self.api_key_env,
            args=self.model_args,
            parameters=self.parameters.model_dump(exclude_none=True),
            system_prompt_sha256=digest(system) if system is not None else None,
        )

    def secret(self) -> str | None:
        """Return the key from the environment, or None where no variable is named.

        Raises:
            EndpointError: The named variable is not set.
        """
        if self.api_key_env is None:
            return None
        value = os.environ.get(self.api_key_env)
        if not value:
            raise EndpointError(
                f"the environment variable {self.api_key_env} is not set; "
                f"set it to the endpoint's key."
            )
        return value


def _without_secrets(value: _T) -> _T:
    """Return `value`, which goes into the plan as it is, if no key in it looks like a secret's."""
    if isinstance(value, dict):
        for key, each in value.items():
            if _SECRET.search(str(key)):
                raise ValueError(
                    f"'{key}' looks like a secret, and this is kept with the results: "
                    "name the variable that holds it with api_key_env"
                )
            _without_secrets(each)
    elif isinstance(value, list):
        for each in value:
            _without_secrets(each)
    return value


def read_endpoint(path: Path | None, **changes: Any) -> Endpoint:
    """Return the endpoint of a file, with what the command line changes.

    Args:
        path: The file, or None for none.
        **changes: Fields to set; those that are None are left as they are, and mappings are
            added to what the file says.

    Raises:
        InputError: The file is missing, or neither names a model.
        SuiteError: It breaks a rule.
    """
    raw: dict[str, Any] = {}
    if path is not None:
        try:
            raw = read_yaml(path, path.read_bytes())
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}.") from None
    changes = {key: value for key, value in changes.items() if value is not None}
    for key, value in changes.items():
        known = raw.get(key)
        raw[key] = {**known, **value} if isinstance(known, dict) else value
    if "model" not in raw:
        raise InputError("no model is named: give --model, or --endpoint-file with a model in it.")
    try:
        return Endpoint.model_validate(raw)
    except ValidationError as error:
        raise SuiteError(path or "the endpoint", explain(error, Endpoint)) from None


def is_same_model(endpoint: Endpoint, other: PlannedModel) -> bool:
    """Whether both are the same model at the same address, however that ends."""
    addresses = {(each or "").rstrip("/") for each in (endpoint.base_url, other.base_url)}
    return endpoint.model == other.name and len(addresses) == 1


def generate_config(endpoint: Endpoint) -> GenerateConfig:
    """Return the endpoint's parameters and limits as Inspect takes them."""
    from inspect_ai.model import GenerateConfig

    connections = endpoint.connections
    return GenerateConfig(
        **endpoint.parameters.model_dump(exclude_none=True),
        system_message=endpoint.system_prompt,
        max_connections=connections.max_connections,
        max_retries=connections.max_retries,
        timeout=connections.timeout,
        attempt_timeout=connections.attempt_timeout,
    )


def make_model(endpoint: Endpoint) -> Model:
    """Return Inspect's model for the endpoint; nothing is sent yet.

    Raises:
        EndpointError: Inspect knows no such provider, its package is missing, or a variable
            with a key is not set.
    """
    from inspect_ai._util.error import PrerequisiteError
    from inspect_ai.model import get_model

    name, args = endpoint.model, dict(endpoint.model_args)
    key = endpoint.secret()
    providers = _providers()
    if name.split("/", 1)[0] not in providers or "/" not in name:
        if endpoint.base_url is None:
            raise _unknown_model(name, providers)
        name, key = f"{_SERVICE}/{name}", key or "none"
    try:
        with silent_console():  # Inspect announces its hooks when a model is made
            return get_model(
                name,
                config=generate_config(endpoint),
                base_url=endpoint.base_url,
                api_key=key,
                memoize=False,
                **args,
            )
    except (PrerequisiteError, ValueError, TypeError, ImportError) as error:
        raise EndpointError(_plain(endpoint.model, error)) from None


def _providers() -> set[str]:
    """Return the providers that Inspect knows: the first part of a model string."""
    from inspect_ai._util.entrypoints import ensure_entry_points
    from inspect_ai._util.registry import registry_find, registry_info, registry_unqualified_name

    ensure_entry_points()
    found = registry_find(lambda info: info.type == "modelapi")
    return {registry_unqualified_name(registry_info(each)) for each in found}


def _unknown_model(name: str, providers: set[str]) -> EndpointError:
    first, slash, _ = name.partition("/")
    if not slash:
        return EndpointError(
            f"the model '{name}' names no provider: write PROVIDER/{name}, or give the --base-url "
            "of the OpenAI-compatible endpoint that knows it by this name."
        )
    near = nearest(first, providers)
    hint = f" Did you mean '{near}'?" if near else ""
    return EndpointError(
        f"unknown provider '{first}' in the model '{name}'.{hint} "
        f"Known: {', '.join(sorted(providers))}."
    )


def _plain(model: str, error: Exception) -> str:
    from rich.text import Text

    first = " ".join(Text.from_markup(str(error)).plain.split())
    first = first.removeprefix("ERROR: ").removeprefix("ERROR")
    return f"the model '{model}' cannot be set up: {first}"
