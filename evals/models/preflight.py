"""One short question to an endpoint before any sample: does it answer, and what does it take."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tenken.errors import EndpointError, Sentence, Words
from tenken.evals.models.endpoint import Accepts, Endpoint, Reasoning
from tenken.evals.models.explain import explain, status_of
from tenken.evals.models.faults import ContextOverflowError
from tenken.evals.models.make import make_model, settle, with_system, without_own_retries
from tenken.evals.models.outputs import apart, has_reasoned
from tenken.evals.models.told import ENDPOINT, add_endpoint
from tenken.evals.process import interruptible, silent_console
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from inspect_ai.model import (
        ChatMessage,
        GenerateConfig,
        Model,
        ModelOutput,
        ResponseSchema,
    )

_QUESTION = "Reply with the word OK."
_SYSTEM = "You are a helpful assistant."
_SECONDS = 60
_FEW_TOKENS = 16
_SOME_TOKENS = 2_048
"""Enough for a thought about so easy a question; a thought may show no mark but its end."""
_MOST_CHANGES = 5
_REFUSING = (
    "unsupported", "not support", "n't support", "not allowed", "not permitted", "unrecognized",
    "unknown", "only the default", "extra inputs", "invalid", "must be", "deprecated", "not accept",
    "should not", "cannot be", "not enabled", "alternate",
)  # fmt: skip


def preflight(
    endpoint: Endpoint,
    role: Words = "the model under test",
    *,
    structured: bool = False,
    model: Model | None = None,
    reply: int | None = None,
    heard: dict[str, str] | None = None,
) -> Endpoint:
    """Ask the endpoint one short question, and again where it says that it takes less.

    Args:
        endpoint: What to ask.
        role: What the endpoint is for, for the message.
        structured: Ask for an answer by a JSON schema, as graders are asked.
        model: The model as it was made; it is left set up for what was found out.
        reply: Most tokens of an answer, for a model in a role.
        heard: Takes what the endpoint says about itself (see `endpoint_facts`).

    Returns:
        The endpoint with what was found out: which parameters it takes, and whether it reasons.

    Raises:
        EndpointError: It cannot be used; one line says why and what to do.
        StoppedError: Stopped from the keyboard.
    """
    stopped = "stopped before any sample was asked; give the same command again to start."
    with interruptible(stopped), silent_console():
        try:
            settled, said = asyncio.run(_settle(endpoint, model, reply, structured=structured))
        except EndpointError:
            raise
        except Exception as error:
            reason = explain(error, endpoint)
            raise EndpointError(
                "{role} ({address}): {reason}", role=role, address=_address(endpoint), reason=reason
            ) from None
    if heard is not None:
        heard.update((said.metadata or {}).get(ENDPOINT) or {})
    return settled


def settled_words(declared: Endpoint, settled: Endpoint) -> list[str]:
    """Return what the question before the samples found out, a line each.

    Args:
        declared: The endpoint as its file declares it.
        settled: The endpoint with what was found out.
    """
    found: list[str] = []
    if settled.reasoning is not None:
        room = phrase("settled_reasoning", tokens=settled.reasoning.tokens)
        found.append(room if declared.reasoning else phrase("settled_reasons", what=room))
    if settled.accepts.limit == "max_completion_tokens":
        found.append(phrase("settled_limit"))
    for name in ("temperature", "system", "structured"):
        if getattr(settled.accepts, name) is False:
            found.append(phrase(f"settled_{name}"))
    own, tokens = declared.parameters.max_tokens, settled.reasoning
    if own is not None and tokens is not None and own < tokens.tokens:
        found.append(phrase("settled_less", tokens=own))
    return found


async def _settle(
    endpoint: Endpoint, model: Model | None, reply: int | None, *, structured: bool
) -> tuple[Endpoint, ModelOutput]:
    for _ in range(_MOST_CHANGES):
        by_schema = structured and endpoint.accepts.structured is not False
        try:
            output = await _ask(endpoint, model, _FEW_TOKENS, structured=by_schema)
        except Exception as error:
            changed = _taking_less(endpoint, error, structured=by_schema)
            if changed is None:
                raise
            endpoint = changed
            continue
        if endpoint.reasoning is None and output.stop_reason == "max_tokens":
            if not has_reasoned(output):
                output = await _ask(endpoint, model, _SOME_TOKENS)
        if endpoint.reasoning is None and has_reasoned(output):
            endpoint = endpoint.model_copy(update={"reasoning": Reasoning()})
        await _check_room(endpoint, model)
        if model is not None:
            settle(model, endpoint, reply)
        return endpoint, output
    raise EndpointError(
        "{address}: it refuses one parameter after the other.", address=_address(endpoint)
    )


async def _check_room(endpoint: Endpoint, model: Model | None) -> None:
    """See that the endpoint grants the tokens that a model which reasons is given."""
    if endpoint.reasoning is None or not endpoint.reasoning.tokens:
        return
    tokens = endpoint.reasoning.tokens
    try:
        await _ask(endpoint, model, endpoint.limit(_FEW_TOKENS) or tokens)
    except Exception as error:
        if status_of(error) not in (400, 413, 422) and not isinstance(error, ContextOverflowError):
            raise
        raise EndpointError(
            "{address}: it does not grant {tokens:,} tokens for reasoning: lower "
            "reasoning.tokens in the endpoint file or --reasoning-tokens. {why}",
            address=_address(endpoint),
            tokens=tokens,
            why=explain(error, endpoint),
        ) from None


async def _ask(
    endpoint: Endpoint, given: Model | None, tokens: int, *, structured: bool = False
) -> ModelOutput:
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig

    model = _asked_anew(endpoint, given)
    seconds = min(_SECONDS, endpoint.connections.attempt_timeout)
    config = GenerateConfig(
        max_tokens=tokens, max_retries=0, timeout=seconds, attempt_timeout=seconds,
        response_schema=_schema() if structured else None,
    )  # fmt: skip
    said: list[ChatMessage] = [ChatMessageUser(content=_QUESTION)]
    if endpoint.system_prompt is None:
        said.insert(0, ChatMessageSystem(content=_SYSTEM))
    try:
        output = await asyncio.wait_for(_generated(endpoint, model, said, config), seconds)
    finally:
        await model.api.aclose()
    if output.error:
        raise RuntimeError(output.error)
    return apart(output)


async def _generated(
    endpoint: Endpoint, model: Model, said: list[ChatMessage], config: GenerateConfig
) -> ModelOutput:
    """Return the model's answer; our own provider's past Inspect, which reads all vendors' prices.

    That alone takes half a second.
    """
    if endpoint.base_url is None:
        return await model.generate(said, config=config)
    whole = model.config.merge(config)
    answered: Any = await model.api.generate(with_system(said, whole), [], "none", whole)
    output: ModelOutput = answered
    return output


def _asked_anew(endpoint: Endpoint, given: Model | None) -> Model:
    """Return the given model, set up as the endpoint says, or one for this question alone.

    The clients of Inspect's own providers belong to the event loop that they were first used in;
    ours opens its connections again.
    """
    if given is not None and endpoint.base_url is not None:
        return without_own_retries(settle(given, endpoint))
    model = without_own_retries(make_model(endpoint))
    model.api.generate = _with_facts(model.api.generate)  # type: ignore[method-assign, assignment]
    return model


def _with_facts(generate: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def noting(*args: Any, **more: Any) -> Any:
        result = await generate(*args, **more)
        if isinstance(result, tuple) and not isinstance(result[0], Exception):
            add_endpoint(*result)
        return result

    return noting


def _schema() -> ResponseSchema:
    from inspect_ai.model import ResponseSchema
    from inspect_ai.util import JSONSchema

    said = JSONSchema(type="object", properties={"word": JSONSchema(type="string")},
                      required=["word"], additionalProperties=False)  # fmt: skip
    return ResponseSchema(name="word", json_schema=said, strict=True)


def _taking_less(endpoint: Endpoint, error: BaseException, *, structured: bool) -> Endpoint | None:
    """Return the endpoint asked for less, where its error says what it does not take."""
    words = str(error.__cause__ or error).lower()
    if status_of(error) not in (400, 422, 500, 501):
        return None
    accepts, known = endpoint.accepts, endpoint.accepts.model_fields_set
    limit = accepts.limit or "max_tokens"
    if "could not finish the message because" in words and endpoint.reasoning is None:
        return endpoint.model_copy(update={"reasoning": Reasoning()})
    if not any(each in words for each in _REFUSING):
        return None
    change: dict[str, Any] = {}
    about_schema = any(each in words for each in ("response_format", "json_schema", "schema",
                                                  "structured", "guided", "grammar"))  # fmt: skip
    sends = endpoint.parameters.temperature is not None and accepts.temperature is not False
    if structured and about_schema:
        change = {"structured": False}
    elif "max_completion_tokens" in words and limit == "max_tokens" and "limit" not in known:
        change = {"limit": "max_completion_tokens"}
    elif "max_tokens" in words and limit == "max_completion_tokens" and "limit" not in known:
        change = {"limit": "max_tokens"}
    elif "temperature" in words and sends:
        change = {"temperature": False}
    elif ("system" in words or "roles must alternate" in words or "developer" in words) and (
        accepts.system is not False
    ):
        change = {"system": False}
    if not change:
        return None
    given = accepts.model_dump(exclude_unset=True) | change
    return endpoint.model_copy(update={"accepts": Accepts(**given)})


def _address(endpoint: Endpoint) -> str:
    if not endpoint.base_url:
        return endpoint.model
    return Sentence("{model} at {url}", model=endpoint.model, url=endpoint.base_url)
