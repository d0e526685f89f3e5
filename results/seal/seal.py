"""The seal: an in-toto Statement over every file of a bundle, in a DSSE envelope, Ed25519.

References: in-toto Attestation Framework, Statement v1; DSSE v1 (Dead Simple Signing Envelope).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenken.errors import BundleError, InputError
from tenken.io.canonical import canonical_json, pretty_json, sha256_file
from tenken.io.files import write_atomically
from tenken.results.seal.folder import SEAL_FILE, contents, read_plain
from tenken.schema.record import SampleRecord

_PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = "https://tenken.dev/predicate/run/1"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_by_name=True, defer_build=True
    )


class _Signature(_Strict):
    keyid: str
    sig: str


class _Envelope(_Strict):
    payload_type: Literal["application/vnd.in-toto+json"] = Field(
        default=_PAYLOAD_TYPE, alias="payloadType"
    )
    payload: str
    signatures: list[_Signature] = Field(max_length=1)


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
        decision: What the run came to.
        samples: By `task:id:epoch` the salted digest of the evidence; empty if not asked.
    """

    run: str
    finished: str
    decision: str
    samples: dict[str, str]


class Statement(_Strict):
    """An in-toto Statement over a bundle."""

    kind: Literal["https://in-toto.io/Statement/v1"] = Field(default=_STATEMENT, alias="_type")
    subject: list[Subject]
    predicate_type: Literal["https://tenken.dev/predicate/run/1"] = Field(
        default=_PREDICATE, alias="predicateType"
    )
    predicate: Predicate

    def to_bytes(self) -> bytes:
        """Return the payload of an envelope."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


@dataclass(frozen=True)
class Seal:
    """A seal as read from its file; nothing of it is verified.

    Attributes:
        statement: What is stated: digests of files and samples.
        payload: The bytes of the statement.
        keyid: Digest of the public key that it is signed with; empty when unsigned.
        signature: The signature, None when there is none.
    """

    statement: Statement
    payload: bytes
    keyid: str
    signature: bytes | None


def statement(
    run: Path,
    records: Sequence[SampleRecord],
    report: Mapping[str, Any],
    digests: Mapping[str, str] | None = None,
) -> bytes:
    """Return the statement over a bundle: a digest of every file, and of every sample.

    Args:
        run: The run's folder, all other files written.
        records: The run's records, with their salted digests.
        report: The report's contents.
        digests: SHA-256 of files that were hashed already, by name relative to the folder.

    Raises:
        BundleError: Something in the folder is no plain file.
    """
    held = contents(run)
    if held.odd:
        raise BundleError(f"{run / held.odd[0]}: not a plain file, so no seal can cover it.")
    known = digests or {}
    return Statement(
        subject=[
            Subject(name=name, digest=_Digest(sha256=known.get(name) or sha256_file(run / name)))
            for name in held.files
        ],
        predicate=Predicate(
            run=report["run"],
            finished=report["finished"],
            decision=report["decision"],
            samples={sample_key(record): record.evidence for record in records},
        ),
    ).to_bytes()


def sample_key(record: SampleRecord) -> str:
    """Return the name of a sample in a seal: task, id and epoch."""
    return f"{record.task}:{record.sample_id}:{record.epoch}"


def write_seal(run: Path, payload: bytes, key: Path | None) -> str:
    """Write a bundle's seal, signed if there is a key.

    Without a key, a seal that states the same already is left as it is, with its signature.

    Args:
        run: The run's folder.
        payload: The statement.
        key: File of the private key in PEM, or None.

    Returns:
        The id of the key, empty when unsigned.

    Raises:
        InputError: The key's file cannot be used.
        StorageError: The seal cannot be written.
    """
    if key is None and (old := _same_seal(run, payload)) is not None:
        return old.keyid
    signatures: list[_Signature] = []
    if key is not None:
        made = _signer(key).sign(_pre_authentication(payload))
        sig = base64.b64encode(bytes.fromhex(made.signature)).decode()
        signatures = [_Signature(keyid=made.keyid, sig=sig)]
    envelope = _Envelope(
        payload=base64.b64encode(payload).decode(),
        signatures=signatures,
    )
    write_atomically(run / SEAL_FILE, pretty_json(envelope.model_dump(by_alias=True)))
    return signatures[0].keyid if signatures else ""


def _same_seal(run: Path, payload: bytes) -> Seal | None:
    try:
        seal = read_seal(run)
    except BundleError:
        return None
    return seal if seal.payload == payload else None


def read_seal(run: Path) -> Seal:
    """Read a bundle's seal; nothing is verified yet.

    The file must be byte for byte what its contents are written as, so that nothing can be
    changed in it, or added, that no signature and no digest is over.

    Raises:
        BundleError: There is none, or it is no DSSE envelope over a Statement.
    """
    path = run / SEAL_FILE
    try:
        data = read_plain(path)
        envelope = _Envelope.model_validate_json(data)
        payload = _from_base64(envelope.payload)
        stated = Statement.model_validate_json(payload)
        same = pretty_json(envelope.model_dump(by_alias=True)) == data
        if not (same and stated.to_bytes() == payload):
            raise ValueError("the same contents in other bytes")
        names = [subject.name for subject in stated.subject]
        if len(names) != len(set(names)):
            raise ValueError("a file is named twice")
        signature = _from_base64(envelope.signatures[0].sig) if envelope.signatures else None
    except FileNotFoundError:
        raise BundleError(
            f"{path}: the bundle has no seal: the run was stopped (the same command goes on), or "
            "its seal was taken away."
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BundleError(f"{path}: not a readable seal: {place}: {first['msg']}.") from None
    except (OSError, ValueError) as error:
        raise BundleError(f"{path}: not a readable seal: {error}.") from None
    return Seal(
        stated, payload, envelope.signatures[0].keyid if envelope.signatures else "", signature
    )


def _from_base64(text: str) -> bytes:
    """Decode the one base64 form of some bytes.

    Raises:
        ValueError: It is none.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"base64: {error}") from None
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64: not in its one form")
    return data


