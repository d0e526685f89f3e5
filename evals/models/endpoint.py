"""The model under test: how it is addressed, with which parameters, at which price."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tenken.errors import EndpointError, InputError, RuleError, Sentence, SuiteError
from tenken.evals.suite import read_yaml
from tenken.io.canonical import digest
from tenken.io.faults import explain
from tenken.schema.model import PlannedModel

_T = TypeVar("_T")

EMBEDDED = "tenken/smollm2"
REASONING_TOKENS = 8_192
"""Tokens that a model which reasons is given beside those of the answer."""

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
    extra_body: dict[str, Any] | None = None

    @model_validator(mode="before")
    @classmethod
    def _reasoning_has_a_key(cls, raw: Any) -> Any:
        for key in ("reasoning_effort", "reasoning_tokens"):
            if isinstance(raw, dict) and key in raw:
                raise RuleError(
                    "{key} is not a parameter: write 'reasoning: {{{key2}: ...}}' beside "
                    "'parameters'",
                    key=key,
                    key2=key[10:],
                )
        return raw

    @field_validator("extra_body")
    @classmethod
    def _only_more(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        for key in ("messages", "model", "n", "stream", "tools", "metadata"):
            if value and key in value:
                raise RuleError(
                    "extra_body cannot set '{key}', which is made for each sample", key=key
                )
        return _without_secrets(value)


class Reasoning(_Strict):
    """How much a model may reason before it answers.

    Attributes:
        effort: The endpoint's own word for it, such as `low`; nothing is sent where left out.
        tokens: Tokens of a request beside those of the answer.
    """

    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] | None = None
    tokens: Annotated[int, Field(ge=0)] = REASONING_TOKENS


class Accepts(_Strict):
    """What an endpoint takes. What is left out is found by the question before the samples.

    Attributes:
        limit: The parameter that bounds an answer.
        temperature: Whether a temperature is taken; if not, none is sent.
        system: Whether the role `system` is taken; if not, what it says goes before the first
            message of the user.
        structured: Whether a JSON schema for the answer is taken; if not, graders are asked for
            the form in words alone.
    """

    limit: Literal["max_tokens", "max_completion_tokens"] | None = None
    temperature: bool | None = None
    system: bool | None = None
    structured: bool | None = None


class BlockedAnswer(_Strict):
    """An answer of a gateway that means: the filter withheld it.

    Attributes:
        status: HTTP status; any where left out.
        pattern: Regular expression that is searched in the answer's body, without case.
    """

    status: Annotated[int, Field(ge=100, le=599)] | None = None
    pattern: Annotated[str, Field(min_length=1)]

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise RuleError("not a regular expression: {error}", error=error) from None
        return value


class Connections(_Strict):
    """How hard the endpoint may be pressed, and how long it may take. They change no answer.

    Attributes:
        max_connections: Requests under way at once, at most.
        adaptive: Grow the number of requests under way beyond that while the endpoint keeps up.
        max_retries: Times that a request is sent again after 429, 5xx or a broken connection.
        timeout: Seconds for one answer, all retries included.
        attempt_timeout: Seconds for one attempt.
        stop_after_errors: Samples that may fail one after the other, with no answer between
            them, before the run stops: the endpoint is gone.
    """

    max_connections: Annotated[int, Field(ge=1)] = 10
    adaptive: bool = False
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
        model: Inspect's model string; with `base_url`, the whole name that an OpenAI-compatible
            endpoint knows the model by.
        base_url: Base URL of an OpenAI-compatible endpoint.
        api_key_env: Name of the environment variable that holds the key. Never the key.
        ca_file: Certificates of the authority that the endpoint's own is from, in PEM form.
        system_prompt: What is put before every sample.
        parameters: Parameters of generation.
        connections: How hard the endpoint may be pressed.
        price: What tokens cost, for `--max-cost`.
        reasoning: How much the model may reason. Left out: found by the question before the
            samples, and then 8,192 tokens.
        accepts: What the endpoint takes; found by the question before the samples where left out.
        blocked: Answers that mean that a filter withheld the answer.
        model_args: Arguments of Inspect's provider.
        context: Tokens that fit into the model's context; the attack `many_shot` fills it.
    """

    model: Annotated[str, Field(min_length=1)]
    base_url: str | None = None
    api_key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    ca_file: str | None = None
    system_prompt: str | None = None
    parameters: Parameters = Parameters()
    reasoning: Reasoning | None = None
    accepts: Accepts = Accepts()
    blocked: list[BlockedAnswer] = []
    connections: Connections = Connections()
    model_args: dict[str, Any] = {}
    context: Annotated[int, Field(ge=1)] | None = None
    price: Price | None = None

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError where it is no port
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RuleError("a base URL begins with http:// or https:// and a host")
        if parts.username or parts.password or parts.query:
            raise RuleError("a base URL holds no user name, password or query: keep secrets out")
        return value

    @field_validator("model", "base_url")
    @classmethod
    def _printable(cls, value: str | None) -> str | None:
        if value is not None and not value.isprintable():
            raise RuleError("only printable characters are allowed here")
        return value

    @field_validator("model_args")
    @classmethod
    def _no_secret_args(cls, value: dict[str, Any]) -> dict[str, Any]:
        return _without_secrets(value)

    @model_validator(mode="after")
    def _key_needs_url(self) -> Self:
        if self.api_key_env and not self.base_url and not self.model.startswith("openai-api/"):
            raise RuleError(
                "api_key_env goes with base_url; Inspect's own providers read their own variables"
            )
        return self

    def planned(self) -> PlannedModel:
        """Return what the plan says about the endpoint."""
        system = self.system_prompt
        return PlannedModel(
            name=self.model,
            base_url=self.base_url,
            api_key_env=self.api_key_env,
            args=self.model_args,
            parameters=self.parameters.model_dump(exclude_none=True),
            reasoning=self.reasoning.model_dump(exclude_none=True) if self.reasoning else {},
            accepts=self.accepts.model_dump(exclude_none=True),
            blocked=[each.model_dump(exclude_none=True) for each in self.blocked],
            system_prompt_sha256=digest(system) if system is not None else None,
        )

    def secret(self) -> str | None:
        """Return the key from the environment, or None where no variable is named.

        Raises:
            EndpointError: The named variable is not set, or holds what no header can.
        """
        if self.api_key_env is None:
            return None
        value = os.environ.get(self.api_key_env, "").strip()
        if not value:
            raise EndpointError(
                "the environment variable {api_key_env} is not set; set it to the endpoint's key.",
                api_key_env=self.api_key_env,
            )
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise EndpointError(
                "the key in the environment variable {api_key_env} holds a character that no "
                "key has (a space, a line break, or one outside of ASCII): copy it once more.",
                api_key_env=self.api_key_env,
            )
        return value

    def limit(self, answer: int | None) -> int | None:
        """Return how many tokens a request may take, None for no limit.

        Args:
            answer: Most tokens of the answer itself; None for any number.
        """
        own = self.parameters.max_tokens
        if answer is None:
            return own
        return max(answer + (self.reasoning.tokens if self.reasoning else 0), own or 0)

    def request(self, answer: int | None) -> dict[str, Any]:
        """Return the parameters of a request as they are sent, by their name on the wire.

        Args:
            answer: Most tokens of the answer itself.
        """
        named = self.parameters.model_dump(exclude_none=True, exclude={"max_tokens", "extra_body"})
        if self.accepts.temperature is False:
            named.pop("temperature", None)
        if "stop_seqs" in named:
            named["stop"] = named.pop("stop_seqs")
        if self.reasoning and self.reasoning.effort:
            named["reasoning_effort"] = self.reasoning.effort
        limit = self.limit(answer)
        if limit is not None:
            named[self.accepts.limit or "max_tokens"] = limit
        return named | (self.parameters.extra_body or {})

    def settled_as(self, model: PlannedModel) -> Endpoint:
        """Return the endpoint with what an earlier attempt found out of it."""
        reasoning = Reasoning(**model.reasoning) if model.reasoning else None
        return self.model_copy(
            update={"accepts": Accepts(**model.accepts), "reasoning": self.reasoning or reasoning}
        )


