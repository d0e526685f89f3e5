"""A transparency log on disk: lines that are only added, under the Merkle tree of RFC 6962.

The folder holds `entries.jsonl`, a line an entry, and `heads.jsonl`, the size and root after each.
Whoever keeps an earlier head can show that the log was continued and not rewritten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, ValidationError

from tenken.errors import BundleError, InputError
from tenken.io.canonical import canonical_json, pretty_json
from tenken.io.faults import explain
from tenken.io.files import storage_error
from tenken.results.seal.folder import read_plain
from tenken.results.seal.merkle import (
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    root_of,
)
from tenken.schema.base import Frozen
from tenken.schema.estimate import Sha256
from tenken.schema.verification import Said

PROOF_FILE: Final = "commitment.log.json"
"""In a bundle: that its commitment is in a log."""

PROOF_SCHEMA: Final = "https://tenken.dev/schema/log-proof/1"
ENTRIES: Final = "entries.jsonl"
HEADS: Final = "heads.jsonl"
_MOST_BYTES: Final = 256 * 2**20


class LogEntry(Frozen):
    """One line of a log.

    Attributes:
        at: When it was added, by the log's clock, ISO 8601.
        what: What was added.
        run: Name of the run.
        sha256: Digest of it.
    """

    at: str
    what: Literal["commitment", "seal"]
    run: str
    sha256: Sha256


class LogProof(Frozen):
    """That an entry is in a log.

    Attributes:
        schema_id: Name of this format.
        log: Name of the log: the digest of its first line.
        entry: The entry.
        index: Its place in the log, from 0.
        size: Entries of the log when it was added.
        root: Root of the log's tree at that size.
        proof: The audit path from the entry to the root.
    """

    schema_id: Literal["https://tenken.dev/schema/log-proof/1"] = Field(alias="schema")
    log: Sha256
    entry: LogEntry
    index: int = Field(ge=0)
    size: int = Field(ge=1)
    root: Sha256
    proof: tuple[Sha256, ...] = Field(max_length=64)

    def holds(self) -> bool:
        """Whether the audit path leads from the entry to the root."""
        leaf = leaf_hash(_line(self.entry))
        path = [bytes.fromhex(step) for step in self.proof]
        return is_included(leaf, self.index, self.size, path, bytes.fromhex(self.root))


def add_to_log(log: Path, entry: LogEntry) -> LogProof:
    """Add an entry to a log and return the proof that it is there.

    Args:
        log: The log's folder; made where it is missing.
        entry: What to add.

    Raises:
        InputError: The log was changed since its last head.
        StorageError: It cannot be written.
    """
    from filelock import FileLock

    try:
        log.mkdir(parents=True, exist_ok=True)
        with FileLock(log / ".lock"):
            leaves = read_log(log)
            line = _line(entry)
            leaves.append(leaf_hash(line))
            head = {"size": len(leaves), "root": root_of(leaves).hex(), "at": entry.at}
            with (log / ENTRIES).open("ab") as stream:
                stream.write(line + b"\n")
            with (log / HEADS).open("ab") as stream:
                stream.write(canonical_json(head) + b"\n")
    except OSError as error:
        raise storage_error(log, error) from error
    return LogProof(
        schema=PROOF_SCHEMA,
        log=leaves[0].hex(),
        entry=entry,
        index=len(leaves) - 1,
        size=len(leaves),
        root=root_of(leaves).hex(),
        proof=tuple(step.hex() for step in inclusion_proof(leaves, len(leaves) - 1)),
    )


def read_log(log: Path) -> list[bytes]:
    """Return the hashes of a log's entries, after a look at its heads.

    Raises:
        InputError: A line is no entry, or a head does not fit what is there.
    """
    try:
        lines, heads = (_lines(log / name) for name in (ENTRIES, HEADS))
        entries = [LogEntry.model_validate_json(line) for line in lines]
        if any(_line(entry) != line for entry, line in zip(entries, lines, strict=True)):
            raise ValueError("an entry is in other bytes")
        stated = [json.loads(head) for head in heads]
        sizes = [head["size"] for head in stated]
        leaves = [leaf_hash(line) for line in lines]
        if sizes != list(range(1, len(lines) + 1)):
            raise ValueError(f"it has {len(lines)} entries and {len(sizes)} heads")
        if stated and root_of(leaves).hex() != stated[-1]["root"]:
            raise ValueError("its entries do not come to the root of its last head")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "{log}: not a whole transparency log: {error}.", log=log, error=error
        ) from None
    return leaves


def continues(log: Path, proof: LogProof) -> Said | None:
    """Return why a log does not continue the one of a proof; None where it does.

    Args:
        log: The log's folder as it is now.
        proof: That an entry was in it.

    Raises:
        InputError: It is no whole log.
    """
    leaves = read_log(log)
    if not leaves or leaves[0].hex() != proof.log:
        return Said("log_is_another")
    if len(leaves) < proof.size:
        return Said("log_is_shorter", {"n": len(leaves), "before": proof.size})
    path = consistency_proof(leaves, proof.size)
    root, now = bytes.fromhex(proof.root), root_of(leaves)
    if not is_consistent(proof.size, len(leaves), root, now, path):
        return Said("log_was_rewritten")
    return None


def read_proof(run: Path) -> LogProof | None:
    """Return the proof that a run's commitment is in a log, None where there is none.

    Raises:
        BundleError: The file is no proof.
    """
    path = run / PROOF_FILE
    try:
        data = read_plain(path)
        proof = LogProof.model_validate_json(data)
        if proof_bytes(proof) != data:
            raise ValueError("the same contents in other bytes")
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise BundleError(
            "{path}: not a readable proof: {why}", path=path, why=explain(error, LogProof)
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(
            "{path}: not a readable proof: {error}.", path=path, error=error
        ) from None
    return proof


def proof_bytes(proof: LogProof) -> bytes:
    """Return the bytes of a proof's file."""
    return pretty_json(proof.model_dump(mode="json", by_alias=True))


def _line(entry: LogEntry) -> bytes:
    return canonical_json(entry.model_dump(mode="json"))


def _lines(path: Path) -> Sequence[bytes]:
    if not path.exists():
        return []
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"it has {path.stat().st_size:,} bytes")
    return path.read_bytes().splitlines()
