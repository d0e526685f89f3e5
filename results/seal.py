"""The seal: an in-toto Statement over every file of a bundle, in a DSSE envelope, Ed25519.

References: in-toto Attestation Framework, Statement v1; DSSE v1 (Dead Simple Signing Envelope).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.canonical import canonical_json, pretty_json, sha256_file
from tenken.errors import BundleError, InputError
from tenken.files import write_atomically
from tenken.records import SampleRecord

SEAL_FILE: Final = "seal.json"
_PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_STATEMENT: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = "https://tenken.dev/predicate/run/1"
_UNSEALED: Final = frozenset({SEAL_FILE, ".lock"})
_SET_APART: Final = ("superseded", ".resume")


@dataclass(frozen=True)
class Seal:
    """A seal as read from its file.

    Attributes:
        statement: What is stated: digests of files and samples.
        keyid: Digest of the public key that it is signed with; empty when unsigned.
        signed: Whether there is a signature.
    """

    statement: dict[str, Any]
    keyid: str
    signed: bool
    envelope: dict[str, Any]


def bundle_files(run: Path) -> list[str]:
    """Return the names of the files that a seal covers, relative to the run, sorted."""
    names = []
    for path in run.rglob("*"):
        name = path.relative_to(run).as_posix()
        apart = name.split("/", 1)[0] in _SET_APART or name.rsplit("/", 1)[-1].endswith(".part")
        if path.is_file() and name not in _UNSEALED and not apart:
            names.append(name)
    return sorted(names)


def statement(run: Path, records: Sequence[SampleRecord], report: Mapping[str, Any]) -> bytes:
    """Return the statement over a bundle: a digest of every file, and of every sample.

    Args:
        run: The run's folder, all other files written.
        records: The run's records, with their salted digests.
        report: The report's contents.
    """
    return canonical_json(
        {
            "_type": _STATEMENT,
            "subject": [
                {"name": name, "digest": {"sha256": sha256_file(run / name)}}
                for name in bundle_files(run)
            ],
            "predicateType": _PREDICATE,
            "predicate": {
                "run": report["run"],
                "finished": report["finished"],
                "decision": report["decision"],
                "samples": {sample_key(record): record.evidence for record in records},
            },
        }
    )


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
    signatures: list[dict[str, str]] = []
    keyid = ""
    if key is None and (old := _same_seal(run, payload)) is not None:
        return old.keyid
    if key is not None:
        signature = _signer(key).sign(_pre_authentication(payload))
        keyid = signature.keyid
        raw = bytes.fromhex(signature.signature)
        signatures = [{"keyid": keyid, "sig": base64.b64encode(raw).decode()}]
    envelope = {
        "payloadType": _PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": signatures,
    }
    write_atomically(run / SEAL_FILE, pretty_json(envelope))
    return keyid


def _same_seal(run: Path, payload: bytes) -> Seal | None:
    try:
        seal = read_seal(run)
    except BundleError:
        return None
    return seal if base64.b64decode(seal.envelope["payload"]) == payload else None


def read_seal(run: Path) -> Seal:
    """Read a bundle's seal; nothing is verified yet.

    Raises:
        BundleError: There is none, or it is no DSSE envelope over a Statement.
    """
    path = run / SEAL_FILE
    try:
        envelope = json.loads(path.read_bytes())
        payload = base64.b64decode(envelope["payload"], validate=True)
        content = json.loads(payload)
        signatures = envelope["signatures"]
        known = (
            envelope["payloadType"] == _PAYLOAD_TYPE
            and content["_type"] == _STATEMENT
            and content["predicateType"] == _PREDICATE
            and isinstance(content["subject"], list)
            and isinstance(content["predicate"]["samples"], dict)
        )
        keyid = str(signatures[0]["keyid"]) if signatures else ""
    except FileNotFoundError:
        raise BundleError(f"{path}: the bundle has no seal.") from None
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise BundleError(f"{path}: not a readable seal: {error!r}.") from None
    if not known:
        raise BundleError(f"{path}: not a seal of this format.")
    return Seal(content, keyid, bool(signatures), envelope)


def signature_fits(seal: Seal, public_key: Path) -> bool:
    """Whether the seal is signed by the key's owner.

    Args:
        seal: The seal.
        public_key: File of the public key in PEM.

    Raises:
        InputError: The key's file cannot be used.
    """
    from cryptography.exceptions import InvalidSignature

    key = load_public_key(public_key)
    payload = base64.b64decode(seal.envelope["payload"])
    for signature in seal.envelope["signatures"]:
        try:
            key.verify(base64.b64decode(signature["sig"]), _pre_authentication(payload))
        except (InvalidSignature, ValueError, KeyError, TypeError):
            continue
        return True
    return False


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
    secret = key.private_bytes(
        form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption()
    )
    shown = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
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
    from securesystemslib.signer import SSlibKey

    return str(SSlibKey.from_crypto(load_public_key(public)).keyid)


def _signer(path: Path) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

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