def _without_secrets(value: _T) -> _T:
    """Return `value`, which goes into the plan as it is, if no key in it looks like a secret's."""
    if isinstance(value, dict):
        for key, each in value.items():
            if _SECRET.search(str(key)):
                raise RuleError(
                    "'{key}' looks like a secret, and this is kept with the results: name the "
                    "variable that holds it with api_key_env",
                    key=key,
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
            raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    changes = {key: value for key, value in changes.items() if value is not None}
    for key, value in changes.items():
        known = raw.get(key)
        raw[key] = {**known, **value} if isinstance(known, dict) else value
    if path is not None and isinstance(raw.get("ca_file"), str):
        raw["ca_file"] = str(path.parent / raw["ca_file"])
    if "model" not in raw:
        raise InputError("no model is named: give --model, or --endpoint-file with a model in it.")
    try:
        return Endpoint.model_validate(raw)
    except ValidationError as error:
        raise SuiteError(path or Sentence("the endpoint"), explain(error, Endpoint)) from None


def is_same_model(endpoint: Endpoint, other: PlannedModel) -> bool:
    """Return whether both are the same model at the same address, trailing slashes aside.

    Args:
        endpoint: An endpoint as declared.
        other: A model as a plan holds it.
    """
    addresses = {(each or "").rstrip("/") for each in (endpoint.base_url, other.base_url)}
    return endpoint.model == other.name and len(addresses) == 1
