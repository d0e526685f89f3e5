"""A change of a sealed bundle made ready beside it, so that a kill leaves the bundle as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenken.errors import BundleError
from tenken.io.canonical import sha256_file
from tenken.io.files import storage_error
from tenken.results.bundle.write import MADE
from tenken.results.records.rescorings import is_rescored_log, read_ledger, table_name
from tenken.results.seal.folder import SEAL_FILE, STAGED, contents
from tenken.results.seal.seal import read_seal
from tenken.schema.rescoring import LEDGER


def check_sealed(run: Path) -> None:
    """See that what a run's report rests on is what was sealed, before anything is built on it.

    Args:
        run: The run's folder.

    Raises:
        BundleError: There is no seal, or a file is missing or is not the one that was sealed.
    """
    try:
        sealed = {each.name: each.digest.sha256 for each in read_seal(run).statement.subject}
    except BundleError as error:
        raise BundleError(f"{error} Finish the run with the same 'tenken run' first.") from None
    made = {*MADE, *(table_name(entry) for entry in read_ledger(run))}
    there = contents(run).files
    for name in sorted((sealed.keys() & set(there)) - made):
        if sha256_file(run / name) != sealed[name]:
            raise BundleError(f"{run / name}: not the file that was sealed; see 'tenken verify'.")
    for name in sorted(sealed.keys() - set(there) - made):
        raise BundleError(f"{run / name}: the file is missing; see 'tenken verify'.")


@contextmanager
def staged(run: Path) -> Iterator[Path]:
    """Give a copy of a bundle to change and seal, which takes its place at the end of the block.

    The run must be `claimed`. When the block fails, or the process is killed in it, the run is as
    it was. The files take their places one by one, each whole, the seal last: a kill within those
    few milliseconds is mended by 'tenken report'.

    Args:
        run: The run's folder.

    Raises:
        StorageError: The copy cannot be made.
    """
    place = run / STAGED
    try:
        _forget(run, place)
        held = contents(run).files
        for name in held:
            _link(run / name, place / name)
        if (run / SEAL_FILE).exists():
            _link(run / SEAL_FILE, place / SEAL_FILE)
        try:
            yield place
            _take_over(run, place)
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


def _forget(run: Path, place: Path) -> None:
    """Remove what a killed command left: its copy, and logs that no ledger came to name."""
    shutil.rmtree(place, ignore_errors=True)
    known = {entry.log for entry in read_ledger(run)}
    for name in contents(run).files:
        if is_rescored_log(name) and name not in known:
            (run / name).unlink()


def _take_over(run: Path, place: Path) -> None:
    files = [path for path in place.rglob("*") if path.is_file()]
    for path in sorted(files, key=_order):
        target = run / path.relative_to(place)
        if target.exists() and path.samefile(target):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)


def _order(path: Path) -> tuple[int, str]:
    """Logs before the ledger that names them, the report after it, and the seal last."""
    ranks = {LEDGER: 1, **dict.fromkeys(MADE, 2), SEAL_FILE: 3}
    return ranks.get(path.name, 0), str(path)
