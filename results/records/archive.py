"""The zip of a log, read with a bound on each member, whatever the file says of itself.

A log may come from anybody. A few kilobytes can claim to hold gigabytes, members can overlap
one another so that each byte is unpacked a thousand times, and sizes can be lies: none of it may
cost more than time and memory in proportion to the file.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from tenken.errors import BundleError, RuleError

if TYPE_CHECKING:
    from zstandard import ZstdDecompressor

MOST_BYTES: Final = 256 * 2**20
"""Most bytes of one member when unpacked; a sample of a long conversation has a few million."""

MOST_NODES: Final = 2_000_000
"""Most values of one member; each takes about a hundred bytes when it is read."""
_MOST_MEMBERS: Final = 600_000
_MOST_RATIO: Final = 1100
"""Deflate packs no more than 1,032 bytes into one; a model that repeats itself comes near that."""
_WRITTEN_AGAIN: Final = ("samples/", "_journal/")
_FREE_BYTES: Final = 64 * 2**20
"""A member up to this size may be packed as tightly as it likes: the longest answer that is taken
has 16 MiB, and a log holds it as an answer and as a message."""

_ZSTANDARD: Final = 93  # APPNOTE.TXT 6.3.10, 4.4.5
_ENCRYPTED: Final = 0x1  # APPNOTE.TXT, 4.4.4, bit 0
_UTF_8: Final = 0x800  # the same, bit 11
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")  # APPNOTE.TXT, 4.3.7
_LOCAL_MAGIC: Final = b"PK\x03\x04"
_END: Final = struct.Struct("<4s16xH")  # APPNOTE.TXT, 4.3.16
_END_MAGIC: Final = b"PK\x05\x06"


class Check(NamedTuple):
    """What tells a member's bytes from others: the CRC-32, and how many they are."""

    crc: int
    size: int

    @classmethod
    def of(cls, data: bytes) -> Check:
        """Return the check of some bytes."""
        return cls(zlib.crc32(data), len(data))


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
            raise BundleError("{path}: the log is missing.", path=path) from None
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise BundleError("{path}: not a whole log: {error}.", path=path, error=error) from None
        self._unpacker: ZstdDecompressor | None = None
        self._members = {info.filename: info for info in self._zip.infolist()}
        self.names = list(self._members)
        fault = next(self._faults(), "")
        if fault:
            self._zip.close()
            raise BundleError("{path}: not a whole log: {fault}.", path=path, fault=fault)

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

    def check_of(self, name: str) -> Check:
        """Return what the directory says of a member's bytes."""
        info = self._members[name]
        return Check(info.CRC, info.file_size)

    def read(self, name: str) -> bytes:
        """Return a member's contents.

        Raises:
            BundleError: There is none of that name, it is damaged, packed in an unknown way, or
                larger than `MOST_BYTES`.
        """
        info = self._members.get(name)
        if info is None:
            raise BundleError(
                "{path}: not a whole log: {name} is missing.", path=self.path, name=name
            )
        if info.file_size > min(MOST_BYTES, max(_FREE_BYTES, info.compress_size * _MOST_RATIO)):
            raise BundleError(
                "{path}: {name} says that {compress_size:,} bytes unpack to {file_size:,}; at "
                "most {most_bytes:,} are read, and {most_ratio} for each.",
                path=self.path,
                name=name,
                compress_size=info.compress_size,
                file_size=info.file_size,
                most_bytes=MOST_BYTES,
                most_ratio=_MOST_RATIO,
            )
        try:
            data = self._unpacked(info)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
            raise BundleError(
                "{path}: {name} is damaged: {error}.", path=self.path, name=name, error=error
            ) from None
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise BundleError(
                "{path}: {name} is damaged: its checksum does not fit.", path=self.path, name=name
            )
        # Each value takes a byte at least.
        nodes = sum(data.count(mark) for mark in b",[{:") if len(data) > MOST_NODES else 0
        if nodes > MOST_NODES:
            raise BundleError(
                "{path}: {name} has {nodes:,} values; at most {most_nodes:,} are read.",
                path=self.path,
                name=name,
                nodes=nodes,
                most_nodes=MOST_NODES,
            )
        return data

    def _unpacked(self, info: zipfile.ZipInfo) -> bytes:
        if info.flag_bits & _ENCRYPTED:
            raise RuleError("it is encrypted")
        if info.compress_type == _ZSTANDARD:
            import zstandard

            self._unpacker = self._unpacker or zstandard.ZstdDecompressor()
            return _from_zstandard(self._unpacker, self._packed(info), info.file_size)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise RuleError(
                "it is packed by method {compress_type}, which no log uses",
                compress_type=info.compress_type,
            )
        packed = self._packed(info)
        if info.compress_type == zipfile.ZIP_STORED:
            return packed
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        return unpacker.decompress(packed, info.file_size + 1)

    def _packed(self, info: zipfile.ZipInfo) -> bytes:
        """Return a member's bytes as the file has them."""
        stream = self._zip.fp
        if stream is None:
            raise RuleError("the file is closed")
        named = info.orig_filename.encode("utf-8" if info.flag_bits & _UTF_8 else "cp437")
        guess = _LOCAL_HEADER.size + len(named) + info.compress_size
        data = os.pread(stream.fileno(), guess, info.header_offset)
        if len(data) < _LOCAL_HEADER.size:
            raise EOFError("the file ends in it")
        magic, name_length, extra_length = _LOCAL_HEADER.unpack_from(data)
        here = data[_LOCAL_HEADER.size : _LOCAL_HEADER.size + name_length]
        if magic != _LOCAL_MAGIC or here != named:
            raise RuleError("it is not where the directory says")
        start = _LOCAL_HEADER.size + name_length + extra_length
        if start + info.compress_size > len(data):
            more = start + info.compress_size - len(data)
            data += os.pread(stream.fileno(), more, info.header_offset + len(data))
        return data[start : start + info.compress_size]

    def _faults(self) -> Iterator[str]:
        """Yield what is odd about the layout: one reader must not see what another does not."""
        placed = sorted(self._zip.infolist(), key=lambda info: info.header_offset)
        if len(placed) > _MOST_MEMBERS:
            yield f"it has {len(placed):,} members; at most {_MOST_MEMBERS:,} are read"
        names = Counter(info.filename for info in placed)
        for name, times in names.items():
            # Inspect writes a sample again that it asks again; the last counts, for it and here.
            if times > 1 and not name.startswith(_WRITTEN_AGAIN):
                yield f"the member {name} is listed twice"
        for info in placed:
            if info.filename.startswith("/") or {"..", ""} & set(info.filename.split("/")):
                yield f"a member is named {info.filename!r}"
            if "\\" in info.filename or not info.filename.isprintable():
                yield f"a member is named {info.filename!r}"
        if not self._begins_with_a_member():
            yield "there are bytes before its first member"
        if self._ends_early():
            yield "there are bytes after its end"
        # Fifield (2019), "A better zip bomb", USENIX WOOT.
        for one, following in pairwise(placed):
            if one.header_offset + _LOCAL_HEADER.size + one.compress_size > following.header_offset:
                yield f"{one.filename} overlaps another"

    def _begins_with_a_member(self) -> bool:
        """Whether the file begins as zips do; a full disk can cut a first member short."""
        stream = self._zip.fp
        if stream is None or not self.names:
            return True
        stream.seek(0)
        return bool(stream.read(len(_LOCAL_MAGIC)) == _LOCAL_MAGIC)

    def _ends_early(self) -> bool:
        """Whether the record that ends a zip is not the last of the file."""
        stream = self._zip.fp
        if stream is None:
            return True
        stream.seek(-_END.size, 2)
        magic, comment = _END.unpack(stream.read(_END.size))
        return bool(magic != _END_MAGIC or comment != 0)


def _from_zstandard(unpacker: ZstdDecompressor, packed: bytes, size: int) -> bytes:
    """Unpack at most one byte more than the size, in one frame or several."""
    from zstandard import ZstdError

    try:
        with unpacker.stream_reader(packed, read_across_frames=True) as stream:
            return stream.read(size + 1)
    except ZstdError as error:
        raise RuleError("{said}", said=str(error)) from None
