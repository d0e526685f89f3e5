"""The OpenAPI document of `/api/v1`, made from its routes, and its page."""

from __future__ import annotations

import inspect
import re
from typing import Any, Final

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tenken._version import __version__
from tenken.console.api import v1
from tenken.console.auth.roles import ROLES, may
from tenken.console.web.call import Call
from tenken.console.web.render import page
from tenken.console.web.routes import handler_of, rights, route

_QUERY: Final = {
    "runs": ("q", "model", "suite", "decision", "sort", "page"),
    "samples": (
        "q", "task", "measure", "outcome", "label", "language", "tag", "disagree", "sort", "page",
        "covered",
    ),
    "compare": ("run",),
}  # fmt: skip
_BODIES: Final = {
    "labels": "application/jsonl",
    "draws": "application/json",
    "start": "application/json",
}


def openapi() -> dict[str, Any]:
    """Return the document (OpenAPI 3.1)."""
    paths: dict[str, Any] = {}
    for each in v1.ROUTES:
        path = re.sub(r":[a-z]+}", "}", each.path)
        for method in sorted(each.methods or ()):
            if method != "HEAD":
                paths.setdefault(path, {})[method.lower()] = _operation(each, path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tenken console", "version": __version__},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def document(_call: Call) -> Response:
    """Send the document."""
    return JSONResponse(openapi())


def docs(call: Call) -> Response:
    """Show the document to people."""
    return page(call, "api.html", paths=openapi()["paths"])


def _operation(each: Route, path: str) -> dict[str, Any]:
    handler = handler_of(each)
    right = rights(each)
    named = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]
    query = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in _QUERY.get(handler.__name__, ())
    ]
    found: dict[str, Any] = {
        "operationId": handler.__name__,
        "summary": inspect.getdoc(handler),
        "description": "Roles: " + ", ".join(role for role in ROLES if may(role, right)),
        "parameters": [*named, *query],
        "responses": {
            "200": {"description": "JSON"},
            "401": {"description": "no token, or a void one"},
            "403": {"description": "the role does not include this"},
        },
    }
    if kind := _BODIES.get(handler.__name__):
        found["requestBody"] = {"required": True, "content": {kind: {"schema": {}}}}
    return found


ROUTES: Final = (
    route("/api/v1/openapi.json", document, "read"),
    route("/api/v1/docs", docs, "read"),
)
