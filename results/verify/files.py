"""The files of a bundle against the digests in its seal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tenken.io.canonical import sha256_file
from tenken.io.files import LOCK_FILE
from tenken.results.records.rescorings import is_rescored_log
from tenken.results.seal.folder import SEAL_FILE, Contents
from tenken.results.seal.publication import ATTESTATIONS, DISCLOSED
from tenken.results.seal.seal import Seal
from tenken.schema.plan import PLAN_FILE, Plan
from tenken.schema.verification import Finding, Said

LOGS: Final = "logs/"
_OTHER_PLAN: Final = {"from_logs": "from_logs_other_plan", "from_rows": "from_rows_other_plan"}
_PROVING: Final = (f"{DISCLOSED}/", f"{ATTESTATIONS}/")


@dataclass
class Bundle:
    """What is known of a bundle while it is verified.

    Attributes:
        full: The full bundle's seal, where this is a published one.
        digests: SHA-256 of each file that the seal names, as it is there.
        intact: Names of the files that are the ones that were sealed.
        unchanged: Whether no file is changed, missing or more, but for logs taken out.
    """

    run: Path
    plan: Plan
    seal: Seal
    held: Contents
    full: Seal | None = None
    digests: dict[str, str] = field(default_factory=dict)
    intact: set[str] = field(default_factory=set)
    unchanged: bool = False

    @property
    def sealed(self) -> dict[str, str]:
        """SHA-256 of each sealed file by its name."""
        return self.seal.digests

    def source(self, evidence: str) -> Said:
        """Return what the figures are recomputed from: `from_logs` or `from_rows`."""
        return Said(evidence if PLAN_FILE in self.intact else _OTHER_PLAN[evidence])


def compare_files(bundle: Bundle, taken_out: list[str]) -> Iterator[Finding]:
    """Compare each file with its digest; hash what is there, never what a seal may name.

    Args:
        bundle: The bundle; its digests, and which files are intact, are noted in it.
        taken_out: Names of logs that were taken out on purpose.

    Yields:
        What differs, and that nothing does.
    """
    sealed, held = bundle.sealed, bundle.held
    wrong = False
    for name in held.odd:
        wrong = True
        yield Finding.of("wrong", name, "lock_not_empty" if name == LOCK_FILE else "no_plain_file")
    for name in held.files:
        if name not in sealed:
            wrong = True
            yield Finding.of("wrong", name, "file_not_sealed")
            continue
        bundle.digests[name] = sha256_file(bundle.run / name)
        if sealed[name] == bundle.digests[name]:
            bundle.intact.add(name)
        else:
            wrong = True
            yield Finding.of("wrong", name, "file_changed")
    for name in sorted(set(sealed) - set(held.files) - set(taken_out) - set(held.odd)):
        wrong = True
        yield Finding.of("wrong", name, _missing(name))
    bundle.unchanged = not wrong
    if not wrong:
        yield Finding.of("ok", "files", "files_fit", n=len(bundle.intact))
    if taken_out:
        yield Finding.of("note", "logs", "logs_taken_out", n=len(taken_out))
    if apart := [name for name in held.apart if not name.startswith(_PROVING)]:
        few = (*apart[:3], *(("...",) if len(apart) > 3 else ()))
        yield Finding.of("note", "files", "files_apart", n=len(apart), names=few)


def is_log(name: str) -> bool:
    """Whether a file is one of the logs, which may be taken out of a bundle."""
    return name.startswith(LOGS) or is_rescored_log(name)


def _missing(name: str) -> str:
    if name.startswith(("/", "\\")) or ".." in name.split("/") or name in ("", SEAL_FILE):
        return "file_impossible"
    return "file_missing"
