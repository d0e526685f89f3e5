"""The endpoint file that follows from a diagnosis, with a comment on each line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tenken.errors import Sentence
from tenken.evals.models.doctor.findings import Diagnosis, ProbeResult
from tenken.evals.models.doctor.headers import requests_a_minute
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.words import phrase, term


def endpoint_file(endpoint: Endpoint, found: Diagnosis, when: str) -> str:
    """Return the text of an endpoint file.

    Args:
        endpoint: The endpoint with what it takes.
        found: What was found out.
        when: The day, ISO 8601.
    """
    lines = [
        f"# What 'tenken doctor' found on {when} with {found.requests} requests. Give it to a run "
        "with",
        "# --endpoint-file. Keys are never kept here: api_key_env names the variable.",
        *_head(endpoint, found),
        *_accepts(endpoint, found),
        *_reasoning(endpoint, found),
        *_connections(endpoint, found),
        *_context_line(endpoint, found),
        *_rest(endpoint),
        *(f"# {line}" for line in remarks(endpoint, found)),
    ]
    return "\n".join(lines) + "\n"


def remarks(endpoint: Endpoint, found: Diagnosis) -> list[str]:
    """Return what else was found out, a line each, in the language of the command line.

    Args:
        endpoint: The endpoint as declared.
        found: What the probes found.
    """
    lines = [
        phrase("found", what=name, how=_say(answer)) for name, answer in found.parameters.items()
    ]
    lines += [
        phrase("found_system", how=_say(found.system)),
        phrase("found_tools", how=_say(found.tools)),
        phrase("found_schema", how=_say(found.structured)),
        phrase("found", what="logprobs", how=_say(found.logprobs)),
        phrase("found_context", how=_context(found)),
        phrase("found_reasoning", how=term("shown", found.reasoning)),
        phrase("found_counts" if found.counts_tokens else "found_counts_none"),
        phrase("found_repeats", how=_repeats(found)),
        phrase("found", what="TLS", how=_tls(endpoint, found)),
    ]
    lines += [
        phrase("found_header", header=limit.name, value=limit.value) for limit in found.limits
    ]
    if not found.limits:
        lines.append(phrase("found_no_rate"))
    if found.sent_at_once:
        lines.append(phrase("found_at_once", n=found.sent_at_once, refused=found.refused_at_once))
    return lines


def connections_for(endpoint: Endpoint, found: Diagnosis) -> int:
    """Return how many requests at once the endpoint takes, as far as the probes show.

    Args:
        endpoint: The endpoint as declared, with its own limit.
        found: What the probes found.

    Returns:
        At least 1; the declared limit where nothing was refused for its number.
    """
    most = endpoint.connections.max_connections
    if found.refused_at_once:
        return max(1, found.sent_at_once - found.refused_at_once)
    return most


def _head(endpoint: Endpoint, found: Diagnosis) -> Iterator[str]:
    returned = found.returned_model
    same = returned in (endpoint.model, endpoint.model.rsplit("/", 1)[-1])
    yield _line("model", endpoint.model, "" if same or not returned else f"answers as {returned}")
    if endpoint.base_url:
        prints = ", ".join(found.fingerprints) or "none is returned"
        yield _line("base_url", endpoint.base_url, f"fingerprint: {prints}")
    if endpoint.api_key_env:
        yield _line("api_key_env", endpoint.api_key_env, "the variable, never the key")
    if endpoint.ca_file:
        yield _line("ca_file", str(Path(endpoint.ca_file).resolve()), "")


def _context_line(endpoint: Endpoint, found: Diagnosis) -> Iterator[str]:
    """Yield the context's length: what is known of it, else the longest prompt that was held."""
    known = found.context.tokens or endpoint.context
    tokens = known or found.context.held
    if tokens:
        said = "the attack many_shot fills it"
        yield _line("context", tokens, said if known else f"at least; {said}")


def _accepts(endpoint: Endpoint, found: Diagnosis) -> Iterator[str]:
    accepts = endpoint.accepts
    yield "accepts:"
    limit = accepts.limit or "max_tokens"
    yield _line("  limit", limit, "the parameter that bounds an answer")
    if accepts.temperature is False:
        yield _line("  temperature", False, "none is sent: answers vary")
    else:
        yield _line("  temperature", True, "0 is sent unless 'parameters' says otherwise")
    yield _line("  system", accepts.system is not False, _say(found.system))
    schema = accepts.structured is not False and found.structured.taken != "no"
    yield _line("  structured", schema, _say(found.structured))


def _reasoning(endpoint: Endpoint, found: Diagnosis) -> Iterator[str]:
    if endpoint.reasoning is None:
        yield "# It shows no reasoning: no 'reasoning' is set."
        return
    tokens = f"{found.reasoning_tokens:,} for an easy question" if found.reasoning_tokens else ""
    yield "reasoning:"
    if endpoint.reasoning.effort:
        yield _line("  effort", endpoint.reasoning.effort, "")
    yield _line("  tokens", endpoint.reasoning.tokens,
                "; ".join(filter(None, ("beside those of each answer", tokens))))  # fmt: skip


def _connections(endpoint: Endpoint, found: Diagnosis) -> Iterator[str]:
    rate = requests_a_minute(found.limits)
    allowed = f"; the headers allow {rate:,} requests a minute" if rate else ""
    refused = found.refused_at_once
    why = f"{refused} of {found.sent_at_once} at once were refused" if refused else (
        f"{found.sent_at_once} at once were all answered")  # fmt: skip
    yield "connections:"
    yield _line("  max_connections", connections_for(endpoint, found), why + allowed)
    for key, value in endpoint.connections.model_dump(exclude_unset=True).items():
        if key != "max_connections":
            yield _line(f"  {key}", value, "as given")


def _rest(endpoint: Endpoint) -> Iterator[str]:
    """Yield what the endpoint's own file said that nothing here changes."""
    given = endpoint.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    for key in ("parameters", "system_prompt", "blocked", "model_args", "price"):
        if given.get(key):
            yield yaml.safe_dump({key: given[key]}, allow_unicode=True, sort_keys=False).rstrip()


def _line(key: str, value: Any, comment: str) -> str:
    shown = yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("\n...\n").rstrip()
    return f"{key}: {shown}  # {comment}" if comment else f"{key}: {shown}"


def _say(answer: ProbeResult) -> str:
    said = term("taken", answer.taken)
    if not answer.said:
        return said
    own = isinstance(answer.said, Sentence)
    return phrase("found_why" if own else "found_quoted", said=said, why=answer.said)


def _context(found: Diagnosis) -> str:
    context = found.context
    parts = []
    if context.tokens:
        source = term("source", context.source)
        parts.append(phrase("found_tokens", tokens=context.tokens, source=source))
    if context.held:
        parts.append(phrase("found_held", tokens=context.held))
    if context.forgets:
        parts.append(phrase("found_forgets"))
    if context.cut:
        parts.append(phrase("found_cut"))
    return phrase("then").join(parts) or term("taken", "not known")


def _repeats(found: Diagnosis) -> str:
    if found.repeatable is None:
        return phrase("found_not_asked")
    return term("holds", "yes" if found.repeatable else "no")


def _tls(endpoint: Endpoint, found: Diagnosis) -> str:
    if not (endpoint.base_url or "").startswith("https:"):
        return phrase("found_no_tls")
    tls = found.tls
    if not tls.version:
        return phrase("found_hidden_tls")
    issuer = tls.issuer or phrase("found_no_issuer")
    return phrase("found_tls", version=tls.version, issuer=issuer, until=tls.expires)
