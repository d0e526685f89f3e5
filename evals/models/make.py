"""Inspect's model of an endpoint, made once for all that is asked of it."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

from tenken.errors import EndpointError, Sentence, hint
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.process import silent_console
from tenken.inspect_private import load_entry_points, prerequisite_error, registered

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, GenerateConfig, Model

_SERVICE = re.compile(r"^openai-api/[^/]+/")
"""How Inspect names an OpenAI-compatible service; the model's name comes after it."""


def generate_config(endpoint: Endpoint, reply: int | None = None) -> GenerateConfig:
    """Return the endpoint's parameters and limits as Inspect takes them.

    Args:
        endpoint: The endpoint.
        reply: Most tokens of an answer, for a model in a role: its reasoning comes on top.
    """
    from inspect_ai.model import GenerateConfig

    connections, reasoning = endpoint.connections, endpoint.reasoning
    parameters = endpoint.parameters.model_dump(exclude_none=True)
    if reasoning is not None and reply is not None:
        parameters["max_tokens"] = endpoint.limit(reply)
    if endpoint.accepts.temperature is False:
        parameters.pop("temperature", None)
    if reasoning is not None and "tokens" in reasoning.model_fields_set:
        parameters["reasoning_tokens"] = reasoning.tokens or None
    return GenerateConfig(
        **parameters,
        reasoning_effort=reasoning.effort if reasoning else None,
        system_message=endpoint.system_prompt,
        adaptive_connections=connections.adaptive or None,
        max_connections=None if connections.adaptive else connections.max_connections,
        max_retries=connections.max_retries,
        timeout=connections.timeout,
        attempt_timeout=connections.attempt_timeout,
    )


def make_model(endpoint: Endpoint, reply: int | None = None) -> Model:
    """Return Inspect's model for the endpoint; nothing is sent yet.

    Args:
        endpoint: The endpoint.
        reply: Most tokens of an answer, for a model in a role.

    Raises:
        EndpointError: Inspect knows no such provider, its package is missing, or a variable
            with a key is not set.
    """
    from inspect_ai.model import get_model

    from tenken.evals.models import provider  # noqa: F401 - registers it with Inspect

    key = endpoint.secret()
    try:
        with silent_console():  # Inspect announces its hooks when a model is made
            model = get_model(
                _full_name(endpoint),
                config=generate_config(endpoint, reply),
                base_url=endpoint.base_url,
                api_key=key or ("none" if endpoint.base_url else None),
                memoize=False,
                **endpoint.model_args,
            )
    except (prerequisite_error(), ValueError, TypeError, ImportError) as error:
        raise EndpointError(_plain(endpoint.model, error)) from None
    return settle(model, endpoint, reply)


def settle(model: Model, endpoint: Endpoint, reply: int | None = None) -> Model:
    """Set a model up for what its endpoint takes; it is changed in place and returned.

    Args:
        model: The model of this endpoint, made before all of it was known.
        endpoint: The endpoint.
        reply: Most tokens of an answer, for a model in a role.
    """
    model.config = generate_config(endpoint, reply)
    if endpoint.base_url is not None:
        from tenken.evals.models.chat import Wire

        limit, system = endpoint.accepts.limit or "max_tokens", endpoint.accepts.system
        tls = _trusted(endpoint.ca_file)
        model.api.wire = Wire(limit, system is not False, tuple(endpoint.blocked), tls)  # type: ignore[attr-defined]
    return model


def with_system(messages: list[ChatMessage], config: GenerateConfig) -> list[ChatMessage]:
    """Return the messages with the configuration's system prompt before them, if it has one.

    Args:
        messages: The messages of the sample.
        config: Parameters of generation, with the endpoint's system prompt.
    """
    from inspect_ai.model import ChatMessageSystem

    if not config.system_message:
        return messages
    return [ChatMessageSystem(content=config.system_message), *messages]


def without_own_retries(model: Model) -> Model:
    """Let each attempt be one request; the model is changed in place and returned.

    Inspect retries as the endpoint's settings say; the clients of OpenAI's and Anthropic's
    packages would try each of its attempts three times.
    """
    client = getattr(model.api, "client", None)
    if isinstance(getattr(client, "max_retries", None), int):
        client.max_retries = 0  # type: ignore[union-attr]
    return model


def _full_name(endpoint: Endpoint) -> str:
    """Return Inspect's name of the model; with a base URL, our provider and the whole name."""
    name = endpoint.model
    if endpoint.base_url is not None:
        return f"endpoint/{_SERVICE.sub('', name)}"
    providers = _providers()
    if "/" not in name or name.split("/", 1)[0] not in providers:
        raise _unknown_model(name, providers)
    return name


def _trusted(ca_file: str | None) -> ssl.SSLContext | None:
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # an ssl.SSLError is one too
        if isinstance(error, ssl.SSLError):
            raise EndpointError(
                "ca_file {file}: holds no certificate in PEM form.", file=ca_file
            ) from None
        raise EndpointError(
            "ca_file {file}: cannot be read: {error}.", file=ca_file, error=error
        ) from None


def _providers() -> set[str]:
    """Return the providers that Inspect knows: the first part of a model string."""
    load_entry_points()
    return {name.rsplit("/", 1)[-1] for name in registered("modelapi")}


def _unknown_model(name: str, providers: set[str]) -> EndpointError:
    first, slash, _ = name.partition("/")
    if not slash:
        return EndpointError(
            "the model '{name}' names no provider: write PROVIDER/{name}, or give the "
            "--base-url of the OpenAI-compatible endpoint that knows it by this name.",
            name=name,
        )
    near = hint(first, providers)
    return EndpointError(
        "unknown provider '{first}' in the model '{name}'.{hint} Known: {providers}.",
        first=first,
        name=name,
        hint=near,
        providers=", ".join(sorted(providers)),
    )


def _plain(model: str, error: Exception) -> Sentence:
    from rich.text import Text

    first = " ".join(Text.from_markup(str(error)).plain.split())
    first = first.removeprefix("ERROR: ").removeprefix("ERROR")
    return Sentence("the model '{model}' cannot be set up: {first}", model=model, first=first)
