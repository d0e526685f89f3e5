"""The seal: an in-toto Statement over every file of a bundle, in a DSSE envelope, Ed25519.

Each seal names the digest of the one before it and why it was made, so that a bundle shows how
often it was sealed. References: in-toto Attestation Framework, Statement v1; DSSE v1 (Dead Simple
Signing Envelope).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenken.errors import BundleError
from tenken.io.canonical import canonical_json, pretty_json, sha256_bytes, sha256_file
from tenken.io.faults import explain
from tenken.io.files import storage_error, write_atomically
from tenken.results.seal.folder import SEAL_FILE, SUPERSEDED, contents, read_plain
from tenken.results.seal.keys import envelope_class, load_public_key, load_signer
from tenken.schema.record import SampleRecord

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import Key

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_MOST_SIGNATURES: Final = 16
_MOST_SEALS: Final = 10_000

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Reason = Literal["run", "report", "review", "score", "publish"]
"""The command that made a seal."""


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_by_name=True, defer_build=True
    )


class _Digest(_Strict):
    sha256: Sha256


class Subject(_Strict):
    """A file that the seal is over."""

    name: str
    digest: _Digest


class Predicate(_Strict):
    """What is stated of the run.

    Attributes:
        run: Name of the run.
        finished: Time of the last sample's end, ISO 8601; empty if none ended.
        decision: The decision on the run.
        samples: By `task:id:epoch` the salted digest of the evidence; empty if not asked.
        previous: Digest of the seal before this one; None for the first.
        reason: What this seal was made for; None in seals of version 0.1.
        texts: Root of the Merkle tree over the commitments to the samples' texts; None in seals of
            version 0.1, and where the texts were taken out.
    """

    run: str
    finished: str
    decision: str
    samples: dict[str, str]
    previous: Sha256 | None = None
    reason: Reason | None = None
    texts: Sha256 | None = None


class Statement(_Strict):
    """An in-toto Statement over a bundle."""

    kind: Literal["https://in-toto.io/Statement/v1"] = Field(default=_STATEMENT, alias="_type")
    subject: list[Subject]
    predicate_type: Literal[
        "https://tenken.dev/predicate/run/1", "https://tenken.dev/predicate/run/2"
    ] = Field(default="https://tenken.dev/predicate/run/2", alias="predicateType")
    predicate: Predicate

    def to_bytes(self) -> bytes:
        """Return the payload of an envelope."""
        return canonical_json(self.model_dump(mode="json", by_alias=True, exclude_none=True))

    def says_the_same(self, other: Statement) -> bool:
        """Whether both are over the same files and samples, whenever and why they were made."""
        mine, others = self.predicate, other.predicate
        chained = {"previous": others.previous, "reason": others.reason}
        return self.subject == other.subject and mine.model_copy(update=chained) == others


@dataclass(frozen=True)
class Seal:
    """A seal as read from its file; nothing of it is verified.

    Attributes:
        statement: What is stated: digests of files and samples.
        envelope: The DSSE envelope around it.
        sha256: Digest of the file.
    """

    statement: Statement
    envelope: Envelope
    sha256: str

    @property
    def keyids(self) -> list[str]:
        """Ids of the keys that the signatures claim to be by."""
        return list(self.envelope.signatures)

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each sealed file by its name."""
        return {each.name: each.digest.sha256 for each in self.statement.subject}


class RunFacts(Protocol):
    """What a seal repeats of a report: which run it is, when it ended, what it came to."""

    @property
    def run(self) -> str:
        """Name of the run."""
        ...

    @property
    def finished(self) -> str:
        """Time of the last sample's end, ISO 8601; empty if none ended."""
        ...

    @property
    def decision(self) -> str:
        """The decision on the run."""
        ...


def statement(
    run: Path,
    records: Sequence[SampleRecord],
    report: RunFacts,
    digests: Mapping[str, str] | None = None,
    texts: str | None = None,
) -> Statement:
    """Return the statement over a bundle: a digest of every file, and of every sample.

    Args:
        run: The run's folder, all other files written.
        records: The run's records, with their salted digests.
        report: The run's report.
        digests: SHA-256 of files that were hashed already, by name relative to the folder.
        texts: Root over the commitments to the samples' texts.

    Raises:
        BundleError: Something in the folder is not a plain file.
    """
    held = contents(run)
    if held.odd:
        raise BundleError(
            "{path}: not a plain file, so no seal can cover it.", path=run / held.odd[0]
        )
    known = digests or {}
    return Statement(
        subject=[
            Subject(name=name, digest=_Digest(sha256=known.get(name) or sha256_file(run / name)))
            for name in held.files
        ],
        predicate=Predicate(
            run=report.run,
            finished=report.finished,
            decision=report.decision,
            samples={sample_key(record): record.evidence for record in records},
            texts=texts,
        ),
    )


def sample_key(record: SampleRecord) -> str:
    """Return the name of a sample in a seal: task, id and epoch."""
    return f"{record.task}:{record.sample_id}:{record.epoch}"


