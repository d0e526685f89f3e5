"""What every page of results is rendered with: one guarded environment, pictures and digests."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tenken.io.canonical import digest
from tenken.results.pages.findings import (
    finding_said,
    grade_said,
    place_said,
    seal_said,
    verdict_said,
)
from tenken.results.pages.phrases import visible
from tenken.results.pages.sheet import Chart

TEMPLATES: Final = Path(__file__).parent / "templates"


def page_environment() -> Environment:
    """Return an environment that escapes everything and shows hidden characters.

    It has the filter `picture`, which makes an address of a chart, and those that put findings of
    a verification into words.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_guarded,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["picture"] = _picture
    for said in (finding_said, place_said, grade_said, verdict_said, seal_said):
        environment.filters[said.__name__] = said
    return environment


def _compiled() -> FileSystemBytecodeCache | None:
    """Return where templates are kept compiled: where Python keeps its modules, if it may at all.

    A template is compiled again when it changes, or Jinja, or a module that is here.
    """
    folder = TEMPLATES / "__pycache__"
    if sys.dont_write_bytecode:
        return None
    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    modules = [path.stat() for path in sorted(TEMPLATES.parent.glob("*.py"))]
    state = digest([version("jinja2"), *([each.st_mtime_ns, each.st_size] for each in modules)])
    for path in folder.glob("*.cache"):
        if not path.name.startswith(state[:16]):
            path.unlink(missing_ok=True)
    return FileSystemBytecodeCache(str(folder), f"{state[:16]}-%s.cache")


def csp_sha256(text: str) -> str:
    """Return the digest of a style or script as a content security policy names it."""
    return _base64(hashlib.sha256(text.encode()).digest())


def _guarded(value: Any) -> Any:
    """Make every text that the template writes visible; its own markup is left as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _picture(chart: Chart) -> str:
    return "data:image/svg+xml;base64," + _base64(chart.svg.encode())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
