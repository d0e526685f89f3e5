"""What an endpoint says about itself beside an answer: its model, ids and who it is on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tenken.io.canonical import sha256_bytes

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput

ENDPOINT: Final = "endpoint"
"""Key of an output's metadata that holds what its endpoint said about itself."""

_LONGEST: Final = 128
"""Letters of what an endpoint says about itself: it is foreign text."""

_REQUEST: Final = ("x-request-id", "request-id", "x-ms-request-id", "apim-request-id", "cf-ray")


def endpoint_facts(raw: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    """Return what an answer's body and headers say about the endpoint.

    Args:
        raw: The body.
        headers: The headers; several names are in use for a request's id.
    """
    told = {
        "model": raw.get("model"),
        "fingerprint": raw.get("system_fingerprint"),
        "id": raw.get("id"),
        "request": next((headers[name] for name in _REQUEST if headers.get(name)), None),
    }
    return {name: plain(value) for name, value in told.items() if isinstance(value, str) and value}


def add_endpoint(output: ModelOutput, call: Any) -> None:
    """Add what the endpoint says about itself, where the provider kept the body of its answer.

    Args:
        output: The output; its metadata are changed in place, unless they have it already.
        call: Inspect's record of the call, with the response's JSON; None where there is none.
    """
    if ENDPOINT in (output.metadata or {}) or not isinstance(getattr(call, "response", None), dict):
        return
    output.metadata = {**(output.metadata or {}), ENDPOINT: endpoint_facts(call.response, {})}


def plain(text: object) -> str:
    """Return foreign text as a short row of plain letters."""
    seen = str(text)[:_LONGEST]
    if not (seen.isascii() and seen.isprintable()):
        seen = "".join(each if " " <= each <= "~" else "?" for each in seen)
    return seen.strip()


def tls_key_sha256(connection: Any) -> str:
    """Return the digest of the key in the certificate that a TLS connection was made with.

    It is the SHA-256 of the certificate's SubjectPublicKeyInfo (DER), as pinning uses it
    (RFC 7469, 2.4), in hexadecimal; empty where the connection is not TLS.

    Args:
        connection: A connection of aiohttp.
    """
    transport = getattr(connection, "transport", None)
    channel = transport.get_extra_info("ssl_object") if transport is not None else None
    certificate = channel.getpeercert(binary_form=True) if channel is not None else None
    return _key_digest(certificate) if certificate else ""


@lru_cache(maxsize=64)
def _key_digest(certificate: bytes) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_der_x509_certificate

    key = load_der_x509_certificate(certificate).public_key()
    return sha256_bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
