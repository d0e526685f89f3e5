"""Getting the files of a public dataset: from a path of the user's, the cache, or the network.

Every file is checked against the card's SHA-256 each time before it is used.
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.errors import InputError, StorageError
from tenken.io.canonical import sha256_bytes
from tenken.tasks.card.remote import Remote, RemoteFile

CACHE_VARIABLE: Final = "TENKEN_CACHE"
DATA_VARIABLE: Final = "TENKEN_DATA"

_CONNECT_SECONDS: Final = 30
_READ_SECONDS: Final = 60
_STORAGE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


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


def cache_folder() -> Path:
    """Return where downloads are kept: TENKEN_CACHE, or the system's folder for caches."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("tenken")


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
            f"public/{name}: the data are given out on request alone ({remote.page}): get them "
            f"there, and give --data {name}=PATH or set {DATA_VARIABLE}."
        )
    folder = cache_folder() / "datasets" / name / (remote.revision or "")[:16]
    found: list[SourceFile] = []
    for file in remote.files:
        path = folder / file.name
        if not _is_kept(path, file):
            if not download:
                return None
            _download(name, remote, file, path)
        found.append(_checked(path, file))
    return found


def _from_environment(name: str) -> Path | None:
    """Return the data of that name below TENKEN_DATA, where there are any."""
    named = os.environ.get(DATA_VARIABLE)
    path = Path(named) / name if named else None
    return path if path is not None and path.exists() else None


def _local(name: str, remote: Remote, place: Path) -> Iterator[tuple[Path, RemoteFile | None]]:
    if not place.exists():
        raise InputError(f"--data {name}={place}: there is no such file or folder.")
    if remote.pattern is not None:
        paths = sorted(place.rglob(remote.pattern)) if place.is_dir() else [place]
        if not paths:
            raise InputError(f"--data {name}={place}: no file {remote.pattern} is in it.")
        yield from ((path, None) for path in paths)
        return
    if place.is_file() and len(remote.files) > 1:
        names = ", ".join(file.name for file in remote.files)
        raise InputError(f"--data {name}={place}: name the folder that holds {names}.")
    for file in remote.files:
        if place.is_file():
            yield place, file
            continue
        path = next((p for p in (place / file.path, place / file.name) if p.exists()), None)
        if path is None:
            raise InputError(f"--data {name}={place}: the file {file.name} is not in it.")
        yield path, file


def _checked(path: Path, file: RemoteFile | None) -> SourceFile:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from None
    found, wanted = sha256_bytes(data), file.sha256 if file else None
    if wanted is not None and found != wanted:
        raise InputError(
            f"{path}: SHA-256 is {found}, the card says {wanted}: the file is not the one that "
            "the card pins, or it was changed."
        )
    return SourceFile(path, data, found, wanted is not None)


def _is_kept(path: Path, file: RemoteFile) -> bool:
    """Whether the cache holds the file whole; one of other bytes is fetched again."""
    try:
        found = sha256_bytes(path.read_bytes())
        return found == (file.sha256 or _mark(path).read_text("ascii").strip())
    except (OSError, ValueError):
        return False


def _mark(path: Path) -> Path:
    """Return the file beside a cached one that holds its digest from the day of the download."""
    return path.with_name(f"{path.name}.sha256")


def _download(name: str, remote: Remote, file: RemoteFile, path: Path) -> None:
    address = remote.address(file)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{path.parent}: the cache cannot be written: {error.strerror}; set {CACHE_VARIABLE}."
        ) from None
    try:
        with _explained(name, address, remote):
            _get(address, part, f"{name}: {file.name}")
        data = part.read_bytes()
        found = sha256_bytes(data)
        if file.sha256 is not None and found != file.sha256:
            raise InputError(
                f"{address}: {len(data):,} bytes came with SHA-256 {found}, the card says "
                f"{file.sha256}: the download was cut short or changed on the way, or the "
                "revision was moved. Nothing was kept."
            )
        _mark(path).write_text(f"{found}\n", "ascii")
        os.replace(part, path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _explained(name: str, address: str, remote: Remote) -> Iterator[None]:
    """Turn whatever a client of fsspec raises into one line that says what to do."""
    otherwise = f"A copy of your own can be given with --data {name}=PATH."
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        needed = error.name or "huggingface_hub"
        raise InputError(f"{address}: the download needs the package '{needed}'.") from None
    except Exception as error:  # each file system of fsspec brings exceptions of its own
        if isinstance(error, OSError) and error.errno in _STORAGE:
            raise
        raise InputError(f"{address}: {_reason(error, remote)} {otherwise}") from None


def _reason(  # noqa: PLR0911 - one line for each cause
    error: Exception, remote: Remote
) -> str:
    status = getattr(error, "status", None) or getattr(
        getattr(error, "response", None), "status_code", None
    )
    names = {each.__name__ for each in type(error).__mro__}
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return (
            f"there is no such file at revision {(remote.revision or '')[:12]}: the file or the "
            "revision was moved or taken away."
        )
    if status in (401, 403) or "GatedRepoError" in names:
        return f"access is refused; ask for it at {remote.page} and log in to the hub."
    if names & {"ClientPayloadError", "ContentLengthError", "IncompleteReadError"}:
        return "the download broke off before its end; give the same command again."
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)) or "Timeout" in type(error).__name__:
        return "no answer in time."
    if isinstance(error, OSError) or "Connection" in type(error).__name__:
        return "no connection: is there a network here?"
    if status is not None:
        return f"the server answered HTTP {status}."
    return f"the download failed ({type(error).__name__})."


def _get(address: str, part: Path, label: str) -> None:
    """Write what lies at the address to `part`, with a line on the progress."""
    import fsspec
    from fsspec.callbacks import Callback

    class Line(Callback):  # type: ignore[misc]
        """One line that is written over and over on a terminal, and once elsewhere."""

        def call(self, *_: Any, **__: Any) -> None:
            if sys.stderr.isatty():
                of = f" of {self.size:,}" if self.size else ""
                sys.stderr.write(f"\r{label}: {self.value:,}{of} bytes")
                sys.stderr.flush()

    options: dict[str, Any] = {"skip_instance_cache": True}
    if address.startswith(("http://", "https://")):
        import aiohttp

        limit = aiohttp.ClientTimeout(None, sock_connect=_CONNECT_SECONDS, sock_read=_READ_SECONDS)
        options["client_kwargs"] = {"timeout": limit, "trust_env": True}
    if not sys.stderr.isatty():
        sys.stderr.write(f"{label}: downloading from {address}\n")
    system, path = fsspec.core.url_to_fs(address, **options)
    system.get_file(path, str(part), callback=Line())
    if sys.stderr.isatty():
        sys.stderr.write("\n")
