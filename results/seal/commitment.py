"""The commitment to a plan, made before the first question: in-toto in DSSE, like the seal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tenken.errors import BundleError
from tenken.io.canonical import canonical_json, pretty_json, sha256_bytes, sha256_file
from tenken.io.faults import explain
from tenken.io.files import write_atomically
from tenken.results.seal.folder import read_plain
from tenken.results.seal.keys import envelope_class, load_signer
from tenken.results.seal.seal import PAYLOAD_TYPE, parse_envelope
from tenken.schema.evidence import COMMITMENT_FILE, Commitment, CommitmentStatement
from tenken.schema.plan import PLAN_FILE, SUITE_FILE

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope

COMMITTED = (PLAN_FILE, SUITE_FILE)
"""The files that a commitment is to."""


@dataclass(frozen=True)
class SignedCommitment:
    """A commitment as read from its file; nothing of it is verified.

    Attributes:
        statement: What is committed to, by whom.
        envelope: The DSSE envelope around it.
        sha256: Digest of the file.
    """

    statement: CommitmentStatement
    envelope: Envelope
    sha256: str

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each committed file by its name."""
        return {each.name: each.digest.sha256 for each in self.statement.subject}


def write_commitment(run: Path, commitment: Commitment, key: Path | None) -> str:
    """Commit to the plan and the suite that are in a run's folder.

    Args:
        run: The run's folder.
        commitment: Who commits, when, on what.
        key: File of the private key to sign with, or None.

    Returns:
        The digest of the commitment's file.

    Raises:
        InputError: The key's file cannot be used.
        StorageError: It cannot be written.
    """
    stated = CommitmentStatement.model_validate(
        {
            "subject": [
                {"name": name, "digest": {"sha256": sha256_file(run / name)}} for name in COMMITTED
            ],
            "predicate": commitment.model_dump(),
        }
    )
    payload = canonical_json(stated.model_dump(mode="json", by_alias=True))
    envelope = envelope_class()(payload, PAYLOAD_TYPE, {})
    if key is not None:
        envelope.sign(load_signer(key))
    data = pretty_json(envelope.to_dict())
    write_atomically(run / COMMITMENT_FILE, data)
    return sha256_bytes(data)


def read_commitment(run: Path) -> SignedCommitment | None:
    """Read a run's commitment, None where there is none; nothing is verified yet.

    Raises:
        BundleError: It is not a DSSE envelope over a commitment.
    """
    path = run / COMMITMENT_FILE
    try:
        data = read_plain(path)
        envelope = parse_envelope(data)
        stated = CommitmentStatement.model_validate_json(envelope.payload)
        given = stated.model_dump(mode="json", by_alias=True, exclude_unset=True)
        if canonical_json(given) != envelope.payload:
            raise ValueError("the same contents in other bytes")
    except FileNotFoundError:
        return None
    except ValidationError as error:
        why = explain(error, CommitmentStatement)
        raise BundleError("{path}: not a readable commitment: {why}", path=path, why=why) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(
            "{path}: not a readable commitment: {error}.", path=path, error=error
        ) from None
    return SignedCommitment(stated, envelope, sha256_bytes(data))
