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
from tenken.schema.verification import Finding

_MOST_OPENED: Final = 1000
_MOST_BYTES: Final = 2**23
_MOST_NAMED: Final = 10
NEEDS_TEXTS: Final = (
    "the texts were withheld. Not checked, because it takes them: that the logs are those that "
    "were sealed, that outcomes and scores follow from the answers (--deep), and that no other "
    "prompt was put. Everything else was recomputed."
)


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
        digests: SHA-256 of each file as it lies there, by name.
        trust: The keys that are trusted.
    """
    try:
        about = _read(run / PUBLICATION_FILE)
    except BundleError as error:
        yield Finding("wrong", PUBLICATION_FILE, str(error))
        return
    stated = full.statement.predicate
    if about.seal_sha256 != full.sha256 or about.run != stated.run:
        said = f"it is of another bundle than {FULL_SEAL}."
        yield Finding("wrong", PUBLICATION_FILE, said)
    if texts_root(about.commitments) != about.root or about.root != stated.texts:
        said = "its commitments do not come to the root that the full bundle's seal names."
        yield Finding("wrong", PUBLICATION_FILE, said)
    asked = {name for name, evidence in stated.samples.items() if evidence}
    if about.commitments.keys() != asked:
        yield Finding(
            "wrong", PUBLICATION_FILE, "it is not about just the samples that were asked."
        )
    yield from _shared(full, digests)
    yield from _signature(full, trust)
    yield from _opened(run, about)
    yield Finding("note", PUBLICATION_FILE, NEEDS_TEXTS)
    yield Finding("unknown", "rescored", "not done: the texts were withheld.", "rescored")


def disclosure_fault(opened: Disclosure, root: str, commitments: Mapping[str, str]) -> str:
    """Return why a disclosed sample does not belong to a bundle; empty where it does.

    Args:
        opened: The sample.
        root: Root over the texts, which the full bundle's seal names.
        commitments: The commitments by the samples' names.
    """
    made = text_commitment(bytes.fromhex(opened.key), canonical_json(opened.evidence))
    proof = [bytes.fromhex(step) for step in opened.proof]
    leaf = text_leaf(opened.name, made)
    if commitments.get(opened.name) != made:
        return "it is not what was committed to."
    if opened.root != root or opened.size != len(commitments):
        return "it is of another tree."
    if not is_included(leaf, opened.index, opened.size, proof, bytes.fromhex(root)):
        return "its proof does not lead to the root."
    task, sample, epoch = opened.name.rsplit(":", 2)
    said = str(opened.evidence.get("id")), str(opened.evidence.get("epoch"))
    return "" if task and said == (sample, epoch) else "it bears another sample's name."


def _read(path: Path) -> Publication:
    try:
        data = read_plain(path)
        check_json(data)
        about = Publication.model_validate_json(data)
        if pretty_json(about.model_dump(mode="json", by_alias=True)) != data:
            raise ValueError("the same contents in other bytes")
    except ValidationError as error:
        raise BundleError(f"not readable: {explain(error, Publication)}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"not readable: {error}.") from None
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
            said = "it is not the file that the full bundle has." if name in digests else "missing."
            yield Finding("wrong", name, said)
    if not wrong:
        count = len(kept_names(sealed))
        said = f"{count} files are those of the full bundle, byte for byte."
        yield Finding("ok", PUBLICATION_FILE, said)


def _signature(full: Seal, trust: Trust) -> Iterator[Finding]:
    for keyid in full.keyids:
        name = trust.name_of(keyid)
        if name and is_signed_by(full, trust.keys[name]):
            yield Finding("ok", FULL_SEAL, f"signed by {name} (key {short(keyid)})", "authentic")
            return
        if name:
            said = f"does not state what this key has signed: {short(keyid)}."
            yield Finding("wrong", FULL_SEAL, said, "authentic")
            return
    claims = ", ".join(map(short, full.keyids))
    said = f"claims key {claims}, not checked." if claims else "it is not signed."
    yield Finding("unknown", FULL_SEAL, said, "authentic")


def _opened(run: Path, about: Publication) -> Iterator[Finding]:
    """Check each disclosed sample; what does not prove itself is named."""
    folder = run / DISCLOSED
    if not folder.is_dir() or folder.is_symlink():
        return
    files = sorted(folder.iterdir())
    if len(files) > _MOST_OPENED:
        said = f"{len(files):,} files; at most {_MOST_OPENED:,} are read."
        yield Finding("wrong", DISCLOSED, said)
        return
    good: list[str] = []
    for path in files:
        name = ""
        try:
            data = _bounded(path)
            check_json(data)
            opened = Disclosure.model_validate_json(data)
            fault = disclosure_fault(opened, about.root, about.commitments)
            if opened.run != about.run:
                fault = "it is of another run."
            name = opened.name
        except ValidationError as error:
            fault = f"not readable: {explain(error, Disclosure)}"
        except (OSError, ValueError, RecursionError) as error:
            fault = f"not readable: {error}."
        if fault:
            yield Finding("wrong", f"{DISCLOSED}/{path.name}", fault)
        else:
            good.append(name)
    if good:
        named = ", ".join(good[:_MOST_NAMED]) + (", ..." if len(good) > _MOST_NAMED else "")
        said = f"{len(good)} opened samples belong to this bundle: {named}."
        yield Finding("note", DISCLOSED, said)
