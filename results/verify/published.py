"""Whether a published bundle is the full one without its texts, and what was opened of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tenken.errors import BundleError
from tenken.io.canonical import canonical_json, check_json, pretty_json
from tenken.io.faults import explain
from tenken.results.bundle.publish import kept_names
from tenken.results.seal.folder import read_plain, refuse_odd
from tenken.results.seal.merkle import is_included
from tenken.results.seal.publication import (
    DISCLOSED,
    FULL_SEAL,
    PUBLICATION_FILE,
    Disclosure,
    Publication,
)
from tenken.results.seal.seal import Seal, is_signed_by, read_seal_file
from tenken.results.seal.texts import text_commitment, text_leaf, texts_root
from tenken.results.verify.signatures import Trust, short
from tenken.schema.verification import Finding, Said, fault_of

_MOST_OPENED: Final = 1000
_MOST_BYTES: Final = 2**23
_MOST_NAMED: Final = 10


def is_published(run: Path) -> bool:
    """Whether a folder holds a published bundle."""
    return (run / PUBLICATION_FILE).exists()


def full_seal(run: Path) -> Seal:
    """Return the seal of the full bundle, as it goes along with a published one.

    Raises:
        BundleError: It is missing or no seal.
    """
    return read_seal_file(run / FULL_SEAL)


def published_findings(
    run: Path, full: Seal, digests: Mapping[str, str], trust: Trust
) -> Iterator[Finding]:
    """Compare a published bundle with the seal of the full one.

    Args:
        run: The published bundle's folder.
        full: The seal of the full bundle.
        digests: SHA-256 of each file as it is there, by name.
        trust: The keys that are trusted.
    """
    try:
        about = _read(run / PUBLICATION_FILE)
    except BundleError as error:
        yield Finding.of("wrong", PUBLICATION_FILE, fault_of(error))
        return
    stated = full.statement.predicate
    if about.seal_sha256 != full.sha256 or about.run != stated.run:
        yield Finding.of("wrong", PUBLICATION_FILE, "published_of_another", file=FULL_SEAL)
    if texts_root(about.commitments) != about.root or about.root != stated.texts:
        yield Finding.of("wrong", PUBLICATION_FILE, "published_other_root")
    asked = {name for name, evidence in stated.samples.items() if evidence}
    if about.commitments.keys() != asked:
        yield Finding.of("wrong", PUBLICATION_FILE, "published_other_samples")
    yield from _shared(full, digests)
    yield from _signature(full, trust)
    yield from _opened(run, about)
    yield Finding.of("note", PUBLICATION_FILE, "texts_withheld")
    yield Finding.of("unknown", "rescored", "not_rescored_texts_withheld", "rescored")


def disclosure_fault(opened: Disclosure, root: str, commitments: Mapping[str, str]) -> str:
    """Return the code of why a disclosed sample does not belong to a bundle; empty where it does.

    Args:
        opened: The sample.
        root: Root over the texts, which the full bundle's seal names.
        commitments: The commitments by the samples' names.
    """
    made = text_commitment(bytes.fromhex(opened.key), canonical_json(opened.evidence))
    proof = [bytes.fromhex(step) for step in opened.proof]
    leaf = text_leaf(opened.name, made)
    if commitments.get(opened.name) != made:
        return "opened_not_committed"
    if opened.root != root or opened.size != len(commitments):
        return "opened_of_another_tree"
    if not is_included(leaf, opened.index, opened.size, proof, bytes.fromhex(root)):
        return "opened_unproven"
    task, sample, epoch = opened.name.rsplit(":", 2)
    said = str(opened.evidence.get("id")), str(opened.evidence.get("epoch"))
    return "" if task and said == (sample, epoch) else "opened_other_name"


def _read(path: Path) -> Publication:
    try:
        data = read_plain(path)
        check_json(data)
        about = Publication.model_validate_json(data)
        if pretty_json(about.model_dump(mode="json", by_alias=True)) != data:
            raise ValueError("the same contents in other bytes")
    except ValidationError as error:
        raise BundleError("not readable: {why}", why=explain(error, Publication)) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError("not readable: {error}.", error=error) from None
    return about


def _bounded(path: Path) -> bytes:
    refuse_odd(path)
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"it has {path.stat().st_size:,} bytes; at most {_MOST_BYTES:,} are read")
    return read_plain(path)


def _shared(full: Seal, digests: Mapping[str, str]) -> Iterator[Finding]:
    sealed, wrong = full.digests, False
    for name in kept_names(sealed):
        if digests.get(name) != sealed[name]:
            wrong = True
            said = Said("not_of_full_bundle" if name in digests else "file_missing")
            yield Finding.of("wrong", name, said)
    if not wrong:
        count = len(kept_names(sealed))
        yield Finding.of("ok", PUBLICATION_FILE, "files_of_full_bundle", n=count)


def _signature(full: Seal, trust: Trust) -> Iterator[Finding]:
    for keyid in full.keyids:
        name = trust.name_of(keyid)
        if name and is_signed_by(full, trust.keys[name]):
            signed = Said("signed", {"name": name, "key": short(keyid)})
            yield Finding.of("ok", FULL_SEAL, signed, "authentic")
            return
        if name:
            yield Finding.of("wrong", FULL_SEAL, "seal_forged", "authentic", key=short(keyid))
            return
    claims = tuple(map(short, full.keyids))
    said = Said("seal_unchecked", {"keys": claims}) if claims else Said("seal_unsigned")
    yield Finding.of("unknown", FULL_SEAL, said, "authentic")


def _opened(run: Path, about: Publication) -> Iterator[Finding]:
    """Check each disclosed sample; what does not prove itself is named."""
    folder = run / DISCLOSED
    if not folder.is_dir() or folder.is_symlink():
        return
    files = sorted(folder.iterdir())
    if len(files) > _MOST_OPENED:
        yield Finding.of("wrong", DISCLOSED, "too_many_files", n=len(files), most=_MOST_OPENED)
        return
    good: list[str] = []
    for path in files:
        name, fault = "", None
        try:
            data = _bounded(path)
            check_json(data)
            opened = Disclosure.model_validate_json(data)
            other = "opened_of_another_run" if opened.run != about.run else ""
            code = other or disclosure_fault(opened, about.root, about.commitments)
            fault, name = Said(code) if code else None, opened.name
        except ValidationError as error:
            fault = Said("unreadable", {"why": explain(error, Disclosure).rstrip(".")})
        except (OSError, ValueError, RecursionError) as error:
            fault = Said("unreadable", {"why": str(error)})
        if fault is not None:
            yield Finding.of("wrong", f"{DISCLOSED}/{path.name}", fault)
        else:
            good.append(name)
    if good:
        named = (*good[:_MOST_NAMED], *(("...",) if len(good) > _MOST_NAMED else ()))
        yield Finding.of("note", DISCLOSED, "opened", n=len(good), names=named)