def write_seal(
    run: Path,
    stated: Statement,
    key: Path | None,
    reason: Reason = "report",
    last: Seal | None = None,
) -> list[str]:
    """Write a bundle's seal, signed if there is a key.

    A seal that states the same already keeps its statement and its signatures, to which the
    key's is added. Any other is set aside, and the new one names its digest.

    Args:
        run: The run's folder.
        stated: The statement.
        key: File of the private key in PEM, or None.
        reason: What the seal is made for.
        last: The seal that is there, where it was read already.

    Returns:
        The ids of the keys, none when unsigned.

    Raises:
        InputError: The key's file cannot be used.
        StorageError: The seal cannot be written.
    """
    signer = load_signer(key) if key is not None else None
    old = last or _readable_seal(run)
    if old is not None and old.statement.says_the_same(stated):
        envelope = old.envelope
    else:
        set_seal_aside(run)
        previous = old.sha256 if old is not None else _last_of_chain(run)
        chained = {"previous": previous, "reason": reason}
        predicate = stated.predicate.model_copy(update=chained)
        payload = stated.model_copy(update={"predicate": predicate}).to_bytes()
        envelope = envelope_class()(payload, PAYLOAD_TYPE, {})
    if signer is not None:
        envelope.sign(signer)
    write_atomically(run / SEAL_FILE, _written(envelope))
    return list(envelope.signatures)


def set_seal_aside(run: Path) -> None:
    """Take a run's seal away and keep it among what was superseded; nothing if there is none.

    Raises:
        StorageError: It cannot be moved.
    """
    path = run / SEAL_FILE
    if not path.is_file() or path.is_symlink():
        return
    kept = run / SUPERSEDED / f"seal-{sha256_file(path)[:32]}.json"
    try:
        kept.parent.mkdir(exist_ok=True)
        os.replace(path, kept)
    except OSError as error:
        raise storage_error(kept, error) from error


def earlier_seals(run: Path) -> dict[str, Seal]:
    """Return the seals of a run that others took the place of, by digest.

    Files that are not readable seals are left out: nothing depends on them.
    """
    found: dict[str, Seal] = {}
    for path in sorted((run / SUPERSEDED).glob("seal-*.json"))[:_MOST_SEALS]:
        try:
            seal = read_seal_file(path)
        except BundleError:
            continue
        found[seal.sha256] = seal
    return found


def _last_of_chain(run: Path) -> str | None:
    earlier = earlier_seals(run)
    followed = {seal.statement.predicate.previous for seal in earlier.values()}
    return min((digest for digest in earlier if digest not in followed), default=None)


def _readable_seal(run: Path) -> Seal | None:
    try:
        return read_seal(run)
    except BundleError:
        return None


def read_seal(run: Path) -> Seal:
    """Read a bundle's seal; nothing is verified yet.

    The file must be byte for byte what its contents are written as, so that nothing can be
    changed in it, or added, that no signature and no digest is over.

    Raises:
        BundleError: There is none, or it is not a DSSE envelope over a Statement.
    """
    if not (run / SEAL_FILE).exists():
        raise BundleError(
            "{seal_file}: the bundle has no seal: the run was stopped (the same command "
            "goes on), or its seal was taken away.",
            seal_file=run / SEAL_FILE,
        )
    return read_seal_file(run / SEAL_FILE)


def read_seal_file(path: Path) -> Seal:
    """Read a seal wherever it is; nothing is verified yet.

    Raises:
        BundleError: It is not a DSSE envelope over a Statement.
    """
    try:
        data = read_plain(path)
        envelope = parse_envelope(data)
        stated = Statement.model_validate_json(envelope.payload)
        if stated.to_bytes() != envelope.payload:
            raise ValueError("the same contents in other bytes")
        names = [subject.name for subject in stated.subject]
        if len(names) != len(set(names)):
            raise ValueError("a file is listed twice")
    except ValidationError as error:
        raise BundleError(
            "{path}: not a readable seal: {why}", path=path, why=explain(error, Statement)
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError("{path}: not a readable seal: {error}.", path=path, error=error) from None
    return Seal(stated, envelope, sha256_bytes(data))


def parse_envelope(data: bytes) -> Envelope:
    """Return the envelope in a file's bytes.

    Raises:
        ValueError: It is none, or not in the bytes that one is written in.
    """
    try:
        raw = json.loads(data)
        if len(raw["signatures"]) > _MOST_SIGNATURES:
            raise ValueError(f"it has more than {_MOST_SIGNATURES} signatures")
        envelope = envelope_class().from_dict(raw)
        odd = any(each.unrecognized_fields for each in envelope.signatures.values())
        same = not odd and _written(envelope) == data
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a DSSE envelope: {error}") from None
    if not same or envelope.payload_type != PAYLOAD_TYPE:
        raise ValueError("the same contents in other bytes, or another kind of payload")
    return envelope


def _written(envelope: Envelope) -> bytes:
    """Return an envelope as `pretty_json` writes it, without going through its long payload."""
    shown = envelope.to_dict()
    frame = pretty_json({**shown, "payload": ""})
    return frame.replace(b'"payload": ""', b'"payload": "%b"' % shown["payload"].encode(), 1)


def signature_fits(seal: Seal, public_key: Path) -> bool:
    """Whether the seal is signed by the key's owner, and names that key.

    Args:
        seal: The seal.
        public_key: File of the public key in PEM.

    Raises:
        InputError: The key's file cannot be used.
    """
    return is_signed_by(seal, load_public_key(public_key))


def is_signed_by(seal: Seal, key: Key) -> bool:
    """Return whether one of the seal's signatures is by the key's owner, and names that key.

    Args:
        seal: The seal; its DSSE envelope holds the signatures.
        key: A public key that the caller trusts.
    """
    from securesystemslib.exceptions import VerificationError

    try:
        seal.envelope.verify([key], threshold=1)
    except VerificationError:
        return False
    return True
