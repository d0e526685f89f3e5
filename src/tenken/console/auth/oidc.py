"""Signing in at an OpenID provider, by Authlib.

Whatever in a provider's answer does not fit lets nobody in; the server's terminal says what it was.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from tenken.console.settings import Settings, oidc_secret
from tenken.errors import EndpointError, in_a_line
from tenken.io.canonical import digest

_NAMES: Final = ("preferred_username", "email", "sub")
"""Claims that may name somebody, the best first."""
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProviderAccount:
    """Somebody whom the provider vouches for.

    Attributes:
        name: What the provider calls them now; it may change, and somebody else may get it.
        subject: Digest of the issuer and of the id that it never gives to anybody else.
    """

    name: str
    subject: str


def make_client(settings: Settings) -> Any:
    """Return Authlib's client of the provider; nothing is asked of it yet."""
    from authlib.integrations.starlette_client import OAuth

    oauth = OAuth()
    oauth.register(
        name="provider",
        client_id=settings.oidc_client,
        client_secret=oidc_secret(),
        server_metadata_url=f"{_issuer(settings)}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "timeout": 20,
        },
    )
    return oauth.create_client("provider")


async def lead_there(client: Any, request: Request, settings: Settings) -> Response:
    """Return a redirect to the provider, with state, nonce and PKCE.

    Args:
        client: Authlib's client for the provider.
        request: The request; its session keeps state and nonce.
        settings: The console's settings; the provider sends people back to its address.

    Raises:
        EndpointError: The provider cannot be reached, or does not say where its pages are.
    """
    try:
        back = f"{settings.address}/oidc/back"
        answer: Response = await client.authorize_redirect(request, back)
    except Exception as error:  # by which library it comes is Authlib's choice
        raise _noted(error) from None
    return answer


async def vouched(client: Any, request: Request, settings: Settings) -> ProviderAccount:
    """Return whom the provider vouches for, once state, signature and claims are checked.

    Args:
        client: Authlib's client for the provider.
        request: The request that the provider sent the browser back with.
        settings: The console's settings; issuer and audience have to be theirs.

    Raises:
        EndpointError: A check fails, or the provider cannot be reached.
    """
    options = {
        "iss": {"essential": True, "values": [_issuer(settings), f"{_issuer(settings)}/"]},
        "aud": {"essential": True, "value": settings.oidc_client},
    }
    try:
        token = await client.authorize_access_token(request, claims_options=options)
        claims = token["userinfo"]
        subject = digest([claims["iss"], claims["sub"]])
    except Exception as error:  # by which library it comes is Authlib's choice
        raise _noted(error) from None
    return ProviderAccount(name_in(claims), subject)


def name_in(claims: Mapping[str, Any]) -> str:
    """Return what a provider calls somebody; empty where it does not say.

    An address counts only where the provider has checked it.
    """
    for key in _NAMES:
        value = claims.get(key)
        if key == "email" and claims.get("email_verified") is not True:
            continue
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:60]
    return ""


def _issuer(settings: Settings) -> str:
    return settings.oidc_issuer.rstrip("/")


def _noted(error: Exception) -> EndpointError:
    said = in_a_line(error)
    _LOG.warning("sign-in by OpenID refused: %s: %s", type(error).__name__, said)
    return EndpointError("the OpenID provider did not vouch for anybody.")
