"""All that the pages of one server share."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Engine

from tenken.console.auth.accounts import Account, add_account, by_name
from tenken.console.auth.limits import Attempts
from tenken.console.auth.sessions import OneTimeLink
from tenken.console.bundles.index import RunIndex
from tenken.console.bundles.indexing import SampleIndex
from tenken.console.bundles.samples import Samples
from tenken.console.bundles.verifications import Verifications
from tenken.console.database.connect import open_database
from tenken.console.live.jobs import Jobs
from tenken.console.settings import Settings

LOCAL: Final = "local"
"""Name of whoever comes by the one-time link."""


class Services:
    """The database and what is made on it, for one server."""

    def __init__(self, settings: Settings) -> None:
        """Open the database.

        Raises:
            InputError: A setting does not do, or the database cannot be used.
        """
        settings.check()
        self.settings = settings
        self.engine: Engine = open_database(settings.database_url)
        self.runs = RunIndex(self.engine, settings.results)
        self.sample_index = SampleIndex(self.engine, settings.results, settings.database_url)
        self.samples = Samples(self.engine)
        self.verifications = Verifications(self.engine, settings.results, settings.keys)
        self.jobs = Jobs(self.engine, settings.data, settings.results, settings.secrets)
        self.attempts = Attempts()
        self.link = OneTimeLink()
        self.secret = secrets.token_bytes(32)

    @cached_property
    def oidc(self) -> Any:
        """The client of the OpenID provider."""
        from tenken.console.auth.oidc import make_client

        return make_client(self.settings)

    def local_account(self) -> Account:
        """Return the account of whoever comes by the one-time link."""
        found = by_name(self.engine, LOCAL)
        return found or add_account(self.engine, LOCAL, "administrator", None, "link")

    def link_address(self) -> str:
        """Return the one-time link."""
        return f"{self.settings.address}/enter?key={self.link.secret}"

    def close(self) -> None:
        """Let go of the database."""
        self.sample_index.close()
        self.engine.dispose()
