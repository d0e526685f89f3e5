"""Starting a console: accounts, the port, and the words on the terminal."""

from __future__ import annotations

import getpass
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace

from tenken.console.auth import acts
from tenken.console.auth.accounts import add_account
from tenken.console.auth.sessions import OneTimeLink
from tenken.console.database.connect import open_database
from tenken.console.settings import Settings
from tenken.errors import InputError


def serve(settings: Settings, *, open_page: bool, say: Callable[[str], None]) -> None:
    """Run a console until it is stopped.

    Args:
        settings: What it is started with; the port 0 stands for any that is free.
        open_page: Whether a browser is opened.
        say: Writes a line on the terminal.

    Raises:
        InputError: A setting is not allowed, or the port is taken.
    """
    import uvicorn

    from tenken.console.app import make_app

    settings.check()
    listening = _listen(settings)
    settings = replace(settings, port=listening.getsockname()[1])
    app = make_app(settings)
    services = app.state.services
    if settings.sign_in == "link":
        services.link = _TellingLink(lambda: say(f"  {services.link_address()}"))
        say("The console is ready. Each of these links lets one browser in:")
        services.link.tell()
        address = services.link_address()
    else:
        address = settings.address
        say(f"The console is ready: {address}")
    if open_page:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # it would hold the one-time link
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,  # longer than a proxy keeps a connection, so that none is cut
        timeout_graceful_shutdown=3,
        limit_concurrency=500,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        services.close()


def make_account(settings: Settings, name: str, role: str) -> None:
    """Make an account from the terminal.

    Where people sign in elsewhere, it has no password and belongs to the first who comes under that
    name. Otherwise the password is asked for, or is the first line of the standard input.

    Args:
        settings: The console's settings, with the database and how people sign in.
        name: Printable, at most 60 characters, not taken.
        role: One of the roles.

    Raises:
        InputError: Name, role or password are not allowed.
    """
    elsewhere = settings.sign_in in ("oidc", "proxy")
    password = None if elsewhere else _asked_password(name)
    engine = open_database(settings.database_url)
    source = settings.sign_in if elsewhere else "accounts"
    account = add_account(engine, name, role, password, source)
    acts.record(engine, "terminal", "add_account", what=f"{account.name}: {role}")
    engine.dispose()


def _asked_password(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(f"Password of {name}: ")
    if getpass.getpass("Once more: ") != password:
        raise InputError("the two passwords differ.")
    return password


class _TellingLink(OneTimeLink):
    """A one-time link that tells the next one as soon as it has been used."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self.tell = tell

    def use(self, secret: str) -> bool:
        if not super().use(secret):
            return False
        self.tell()
        return True


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)  # whoever follows the link at once waits for the first page
    except OSError as error:
        listening.close()
        raise InputError(
            "{host}:{port}: cannot listen there ({error}); choose another with --host or --port.",
            host=settings.host,
            port=settings.port,
            error=error,
        ) from None
    return listening
