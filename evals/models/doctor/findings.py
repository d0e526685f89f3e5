"""What was found out of an endpoint, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Taken = Literal["yes", "no", "taken, not followed", "not known"]
"""Whether an endpoint does as a request says: `yes`, where the answer shows it or nothing can;
`taken, not followed`, where it answers as if nothing had been said."""

Shown = Literal["none", "field", "tags", "counted only"]
"""How reasoning shows: not at all, in a field of its own, in the text, or in the tokens alone."""


@dataclass(frozen=True)
class ProbeResult:
    """What came of one question.

    Attributes:
        taken: Whether the endpoint did as it was asked.
        said: What it said against it, on one line; empty where it said nothing.
    """

    taken: Taken
    said: str = ""


@dataclass(frozen=True)
class RateLimit:
    """One limit that the headers name.

    Attributes:
        name: The header.
        value: What it says.
    """

    name: str
    value: str


@dataclass(frozen=True)
class Certificate:
    """The TLS of a connection; all empty for plain HTTP.

    Attributes:
        version: Such as `TLSv1.3`.
        issuer: Who signed the certificate.
        expires: Its last day, ISO 8601.
    """

    version: str = ""
    issuer: str = ""
    expires: str = ""


@dataclass(frozen=True)
class Context:
    """How long a prompt may be.

    Attributes:
        tokens: Tokens of prompt and answer together; None where it is not known.
        source: How it is known: `models page`, `error message`, or empty.
        held: About how many tokens the longest prompt had that was answered; 0 for none.
        forgets: Whether a word at the beginning of that prompt was not found again.
        cut: Whether the endpoint counted far fewer tokens besides: long prompts are cut in silence.
    """

    tokens: int | None = None
    source: str = ""
    held: int = 0
    forgets: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """All that was found out of one endpoint.

    Attributes:
        returned_model: The name that its answers give.
        fingerprints: The fingerprints of several answers, each once; empty where there is none.
        repeatable: Whether the same question at temperature 0 had the same answer.
        parameters: What became of each further parameter, by name.
        system: Whether a system message is taken and followed.
        tools: Whether tools are taken and called.
        structured: Whether a JSON schema is taken and kept.
        logprobs: Whether the chances of tokens are returned.
        context: How long a prompt may be.
        reasoning: How its reasoning shows.
        reasoning_tokens: Tokens that an easy question took for it; None where not counted.
        counts_tokens: Whether answers say how many tokens they took.
        limits: What the headers say of rates.
        refused_at_once: Of the requests sent at once, how many were refused for their number.
        sent_at_once: Requests that were sent at once.
        tls: The certificate.
        requests: Requests that it took to find all this out.
    """

    returned_model: str = ""
    fingerprints: tuple[str, ...] = ()
    repeatable: bool | None = None
    parameters: dict[str, ProbeResult] = field(default_factory=dict)
    system: ProbeResult = ProbeResult("not known")
    tools: ProbeResult = ProbeResult("not known")
    structured: ProbeResult = ProbeResult("not known")
    logprobs: ProbeResult = ProbeResult("not known")
    context: Context = Context()
    reasoning: Shown = "none"
    reasoning_tokens: int | None = None
    counts_tokens: bool = False
    limits: tuple[RateLimit, ...] = ()
    refused_at_once: int = 0
    sent_at_once: int = 0
    tls: Certificate = Certificate()
    requests: int = 0


def one_line(text: object, secret: str | None = None, most: int = 160) -> str:
    """Return what an endpoint said as one line that can do no harm in a file or on a terminal.

    Args:
        text: What it said.
        secret: A key that must not be repeated.
        most: Characters that are kept.
    """
    said = str(text)
    if secret:
        said = said.replace(secret, "[secret]")
    said = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return said if len(said) <= most else said[: most - 3] + "..."
