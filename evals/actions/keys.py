"""Where the key that seals bundles is looked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tenken.errors import InputError

VARIABLE: Final = "TENKEN_SIGNING_KEY"


def default_key() -> Path:
    """Return where the private key is kept unless something else is said."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "tenken" / "signing_key.pem"


def trusted_folder() -> Path:
    """Return the folder whose public keys are trusted unless others are named."""
    return default_key().with_name("trusted_keys")


def signing_key(given: Path | None) -> Path | None:
    """Return the private key to seal with: the option's, the environment's, or the default one.

    Raises:
        InputError: A key was named and is not there. Without any key a bundle is left unsigned.
    """
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None:
        return default_key() if default_key().exists() else None
    if not named.is_file():
        raise InputError(
            "{named}: there is no such key; make one with 'tenken keygen'.", named=named
        )
    return named


def key_for_change(folder: Path, given: Path | None) -> Path | None:
    """Return the key to sign a changed bundle with.

    A key that nobody named signs again only what it has signed before: a seal that somebody else
    put there must not get a signature in silence.

    Args:
        folder: The run's folder.
        given: The key that was named on the command line, if any.

    Raises:
        InputError: A key was named and is not there, or cannot be read.
        BundleError: There is no seal.
    """
    from tenken.results.seal.keys import load_signer
    from tenken.results.seal.seal import is_signed_by, read_seal

    key = signing_key(given)
    if given is not None or key is None:
        return key
    return key if is_signed_by(read_seal(folder), load_signer(key).public_key) else None
