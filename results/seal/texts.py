"""Commitments to the texts of a run: each sample under a key of its own, all under one root.

The key of a sample is derived from the run's salt, so that opening one sample opens no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from tenken.io.canonical import canonical_json, hmac_sha256
from tenken.results.seal.merkle import inclusion_proof, leaf_hash, root_of

_PURPOSE: Final = b"tenken/texts/1"


def text_key(salt: bytes, name: str) -> bytes:
    """Return the key that a sample's text is committed to with.

    Args:
        salt: The run's salt, which stays in its logs.
        name: Name of the sample in the seal, `task:id:epoch`.
    """
    return hmac_sha256(_purpose_key(salt), name.encode())


@lru_cache(maxsize=8)
def _purpose_key(salt: bytes) -> bytes:
    return hmac_sha256(salt, _PURPOSE)


def text_commitment(key: bytes, evidence: bytes) -> str:
    """Return the commitment to a sample, 64 hexadecimal digits.

    Args:
        key: Its key, 32 bytes.
        evidence: The canonical JSON of what its outcome rests on.
    """
    return hmac_sha256(key, evidence).hex()


def texts_root(commitments: Mapping[str, str]) -> str:
    """Return the root over the commitments, sorted by the samples' names."""
    return root_of(_leaves(commitments)).hex()


def texts_proof(commitments: Mapping[str, str], name: str) -> tuple[int, list[str]]:
    """Return the place of a sample among the leaves, from 0, and its audit path.

    Args:
        commitments: By the sample's name in the seal, the commitment to its text, in hexadecimal
            digits.
        name: The sample's name in the seal: `task:sample:epoch`.

    Returns:
        The place in the order of names, and the hashes beside the path (RFC 9162, 2.1.3), from the
        leaf up, each of 64 hexadecimal digits.

    Raises:
        ValueError: No sample has that name.
    """
    index = sorted(commitments).index(name)
    return index, [step.hex() for step in inclusion_proof(_leaves(commitments), index)]


def text_leaf(name: str, commitment: str) -> bytes:
    """Return the hash of a sample's leaf.

    Args:
        name: The sample's name in the seal: `task:sample:epoch`.
        commitment: The commitment to its text, in hexadecimal digits.

    Returns:
        A SHA-256 over the canonical JSON of both, 32 bytes.
    """
    return leaf_hash(canonical_json([name, commitment]))


def _leaves(commitments: Mapping[str, str]) -> list[bytes]:
    return [text_leaf(name, commitments[name]) for name in sorted(commitments)]
