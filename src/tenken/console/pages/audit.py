"""Auditing: findings of a verification, journal and register, downloads, and the log of acts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import FileResponse, Response, StreamingResponse

from tenken.console.auth import acts
from tenken.console.bundles.downloads import EXPORTS, exported, published, zipped
from tenken.console.bundles.folder import run_file, run_files
from tenken.console.bundles.journal import journal_of
from tenken.console.pages.run import entry_of, grades_of, readable_entry
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.render import page
from tenken.console.web.routes import route
from tenken.errors import InputError, UnknownNameError
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
        exports=EXPORTS,
        journal=journal_of(call.folder),
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
    return _zip(zipped(call.folder, names), entry.name)


def export(call: Call) -> Response:
    """Send a run in a form that others read; harmful texts are withheld in all of them."""
    entry = readable_entry(call)
    form = str(call.request.path_params["form"])
    if form not in EXPORTS:
        raise UnknownNameError("export format", form[:40], EXPORTS)
    made = exported(call.folder, form)
    call.record("export", entry.name, form)
    return Response(
        made,
        media_type="application/octet-stream",
        headers=_attached(f"{entry.name}.{EXPORTS[form]}"),
    )


def publish(call: Call) -> Response:
    """Send the published twin of a run: its bundle without texts, as one zip."""
    entry = readable_entry(call)
    parts = published(call.folder)
    call.record("publish", entry.name)
    return _zip(parts, f"{entry.name}-published")


def log_of_acts(call: Call) -> Response:
    """Show what was changed and uncovered, by whom."""
    engine = call.services.engine
    return page(call, "acts.html", acts=acts.read_acts(engine), broken=acts.first_break(engine))


def _zip(parts: Iterator[bytes], name: str) -> Response:
    return StreamingResponse(
        parts, media_type="application/zip", headers=_attached(f"{name}.zip")
    )  # fmt: skip


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


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


ROUTES: Final = (
    route("/runs/{run}/audit", audit, "read"),
    route("/runs/{run}/file", download, "download"),
    route("/runs/{run}/bundle.zip", download_all, "download"),
    route("/runs/{run}/export/{form}", export, "download"),
    route("/runs/{run}/published.zip", publish, "download"),
    route("/acts", log_of_acts, "see_acts"),
)
