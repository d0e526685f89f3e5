"""Speaking with a console: what `--server` does for `runs`, `compare` and `review`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit

import typer

from tenken.errors import EndpointError, InputError, Sentence

VARIABLE: Final = "TENKEN_TOKEN"
"""Variable of the token that an account of the console has made."""
_SECONDS: Final = 900.0

Option = Annotated[
    str | None,
    typer.Option(
        "--server",
        metavar="URL",
        help=f"Ask a console (tenken serve) instead of a folder, with the token in {VARIABLE}.",
    ),
]


@dataclass(frozen=True)
class Server:
    """A console and the token that it is asked with."""

    address: str
    token: str

    @staticmethod
    def at(address: str) -> Server:
        """Return the console at an address.

        Raises:
            InputError: The address is none, would show the token to others, or there is no token.
        """
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise InputError(
                "--server {address}: give an address such as https://tenken.lab.", address=address
            )
        if parts.scheme == "http" and not _is_this_machine(parts.hostname):
            raise InputError(
                "--server {address}: others could read the token on its way; use https.",
                address=address,
            )
        if parts.username or parts.password:
            raise InputError(
                "--server: leave name and password out; the token is in {variable}.",
                variable=VARIABLE,
            )
        token = os.environ.get(VARIABLE, "").strip()
        if not token:
            raise InputError(
                "{variable} is not set; make a token on the page of your account at the console.",
                variable=VARIABLE,
            )
        return Server(address.rstrip("/"), token)

    def runs(self) -> Iterator[dict[str, Any]]:
        """Yield all runs, the one that ended last first."""
        page, seen, total = 1, 0, 1
        while seen < total:
            found = self._ask("GET", "runs", params={"page": str(page)})
            yield from found["runs"]
            page, seen = page + 1, seen + len(found["runs"])
            total = found["total"] if found["runs"] else 0

    def comparison(self, runs: Sequence[str]) -> Any:
        """Return what the console says of runs compared, as `tenken compare --json`."""
        return self._ask("GET", "compare", params=[("run", run) for run in runs])

    def draw(self, run: str, asked: Mapping[str, Any], output: Path) -> dict[str, Any]:
        """Draw answers of a run, and write what reviewers get to a folder.

        Args:
            run: Name of the run.
            asked: What to draw, by the names of the console's own parameters.
            output: The folder.

        Returns:
            What the console says of the draw, with the files that were written.
        """
        made = self._ask("POST", f"runs/{quote(run, safe='')}/draws", data=json.dumps(asked))
        return _kept(made, output)

    def take_in(self, run: str, paths: Sequence[Path], output: Path) -> dict[str, Any]:
        """Send label files, and write what reviewers differ on to a folder.

        Args:
            run: Name of the run.
            paths: The label files.
            output: The folder.

        Returns:
            What the console says of the labels, with the files that were written.
        """
        rows = [row for path in paths for row in _rows(path)]
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        made = self._ask("POST", f"runs/{quote(run, safe='')}/labels", data=data)
        return _kept(made, output)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        import requests

        if isinstance(more.get("data"), str):
            more["data"] = more["data"].encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        try:
            answer = requests.request(
                method, f"{self.address}/api/v1/{path}", headers=headers, timeout=_SECONDS,
                allow_redirects=False, **more,
            )  # fmt: skip
        except requests.RequestException as error:
            raise EndpointError(
                "{address}: cannot be reached ({why}).", address=self.address, why=_why(error)
            ) from None
        try:
            found = answer.json()
        except ValueError:
            found = None
        if answer.status_code >= 300 or not isinstance(found, dict):
            said = (
                found.get("error")
                if isinstance(found, dict)
                else Sentence("this is no console's answer")
            )
            raise InputError(
                "{address}: {said} (status {status_code})",
                address=self.address,
                said=said,
                status_code=answer.status_code,
            )
        return found


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    from tenken.io.rows import read_rows

    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("{path}: {error}.", path=path, error=error) from None
    yield from (row for _, row in read_rows(path, data, "a label"))


def _kept(made: dict[str, Any], output: Path) -> dict[str, Any]:
    """Write the files that came along, and name them as they are here."""
    from tenken.io.files import write_atomically

    written = []
    for name, text in made["files"].items():
        if Path(name).name != name or Path(name).suffix not in (".jsonl", ".html"):
            raise InputError(
                "the console sent a file of the name '{name}'; nothing is kept.", name=name[:80]
            )
        path = output / name
        if path.exists() and path.read_bytes() != text.encode():
            path = path.with_stem(f"{path.stem}-blank")  # somebody may have filled it in
        write_atomically(path, text.encode())
        written.append(str(path))
    return {**made, "files": written}


def _why(error: Exception) -> str:
    return type(error).__name__.removesuffix("Error") or "no connection"


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
