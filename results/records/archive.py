"""The zip of a log, read with a bound on each member, whatever the file says of itself.

A log may come from anybody. A few kilobytes can claim to hold gigabytes, members can lie over
one another so that each byte is unpacked a thousand times, and sizes can be lies: none of it may
cost more than time and memory in proportion to the file.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tenken.errors import BundleError

MOST_BYTES: Final = 256 * 2**20
"""Most bytes of one member when unpacked; a sample of a long conversation has a few million."""

_ZSTANDARD: Final = 93  # APPNOTE.TXT 6.3.10, 4.4.5
_ENCRYPTED: Final = 0x1  # APPNOTE.TXT, 4.4.4, bit 0
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")  # APPNOTE.TXT, 4.3.7
_LOCAL_MAGIC: Final = b"PK\x03\x04"


class Archive:
    """A zip that is open for reading.

    Attributes:
        path: The file.
        names: Names of its members in the order of its directory, each once.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            BundleError: It is missing, truncated, or no zip.
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise BundleError(f"{path}: the log is missing.") from None
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise BundleError(f"{path}: not a whole log: {error}.") from None
        # Of several members of one name the last counts, as for every reader of zips.
        self._members = {info.filename: info for info in self._zip.infolist()}
        self.names = list(self._members)
        self._refuse_overlaps()

    def __enter__(self) -> Self:
        """Return the archive."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._zip.close()

    def read(self, name: str) -> bytes:
        """Return a member's contents.

        Raises:
            BundleError: There is none of that name, it is damaged, packed in an unknown way, or
                larger than `MOST_BYTES`.
        """
        info = self._members.get(name)
        if info is None:
            raise BundleError(f"{self.path}: not a whole log: {name} is missing.")
        if info.file_size > MOST_BYTES:
            raise BundleError(
                f"{self.path}: {name} says that it unpacks to {info.file_size:,} bytes; "
                f"at most {MOST_BYTES:,} are read."
            )
        try:
            data = self._unpacked(info)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
            raise BundleError(f"{self.path}: {name} is damaged: {error}.") from None
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise BundleError(f"{self.path}: {name} is damaged: its checksum does not fit.")
        return data

    def _unpacked(self, info: zipfile.ZipInfo) -> bytes:
        if info.flag_bits & _ENCRYPTED:
            raise ValueError("it is encrypted")
        if info.compress_type == _ZSTANDARD:
            return _from_zstandard(self._packed(info), info.file_size)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"it is packed by method {info.compress_type}, which no log uses")
        with self._zip.open(info) as stream:
            return stream.read(info.file_size)

    def _packed(self, info: zipfile.ZipInfo) -> bytes:
        """Return a member's bytes as they lie in the file."""
        stream = self._zip.fp
        if stream is None:
            raise ValueError("the file is closed")
        stream.seek(info.header_offset)
        head = stream.read(_LOCAL_HEADER.size)
        if len(head) < _LOCAL_HEADER.size:
            raise EOFError("the file ends in it")
        magic, name_length, extra_length = _LOCAL_HEADER.unpack(head)
        if magic != _LOCAL_MAGIC:
            raise ValueError("it does not lie where the directory says")
        stream.seek(name_length + extra_length, 1)
        return stream.read(info.compress_size)

    def _refuse_overlaps(self) -> None:
        # Fifield (2019), "A better zip bomb", USENIX WOOT.
        placed = sorted(self._zip.infolist(), key=lambda info: info.header_offset)
        for one, following in pairwise(placed):
            if one.header_offset + _LOCAL_HEADER.size + one.compress_size > following.header_offset:
                self._zip.close()
                raise BundleError(f"{self.path}: not a whole log: {one.filename} overlaps another.")


def _from_zstandard(packed: bytes, size: int) -> bytes:
    """Unpack at most one byte more than the size, in one frame or several."""
    import zstandard

    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
            return stream.read(size + 1)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
