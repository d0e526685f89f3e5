"""Getting the files of a public dataset: from a path of the user's, the cache, or the network.

Every file is checked against the card's SHA-256 each time before it is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from tenken.errors import InputError, Sentence, StorageError, Words, in_a_line
from tenken.io.cache import CACHE_VARIABLE, cache_folder
from tenken.io.canonical import sha256_bytes, sha256_file
from tenken.tasks.card.remote import Remote, RemoteFile

DATA_VARIABLE: Final = "TENKEN_DATA"

_CONNECT_SECONDS: Final = 30
_READ_SECONDS: Final = 60
_CHUNK: Final = 2**16


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a dataset with its checked bytes.

    Attributes:
        sha256: Digest of the bytes.
        expected: Whether the card names that digest; else nothing vouches for it.
    """

    path: Path
    data: bytes
    sha256: str
    expected: bool


def source_files(
    name: str, remote: Remote, given: Path | None = None, *, download: bool = True
) -> list[SourceFile] | None:
    """Return the files of a dataset in the card's order, each of them checked.

    Args:
        name: Last part of the task's name, such as `xstest`.
        remote: What the card says of the data.
        given: The file or folder that the user named; else TENKEN_DATA is looked at.
        download: Whether to fetch what is not here; if not, None is returned then.

    Raises:
        InputError: A file is missing, has other bytes than the card says, or cannot be had.
        StorageError: The cache cannot be written.
    """
    place = given or _from_environment(name)
    if place is not None:
        return [_checked(path, file) for path, file in _local(name, remote, place)]
    if not remote.downloadable:
        if not download:
            return None
        raise InputError(
            "public/{name}: the data are given out on request alone ({page}): get them "
            "there, and give --data {name}=PATH or set {data_variable}.",
            name=name,
            page=remote.page,
            data_variable=DATA_VARIABLE,
        )
    folder = cache_folder() / "datasets" / name / (remote.revision or "")[:16]
    if not download and not all((folder / file.name).exists() for file in remote.files):
        return None
    return [_checked(_kept(name, remote, file, folder), file) for file in remote.files]


def _from_environment(name: str) -> Path | None:
    """Return the data of that name below TENKEN_DATA, where there are any."""
    named = os.environ.get(DATA_VARIABLE)
    path = Path(named) / name if named else None
    return path if path is not None and path.exists() else None


def _local(name: str, remote: Remote, place: Path) -> Iterator[tuple[Path, RemoteFile | None]]:
    if not place.exists():
        raise InputError(
            "--data {name}={place}: there is no such file or folder.", name=name, place=place
        )
    if remote.pattern is not None:
        paths = sorted(place.rglob(remote.pattern)) if place.is_dir() else [place]
        if not paths:
            raise InputError(
                "--data {name}={place}: no file {pattern} is in it.",
                name=name,
                place=place,
                pattern=remote.pattern,
            )
        yield from ((path, None) for path in paths)
        return
    if place.is_file() and len(remote.files) > 1:
        names = ", ".join(file.name for file in remote.files)
        raise InputError(
            "--data {name}={place}: name the folder that holds {names}.",
            name=name,
            place=place,
            names=names,
        )
    for file in remote.files:
        if place.is_file():
            yield place, file
            continue
        path = next((p for p in (place / file.path, place / file.name) if p.exists()), None)
        if path is None:
            raise InputError(
                "--data {name}={place}: the file {name2} is not in it.",
                name=name,
                place=place,
                name2=file.name,
            )
        yield path, file


def _checked(path: Path, file: RemoteFile | None) -> SourceFile:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    found, wanted = sha256_bytes(data), file.sha256 if file else None
    if wanted is not None and found != wanted:
        raise InputError(
            "{path}: SHA-256 is {found}, the card says {wanted}: the file is not the one "
            "that the card pins, or it was changed.",
            path=path,
            found=found,
            wanted=wanted,
        )
    return SourceFile(path, data, found, wanted is not None)


def _kept(name: str, remote: Remote, file: RemoteFile, folder: Path) -> Path:
    """Return the file in the cache, fetched where it is not there with the right bytes."""
    path, address = folder / file.name, remote.address(file)
    digest_file = folder / f"{file.name}.sha256"  # of a file that the card does not pin
    wanted = file.sha256
    if wanted is None and digest_file.exists():
        wanted = digest_file.read_text("ascii").strip()
    with _explained(name, address, remote):
        _retrieve(address, wanted, path)
    if wanted is None:
        digest_file.write_text(f"{sha256_file(path)}\n", "ascii")
    return path


def _retrieve(address: str, sha256: str | None, path: Path) -> None:
    """Have the file at `path` with the digest, from the address where it is not there already."""
    import pooch

    pooch.get_logger().setLevel("WARNING")
    terminal = sys.stderr.isatty()
    fetch = pooch.HTTPDownloader(
        progressbar=terminal,
        timeout=(_CONNECT_SECONDS, _READ_SECONDS),
        chunk_size=_CHUNK,
    )

    def download(url: str, output: str, pool: Any, **_: Any) -> None:
        if not terminal:
            sys.stderr.write(f"{path.name}: downloading from {url}\n")
        fetch(url, output, pool)

    pooch.retrieve(
        address,
        known_hash=f"sha256:{sha256}" if sha256 else None,
        fname=path.name,
        path=path.parent,
        downloader=cast(Any, download),
    )


@contextmanager
def _explained(name: str, address: str, remote: Remote) -> Iterator[None]:
    """Turn what the download raises into one line that says what to do."""
    import requests

    otherwise = Sentence("A copy of your own can be given with --data {name}=PATH.", name=name)
    try:
        yield
    except requests.RequestException as error:
        raise InputError(
            "{address}: {reason} {otherwise}",
            address=address,
            reason=_reason(error, remote),
            otherwise=otherwise,
        ) from None
    except ValueError as error:  # pooch: another digest
        raise InputError(
            "{address}: {said} The download was cut short or changed on the way, or the "
            "revision was moved. Nothing was kept.",
            address=address,
            said=in_a_line(error),
        ) from None
    except OSError as error:
        raise StorageError(
            "{cache_folder}: the cache cannot be written: {error}; set {cache_variable} to "
            "another folder.",
            cache_folder=cache_folder(),
            error=error,
            cache_variable=CACHE_VARIABLE,
        ) from None


def _reason(error: Exception, remote: Remote) -> Words:
    from requests import exceptions

    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (404, 410):
        return Sentence(
            "there is no such file at revision {revision}: the file or the revision was "
            "moved or taken away.",
            revision=(remote.revision or "")[:12],
        )
    if status in (401, 403):
        return Sentence("access is refused; ask for it at {page}.", page=remote.page)
    if status is not None:
        return Sentence("the server answered HTTP {status}.", status=status)
    if isinstance(error, exceptions.ChunkedEncodingError):
        return "the download broke off before its end; give the same command again."
    if isinstance(error, exceptions.Timeout):
        return "no answer in time."
    return "no connection: is there a network here?"
