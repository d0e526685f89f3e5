"""Whether a plan was committed before the first answer, by whom, and at which attempt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

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
from tenken.schema.verification import Finding, GradeName, Said, Value, fault_of

if TYPE_CHECKING:
    from securesystemslib.signer import Key


_GRADE: Final[GradeName] = "preregistered"


def preregistration_findings(run: Path, trust: Trust) -> Iterator[Finding]:
    """Compare a commitment with the plan, the suite and the beginning of the logs.

    Args:
        run: The run's folder.
        trust: The keys that are trusted.
    """
    try:
        made = read_commitment(run)
    except BundleError as error:
        yield Finding.of("wrong", COMMITMENT_FILE, fault_of(error), _GRADE)
        return
    if made is None:
        return
    about = made.statement.predicate
    for name in COMMITTED:
        if not (run / name).is_file() or made.digests.get(name) != sha256_file(run / name):
            yield Finding.of("wrong", COMMITMENT_FILE, "not_committed", _GRADE, file=name)
    yield from _order(run, about.committed)
    yield _signer(made, trust)
    yield from _stamp(run, made, trust)
    yield from _log(run, made, trust)
    if about.previous is not None:
        yield Finding.of("note", COMMITMENT_FILE, "earlier_commitment", _GRADE)
    if about.attempt > 1:
        yield Finding.of("note", COMMITMENT_FILE, "attempt_n", _GRADE, n=about.attempt)


def _order(run: Path, committed: str) -> Iterator[Finding]:
    """Compare the commitment's time with the first question and each log, all by one clock."""
    journal = read_journal(run)
    first = journal.first_asked if journal is not None else ""
    if first and not is_before(committed, first):
        times = {"at": first, "committed": committed}
        yield Finding.of("wrong", JOURNAL_FILE, "asked_before", _GRADE, **times)
    for path in log_files(run):
        with open_log(path) as log:
            begun = log.header.created
        if not is_before(committed, begun):
            times = {"at": begun, "committed": committed}
            yield Finding.of("wrong", f"logs/{path.name}", "begun_before", _GRADE, **times)


def _stamp(run: Path, made: SignedCommitment, trust: Trust) -> Iterator[Finding]:
    """Compare an authority's time stamp with the commitment and the first question."""
    stamp, journal = read_stamp(run), read_journal(run)
    if stamp is None:
        return
    if stamp.imprint.hex() != made.sha256:
        yield Finding.of("wrong", STAMP_FILE, "stamp_other", _GRADE)
        return
    first = journal.first_asked if journal is not None else ""
    if first and not is_before(stamp.at, first):
        yield Finding.of("wrong", STAMP_FILE, "stamp_late", _GRADE, at=stamp.at, first=first)
    elif stamp.is_by(trust.authorities):
        yield Finding.of("note", STAMP_FILE, "stamp_trusted", _GRADE, at=stamp.at)
    elif trust.authorities:
        yield Finding.of("wrong", STAMP_FILE, "stamp_untrusted", _GRADE)
    else:
        yield Finding.of("note", STAMP_FILE, "stamp_unchecked", _GRADE, at=stamp.at)


def _log(run: Path, made: SignedCommitment, trust: Trust) -> Iterator[Finding]:
    """Check that a commitment is in a transparency log, and that the log was only continued."""
    proof = read_proof(run)
    if proof is None:
        return
    if proof.entry.sha256 != made.sha256 or proof.entry.what != "commitment" or not proof.holds():
        yield Finding.of("wrong", PROOF_FILE, "proof_of_another", _GRADE)
        return
    entry: dict[str, Value] = {"n": proof.index + 1, "log": proof.log[:16]}
    if trust.log is None:
        yield Finding.of("note", PROOF_FILE, "proof_log_not_here", _GRADE, **entry)
        return
    try:
        fault = continues(trust.log, proof)
    except InputError as error:
        fault = fault_of(error)
    if fault is not None:
        about: dict[str, Value] = {"log": str(trust.log), "fault": fault}
        yield Finding.of("wrong", PROOF_FILE, "log_not_continued", _GRADE, **about)
    else:
        yield Finding.of("note", PROOF_FILE, "proof_fits", _GRADE, **entry)


def _signer(made: SignedCommitment, trust: Trust) -> Finding:
    when = made.statement.predicate.committed
    for keyid in made.envelope.signatures:
        name = trust.name_of(keyid)
        if name and _fits(made, trust.keys[name]):
            signed = Said("committed", {"at": when, "name": name})
            return Finding.of("ok", COMMITMENT_FILE, signed, _GRADE)
        if name:
            return Finding.of("wrong", COMMITMENT_FILE, "signature_other_key", _GRADE)
    claims = tuple(short(keyid) for keyid in made.envelope.signatures)
    code = "committed_unchecked" if claims else "committed_unsigned"
    return Finding.of("unknown", COMMITMENT_FILE, code, _GRADE, at=when, keys=claims)


def _fits(made: SignedCommitment, key: Key) -> bool:
    from securesystemslib.exceptions import VerificationError

    try:
        made.envelope.verify([key], threshold=1)
    except VerificationError:
        return False
    return True
