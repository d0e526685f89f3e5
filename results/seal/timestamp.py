"""Time stamps of an authority (RFC 3161): what a token says, and whether it is the authority's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tenken.errors import BundleError, InputError
from tenken.results.seal.folder import read_plain

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

STAMP_FILE: Final = "commitment.tsr"
"""The authority's answer about `commitment.json`, as it was received (DER)."""

_MOST_BYTES: Final = 2**16


@dataclass(frozen=True)
class Stamp:
    """A time stamp as read from its file; nothing of it is verified.

    Attributes:
        at: The time that it states, ISO 8601.
        imprint: What it is over: a SHA-256, or other bytes.
        response: The authority's whole answer.
    """

    at: str
    imprint: bytes
    response: TimeStampResponse

    def is_by(self, authorities: Sequence[Certificate]) -> bool:
        """Whether one of the authorities' certificates leads to the token's signature."""
        from rfc3161_client import VerificationError, VerifierBuilder

        for root in authorities:
            try:
                verifier = VerifierBuilder(roots=[root], intermediates=[]).build()
                if verifier.verify(self.response, self.imprint):
                    return True
            except (VerificationError, ValueError):
                continue
        return False


def parse_stamp(data: bytes) -> Stamp:
    """Return what an authority's answer says.

    Raises:
        ValueError: It is no granted time stamp.
    """
    from rfc3161_client import PKIStatus, decode_timestamp_response

    if len(data) > _MOST_BYTES:
        raise ValueError(f"it has {len(data):,} bytes")
    response = decode_timestamp_response(data)
    if PKIStatus(response.status) != PKIStatus.GRANTED:
        raise ValueError("the authority did not grant it")
    token = response.tst_info
    return Stamp(token.gen_time.isoformat(), bytes(token.message_imprint.message), response)


def read_stamp(run: Path) -> Stamp | None:
    """Return the time stamp of a run's commitment, None where there is none.

    Raises:
        BundleError: The file is no time stamp.
    """
    path = run / STAMP_FILE
    try:
        return parse_stamp(read_plain(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BundleError(
            "{path}: not a readable time stamp: {error}.", path=path, error=error
        ) from None


def read_authorities(paths: Sequence[Path]) -> list[Certificate]:
    """Return the certificates of time-stamping authorities that are trusted.

    Args:
        paths: Files in PEM, each with one certificate or several.

    Raises:
        InputError: A file holds none.
    """
    from cryptography.x509 import load_pem_x509_certificates

    found: list[Certificate] = []
    for path in paths:
        try:
            found += load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise InputError(
                "{path}: not a readable certificate (PEM): {error}.", path=path, error=error
            ) from None
    return found
