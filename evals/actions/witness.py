"""Witnesses of a commitment: an authority's time stamp, and a line in a transparency log."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tenken.errors import EndpointError, InputError

if TYPE_CHECKING:
    from tenken.results.seal.transparency import LogEntry

_SECONDS: Final = 30
_MOST_BYTES: Final = 2**16


def stamp(folder: Path, authority: str) -> None:
    """Have a commitment time-stamped by an authority (RFC 3161).

    Args:
        folder: The run's folder, with its commitment.
        authority: Address of the authority.

    Raises:
        EndpointError: The authority gave no time stamp, or one of something else.
        InputError: The address is none.
        StorageError: It cannot be written.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    from tenken.io.canonical import sha256_bytes
    from tenken.io.files import write_atomically
    from tenken.results.seal.timestamp import STAMP_FILE, parse_stamp
    from tenken.schema.evidence import COMMITMENT_FILE

    if urlsplit(authority).scheme not in ("http", "https"):
        raise InputError(
            "time_authority: '{authority}' is not an address; write https://...",
            authority=authority,
        )
    data = (folder / COMMITMENT_FILE).read_bytes()
    made = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
    query = made.nonce(nonce=True).cert_request(cert_request=True).build()
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "tenken"}
    request = Request(authority, query.as_bytes(), headers)  # noqa: S310 - its scheme was checked
    try:
        with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
            answer = response.read(_MOST_BYTES + 1)
        found = parse_stamp(answer)
    except (URLError, OSError, ValueError) as error:
        raise EndpointError(
            "{authority}: gave no time stamp: {error}.", authority=authority, error=error
        ) from None
    if found.imprint.hex() != sha256_bytes(data) or found.response.tst_info.nonce != query.nonce:
        raise EndpointError(
            "{authority}: its time stamp is of something else.", authority=authority
        )
    write_atomically(folder / STAMP_FILE, answer)


def log_commitment(folder: Path, log: Path) -> None:
    """Add a commitment to a transparency log, and keep the proof beside it.

    Args:
        folder: The run's folder, with its commitment; the proof of inclusion goes there.
        log: Folder of the transparency log.

    Raises:
        InputError: The log is incomplete or broken.
        StorageError: Log or proof cannot be written.
    """
    from tenken.io.files import write_atomically
    from tenken.results.seal.transparency import PROOF_FILE, add_to_log, proof_bytes
    from tenken.schema.evidence import COMMITMENT_FILE

    proof = add_to_log(log, _entry(folder, COMMITMENT_FILE, "commitment"))
    write_atomically(folder / PROOF_FILE, proof_bytes(proof))


def log_seal(folder: Path, log: Path) -> None:
    """Add a seal to a transparency log, so that a later one can be told from it.

    Args:
        folder: The run's folder, with its seal.
        log: Folder of the transparency log.

    Raises:
        InputError: The log is incomplete or broken.
        StorageError: The log cannot be written.
    """
    from tenken.results.seal.folder import SEAL_FILE
    from tenken.results.seal.transparency import add_to_log

    add_to_log(log, _entry(folder, SEAL_FILE, "seal"))


def _entry(folder: Path, name: str, what: str) -> LogEntry:
    from tenken.io.canonical import sha256_file
    from tenken.results.seal.transparency import LogEntry

    at = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"at": at, "what": what, "run": folder.name, "sha256": sha256_file(folder / name)}
    return LogEntry.model_validate(about)
