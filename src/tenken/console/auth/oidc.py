"""Signing in at an OpenID provider, by Authlib."""

from __future__ import annotations

from typing import Any, Final

from tenken.console.settings import Settings, oidc_secret

NAMES: Final = ("preferred_username", "email", "sub")
"""Claims that may name somebody, the best first."""


def make_client(settings: Settings) -> Any:
    """Return Authlib's client of the provider; nothing is asked of it yet."""
    from authlib.integrations.starlette_client import OAuth

    oauth = OAuth()
    oauth.register(
        name="provider",
        client_id=settings.oidc_client,
        client_secret=oidc_secret(),
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )
    return oauth.create_client("provider")


def name_in(claims: dict[str, Any]) -> str:
    """Return what a provider calls somebody; empty where it does not say.

    An address counts only where the provider has checked it.
    """
    for key in NAMES:
        value = claims.get(key)
        if key == "email" and claims.get("email_verified") is not True:
            continue
        if isinstance(value, str) and value.strip():
            return " ".join(value.split())[:60]
    return ""
