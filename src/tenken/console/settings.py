"""What one console is started with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from tenken.errors import InputError, UnknownNameError

SignIn = Literal["link", "accounts", "oidc", "proxy"]
SIGN_INS: Final[tuple[SignIn, ...]] = get_args(SignIn)
DATA_FOLDER: Final = ".console"
"""Folder below the results in which the console keeps what is its own."""


@dataclass(frozen=True)
class Settings:
    """What one console is started with.

    Attributes:
        results: Folder of the runs' bundles.
        endpoints: Folder of endpoint files that runs may be started with; None for no such files.
        keys: Public keys that are trusted when a bundle is verified.
        host: Address to listen on.
        port: Port to listen on.
        sign_in: How people sign in.
        public_url: Address at which people reach the console, where a proxy is in front of it.
        proxy_header: Header in which a trusted proxy names who is signed in.
        trusted_proxies: Networks from which that header is believed.
        oidc_issuer: Address of the OpenID provider.
        oidc_client: Id of the console at the OpenID provider.
        secrets: Keys of endpoints by the name of their variable; runs get them, pages never.
        database: Address of the database; empty for a file below the results.
    """

    results: Path
    endpoints: Path | None = None
    keys: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8765
    sign_in: SignIn = "link"
    public_url: str = ""
    proxy_header: str = ""
    trusted_proxies: tuple[str, ...] = ()
    oidc_issuer: str = ""
    oidc_client: str = ""
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    database: str = ""

    @property
    def data(self) -> Path:
        """Folder of what is the console's own."""
        return self.results / DATA_FOLDER

    @property
    def database_url(self) -> str:
        """Address of the database."""
        return self.database or f"sqlite:///{self.data / 'console.sqlite'}"

    @property
    def address(self) -> str:
        """Address at which people reach the console, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def is_secure(self) -> bool:
        """Whether people reach it over TLS."""
        return urlsplit(self.address).scheme == "https"

    def trusts(self, client: str) -> bool:
        """Whether an address may name who is signed in."""
        try:
            address = ip_address(client)
        except ValueError:
            return False
        return any(address in ip_network(each, strict=False) for each in self.trusted_proxies)

    def check(self) -> None:
        """Refuse what would leave the console open to others.

        Raises:
            InputError: A setting is missing, or does not fit the others.
        """
        if self.sign_in not in SIGN_INS:
            raise UnknownNameError("way to sign in", self.sign_in, SIGN_INS)
        if self.sign_in == "link" and not _is_loopback(self.host):
            raise InputError(
                "--host {host}: the one-time link is for this machine alone; choose --sign-in "
                "accounts, oidc or proxy to let others in.",
                host=self.host,
            )
        if self.sign_in == "proxy" and not (self.proxy_header and self.trusted_proxies):
            raise InputError("--sign-in proxy needs --proxy-header and --trusted-proxy.")
        if self.sign_in == "oidc" and not (self.oidc_issuer and self.oidc_client):
            raise InputError("--sign-in oidc needs --oidc-issuer and --oidc-client.")
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise InputError(
                "--public-url {public_url}: must begin with https://.", public_url=self.public_url
            )
        for each in self.trusted_proxies:
            try:
                ip_network(each, strict=False)
            except ValueError:
                raise InputError(
                    "--trusted-proxy {each}: not an address or network.", each=each
                ) from None
        if not self.results.is_dir():
            raise InputError(
                "{results}: no such folder; name it with --results-dir.", results=self.results
            )


def read_secrets(path: Path) -> dict[str, str]:
    """Return the keys of a secrets file, lines of `NAME=VALUE`.

    Raises:
        InputError: Others can read it, or a line is none of that form; no value is repeated.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise InputError("{path}: others can read it; set its mode to 600.", path=path)
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError("{path}: the secrets cannot be read.", path=path) from None
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign or not name.strip().isidentifier():
            raise InputError("{path}:{number}: expected NAME=VALUE.", path=path, number=number)
        found[name.strip()] = value.strip()
    return found


def oidc_secret() -> str:
    """Return the console's secret at the OpenID provider, from the environment."""
    return os.environ.get("TENKEN_OIDC_SECRET", "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
