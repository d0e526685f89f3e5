"""Verifying a bundle offline: seal, digests, then every number recomputed from the logs.

A bundle is foreign content. Nothing in it is run, no link in it is followed, and whatever is odd
about it becomes a finding in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError
from tenken.io.canonical import sha256_bytes, sha256_file
from tenken.results.bundle.made import RECORDS, REPORT, presentation_of, read_report_json
from tenken.results.bundle.publish import published_pages
from tenken.results.bundle.write import make_files
from tenken.results.metrics.settings import METHOD
from tenken.results.pages.findings import in_english
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import RunRecords
from tenken.results.records.rescorings import (
    ledger_faults,
    read_ledger,
    read_rescoring_tables,
)
from tenken.results.report.ledgers.addendum import addendum_of
from tenken.results.report.ledgers.evidence import evidence_of
from tenken.results.report.report import compute_report
from tenken.results.report.shown import made_by
from tenken.results.review.read import read_people
from tenken.results.seal.folder import contents
from tenken.results.seal.seal import read_seal, sample_key
from tenken.results.seal.texts import texts_root
from tenken.results.verify.attestations import attestation_findings
from tenken.results.verify.differences import (
    MadeFile,
    count_numbers,
    file_findings,
    grade_of,
    report_places,
)
from tenken.results.verify.files import LOGS, Bundle, compare_files, is_log
from tenken.results.verify.from_table import records_from_table
from tenken.results.verify.journal import journal_findings
from tenken.results.verify.older import (
    RECOMPUTED,
    by_other_methods,
    method_of,
    older_findings,
    stated_makers,
    versions_note,
)
from tenken.results.verify.plan_audit import plan_findings
from tenken.results.verify.policy import attempt_findings
from tenken.results.verify.preregistration import preregistration_findings
from tenken.results.verify.published import full_seal, is_published, published_findings
from tenken.results.verify.signatures import (
    NOBODY,
    Trust,
    chain_findings,
    signature_findings,
    signers_of,
)
from tenken.schema.plan import PLAN_FILE, Plan
from tenken.schema.record import SampleRecord
from tenken.schema.report import Report
from tenken.schema.rescoring import LEDGER
from tenken.schema.verification import (
    Finding,
    GradeName,
    Policy,
    Said,
    Value,
    Verification,
    fault_of,
    graded,
)

Check = Callable[[Path, Plan], Iterable[Finding]]
"""A further check of a bundle, such as scoring its answers again."""

_MOST_NAMED: Final = 20


_UNCHECKED: Final[dict[GradeName, str]] = {
    "consistent": "nothing_compared",
    "authentic": "no_signature_checked",
    "preregistered": "not_preregistered",
    "rescored": "not_rescored",
    "page_remade": "page_not_remade",
}
"""The codes of what is said of a grade that nothing was found for."""


def verify_bundle(
    run: Path,
    trust: Trust = NOBODY,
    *,
    without_logs: bool = False,
    deep: Check | None = None,
    policy: Policy | None = None,
) -> Verification:
    """Check a bundle and name all that does not fit.

    Args:
        run: The run's folder.
        trust: The keys that are trusted.
        without_logs: Accept that the logs, with their salt, were taken out of the bundle. Every
            rate is then recomputed from the rows of `samples.parquet`, and the digest of each
            sample compared with the seal's. Changes nothing for a bundle that has its logs.
        deep: Scores the answers again, and compares the items with the library's.
        policy: What is required of the bundle.

    Raises:
        BundleError: The folder is no bundle at all: it has no plan or no readable seal.
    """
    plan = read_sound_plan(run)
    full = full_seal(run) if is_published(run) else None
    bundle = Bundle(run, plan, read_seal(run), contents(run), full)
    logs = [name for name in bundle.sealed if is_log(name)]
    left = [name for name in bundle.held.files if is_log(name)]
    gone = (without_logs and bool(logs) and not left) or full is not None
    findings = list(signature_findings(bundle.seal, trust))
    forged = any(each.status == "wrong" for each in findings)
    findings += [*compare_files(bundle, logs if gone else []), *chain_findings(run, bundle.seal)]
    findings += attestation_findings(run, bundle.seal, trust)
    if full is not None:
        findings += published_findings(run, full, bundle.digests, trust)
    if (full is not None or not gone) and not bundle.held.odd:
        findings += _safely("commitment", preregistration_findings(run, trust))
    findings += _safely("policy", attempt_findings(run, policy))
    if forged or bundle.held.odd:
        code = "not_recomputed_forged" if forged else "not_recomputed_odd"
        findings.append(Finding.of("unknown", "recomputation", code))
    else:
        findings += _recomputed(bundle, gone, hint=not (without_logs or left))
        findings += [] if deep is None else _deep(bundle, findings, gone, deep)
    stated = bundle.seal.statement.predicate
    found = Verification(
        run=plan.run,
        model=plan.model.name,
        decision=stated.decision,
        finished=stated.finished,
        signers=signers_of(bundle.seal, trust),
        grades={name: graded(name, findings, said) for name, said in _UNCHECKED.items()},
        findings=tuple(findings),
        required=policy.require if policy else None,
    )
    return in_english(found)


def _safely(what: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except BundleError as error:
        yield Finding.of("wrong", what, fault_of(error), "preregistered")


def _recomputed(bundle: Bundle, gone: bool, *, hint: bool) -> Iterator[Finding]:
    try:
        yield from _ledger(bundle, gone)
        yield from _from_table(bundle) if gone else _from_logs(bundle)
    except BundleError as error:
        fault = fault_of(error)
        said = Said("fault_logs_taken_out", {"fault": fault}) if hint else fault
        yield Finding.of("wrong", "recomputation", said)
    except Exception as error:  # foreign content may break anything: that is a finding, no crash
        error_said = f"{type(error).__name__}: {error}"
        yield Finding.of("wrong", "recomputation", "report_not_made", error=error_said)


def _deep(bundle: Bundle, findings: list[Finding], gone: bool, deep: Check) -> Iterable[Finding]:
    """Run the further check, but not over logs that are not there or could not be read."""
    unread = any(f.status == "wrong" and f.what == "recomputation" for f in findings)
    if not (gone or unread):
        return deep(bundle.run, bundle.plan)
    code = "not_rescored_unreadable" if unread else "not_rescored_taken_out"
    return [Finding.of("unknown", "rescored", code, "rescored")]


def is_whole(found: Verification) -> bool:
    """Whether nothing was found wrong."""
    return all(finding.status != "wrong" for finding in found.findings)


def _ledger(bundle: Bundle, gone: bool) -> Iterator[Finding]:
    digests = (bundle.full or bundle.seal).digests if gone else bundle.digests
    faults = list(ledger_faults(bundle.run, digests, bundle.held.files, without_logs=gone))
    for place, said in faults[:_MOST_NAMED]:
        yield Finding.of("wrong", place, said)
    if not faults and (entries := len(read_ledger(bundle.run))):
        yield Finding.of("ok", LEDGER, "ledger_fits", n=entries)


def _from_logs(bundle: Bundle) -> Iterator[Finding]:
    run, installed = bundle.run, made_by()
    shown = _shown(run)
    makers = stated_makers(shown, installed) if shown is not None else installed
    how, digests = presentation_of(run), bundle.digests
    made = make_files(run, how, makers=makers, digests=digests, plan=bundle.plan)
    report = made.report.contents()
    older = shown is not None and method_of(shown) != METHOD
    findings = [*plan_findings(run, bundle.plan, made.found)]
    findings += journal_findings(run, bundle.plan, made.found)
    findings += _predicate(bundle, made.records, made.report, older=older)
    root = bundle.seal.statement.predicate.texts
    if root is not None and root != texts_root(made.found.commitments):
        findings.append(Finding.of("wrong", "seal: texts", "other_texts_root"))
    if older and shown is not None:
        findings += older_findings(shown, report, bundle.source("from_logs"))
    agrees = shown is not None and not any(report_places(shown, report))
    for name in made.files:
        if name not in bundle.held.files or (older and name not in RECOMPUTED):
            continue  # named as missing where the files are compared, or told apart above
        if bundle.digests.get(name) == sha256_bytes(made.files[name]):
            if grade_of(name) == "page_remade":
                findings.append(Finding.of("ok", name, "page_fits", "page_remade"))
            continue
        # A picture or a packed table may come out otherwise with other versions of what drew it.
        excused = agrees and name in bundle.intact
        source = bundle.source("from_logs")
        about = MadeFile(name, run / name, made.files[name], source, excused, makers, installed)
        findings += file_findings(about)
    if makers != installed:
        findings.append(versions_note(makers, installed))
    findings = by_other_methods(findings, makers, installed, unchanged=bundle.unchanged)
    yield from findings
    if shown is not None and not any(_is_doubt(each) for each in findings):
        yield _agreement(report, made.records, bundle.plan, Said("from_logs"))


def _is_doubt(finding: Finding) -> bool:
    return finding.grade == "consistent" and finding.status in ("wrong", "unknown")


def _from_table(bundle: Bundle) -> Iterator[Finding]:
    """Recompute what the rows allow: every rate, but no outcome from what a model said."""
    run, installed = bundle.run, made_by()
    shown = read_report_json(run)
    makers = stated_makers(shown, installed)
    sealed = (bundle.full or bundle.seal).digests
    logs = {n.removeprefix(LOGS): d for n, d in sealed.items() if n.startswith(LOGS)}
    found, odd_rows = records_from_table(run, bundle.plan, shown, logs)
    plan_sha256 = sha256_file(run / PLAN_FILE)
    people = read_people(run, bundle.plan, found, with_logs=False)
    made = compute_report(
        bundle.plan,
        found,
        plan_sha256,
        presentation=presentation_of(run),
        makers=makers,
        rescored=read_rescoring_tables(run, bundle.plan, found.logs),
        people=people,
        evidence=evidence_of(run, bundle.plan, found, addendum_of(run, bundle.plan, found, people)),
    )
    report = made.contents()
    older = method_of(shown) != METHOD
    findings = [
        Finding.of("wrong", f"{RECORDS}: {key}", said) for key, said in odd_rows[:_MOST_NAMED]
    ]
    findings += _predicate(bundle, found.records, made, older=older)
    findings += journal_findings(run, bundle.plan, found)
    if older:
        findings += older_findings(shown, report, bundle.source("from_rows"))
    places = [] if older else list(report_places(shown, report))
    for place, old, new in places[:_MOST_NAMED]:
        about: dict[str, Value] = {"old": old, "new": new, "source": bundle.source("from_rows")}
        findings.append(Finding.of("wrong", f"{REPORT}: {place}", "other_figure", **about))
    if makers != installed:
        findings.append(versions_note(makers, installed))
    findings = by_other_methods(findings, makers, installed, unchanged=bundle.unchanged)
    yield from findings
    yield from _pages_without_logs(bundle, made, found)
    yield Finding.of("note", "recomputation", "times_by_digest")
    if not any(_is_doubt(each) for each in findings):
        yield _agreement(report, found.records, bundle.plan, Said("from_table"))


def _pages_without_logs(bundle: Bundle, report: Report, found: RunRecords) -> Iterator[Finding]:
    """Make the page and the table of a published bundle again; a full one's have texts in them."""
    if bundle.full is None:
        yield Finding.of("unknown", "recomputation", "page_needs_logs", "page_remade")
        return
    same = made_by() == report.provenance.report_by
    for name, data in published_pages(report, found, bundle.plan).items():
        if bundle.digests.get(name) == sha256_bytes(data):
            yield Finding.of("ok", name, "page_fits", "page_remade")
        else:
            said = Said("differs", {"source": Said("from_rows")})
            yield Finding.of("wrong" if same else "unknown", name, said, "page_remade")


