"""Whether a plan was committed before the first answer, by whom, and at which attempt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tenken.errors import BundleError, InputError
from tenken.io.canonical import sha256_file
from tenken.results.records.journal import read_journal
from tenken.results.records.logs import log_files, open_log
from tenken.results.report.ledgers.evidence import is_before
from tenken.results.seal.commitment import COMMITTED, SignedCommitment, read_commitment
from tenken.results.seal.timestamp import STAMP_FILE, read_stamp
from tenken.results.seal.transparency import PROOF_FILE, continues, read_proof
from tenken.results.verify.signatures import Trust, short
from tenken.schema.evidence import COMMITMENT_FILE, JOURNAL_FILE
from tenken.schema.verification import Finding

if TYPE_CHECKING:
    from securesystemslib.signer import Key


def preregistration_findings(run: Path, trust: Trust) -> Iterator[Finding]:
    """Compare a commitment with the plan, the suite and the beginning of the logs.

    Args:
        run: The run's folder.
        trust: The keys that are trusted.
    """
    try:
        made = read_commitment(run)
    except BundleError as error:
        yield Finding("wrong", COMMITMENT_FILE, str(error), "preregistered")
        return
    if made is None:
        return
    about = made.statement.predicate
    for name in COMMITTED:
        if not (run / name).is_file() or made.digests.get(name) != sha256_file(run / name):
            said = f"{name} is not the one that was committed to."
            yield Finding("wrong", COMMITMENT_FILE, said, "preregistered")
    yield from _order(run, about.committed)
    yield _signer(made, trust)
    yield from _stamp(run, made, trust)
    yield from _log(run, made, trust)
    if about.previous is not None:
        said = "an earlier plan of this run was committed to before this one."
        yield Finding("note", COMMITMENT_FILE, said, "preregistered")
    if about.attempt > 1:
        said = f"this is attempt {about.attempt} at this run: see the register beside it."
        yield Finding("note", COMMITMENT_FILE, said, "preregistered")


def _order(run: Path, committed: str) -> Iterator[Finding]:
    """Compare the commitment's time with the first question and each log, all by one clock."""
    journal = read_journal(run)
    first = journal.first_asked if journal is not None else ""
    if first and not is_before(committed, first):
        said = f"asked first at {first}, before the plan was committed ({committed})."
        yield Finding("wrong", JOURNAL_FILE, said, "preregistered")
    for path in log_files(run):
        with open_log(path) as log:
            begun = log.header.created
        if not is_before(committed, begun):
            said = f"its questions began {begun}, before the plan was committed ({committed})."
            yield Finding("wrong", f"logs/{path.name}", said, "preregistered")


def _stamp(run: Path, made: SignedCommitment, trust: Trust) -> Iterator[Finding]:
    """Compare an authority's time stamp with the commitment and the first question."""
    stamp, journal = read_stamp(run), read_journal(run)
    if stamp is None:
        return
    if stamp.imprint.hex() != made.sha256:
        yield Finding("wrong", STAMP_FILE, "it is over something else.", "preregistered")
        return
    first = journal.first_asked if journal is not None else ""
    if first and not is_before(stamp.at, first):
        said = f"stamped {stamp.at}, after the first question by the operator's clock ({first})."
        yield Finding("wrong", STAMP_FILE, said, "preregistered")
    elif stamp.is_by(trust.authorities):
        said = f"stamped {stamp.at} by a trusted authority."
        yield Finding("note", STAMP_FILE, said, "preregistered")
    elif trust.authorities:
        said = "it is by none of the trusted authorities."
        yield Finding("wrong", STAMP_FILE, said, "preregistered")
    else:
        said = f"states {stamp.at}; the authority was not checked: name its certificate."
        yield Finding("note", STAMP_FILE, said, "preregistered")


def _log(run: Path, made: SignedCommitment, trust: Trust) -> Iterator[Finding]:
    """Check that a commitment is in a transparency log, and that the log was only continued."""
    proof = read_proof(run)
    if proof is None:
        return
    if proof.entry.sha256 != made.sha256 or proof.entry.what != "commitment" or not proof.holds():
        said = "it does not prove that this commitment is in the log."
        yield Finding("wrong", PROOF_FILE, said, "preregistered")
        return
    if trust.log is None:
        said = f"entry {proof.index + 1} of log {proof.log[:16]}...; the log itself is not at hand."
        yield Finding("note", PROOF_FILE, said, "preregistered")
        return
    try:
        fault = continues(trust.log, proof)
    except InputError as error:
        fault = str(error)
    if fault:
        yield Finding("wrong", PROOF_FILE, f"{trust.log}: {fault}", "preregistered")
    else:
        said = (
            f"entry {proof.index + 1} of log {proof.log[:16]}..., which was only continued since."
        )
        yield Finding("note", PROOF_FILE, said, "preregistered")


def _signer(made: SignedCommitment, trust: Trust) -> Finding:
    when = made.statement.predicate.committed
    for keyid in made.envelope.signatures:
        name = trust.name_of(keyid)
        if name and _fits(made, trust.keys[name]):
            said = f"committed {when}, signed by {name}; the time is by the operator's own clock."
            return Finding("ok", COMMITMENT_FILE, said, "preregistered")
        if name:
            said = "its signature does not fit the key that it names."
            return Finding("wrong", COMMITMENT_FILE, said, "preregistered")
    claims = ", ".join(short(keyid) for keyid in made.envelope.signatures)
    said = f"claims key {claims}, not checked." if claims else "it is not signed."
    return Finding("unknown", COMMITMENT_FILE, f"committed {when}; {said}", "preregistered")


def _fits(made: SignedCommitment, key: Key) -> bool:
    from securesystemslib.exceptions import VerificationError

    try:
        made.envelope.verify([key], threshold=1)
    except VerificationError:
        return False
    return True
