"""What may be taken away of a run: all its files, an export, or its published twin.

Exports and twins are made by `tenken export` and `tenken publish`, so that they are the same files
as from the command line.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tenken.console.bundles.commands import run_bytes
from tenken.console.bundles.folder import run_files

EXPORTS: Final[Mapping[str, str]] = {
    "in-toto": "test-result.intoto.json",
    "every-eval-ever": "every-eval-ever.json",
    "oscal": "oscal-assessment-results.json",
    "aisev": "aisev.json",
    "csv": "rates.csv",
}
"""File of each format by its name, as `results.export.formats` has them; importing that would bring
the statistics along."""


def exported(run: Path, form: str) -> bytes:
    """Return a run in a form that others read.

    Args:
        run: The run's folder.
        form: One of the formats.

    Raises:
        InputError: The bundle is not what was sealed.
    """
    return run_bytes(["export", f"--to={form}", "--out=-", "--", str(run)])


def published(run: Path) -> Iterator[bytes]:
    """Return the published twin of a run, without its texts, as the parts of a zip.

    Raises:
        InputError: It cannot be published; nothing has been sent by then.
    """
    folder = TemporaryDirectory(prefix="tenken-published-")
    to = Path(folder.name) / f"{run.name}-published"
    try:
        run_bytes(["publish", f"--to={to}", "--", str(run)])
    except BaseException:
        folder.cleanup()
        raise
    return _cleaned(folder, to)


def _cleaned(folder: TemporaryDirectory[str], to: Path) -> Iterator[bytes]:
    with folder:
        yield from zipped(to, [name for name, _ in run_files(to)])


def zipped(folder: Path, names: Sequence[str]) -> Iterator[bytes]:
    """Yield a zip of some files of a folder piece by piece, made while it is sent.

    The files are stored without compression and with one fixed date, so that the same files give
    the same zip.

    Args:
        folder: The folder; its name begins every path in the zip.
        names: Paths of the files below the folder.
    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name in names:
            about = zipfile.ZipInfo(f"{folder.name}/{name}", (1980, 1, 1, 0, 0, 0))
            with (
                (folder / name).open("rb") as source,
                archive.open(about, "w", force_zip64=True) as target,
            ):
                while part := source.read(1 << 18):
                    target.write(part)
                    yield pipe.taken()
    yield pipe.taken()


class _Pipe:
    """A file that only takes bytes, and hands them on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        data, self._parts = b"".join(self._parts), []
        return data
