"""A change of a sealed bundle made ready beside it, so that a kill leaves the bundle as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tenken.errors import BundleError
from tenken.io.canonical import sha256_file
from tenken.io.files import storage_error
from tenken.results.bundle.made import MADE, is_trial_file
from tenken.results.records.rescorings import read_ledger, table_name
from tenken.results.seal.folder import READY, SEAL_FILE, STAGED, contents
from tenken.results.seal.seal import Seal, read_seal
from tenken.schema.rescoring import LEDGER


@dataclass(frozen=True)
class Staged:
    """A copy of a bundle that is being changed.

    Attributes:
        path: The copy.
        run: The bundle.
        seal: The bundle's seal.
        checked: SHA-256 of each file of evidence, found to be the one that was sealed.
    """

    path: Path
    run: Path
    seal: Seal
    checked: Mapping[str, str]

    def unchanged(self) -> dict[str, str]:
        """Return the digests of the files of evidence that are still the bundle's own."""
        return {
            name: sha256
            for name, sha256 in self.checked.items()
            if (self.path / name).is_file() and (self.path / name).samefile(self.run / name)
        }


def check_sealed(run: Path) -> tuple[Seal, dict[str, str]]:
    """See that a run's evidence is what was sealed, before a new seal is built on it.

    Finishes a change that a kill interrupted. The made files are not compared: they are made
    again.

    Args:
        run: The run's folder, which must be `claimed`.

    Returns:
        The seal, and the SHA-256 of each file of evidence.

    Raises:
        BundleError: There is no seal; or a file is missing, was added, or is not the one that
            was sealed.
    """
    if (run / READY).is_dir():
        _take_over(run, run / READY)
    try:
        seal = read_seal(run)
    except BundleError as error:
        raise BundleError(
            "{error} Finish the run with the same 'tenken run' first.", error=error
        ) from None
    sealed, checked = seal.digests, {}
    made = {*MADE, *(table_name(entry) for entry in read_ledger(run))}
    held = contents(run)
    there = {name for name in held.files if name not in made and not is_trial_file(name)}
    for name in [*held.odd, *sorted(there - sealed.keys())]:
        raise BundleError(
            "{name}: not among the files that were sealed; take it out of the folder.",
            name=run / name,
        )
    for name in sorted(sealed.keys() & there):
        checked[name] = sha256_file(run / name)
        if checked[name] != sealed[name]:
            raise BundleError(
                "{name}: not the file that was sealed; see 'tenken verify'.", name=run / name
            )
    for name in sorted(sealed.keys() - there - made):
        if not is_trial_file(name):
            raise BundleError("{name}: the file is missing; see 'tenken verify'.", name=run / name)
    return seal, checked


@contextmanager
def staged(run: Path) -> Iterator[Staged]:
    """Give a copy of a bundle to change and seal, which takes its place at the end of the block.

    The run must be `claimed`, and its evidence is checked against its seal first. When the block
    fails, or the process is killed in it, the run is as it was. After the block the copy gets
    another name in one step, and its files take their places; a kill while they do is mended by
    the next command that changes the run.

    Args:
        run: The run's folder.

    Raises:
        BundleError: The evidence is not what was sealed.
        StorageError: The copy cannot be made.
    """
    seal, checked = check_sealed(run)
    place = run / STAGED
    try:
        shutil.rmtree(place, ignore_errors=True)
        for name in (*contents(run).files, SEAL_FILE):
            _link(run / name, place / name)
        try:
            yield Staged(place, run, seal, checked)
            os.replace(place, run / READY)
            _take_over(run, run / READY)
        finally:
            shutil.rmtree(place, ignore_errors=True)
    except OSError as error:
        raise storage_error(run, error) from error


def _link(old: Path, new: Path) -> None:
    """Give a file a second place; files of a bundle are replaced and never written into."""
    new.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(old, new)
    except OSError:  # a file system without links
        shutil.copy2(old, new)


def _take_over(run: Path, place: Path) -> None:
    files = [path for path in place.rglob("*") if path.is_file()]
    for path in sorted(files, key=_order):
        target = run / path.relative_to(place)
        if target.exists() and path.samefile(target):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
    shutil.rmtree(place, ignore_errors=True)


def _order(path: Path) -> tuple[int, str]:
    """Logs before the ledger that names them, the report after it, and the seal last."""
    ranks = {LEDGER: 1, **dict.fromkeys(MADE, 2), SEAL_FILE: 3}
    return ranks.get(path.name, 0), str(path)
