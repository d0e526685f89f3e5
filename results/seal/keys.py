"""The keys that seals are signed and checked with: Ed25519, in PEM files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import InputError
from tenken.io.files import write_atomically

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner, Key

_MOST_KEYS: Final = 256
_MOST_BYTES: Final = 2**16
PUBLIC_ENDING: Final = ".pub"


def _load_library() -> None:
    """Load securesystemslib without boto3, which it looks for and which takes longer than all else.

    Nobody signs with a key in a cloud here.
    """
    if "securesystemslib.dsse" in sys.modules:
        return
    loaded = sys.modules.get("boto3")
    sys.modules["boto3"] = None  # type: ignore[assignment]  # "not installed", as Python says it
    try:
        import securesystemslib.dsse  # noqa: F401
    finally:
        if loaded is None:
            del sys.modules["boto3"]
        else:
            sys.modules["boto3"] = loaded


def envelope_class() -> type[Envelope]:
    """Return the class of DSSE envelopes."""
    _load_library()
    from securesystemslib.dsse import Envelope

    return Envelope


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
            raise InputError("{path}: exists already; a key is never overwritten.", path=path)
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    shown = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    write_atomically(public, shown)
    private.parent.mkdir(parents=True, exist_ok=True)
    private.touch(mode=0o600)
    private.write_bytes(secret)
    return key_id(public)


def load_public_key(path: Path) -> Key:
    """Return the Ed25519 public key in a PEM file.

    Raises:
        InputError: The file is missing or holds no such key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    _load_library()
    from securesystemslib.signer import SSlibKey

    try:
        key = load_pem_public_key(_bytes_of(path))
    except (OSError, ValueError) as error:
        raise InputError(
            "{path}: not a readable public key: {error}.", path=path, error=error
        ) from None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError("{path}: not an Ed25519 key.", path=path)
    return SSlibKey.from_crypto(key)


def load_public_keys(path: Path) -> Mapping[str, Key]:
    """Return public keys by the name of their file: of one PEM file, or of a folder of them.

    Args:
        path: A file; or a folder, whose files that end in `.pub` are read.

    Raises:
        InputError: A file holds no Ed25519 key, or the folder has none.
    """
    if not path.is_dir():
        return {path.name: load_public_key(path)}
    files = sorted(each for each in path.iterdir() if each.suffix == PUBLIC_ENDING)
    if not files:
        raise InputError(
            "{path}: holds no public key; put files that end in .pub there.", path=path
        )
    if len(files) > _MOST_KEYS:
        raise InputError(
            "{path}: holds {n} keys; at most {most_keys} are read.",
            path=path,
            n=len(files),
            most_keys=_MOST_KEYS,
        )
    return {file.name: load_public_key(file) for file in files}


def key_id(public: Path) -> str:
    """Return the id of a public key as a seal names it.

    Raises:
        InputError: The file is missing or holds no Ed25519 key.
    """
    return str(load_public_key(public).keyid)


def load_signer(private: Path) -> CryptoSigner:
    """Return what signs with the private key in a PEM file.

    Raises:
        InputError: The file is missing or holds no such key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    _load_library()
    from securesystemslib.signer import CryptoSigner

    try:
        key: Any = load_pem_private_key(_bytes_of(private), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            "{private}: not a readable private key: {error}.", private=private, error=error
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            "{private}: not an Ed25519 key; make one with 'tenken keygen'.", private=private
        )
    return CryptoSigner(key)


def _bytes_of(path: Path) -> bytes:
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"it has {path.stat().st_size:,} bytes")
    return path.read_bytes()
