"""The Merkle tree of RFC 6962: root, inclusion and consistency, each with its proof.

Laurie, Langley, Kasper (2013), RFC 6962, section 2.1; verification as in RFC 9162, 2.1.3 and 2.1.4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

EMPTY: Final = hashlib.sha256(b"").digest()
"""Root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf; its prefix sets it apart from that of an inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of the leaves (RFC 6962, 2.1)."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return _node(root_of(leaves[:k]), root_of(leaves[k:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of a leaf (RFC 6962, 2.1.1).

    Args:
        leaves: Hashes of all leaves.
        index: Which of them, from 0.
    """
    if len(leaves) <= 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*inclusion_proof(leaves[:k], index), root_of(leaves[k:])]
    return [*inclusion_proof(leaves[k:], index - k), root_of(leaves[:k])]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether an audit path leads from a leaf to a root (RFC 9162, 2.1.3.2).

    Args:
        leaf: Hash of the leaf.
        index: Its place, from 0.
        size: Leaves of the tree.
        proof: The audit path.
        root: Root of the tree.
    """
    if not 0 <= index < size:
        return False
    fn, sn, found = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = _node(step, found)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = _node(found, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """Return the proof that a tree continues its first leaves (RFC 6962, 2.1.2).

    Args:
        leaves: Hashes of all leaves.
        first: Leaves of the earlier tree, at least 1.
    """
    return _subproof(leaves, first, whole=True) if 0 < first < len(leaves) else []


def is_consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Return whether one tree continues another (RFC 9162, 2.1.4.2).

    Args:
        first: Number of leaves of the earlier tree.
        second: Number of leaves of the later tree.
        first_root: Root of the earlier tree, 32 bytes (SHA-256).
        second_root: Root of the later tree, 32 bytes.
        proof: The consistency proof, from the leaves up; empty where the sizes are the same, or
            where the first tree is empty.
    """
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return first == 0 and not proof and first_root == EMPTY
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    one = other = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            one, other = _node(step, one), _node(step, other)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            other = _node(other, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and one == first_root and other == second_root


def _subproof(leaves: Sequence[bytes], first: int, *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = _split(len(leaves))
    if first <= k:
        return [*_subproof(leaves[:k], first, whole=whole), root_of(leaves[k:])]
    return [*_subproof(leaves[k:], first - k, whole=False), root_of(leaves[:k])]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
