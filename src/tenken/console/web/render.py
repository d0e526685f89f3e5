"""Templates and answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tenken._version import __version__
from tenken.console.auth.roles import Right
from tenken.console.web.call import LANGUAGE_COOKIE, Call
from tenken.io.canonical import sha256_bytes
from tenken.results.pages.environment import TEMPLATES, page_environment
from tenken.schema.record import LANGUAGES, OUTCOMES, RISKS

STATIC: Final = Path(__file__).parents[1] / "static"
_TEMPLATES: Final = Path(__file__).parents[1] / "templates"
PAGES: Final[tuple[tuple[str, str, Right], ...]] = (
    ("/runs", "runs", "read"),
    ("/models", "models_title", "read"),
    ("/jobs", "jobs", "start"),
    ("/review", "reviews", "review"),
    ("/library", "library", "read"),
    ("/acts", "acts", "see_acts"),
    ("/accounts", "accounts", "accounts"),
)
"""Address, key of the title and right of each page that the head of all pages leads to."""
_SYMBOLS: Final = {
    "PASS": "✓",
    "FAIL": "✕",
    "INCONCLUSIVE": "?",
    "INCOMPLETE": "…",
    "NO_GATES": "–",
}
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def page(call: Call, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page made from a template, and remember a language that was asked for.

    Args:
        call: The request.
        template: Name of the template's file.
        status: HTTP status.
        **values: What the template may use beyond `fragment`'s own values.
    """
    made = fragment(call, template, **values)
    answer = HTMLResponse(made.lstrip().encode("utf-8", "replace"), status)
    answer.headers["vary"] = "Cookie, Accept-Language, HX-Request"
    if (asked := call.request.query_params.get("lang", "")) in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE, asked, max_age=31536000, httponly=True, samesite="lax",
            secure=call.settings.is_secure,
        )  # fmt: skip
    return answer


def fragment(call: Call, template: str, **values: Any) -> str:
    """Return what a template makes, as text.

    Args:
        call: The request; gives the language, the account and its rights.
        template: Name of the template's file.
        **values: What else the template may use.
    """
    return (
        environment()
        .get_template(template)
        .render(
            call=call,
            w=call.words,
            may=call.may,
            account=call.person.account if call.person else None,
            csrf=call.person.csrf if call.person else "",
            other_languages=[each for each in LANGUAGES if each != call.words.language],
            address=call.request.url.path,
            **values,
        )
    )


def go(address: str) -> Response:
    """Return an answer that leads to another page of the console."""
    return RedirectResponse(address, 303)


def static_file(name: str) -> Response | None:
    """Return a file of the console's own; None where there is none of that name."""
    data = _static().get(name)
    if data is None:
        return None
    kind = _TYPES[Path(name).suffix]
    return Response(data, media_type=kind, headers={"cache-control": "public, max-age=31536000"})


@cache
def environment() -> Environment:
    """Return the environment of the console's templates: that of the report's."""
    made = page_environment()
    made.loader = FileSystemLoader(_TEMPLATES)
    made.filters["part"] = lambda text: quote(text, safe="")
    made.globals.update(
        static=_static_address, symbols=_SYMBOLS, version=__version__, risks=RISKS,
        outcomes=OUTCOMES, languages=LANGUAGES, nav=PAGES,
    )  # fmt: skip
    return made


@cache
def _static() -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in _TYPES}
    found["report.css"] = (TEMPLATES / "report.css").read_bytes()
    return found


@cache
def _static_address(name: str) -> str:
    return f"/static/{name}?{sha256_bytes(_static()[name])[:12]}"
