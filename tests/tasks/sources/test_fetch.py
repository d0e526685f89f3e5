"""Files of public benchmarks: downloaded, kept, checked, and refused in one line when odd."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import ValidationError

from tenken.errors import InputError
from tenken.io.cache import cache_folder
from tenken.io.canonical import sha256_bytes
from tenken.tasks.card.remote import Remote, terms
from tenken.tasks.sources.fetch import source_files

DATA = b"id,prompt\n1,hello\n" * 400
REVISION = "0123456789abcdef0123456789abcdef01234567"


class Shelf:
    """A server on loopback: what it gives for any path, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.data, self.status, self.cut = DATA, 200, 0
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self._head()

            def do_GET(self) -> None:
                shelf.asked.append(self.path)
                self._head()
                if shelf.status == 200:
                    with suppress(ConnectionError):
                        self.wfile.write(shelf.data[: len(shelf.data) - shelf.cut])
                self.close_connection = True

            def _head(self) -> None:
                self.send_response(shelf.status)
                self.send_header("Content-Length", str(len(shelf.data)))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/{{revision}}/data"


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Shelf]:
    monkeypatch.setenv("TENKEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TENKEN_DATA", raising=False)
    made = Shelf()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join(5)


@pytest.fixture
def remote(shelf: Shelf) -> Callable[..., Remote]:
    """Return a function that makes a remote whose one file lies on the server."""

    def make(sha256: str | None = sha256_bytes(DATA), **changes: object) -> Remote:
        file = {"path": "deep/prompts.csv", "sha256": sha256}
        return Remote.model_validate(
            {"reader": "xstest", "page": "https://example.org/x", "url": shelf.url,
             "revision": REVISION, "files": [file], **changes}
        )  # fmt: skip

    return make


def _refused(remote: Remote, given: Path | None = None) -> str:
    with pytest.raises(InputError) as caught:
        source_files("tiny", remote, given)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_is_fetched_at_its_revision_once(
    shelf: Shelf, remote: Callable[..., Remote], capfd: pytest.CaptureFixture[str]
) -> None:
    first, second = source_files("tiny", remote()), source_files("tiny", remote())
    assert first == second and first is not None and first[0].data == DATA and first[0].expected
    assert shelf.asked == [f"/{REVISION}/data/deep/prompts.csv"]
    assert capfd.readouterr().err.startswith("prompts.csv: downloading from http://127")


def test_nothing_is_fetched_where_it_should_not_be(
    shelf: Shelf, remote: Callable[..., Remote]
) -> None:
    assert source_files("tiny", remote(), download=False) is None and shelf.asked == []


def test_a_changed_byte_in_the_cache_is_fetched_again(
    shelf: Shelf, remote: Callable[..., Remote]
) -> None:
    (file,) = source_files("tiny", remote()) or []
    file.path.write_bytes(DATA.replace(b"h", b"H", 1))
    (again,) = source_files("tiny", remote()) or []
    assert again.data == DATA and len(shelf.asked) == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"cut": 100}, "broke off before its end"),
        ({"data": DATA[:-1]}, "cut short or changed"),
        ({"data": DATA.replace(b"1", b"2", 1)}, "does not match the known hash"),
        ({"status": 404}, "the revision was moved or taken away"),
        ({"status": 403}, "access is refused; ask for it at https://example.org/x"),
        ({"status": 500}, "HTTP 500"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_is_kept(
    shelf: Shelf, remote: Callable[..., Remote], fault: dict[str, object], message: str
) -> None:
    for name, value in fault.items():
        setattr(shelf, name, value)
    assert message in _refused(remote())
    assert [path for path in cache_folder().rglob("*") if path.is_file()] == []


def test_no_network_says_how_to_do_without(shelf: Shelf, remote: Callable[..., Remote]) -> None:
    said = _refused(remote(url="http://127.0.0.1:9/{revision}"))
    assert "no connection" in said and "--data tiny=PATH" in said


def test_a_digest_that_nobody_knows_is_taken_down_and_held_to(
    shelf: Shelf, remote: Callable[..., Remote]
) -> None:
    (file,) = source_files("tiny", remote(None)) or []
    assert not file.expected and file.sha256 == sha256_bytes(DATA)
    file.path.write_bytes(b"changed")
    (again,) = source_files("tiny", remote(None)) or []
    assert again.data == DATA and len(shelf.asked) == 2


def test_a_file_of_the_users_own_is_checked_as_well(
    tmp_path: Path, shelf: Shelf, remote: Callable[..., Remote], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "mine" / "tiny"
    folder.mkdir(parents=True)
    assert "no such file or folder" in _refused(remote(), tmp_path / "gone")
    assert "prompts.csv is not in it" in _refused(remote(), folder)
    (folder / "prompts.csv").write_bytes(DATA)
    for place in (folder, folder / "prompts.csv"):
        assert source_files("tiny", remote(), place)
    monkeypatch.setenv("TENKEN_DATA", str(tmp_path / "mine"))
    assert source_files("tiny", remote())
    (folder / "prompts.csv").write_bytes(DATA + b"x")
    assert "the card says" in _refused(remote()) and shelf.asked == []


def test_data_on_request_come_from_a_path_alone(tmp_path: Path, shelf: Shelf) -> None:
    gated = Remote(reader="bbq", page="https://example.org/form", pattern="*.jsonl")
    said = _refused(gated)
    assert "on request alone (https://example.org/form)" in said and "--data tiny=PATH" in said
    assert "no file *.jsonl" in _refused(gated, tmp_path)
    (tmp_path / "b.jsonl").write_text("{}")
    (tmp_path / "a.jsonl").write_text("{}")
    found = source_files("tiny", gated, tmp_path) or []
    assert [file.path.name for file in found] == ["a.jsonl", "b.jsonl"]
    assert not any(file.expected for file in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://example.org/main/"},
        {"revision": None},
        {"revision": "main"},
        {"files": []},
        {"pattern": "*.csv"},
    ],
)
def test_a_card_that_pins_nothing_is_refused(
    remote: Callable[..., Remote], changes: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        remote(**changes)


@pytest.mark.parametrize(
    ("licence", "asks"),
    [("CC-BY-NC-SA-4.0", True), ("CC-BY-4.0", False), ("CC-BY-ND-4.0", False), ("MIT", False)],
)
def test_non_commercial_terms_ask_for_consent(
    remote: Callable[..., Remote], licence: str, asks: bool
) -> None:
    assert bool(terms(licence, remote())) == asks
    assert terms(licence, remote(consent="for research")) and not terms(licence, None)
