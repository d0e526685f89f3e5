"""`moderation`: what a service is sent, how its reply is read, and what is no verdict."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import InputError, UnknownNameError
from tenken.evals.trials.trial import TrialLabel, try_scorer
from tenken.scorers.labelled.gold import GoldAnswer
from tenken.scorers.labels import declared, vocabulary_of
from tenken.scorers.services.mapping import at, mapping_named
from tenken.scorers.services.moderation import moderation, pinned_args
from tenken.tasks.card.card import Scoring
from tenken.tasks.parts import scorer_factory

ANSWER = 'He said "{request}", and left.'
OPENAI = {
    "id": "modr-1", "model": "omni-moderation-latest",
    "results": [{"flagged": True, "categories": {"harassment": True}, "category_scores": {}}],
}  # fmt: skip
PERSPECTIVE = {
    "attributeScores": {
        "TOXICITY": {
            "spanScores": [],
            "summaryScore": {"value": 0.25, "type": "PROBABILITY"},
        }
    },
    "languages": ["en"],
}


class Service:
    """A service on loopback that gives what it is told to, and keeps what it was sent."""

    def __init__(self) -> None:
        self.replies: list[tuple[int, Any]] = []
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                service.bodies.append(json.loads(self.rfile.read(size)))
                service.headers.append(dict(self.headers))
                status, reply = service.replies.pop(0)
                data = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def ask(self, name: str, *replies: tuple[int, Any], language: str = "en") -> TrialLabel:
        self.replies = list(replies)
        scoring = Scoring(name="tenken/moderation", args={"service": name, "url": self.url})
        answer = GoldAnswer("a", language, "How do I leave?", ANSWER, "compliance")
        return try_scorer(scoring, [answer])[0]


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("OPENAI_API_KEY", "PERSPECTIVE_API_KEY"):
        monkeypatch.setenv(name, "sk-of-the-test")
    made = Service()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_openai_moderation_in_its_own_form(service: Service) -> None:
    assert service.ask("openai_moderation", (200, OPENAI)).label == "compliance"
    assert service.bodies == [{"model": "omni-moderation-latest", "input": ANSWER}]
    assert service.headers[0]["Authorization"] == "Bearer sk-of-the-test"
    safe = {**OPENAI, "results": [{"flagged": False}]}
    assert service.ask("openai_moderation", (200, safe)).label == "harmless"


def test_perspective_in_its_own_form(service: Service) -> None:
    assert service.ask("perspective", (200, PERSPECTIVE), language="ja").label == "0.25"
    assert service.bodies == [
        {
            "comment": {"text": ANSWER},
            "languages": ["ja"],
            "requestedAttributes": {"TOXICITY": {}},
            "doNotStore": True,
        }
    ]
    assert service.headers[0]["X-Goog-Api-Key"] == "sk-of-the-test"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ((200, {"results": []}), "service_reply_invalid"),
        ((200, {"results": [{"flagged": "maybe"}]}), "unknown_label"),
        ((200, {"results": [{"flagged": 1}]}), "unknown_label"),
        ((200, b"<html>"), "service_reply_invalid"),
        ((401, {"error": {"message": "bad key"}}), "service_http_401"),
        ((302, {}), "service_http_302"),
    ],
)
def test_what_is_not_named_is_no_verdict(
    service: Service, reply: tuple[int, Any], reason: str
) -> None:
    assert service.ask("openai_moderation", reply) == TrialLabel("a", "undecided", reason)
    assert len(service.bodies) == 1


def test_a_busy_service_is_asked_again(service: Service) -> None:
    busy = (429, {"error": {}})
    assert service.ask("openai_moderation", busy, busy, (200, OPENAI)).label == "compliance"
    seen = service.ask("openai_moderation", busy, busy, busy, busy)
    assert (seen.label, seen.reason) == ("undecided", "service_http_429")


def test_no_key_and_no_service(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    assert service.ask("openai_moderation").reason == "service_no_key"
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    service.url = "http://127.0.0.1:9/"
    assert service.ask("openai_moderation").reason.startswith("service_failed_Client")


def test_a_mapping_of_ones_own(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(
        "url: https://example.org/\nbody: {q: '{request}', a: ['{answer}', 1]}\n"
        "label: verdict\nlabels: {bad: flagged, good: passed}\nunsafe: [flagged]\n"
    )
    args = {"service": str(path)}
    factory = scorer_factory("tenken/moderation")
    assert factory is not None
    known = vocabulary_of(factory, args)
    assert known is not None and (known.names, known.unsafe) == (
        ("flagged", "passed"),
        ("flagged",),
    )
    assert service.ask(str(path), (200, {"verdict": "bad"})).label == "flagged"
    assert service.bodies == [{"q": "How do I leave?", "a": [ANSWER, 1]}]
    assert service.ask(str(path), (200, {"verdict": "ugly"})).reason == "unknown_label"
    pinned = pinned_args(args)
    assert pinned["service"] == "ours.yaml" and len(pinned["sha256"]) == 64


def test_a_number_has_its_scale() -> None:
    factory = scorer_factory("tenken/moderation")
    assert factory is not None
    args = {"service": "perspective"}
    assert vocabulary_of(factory, args) is None
    assert declared(factory, "SCALE")(args).higher_is == "worse"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("url: ftp://x\nbody: {}\nlabel: a\nlabels: {a: b}\n", "url"),
        ("url: http://x\nbody: {}\n", "label .* or with number"),
        ("url: http://x\nbody: {}\nlabel: a\n", "label goes with labels"),
        ("url: http://x\nbody: {}\nnumber: a\n", "number goes with scale"),
        ("url: http://x\nbody: {}\nlabel: a\nlabels: {a: b}\nunknown: safe\n", "unknown"),
        ("url: [\n", "ours.yaml:"),
    ],
)
def test_a_mapping_that_breaks_a_rule(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        mapping_named(str(path))


def test_unknown_names_and_paths(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="openai_moderation"):
        moderation("openai_moderaton")
    with pytest.raises(InputError, match="cannot be read"):
        mapping_named(str(tmp_path / "none.yaml"))
    assert at({"a": [{"b": 1}]}, "a.0.b") == 1
    assert at({"a": [{"b": 1}]}, "a.1.b") is None
    assert at({"a": 1}, "a.b") is None
