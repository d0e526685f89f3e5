"""A run as one file to send: its published twin, packed."""

from __future__ import annotations

import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tenken.errors import InputError
from tenken.io.files import storage_error, write_atomically
from tenken.results.bundle.publish import publish_bundle

ENDING: Final = ".zip"
_MADE: Final = (1980, 1, 1, 0, 0, 0)
"""The time that each file in the archive has: when it was packed says nothing."""


def share_run(run: Path, to: Path, key: Path | None) -> list[str]:
    """Write a run without its texts into one file.

    Args:
        run: The run's folder, which must be `claimed`.
        to: The file, ending in `.zip`; must not exist.
        key: File of the private key to seal with, or None.

    Returns:
        The ids of the keys that sealed it.

    Raises:
        BundleError: The evidence is not what was sealed, or a file would hold a withheld text.
        InputError: The file exists, or has another ending.
        StorageError: It cannot be written.
    """
    if to.suffix.lower() != ENDING:
        raise InputError("{to}: name a file that ends in {ending}.", to=to, ending=ENDING)
    if to.exists():
        raise InputError("{to} exists; name another file.", to=to)
    with TemporaryDirectory(prefix="tenken-share-") as temporary:
        name = run.resolve().name
        twin, packed = Path(temporary) / name, Path(temporary) / "packed"
        keyids = publish_bundle(run, twin, key)
        try:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in sorted(each for each in twin.rglob("*") if each.is_file()):
                    place = f"{name}/{path.relative_to(twin).as_posix()}"
                    about = zipfile.ZipInfo(place, _MADE)
                    about.external_attr = 0o644 << 16
                    archive.writestr(about, path.read_bytes(), zipfile.ZIP_DEFLATED)
        except OSError as error:
            raise storage_error(packed, error) from error
        write_atomically(to, packed.read_bytes())
    return keyids
