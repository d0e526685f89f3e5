"""All questions to one endpoint, in order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from tenken.errors import EndpointError, Sentence
from tenken.evals.models.chat import ChatAPI
from tenken.evals.models.doctor import probes
from tenken.evals.models.doctor.findings import Diagnosis, ProbeResult, one_line
from tenken.evals.models.doctor.headers import certificate, rate_limits
from tenken.evals.models.doctor.probes import Patient, Reply
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.make import make_model
from tenken.evals.models.preflight import preflight
from tenken.evals.process import interruptible, silent_console

MOST_CONTEXT: Final = 32_768
_QUESTION: Final = "Name three colours."
_TOKENS: Final = 64


def examine(endpoint: Endpoint, *, context: int = MOST_CONTEXT) -> tuple[Endpoint, Diagnosis]:
    """Find out all there is to know of an OpenAI-compatible endpoint.

    Args:
        endpoint: What to ask; its `base_url` is set.
        context: Tokens of the longest prompt to send; 0 to send no long one.

    Returns:
        The endpoint with what it takes, and what was found out.

    Raises:
        EndpointError: It cannot be used; one line says why and what to do.
        StoppedError: Stopped from the keyboard.
    """
    settled = preflight(endpoint)
    with interruptible("stopped before all was asked."), silent_console():
        found = asyncio.run(_examine(settled, context))
    if endpoint.accepts.structured is None and found.structured.taken == "no":
        accepts = settled.accepts.model_copy(update={"structured": False})
        settled = settled.model_copy(update={"accepts": accepts})
    return settled, found


def models_of(endpoint: Endpoint) -> list[str]:
    """Return the names of the models that an address lists, sorted; none where it lists none.

    Raises:
        EndpointError: No answer came from there; says why.
    """

    async def ask() -> Reply:
        api = _api(endpoint)
        try:
            return await asyncio.wait_for(Patient(endpoint, api).send("/models"), 60)
        finally:
            await api.aclose()

    with interruptible("stopped before all was asked."), silent_console():
        reply = asyncio.run(ask())
    if not reply.status:
        raise EndpointError("{url}: {why}", url=endpoint.base_url, why=reply.words)
    listed = reply.body.get("data")
    entries = listed if isinstance(listed, list) else []
    names = {str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry}
    return sorted(name for name in names if name and name.isprintable())


async def _examine(endpoint: Endpoint, context: int) -> Diagnosis:
    api = _api(endpoint)
    patient = Patient(endpoint, api)
    try:
        first, second = [await patient.ask(_QUESTION, _TOKENS) for _ in range(2)]
        if not first.answered:
            raise EndpointError(
                "{model}: {words}.",
                model=endpoint.model,
                words=first.words or Sentence("the answer has no message"),
            )
        shown, thought = probes.shown_reasoning(first)
        found = Diagnosis(
            returned_model=one_line(first.body.get("model") or "", patient.endpoint.secret()),
            fingerprints=_fingerprints((first, second), endpoint.secret()),
            repeatable=first.text == second.text if _is_greedy(endpoint) else None,
            reasoning=shown,
            reasoning_tokens=thought,
            counts_tokens=isinstance(first.body.get("usage"), dict),
            limits=rate_limits(first.headers, endpoint.secret()),
            tls=await certificate(endpoint.base_url or "", api.wire.tls),
            system=await probes.system_role(patient),
            tools=await probes.tools(patient),
            structured=await probes.structured(patient),
            logprobs=await probes.logprobs(patient),
            parameters=await _parameters(patient),
            context=await probes.context(patient, context),
        )
        sent, refused = await _at_once(patient)
        return replace(found, sent_at_once=sent, refused_at_once=refused, requests=patient.requests)
    finally:
        await api.aclose()


async def _parameters(patient: Patient) -> dict[str, ProbeResult]:
    return {name: await probes.parameter(patient, name) for name in probes.PARAMETERS}


async def _at_once(patient: Patient) -> tuple[int, int]:
    """Send as many requests at once as a run would, and count those that are refused for it."""
    number = patient.endpoint.connections.max_connections
    asked = [patient.ask("Reply with the word OK.") for _ in range(number)]
    replies = await asyncio.gather(*asked)
    return number, sum(reply.status in (429, 503) for reply in replies)


def _api(endpoint: Endpoint) -> ChatAPI:
    api = make_model(endpoint).api
    assert isinstance(api, ChatAPI)  # noqa: S101 - an endpoint with a base URL has this provider
    return api


def _fingerprints(replies: tuple[Reply, ...], secret: str | None) -> tuple[str, ...]:
    found = (one_line(reply.body.get("system_fingerprint") or "", secret, 80) for reply in replies)
    return tuple(dict.fromkeys(filter(None, found)))


def _is_greedy(endpoint: Endpoint) -> bool:
    return endpoint.parameters.temperature == 0 and endpoint.accepts.temperature is not False
