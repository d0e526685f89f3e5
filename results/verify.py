"""Verifying a bundle offline: seal, digests, then every number recomputed from the logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from tenken.canonical import sha256_file
from tenken.errors import BundleError, InputError
from tenken.plan import Plan, read_plan
from tenken.results.bundle import CSV, HTML, MADE, RECORDS, REPORT, make_files, presentation_of
from tenken.results.seal import (
    Seal,
    bundle_files,
    key_id,
    read_seal,
    sample_key,
    signature_fits,
)
from tenken.results.tables import read_parquet

Status = Literal["ok", "wrong", "note"]
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: what, whether it fits, and in words what was found."""

    status: Status
    what: str
    message: str


def verify_bundle(run: Path, public_key: Path | None = None) -> list[Finding]:
    """Check a bundle and name all that does not fit.

    Args:
        run: The run's folder.
        public_key: File of the public key that must have signed; None checks all but that.

    Returns:
        The findings. The bundle is whole when none of them is `wrong`.

    Raises:
        BundleError: The folder is no bundle at all: it has no plan or no readable seal.
        InputError: The key's file cannot be used.
    """
    plan = read_plan(run)
    seal = read_seal(run)
    findings = [*_signature(seal, public_key), *_files(run, seal)]
    try:
        findings += _recomputed(run, plan, seal)
    except BundleError as error:
        findings.append(Finding("wrong", "recomputation", str(error)))
    return findings


def is_whole(findings: list[Finding]) -> bool:
    """Whether nothing was found wrong."""
    return all(finding.status != "wrong" for finding in findings)


def _signature(seal: Seal, public_key: Path | None) -> Iterator[Finding]:
    if not seal.signed:
        if public_key is not None:
            yield Finding("wrong", "signature", "the seal is not signed, and a key was asked for.")
        else:
            yield Finding(
                "note",
                "signature",
                "the seal is unsigned: the digests show that the files fit together, "
                "not who made them.",
            )
    elif public_key is None:
        yield Finding(
            "note",
            "signature",
            f"signed by key {seal.keyid[:16]}..., not checked: give the public key with --key.",
        )
    elif signature_fits(seal, public_key):
        yield Finding("ok", "signature", f"signed by key {seal.keyid[:16]}...")
    else:
        yield Finding(
            "wrong",
            "signature",
            f"not signed by this key: the seal names key {seal.keyid[:16]}..., "
            f"the file holds key {key_id(public_key)[:16]}...",
        )


def _files(run: Path, seal: Seal) -> Iterator[Finding]:
    sealed = {each["name"]: each["digest"]["sha256"] for each in seal.statement["subject"]}
    present = set(bundle_files(run))
    wrong = False
    for name, wanted in sorted(sealed.items()):
        path = _inside(run, name)
        if path is None or not path.is_file():
            wrong = True
            yield Finding("wrong", name, "the file is missing.")
        elif sha256_file(path) != wanted:
            wrong = True
            yield Finding("wrong", name, "the file is not the one that was sealed.")
    for name in sorted(present - set(sealed)):
        wrong = True
        yield Finding("wrong", name, "the file is not among those that were sealed.")
    if not wrong:
        yield Finding("ok", "files", f"{len(sealed)} files are the ones that were sealed.")


def _inside(run: Path, name: str) -> Path | None:
    """Return the path of a sealed file, None for a name that leads out of the run's folder."""
    path = (run / name).resolve()
    return path if path.is_relative_to(run.resolve()) else None


def _recomputed(run: Path, plan: Plan, seal: Seal) -> Iterator[Finding]:
    made = make_files(run, presentation_of(run))
    yield from _samples(seal, {sample_key(r): r.evidence for r in made.records})
    fits = True
    for name in MADE:
        path = run / name
        if not path.is_file() or path.read_bytes() == made.files[name]:
            continue
        fits = False
        yield from _difference(name, path, made.files[name], run)
    if seal.statement["predicate"].get("decision") != made.report["decision"]:
        fits = False
        yield Finding("wrong", "decision", "the seal states another decision than the logs give.")
    if fits:
        figures = _count_numbers(made.report)
        yield Finding(
            "ok",
            "recomputation",
            f"{figures} numbers and {len(made.records)} sample records of {len(plan.tasks)} "
            "tasks were recomputed from the logs and agree.",
        )


def _samples(seal: Seal, found: dict[str, str]) -> Iterator[Finding]:
    sealed = seal.statement["predicate"]["samples"]
    odd = sorted(k for k in sealed.keys() | found.keys() if sealed.get(k) != found.get(k))
    for key in odd[:_MOST_NAMED]:
        yield Finding("wrong", f"sample {key}", "the log's sample is not the one that was sealed.")
    if len(odd) > _MOST_NAMED:
        yield Finding("wrong", "samples", f"{len(odd) - _MOST_NAMED} more samples do not fit.")
    if not odd:
        yield Finding("ok", "samples", f"{len(sealed)} samples are the ones that were sealed.")


def _difference(name: str, path: Path, wanted: bytes, run: Path) -> Iterator[Finding]:
    """Say where a made file differs from what the logs give."""
    if name == REPORT:
        try:
            shown = json.loads(path.read_bytes())
        except ValueError:
            yield Finding("wrong", name, "not JSON.")
            return
        places = list(_places(shown, json.loads(wanted)))
        for place, old, new in places[:_MOST_NAMED]:
            yield Finding("wrong", f"{name}: {place}", f"says {old}, the logs give {new}.")
        if not places:
            yield Finding("wrong", name, "the same contents in other bytes.")
    elif name == RECORDS:
        yield from _odd_records(path, wanted, run)
    elif name in (HTML, CSV):
        yield Finding("wrong", name, "differs from what the logs give.")


def _odd_records(path: Path, wanted: bytes, run: Path) -> Iterator[Finding]:
    import io

    try:
        shown = {sample_key(record): record for record in read_parquet(path)}
    except BundleError as error:
        yield Finding("wrong", RECORDS, str(error))
        return
    right = {sample_key(r): r for r in read_parquet(io.BytesIO(wanted))}  # type: ignore[arg-type]
    odd = sorted(k for k in shown.keys() | right.keys() if shown.get(k) != right.get(k))
    for key in odd[:_MOST_NAMED]:
        yield Finding("wrong", f"{RECORDS}: {key}", "the row differs from what the logs give.")
    if not odd:
        yield Finding("wrong", RECORDS, "the same rows in other bytes.")


def _places(shown: Any, right: Any, at: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(shown, dict) and isinstance(right, dict):
        for key in sorted(shown.keys() | right.keys()):
            yield from _places(
                shown.get(key, "nothing"), right.get(key, "nothing"), f"{at}.{key}" if at else key
            )
    elif isinstance(shown, list) and isinstance(right, list) and len(shown) == len(right):
        for index, (a, b) in enumerate(zip(shown, right, strict=True)):
            yield from _places(a, b, f"{at}[{index}]")
    elif shown != right:
        yield at, _short(shown), _short(right)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


def _count_numbers(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_count_numbers(each) for each in value.values())
    if isinstance(value, list):
        return sum(_count_numbers(each) for each in value)
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


__all__ = ["Finding", "InputError", "is_whole", "verify_bundle"]
