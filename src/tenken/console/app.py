"""The application: all addresses, and what every request passes first."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from tenken.console.api import document, v1
from tenken.console.pages import (
    accounts,
    audit,
    jobs,
    library,
    models,
    readings,
    review,
    run,
    runs,
    samples,
    sign_in,
    withdrawals,
)
from tenken.console.services import Services
from tenken.console.settings import Settings
from tenken.console.web.call import Call
from tenken.console.web.guard import Guard
from tenken.console.web.render import page, static_file


def make_app(settings: Settings) -> Starlette:
    """Return the application of a console.

    Args:
        settings: What it is started with.

    Raises:
        InputError: A setting does not do, or the database cannot be used.
    """
    services = Services(settings)
    middleware: list[Middleware] = [Middleware(Guard, settings=settings)]
    if settings.sign_in == "oidc":
        middleware.append(_short_session(services))
    app = Starlette(
        routes=[Route("/static/{name}", _static), *all_routes()],
        middleware=middleware,
        exception_handlers={404: _missing, 405: _missing, 500: _broken},
    )
    app.state.services = services
    return app


def all_routes() -> list[BaseRoute]:
    """Return the routes of all pages and of the interface for programs."""
    rooms = (
        sign_in, runs, models, run, samples, withdrawals, audit, review, jobs, library, readings,
        accounts, document, v1,
    )  # fmt: skip
    return [each for room in rooms for each in room.ROUTES]


def _short_session(services: Services) -> Middleware:
    """Return what keeps the state of a sign-in at the provider, signed, for some minutes."""
    from starlette.middleware.sessions import SessionMiddleware

    return Middleware(
        SessionMiddleware,
        secret_key=services.secret.hex(),
        session_cookie="tenken_oidc",
        max_age=600,
        same_site="lax",
        https_only=services.settings.is_secure,
    )


async def _static(request: Request) -> Response:
    return static_file(request.path_params["name"]) or PlainTextResponse("No such file.", 404)


async def _missing(request: Request, _error: Exception) -> Response:
    services: Services = request.app.state.services
    call = Call(request, services, None)
    status: Any = getattr(_error, "status_code", 404)
    return page(call, "error.html", status, code=status, said=call.words("no_such_page"))


async def _broken(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("The console has failed; its log says why.", 500)
