"""Auditing: all findings of a verification, files to download, the register and the log of acts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import FileResponse, Response, StreamingResponse

from tenken.console.auth import acts
from tenken.console.bundles.folder import run_file, run_files
from tenken.console.pages.run import entry_of, grades_of
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.render import page
from tenken.console.web.routes import route
from tenken.errors import InputError
from tenken.io.chain import read_chain
from tenken.schema.evidence import REGISTER_FILE

_OPEN: Final = ("report.json", "plan.json", "seal.json", "commitment.json", "samples.parquet")
"""Files without a word of a sample; all others may hold hazardous text."""


def audit(call: Call) -> Response:
    """Show all that speaks for and against a run."""
    entry = entry_of(call)
    register, register_fault = _register(call)
    return page(
        call,
        "audit.html",
        run=entry,
        files=run_files(call.folder),
        open_files=_OPEN,
        register=register,
        register_fault=register_fault,
        acts=acts.read_acts(call.services.engine, entry.name) if call.may("see_acts") else None,
        **grades_of(call),
    )


def download(call: Call) -> Response:
    """Send one file of a run."""
    entry_of(call)
    name = call.request.query_params.get("file", "")
    path = run_file(call.folder, name)
    _may_take(call, [name])
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=Path(name).name,
        headers={"content-security-policy": "default-src 'none'; sandbox"},
    )


def download_all(call: Call) -> Response:
    """Send all files of a run as one zip, made while it is sent."""
    entry = entry_of(call)
    names = [name for name, _ in run_files(call.folder)]
    _may_take(call, names)
    folder, name = call.folder, entry.name
    return StreamingResponse(
        _zipped(folder, names),
        media_type="application/zip",
        headers={"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}.zip"},
    )


def log_of_acts(call: Call) -> Response:
    """Show what was changed and uncovered, by whom."""
    engine = call.services.engine
    return page(call, "acts.html", acts=acts.read_acts(engine), broken=acts.first_break(engine))


def _may_take(call: Call, names: list[str]) -> None:
    hazardous = [name for name in names if name not in _OPEN]
    if hazardous and not call.may("uncover"):
        raise RefusedError(403, "no_right")
    call.record("download", call.folder.name, ", ".join(names))


def _register(call: Call) -> tuple[list[dict[str, Any]], str]:
    try:
        entries, _ = read_chain(call.settings.results / REGISTER_FILE)
    except InputError as error:
        return [], str(error).replace(f"{call.settings.results}/", "")
    return [each for each in entries if each.get("run") == call.folder.name], ""


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


def _zipped(folder: Path, names: list[str]) -> Iterator[bytes]:
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


ROUTES: Final = (
    route("/runs/{run}/audit", audit, "read"),
    route("/runs/{run}/file", download, "download"),
    route("/runs/{run}/bundle.zip", download_all, "download"),
    route("/acts", log_of_acts, "see_acts"),
)
