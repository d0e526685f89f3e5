"""Signing in at an OpenID provider: authorization code, PKCE, and all that has to be refused."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from tenken.console import serving
from tenken.console.app import make_app
from tenken.console.auth.accounts import all_accounts, change_account
from tenken.console.settings import Settings

from .conftest import ADDRESS, Console, closed
from .openid_provider import CLIENT, SECRET, Provider, running_provider


@pytest.fixture(scope="module")
def shared_provider() -> Iterator[Provider]:
    with running_provider() as made:
        yield made


@dataclass
class Desk:
    """A console whose people sign in at a provider."""

    console: Console
    provider: Provider

    def begin(self) -> tuple[TestClient, str]:
        """Go to the provider and return the address that it sends the browser back to."""
        client = self.console.client()
        asked = client.get("/oidc")
        assert asked.status_code == 302, asked.text
        return client, httpx.get(asked.headers["location"]).headers["location"]

    def sign_in(self, **claims: Any) -> tuple[TestClient, int]:
        """Sign in and return the browser with the status of the last page."""
        self.provider.claims = claims
        client, back = self.begin()
        assert back.startswith(f"{ADDRESS}/oidc/back?")
        return client, client.get(back).status_code


@pytest.fixture
def desk(
    shared_provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setenv("TENKEN_OIDC_SECRET", SECRET)
    shared_provider.forged = shared_provider.without_token = False
    settings = Settings(
        results=tmp_path, database=f"sqlite:///{tmp_path / 'c.sqlite'}", sign_in="oidc",
        oidc_issuer=shared_provider.issuer, oidc_client=CLIENT,
    )  # fmt: skip
    for console in closed(Console(make_app(settings), tmp_path)):
        yield Desk(console, shared_provider)


def test_somebody_comes_in_by_the_provider_and_stays_who_they_are(desk: Desk) -> None:
    client, status = desk.sign_in()
    assert status == 303
    assert "ann (reader)" in client.get("/runs").text
    engine = desk.console.services.engine
    (ann,) = all_accounts(engine)
    change_account(engine, ann.id, role="administrator", disabled=False)
    again, status = desk.sign_in(preferred_username="ann of another name")
    assert status == 303
    assert "ann (administrator)" in again.get("/runs").text
    assert desk.sign_in(sub="mallory", preferred_username="ann")[1] == 403
    bob, status = desk.sign_in(sub="bob-1", preferred_username=None, email="bob@example.org")
    assert status == 303
    assert "bob-1 (reader)" in bob.get("/runs").text  # an address that nobody has checked
    assert len(all_accounts(engine)) == 2
    assert desk.provider.refused == []


def test_an_account_can_wait_for_somebody_of_the_provider(desk: Desk) -> None:
    serving.make_account(desk.console.services.settings, "ann", "evaluator")
    client, status = desk.sign_in()
    assert status == 303
    assert "ann (evaluator)" in client.get("/runs").text
    assert desk.sign_in(sub="mallory")[1] == 403


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": "another-client", "azp": CLIENT},
        {"aud": None},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"exp": NOW - 3600},
        {"exp": None},
        {"sub": None},
        {"sub": "", "preferred_username": ""},
    ],
)
def test_claims_that_do_not_fit_let_nobody_in(
    claims: dict[str, Any], desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        client, status = desk.sign_in(**claims)
    assert status == 403
    assert client.get("/runs").status_code == 303
    assert all_accounts(desk.console.services.engine) == []


def test_a_way_back_that_is_not_ones_own_lets_nobody_in(desk: Desk) -> None:
    desk.provider.claims = {}
    client, back = desk.begin()
    state = parse_qs(urlsplit(back).query)["state"][0]
    for wrong in (
        back.replace(state, "x" * len(state)),
        back.replace(f"state={state}", "state="),
        f"{ADDRESS}/oidc/back",
        f"{ADDRESS}/oidc/back?error=access_denied&state={state}",
    ):
        assert client.get(wrong).status_code == 403, wrong
    stranger = desk.console.client()
    assert stranger.get(back).status_code == 403  # somebody else's code, planted as a link
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 403  # the same code once more
    other, _ = desk.begin()
    code = parse_qs(urlsplit(desk.begin()[1]).query)["code"][0]
    own_state = next(iter(desk.provider.codes.values()))["state"]
    swapped = other.get(f"/oidc/back?code={code}&state={own_state}")
    assert swapped.status_code == 403  # PKCE: a code that was given for another beginning
    assert desk.provider.refused == [code]


@pytest.mark.parametrize("fault", ["forged", "without_token"])
def test_a_token_that_is_not_the_providers_lets_nobody_in(fault: str, desk: Desk) -> None:
    setattr(desk.provider, fault, True)
    assert desk.sign_in()[1] == 403


def test_a_provider_that_is_silent_is_said_in_plain_words(tmp_path: Path) -> None:
    settings = Settings(
        results=tmp_path, database=f"sqlite:///{tmp_path / 'c.sqlite'}", sign_in="oidc",
        oidc_issuer="http://127.0.0.1:9", oidc_client=CLIENT,
    )  # fmt: skip
    for console in closed(Console(make_app(settings), tmp_path)):
        answer = console.client().get("/oidc")
        assert answer.status_code == 502
        assert "cannot be reached" in answer.text