def signature_fits(seal: Seal, public_key: Path) -> bool:
    """Whether the seal is signed by the key's owner, and names that key.

    Args:
        seal: The seal.
        public_key: File of the public key in PEM.

    Raises:
        InputError: The key's file cannot be used.
    """
    from cryptography.exceptions import InvalidSignature

    key = load_public_key(public_key)
    if seal.signature is None or seal.keyid != key_id(public_key):
        return False
    try:
        key.verify(seal.signature, _pre_authentication(seal.payload))
    except InvalidSignature:
        return False
    return True


def make_key(private: Path, public: Path) -> str:
    """Make an Ed25519 key pair; the private half is readable by its owner alone.

    Args:
        private: Where the private key goes (PEM, PKCS #8); must not exist.
        public: Where the public key goes (PEM); must not exist.

    Returns:
        The id of the key.

    Raises:
        InputError: One of the files exists: keys are never overwritten.
        StorageError: They cannot be written.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    for path in (private, public):
        if path.exists():
            raise InputError(f"{path}: exists already; a key is never overwritten.")
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    shown = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    write_atomically(public, shown)
    private.parent.mkdir(parents=True, exist_ok=True)
    private.touch(mode=0o600)
    private.write_bytes(secret)
    return key_id(public)


def load_public_key(path: Path) -> Any:
    """Return the Ed25519 public key in a PEM file.

    Raises:
        InputError: The file is missing or holds no such key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable public key: {error}.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"{path}: not an Ed25519 key.")
    return key


def key_id(public: Path) -> str:
    """Return the id of a public key as a seal names it.

    Raises:
        InputError: The file is missing or holds no Ed25519 key.
    """
    from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]

    return str(SSlibKey.from_crypto(load_public_key(public)).keyid)


def _signer(path: Path) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]

    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path}: not a readable private key: {error}.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path}: not an Ed25519 key; make one with 'tenken keygen'.")
    return CryptoSigner(key)


def _pre_authentication(payload: bytes) -> bytes:
    """Return what DSSE signs (DSSE v1, "PAE")."""
    kind = _PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