def _predicate(
    bundle: Bundle, records: list[SampleRecord], report: Report, *, older: bool
) -> Iterator[Finding]:
    stated = bundle.seal.statement.predicate
    for key in ("run", "finished") if older else ("run", "finished", "decision"):
        old, new = getattr(stated, key), getattr(report, key)
        if old != new:
            yield Finding.of("wrong", f"seal: {key}", "seal_says_other", old=old, new=new)
    found = {sample_key(record): record.evidence for record in records}
    sealed = stated.samples
    odd = sorted(k for k in sealed.keys() | found.keys() if sealed.get(k) != found.get(k))
    for key in odd[:_MOST_NAMED]:
        if bundle.unchanged:
            yield Finding.of("wrong", f"seal: {key}", "seal_other_sample")
        else:
            yield Finding.of("wrong", f"samples: {key}", "sample_changed")
    if len(odd) > _MOST_NAMED:
        yield Finding.of("wrong", "samples", "more_samples", n=len(odd) - _MOST_NAMED)
    if not odd:
        yield Finding.of("ok", "samples", "samples_fit", n=len(sealed))


def _shown(run: Path) -> dict[str, Any] | None:
    try:
        return read_report_json(run)
    except BundleError:
        return None  # said where the file's bytes are compared


def _agreement(
    report: Mapping[str, Any], records: list[SampleRecord], plan: Plan, source: Said
) -> Finding:
    counts = {"numbers": count_numbers(report), "n": len(records), "tasks": len(plan.tasks)}
    return Finding.of("ok", "recomputation", "recomputed", **counts, source=source)
