"""Files that go with a sample's text: images, sounds and documents, as Inspect's content parts."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from tenken.errors import CardError
from tenken.io.canonical import sha256_bytes
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import LoadedTask

if TYPE_CHECKING:
    from inspect_ai.model import Content

MOST_BYTES: Final = 10 * 1024 * 1024
"""Most bytes of one file: it goes into each request, and into the log."""


class _Kind(NamedTuple):
    part: Literal["image", "audio", "document"]
    media: str
    begins: tuple[bytes, ...]


_KINDS: Final = {
    ".png": _Kind("image", "image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": _Kind("image", "image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": _Kind("image", "image/jpeg", (b"\xff\xd8\xff",)),
    ".gif": _Kind("image", "image/gif", (b"GIF87a", b"GIF89a")),
    ".webp": _Kind("image", "image/webp", (b"RIFF",)),
    ".wav": _Kind("audio", "audio/wav", (b"RIFF",)),
    ".mp3": _Kind("audio", "audio/mpeg", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    ".pdf": _Kind("document", "application/pdf", (b"%PDF-",)),
    ".txt": _Kind("document", "text/plain", (b"",)),
    ".csv": _Kind("document", "text/csv", (b"",)),
    ".md": _Kind("document", "text/markdown", (b"",)),
}


def read_attached(task: LoadedTask, sample: TaskSample) -> list[tuple[str, bytes]]:
    """Return the files of a sample, which are in the task's folder.

    Args:
        task: The loaded task.
        sample: The sample; names its files.

    Returns:
        Pairs of name and bytes, in the sample's order.

    Raises:
        CardError: A file is missing, of an unknown kind, too large, or not of the kind that its
            name says.
    """
    return [(name, _read(task, name)) for name in sample.files]


def digests_of(task: LoadedTask, sample: TaskSample) -> list[list[str]]:
    """Return the names of a sample's files with their SHA-256.

    Args:
        task: The loaded task.
        sample: The sample; names its files.

    Returns:
        Pairs of name and SHA-256, in the sample's order.

    Raises:
        CardError: See `read_attached`.
    """
    return [[name, sha256_bytes(data)] for name, data in read_attached(task, sample)]


def parts_of(task: LoadedTask, sample: TaskSample) -> list[Content]:
    """Return the files of a sample as parts of a message.

    Args:
        task: The loaded task.
        sample: The sample; names its files.

    Returns:
        One part for each file, with the data in it, in the sample's order.

    Raises:
        CardError: See `read_attached`.
    """
    return [_part(name, data) for name, data in read_attached(task, sample)]


def _read(task: LoadedTask, name: str) -> bytes:
    path = task.folder / name
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(each.removeprefix(".") for each in _KINDS)
        raise CardError(
            task.folder,
            "the file {name} is of no kind that can be sent; known: {known}.",
            name=name,
            known=known,
        )
    if not path.resolve().is_relative_to(task.folder.resolve()):
        raise CardError(task.folder, "the file {name} is not in the task's folder.", name=name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CardError(
            task.folder, "the file {name} cannot be read: {error}.", name=name, error=error
        ) from None
    if not data.startswith(kind.begins) or not data:
        raise CardError(
            task.folder,
            "the file {name} is no {media}; see how it was saved.",
            name=name,
            media=kind.media,
        )
    if len(data) > MOST_BYTES:
        raise CardError(
            task.folder,
            "the file {name} has more than {most_bytes} MiB.",
            name=name,
            most_bytes=MOST_BYTES >> 20,
        )
    return data


def _part(name: str, data: bytes) -> Content:
    from inspect_ai.model import ContentAudio, ContentDocument, ContentImage

    kind = _KINDS[Path(name).suffix.lower()]
    text = f"data:{kind.media};base64,{base64.b64encode(data).decode('ascii')}"
    if kind.part == "image":
        return ContentImage(image=text)
    if kind.part == "audio":
        return ContentAudio(audio=text, format="mp3" if kind.media == "audio/mpeg" else "wav")
    return ContentDocument(document=text, filename=Path(name).name, mime_type=kind.media)
