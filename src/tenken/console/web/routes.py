"""From a function to an address with the right that it takes."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tenken.console.auth.roles import Right
from tenken.console.services import Services
from tenken.console.web.call import Call, RefusedError, check_form, find_person
from tenken.console.web.render import go, page
from tenken.errors import InputError, TenkenError, UnknownNameError
from tenken.terms.sentences import sentence_in

Handler = Callable[[Call], Response] | Callable[[Call], Awaitable[Response]]


def route(
    path: str, handler: Handler, right: Right | None, methods: Sequence[str] = ("GET",)
) -> Route:
    """Return the route of a page.

    Args:
        path: Its address.
        handler: Makes the answer; plain functions run in a thread of their own.
        right: The right that it takes; None for pages that everybody may see.
        methods: `GET` or `POST`.
    """

    async def endpoint(request: Request) -> Response:
        services: Services = request.app.state.services
        call = Call(request, services, None)
        try:
            call = await _call(request, services)
            if right is not None and call.person is None:
                return _ask_in(call)
            if right is not None and not call.may(right):
                raise RefusedError(403, "no_right")
            return await _answer(handler, call)
        except ClientDisconnect:
            return PlainTextResponse("Too large.", 413)
        except (RefusedError, TenkenError) as error:
            return _refused(call, error)

    endpoint.handler = handler  # type: ignore[attr-defined]
    endpoint.right = right  # type: ignore[attr-defined]
    return Route(path, endpoint, methods=list(methods))


async def _call(request: Request, services: Services) -> Call:
    person = await run_in_threadpool(find_person, request, services)
    if request.method in ("GET", "HEAD"):
        return Call(request, services, person)
    fields: dict[str, list[str]] = {}
    body = b""
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form(max_files=1, max_fields=2000) as form:
            for name, value in form.multi_items():
                text = (
                    value
                    if isinstance(value, str)
                    else (await value.read()).decode("utf-8", "replace")
                )
                fields.setdefault(name, []).append(text)
    else:
        body = await request.body()
    last = {name: values[-1] for name, values in fields.items()}
    given = last.get("csrf", "") or request.headers.get("x-csrf-token", "")
    check_form(request, person, given)
    return Call(request, services, person, last, fields, body)


async def _answer(handler: Handler, call: Call) -> Response:
    if inspect.iscoroutinefunction(handler):
        return cast(Response, await handler(call))
    return await run_in_threadpool(cast(Callable[[Call], Response], handler), call)


def _refused(call: Call, error: RefusedError | TenkenError) -> Response:
    if isinstance(error, RefusedError):
        return _failed(call, error.status, call.words(error.key))
    said = sentence_in(call.words.language, error.sentence)
    if isinstance(error, UnknownNameError):
        return _failed(call, 404, said)
    return _failed(call, 400 if isinstance(error, InputError) else 409, said)


def _ask_in(call: Call) -> Response:
    if call.request.url.path.startswith("/api/"):
        return JSONResponse({"error": call.words("no_sign_in")}, 401)
    if call.request.method == "GET" and not call.is_partial:
        return go("/sign-in")
    return _failed(call, 401, call.words("no_sign_in"))


def _failed(call: Call, status: int, said: str) -> Response:
    results = f"{call.settings.results}/"
    said = said.replace(results, "")
    if call.request.url.path.startswith("/api/"):
        return JSONResponse({"error": said}, status)
    return page(call, "error.html", status, code=status, said=said)


def handler_of(found: Route) -> Any:
    """Return the function that makes a route's answer."""
    return found.endpoint.handler  # type: ignore[attr-defined]


def rights(found: Route) -> Any:
    """Return the right that a route takes, for the tests and for the documentation."""
    return getattr(found.endpoint, "right", None)
