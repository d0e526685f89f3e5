"""Verifying a bundle offline: seal, digests, then every number recomputed from the logs.

A bundle is foreign content. Nothing in it is run, no link in it is followed, and whatever is odd
about it becomes a finding in one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError
from tenken.io.canonical import sha256_bytes, sha256_file
from tenken.io.files import LOCK_FILE
from tenken.results.bundle.write import RECORDS, REPORT, make_files, presentation_of, read_report
from tenken.results.metrics.settings import METHOD
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.rescorings import (
    is_rescored_log,
    ledger_faults,
    read_ledger,
    read_rescoring_tables,
)
from tenken.results.report.report import compute_report, made_by
from tenken.results.review.read import read_people
from tenken.results.seal.folder import SEAL_FILE, Contents, contents
from tenken.results.seal.keys import key_id
from tenken.results.seal.seal import Seal, read_seal, sample_key, signature_fits
from tenken.results.verify.differences import (
    Finding,
    MadeFile,
    count_numbers,
    file_findings,
    report_places,
)
from tenken.results.verify.from_table import NO_LOGS, records_from_table
from tenken.results.verify.older import RECOMPUTED, method_of, older_findings
from tenken.schema.plan import PLAN_FILE, Plan
from tenken.schema.record import SampleRecord
from tenken.schema.rescoring import LEDGER

_LOGS: Final = "logs/"
_MOST_NAMED: Final = 20


@dataclass
class _Bundle:
    """What is known of a bundle while it is verified.

    Attributes:
        digests: SHA-256 of each file that the seal names, as it lies there.
        intact: Names of the files that are the ones that were sealed.
        unchanged: Whether no file is changed, missing or more, but for logs taken out.
    """

    run: Path
    plan: Plan
    seal: Seal
    held: Contents
    digests: dict[str, str] = field(default_factory=dict)
    intact: set[str] = field(default_factory=set)
    unchanged: bool = False

    @property
    def sealed(self) -> dict[str, str]:
        return self.seal.digests

    def source(self, evidence: str) -> str:
        """Return what the figures are recomputed from, in words."""
        return evidence if PLAN_FILE in self.intact else f"{evidence} under the changed plan"


def verify_bundle(
    run: Path, public_key: Path | None = None, *, without_logs: bool = False
) -> list[Finding]:
    """Check a bundle and name all that does not fit.

    Args:
        run: The run's folder.
        public_key: File of the public key that must have signed; None checks all but that.
        without_logs: Accept that the logs, with their salt, were taken out of the bundle. Every
            rate is then recomputed from the rows of `samples.parquet`, and the digest of each
            sample compared with the seal's. Changes nothing for a bundle that has its logs.

    Returns:
        The findings. The bundle is whole when none of them is `wrong`.

    Raises:
        BundleError: The folder is no bundle at all: it has no plan or no readable seal.
        InputError: The key's file cannot be used.
    """
    plan = read_sound_plan(run)
    bundle = _Bundle(run, plan, read_seal(run), contents(run))
    logs = [name for name in bundle.sealed if _is_log(name)]
    left = [name for name in bundle.held.files if _is_log(name)]
    gone = without_logs and bool(logs) and not left
    findings = [*_signature(bundle.seal, public_key), *_files(bundle, logs if gone else [])]
    try:
        findings += _ledger(bundle, gone)
        findings += _from_table(bundle) if gone else _from_logs(bundle)
    except BundleError as error:
        hint = "" if without_logs or left else NO_LOGS
        findings.append(Finding("wrong", "recomputation", f"{error}{hint}"))
    except Exception as error:  # foreign content may break anything: that is a finding, no crash
        said = f"{type(error).__name__}: {error}"
        findings.append(Finding("wrong", "recomputation", f"the report cannot be made: {said}"))
    return findings


def is_whole(findings: list[Finding]) -> bool:
    """Whether nothing was found wrong."""
    return all(finding.status != "wrong" for finding in findings)


def _signature(seal: Seal, public_key: Path | None) -> Iterator[Finding]:
    if public_key is None:
        yield Finding("note", "signature", _unchecked(seal))
        return
    named, wanted = _named(seal), key_id(public_key)
    if not seal.keyids:
        said = f"{SEAL_FILE} is not signed, and a key was asked for."
    elif signature_fits(seal, public_key):
        yield Finding("ok", "signature", f"signed by key {wanted[:16]}...")
        return
    elif wanted in seal.keyids:
        said = f"{SEAL_FILE} does not state what this key has signed."
    else:
        said = f"{SEAL_FILE} names key {named} as the signer; this one is {wanted[:16]}..."
    yield Finding("wrong", "signature", said)


def _unchecked(seal: Seal) -> str:
    if not seal.keyids:
        return (
            "the seal is unsigned: the digests show that the files fit together, not who made them."
        )
    return f"claims key {_named(seal)}, not checked: give the public key with --key."


def _named(seal: Seal) -> str:
    return ", ".join(f"{keyid[:16]}..." for keyid in seal.keyids)


def _files(bundle: _Bundle, taken_out: list[str]) -> Iterator[Finding]:
    """Compare each file with its digest; hash what lies there, never what a seal may name."""
    sealed, held = bundle.sealed, bundle.held
    wrong = False
    for name in held.odd:
        wrong = True
        yield Finding("wrong", name, _odd(name))
    for name in held.files:
        if name not in sealed:
            wrong = True
            yield Finding("wrong", name, "the file is not among those that were sealed.")
            continue
        bundle.digests[name] = sha256_file(bundle.run / name)
        if sealed[name] == bundle.digests[name]:
            bundle.intact.add(name)
        else:
            wrong = True
            yield Finding("wrong", name, "the file is not the one that was sealed.")
    for name in sorted(set(sealed) - set(held.files) - set(taken_out) - set(held.odd)):
        wrong = True
        yield Finding("wrong", name, _missing(name))
    bundle.unchanged = not wrong
    if not wrong:
        count = len(bundle.intact)
        yield Finding("ok", "files", f"{count} files are the ones that were sealed.")
    if taken_out:
        yield Finding("note", "logs", f"{len(taken_out)} files of the logs were taken out.")
    if held.apart:
        few = ", ".join(held.apart[:3]) + (", ..." if len(held.apart) > 3 else "")
        yield Finding("note", "files", f"{len(held.apart)} files lie apart, unsealed: {few}.")


def _odd(name: str) -> str:
    if name == LOCK_FILE:
        return "a run's lock is an empty plain file; this is none."
    return "not a plain file; a bundle holds nothing else."


def _is_log(name: str) -> bool:
    return name.startswith(_LOGS) or is_rescored_log(name)


def _ledger(bundle: _Bundle, gone: bool) -> Iterator[Finding]:
    digests = bundle.sealed if gone else bundle.digests
    faults = list(ledger_faults(bundle.run, digests, bundle.held.files, without_logs=gone))
    for place, words in faults[:_MOST_NAMED]:
        yield Finding("wrong", place, words)
    if not faults and (entries := len(read_ledger(bundle.run))):
        yield Finding("ok", LEDGER, f"{entries} re-scorings are of logs that are there.")


def _missing(name: str) -> str:
    if name.startswith(("/", "\\")) or ".." in name.split("/") or name in ("", SEAL_FILE):
        return "the seal names a file that cannot be in a bundle."
    return "the file is missing."


def _from_logs(bundle: _Bundle) -> Iterator[Finding]:
    run, installed = bundle.run, made_by()
    shown, makers = _shown(run), installed
    if shown is not None:
        makers = _stated_makers(shown, installed)
    made = make_files(run, presentation_of(run), makers=makers, digests=bundle.digests)
    fits = True
    older = shown is not None and method_of(shown) != METHOD
    agrees = shown is not None and not any(report_places(shown, made.report))
    for finding in _predicate(bundle, made.records, made.report, older=older):
        fits &= finding.status != "wrong"
        yield finding
    if older and shown is not None:
        yield from older_findings(shown, made.report, bundle.source("the logs"))
    for name in made.files:
        if name not in bundle.held.files or (older and name not in RECOMPUTED):
            continue  # named as missing where the files are compared, or told apart above
        if bundle.digests.get(name) == sha256_bytes(made.files[name]):
            continue
        # A picture or a packed table may come out otherwise with other versions of what drew it.
        excused = agrees and name in bundle.intact
        source = bundle.source("the logs")
        about = MadeFile(name, run / name, made.files[name], source, excused, makers, installed)
        for finding in file_findings(about):
            fits &= finding.status != "wrong"
            yield finding
    if makers != installed:
        yield Finding("note", "versions", _versions(makers, installed))
    if fits and shown is not None and not older:
        yield _agreement(made.report, made.records, bundle.plan, "the logs")


def _from_table(bundle: _Bundle) -> Iterator[Finding]:
    """Recompute what the rows allow: every rate, but no outcome from what a model said."""
    run, installed = bundle.run, made_by()
    shown = read_report(run)
    makers = _stated_makers(shown, installed)
    logs = {n.removeprefix(_LOGS): d for n, d in bundle.sealed.items() if n.startswith(_LOGS)}
    found, odd_rows = records_from_table(run, bundle.plan, shown, logs)
    fits = not odd_rows
    for key, what in odd_rows[:_MOST_NAMED]:
        yield Finding("wrong", f"{RECORDS}: {key}", what)
    plan_sha256 = sha256_file(run / PLAN_FILE)
    report = compute_report(
        bundle.plan,
        found,
        plan_sha256,
        presentation=presentation_of(run),
        makers=makers,
        rescored=read_rescoring_tables(run, bundle.plan, found.logs),
        people=read_people(run, bundle.plan, found, with_logs=False),
    ).contents()
    older = method_of(shown) != METHOD
    for finding in _predicate(bundle, found.records, report, older=older):
        fits &= finding.status != "wrong"
        yield finding
    if older:
        yield from older_findings(shown, report, bundle.source("the rows"))
    places = [] if older else list(report_places(shown, report))
    for place, old, new in places[:_MOST_NAMED]:
        fits = False
        said = f"says {old}, {bundle.source('the rows')} give {new}."
        yield Finding("wrong", f"{REPORT}: {place}", said)
    if makers != installed:
        yield Finding("note", "versions", _versions(makers, installed))
    yield Finding(
        "note",
        "recomputation",
        "without the logs the page, the CSV table, the times and the token counts were checked by "
        "digest alone.",
    )
    if fits and not older:
        yield _agreement(report, found.records, bundle.plan, RECORDS)


def _predicate(
    bundle: _Bundle, records: list[SampleRecord], report: Mapping[str, Any], *, older: bool
) -> Iterator[Finding]:
    stated = bundle.seal.statement.predicate
    for key in ("run", "finished") if older else ("run", "finished", "decision"):
        if getattr(stated, key) != report[key]:
            old, new = getattr(stated, key), report[key]
            yield Finding("wrong", f"seal: {key}", f"says '{old}', the evidence gives '{new}'.")
    found = {sample_key(record): record.evidence for record in records}
    sealed = stated.samples
    odd = sorted(k for k in sealed.keys() | found.keys() if sealed.get(k) != found.get(k))
    for key in odd[:_MOST_NAMED]:
        if bundle.unchanged:
            said = "states another digest than the files give, which are the ones that were sealed."
            yield Finding("wrong", f"seal: sample {key}", said)
        else:
            yield Finding("wrong", f"sample {key}", "the sample is not the one that was sealed.")
    if len(odd) > _MOST_NAMED:
        yield Finding("wrong", "samples", f"{len(odd) - _MOST_NAMED} more samples do not fit.")
    if not odd:
        yield Finding("ok", "samples", f"{len(sealed)} samples are the ones that were sealed.")


def _shown(run: Path) -> dict[str, Any] | None:
    try:
        return read_report(run)
    except BundleError:
        return None  # said where the file's bytes are compared


def _stated_makers(shown: Mapping[str, Any], installed: Mapping[str, str]) -> dict[str, str]:
    """Return the versions that a report states as its makers; those installed if it states none."""
    about = shown.get("provenance")
    stated = about.get("report_by") if isinstance(about, dict) else None
    fits = (
        isinstance(stated, dict)
        and stated.keys() == installed.keys()
        and all(isinstance(each, str) for each in stated.values())
    )
    return dict(stated) if fits and isinstance(stated, dict) else dict(installed)


def _versions(makers: Mapping[str, str], installed: Mapping[str, str]) -> str:
    differing = [
        f"{name} {makers[name]} (installed: {installed[name]})"
        for name in sorted(makers)
        if makers[name] != installed[name]
    ]
    return f"the report was made by {', '.join(differing)}."


def _agreement(
    report: Mapping[str, Any], records: list[SampleRecord], plan: Plan, source: str
) -> Finding:
    return Finding(
        "ok",
        "recomputation",
        f"{count_numbers(report)} numbers and {len(records)} sample records of {len(plan.tasks)} "
        f"tasks were recomputed from {source} and agree.",
    )


__all__ = ["Finding", "is_whole", "verify_bundle"]
