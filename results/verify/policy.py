"""Policies: what somebody who relies on a bundle requires of it, and the keys that are trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tenken.errors import InputError
from tenken.io.documents import DocumentError, read_mapping
from tenken.io.faults import explain
from tenken.results.records.journal import read_journal
from tenken.results.seal.commitment import read_commitment
from tenken.results.seal.keys import load_public_keys
from tenken.results.verify.signatures import Trust
from tenken.schema.verification import Finding, Policy

if TYPE_CHECKING:
    from securesystemslib.signer import Key


def read_policy(path: Path) -> Policy:
    """Read a policy from a YAML file; relative paths of keys are taken from its folder.

    Raises:
        InputError: The file is missing or breaks a rule; names the key and what may be there.
    """
    try:
        policy = Policy.model_validate(read_mapping(path.read_bytes()))
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    except DocumentError as error:
        line = f":{error.line}" if error.line else ""
        raise InputError("{path}{line}: {error}", path=path, line=line, error=error) from None
    except ValidationError as error:
        raise InputError("{path}: {why}", path=path, why=explain(error, Policy)) from None
    keys = tuple(str(path.parent / key) for key in policy.keys)
    return policy.model_copy(update={"keys": keys})


def attempt_findings(run: Path, policy: Policy | None) -> Iterator[Finding]:
    """Compare the attempt that a bundle is with what a policy allows.

    Args:
        run: The bundle's folder.
        policy: The policy; None requires nothing.

    Raises:
        BundleError: The commitment or the journal cannot be read.
    """
    if policy is None or policy.max_attempts is None:
        return
    made, journal = read_commitment(run), read_journal(run)
    if made is None or journal is None or not journal.started:
        yield Finding.of("wrong", "policy", "no_attempt")
        return
    others = journal.started.get("others")
    shown = len(others) + 1 if isinstance(others, list) else 1
    attempt = max(made.statement.predicate.attempt, shown)
    if attempt > policy.max_attempts:
        most = policy.max_attempts
        yield Finding.of("wrong", "policy", "too_many_attempts", n=attempt, most=most)


def trusted(paths: Sequence[Path], *, asked: bool) -> Trust:
    """Return the keys in files and folders.

    Args:
        paths: PEM files, or folders of files that end in `.pub`.
        asked: Whether one of them must have signed.

    Raises:
        InputError: A file holds no Ed25519 key, or a folder has none.
    """
    keys: dict[str, Key] = {}
    for path in paths:
        keys |= load_public_keys(path)
    return Trust(keys, asked)
