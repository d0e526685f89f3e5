"""An OpenAI-compatible endpoint on loopback that answers, or fails, as its model's name says.

Started inside a test by `running()`, or as a process of its own for benchmarks:

    python tests/stub_endpoint.py --port 8099 --latency 0.05

Names are `answer`, or `answer@N:fault`: from the N-th request on the fault is shown. Answers:
`refuse`, `comply`, `able` (does what it is asked), `letter-a`, `letter-hash` (a letter that depends
on the prompt), `echo`, `helps-N` (helps with N of 100 prompts, by their digest, and declines the
others; of choices, a letter), `judge` (fills in a grader's form by what the answer looks like;
`judge+chatty` with a word before it), `attack` (an attacker's next message; `stub_modes.attacked`
has its modes), `breaks-N` (helps from the N-th turn of an attack on), `rate-4` (a grader's rating),
`sure` (a letter with a percentage).
With `answer+mode` the answer comes as models of one kind give it: the reasoning modes of
`stub_modes.REASONING` spend 40 tokens on a thought before it and are cut by a smaller limit; the
`TAKES` refuse a parameter; `says-other` names another model and changing fingerprints. A whole
name with a slash before it (`openai/answer`) is the same.
Faults: `http-401`, `http-404`, `http-429`, `http-500`, `hang`, `empty`, `html`, `cut` (the
connection breaks inside the answer), `length` (the answer is cut off by a limit), `filter`,
`prose` (JSON that is no completion), `key-401` (an error of that status that quotes the key
back), `key` (an answer that quotes it), `drop` (the connection breaks), `die` (the server
closes its port), and each key of `stub_modes.STATUSES`, `BODIES`, `PAGES` and `RAW`. `N-M` instead
of `N` ends the fault after the M-th request; `each` shows one fault after the other.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from stub_modes import (
    BODIES,
    HEADERS,
    PAGES,
    QUOTA,
    RAW,
    REASONING,
    STATUSES,
    TAKES,
    WINDOW,
    able,
    attacked,
    broken,
    judged,
    reasoned,
    trickle,
)  # fmt: skip

ANSWERS = {
    "refuse": (
        "I'm sorry, but I can't help with that.",
        "申し訳ありませんが、お手伝いできません。",
    ),
    "comply": (
        "Sure. Here is a draft you can use: first greet the reader, then explain the matter in "
        "three short paragraphs, and close with a friendly request to reply today.",
        "承知しました。次のような文案はいかがでしょうか。まずあいさつをし、続いて用件を三つの段落で"
        "説明し、最後に本日中の返信をお願いして締めくくります。",
    ),
    "letter-a": ("A", "A"),
    "rate-4": ('{"reasons": "Plain enough.", "rating": 4}',) * 2,
    "grade-c": ("The answer fits.\nGRADE: C",) * 2,
    "grade-i": ("The answer does not fit.\nGRADE: I",) * 2,
    "safe": ("safe",) * 2,
    "unsafe": ("unsafe\nS2",) * 2,
    "answer-a": ("ANSWER: A",) * 2,
    "sure": ("A, 80%", "A（80%）"),
}

EACH = (*STATUSES, *BODIES, *PAGES, *RAW, "html", "prose", "drop", "cut", "http-502", "http-451")
FINGERPRINTS = ("fp_one", "fp_two")
PREFLIGHT = "Reply with the word OK."


@dataclass
class Stub:
    """What the server saw, and where it listens.

    Attributes:
        requests: Bodies of all requests.
        prompts: The last message of each request, in the order of their arrival.
        answered: Those of them whose answer was sent to its end.
        healthy: Set to True, no fault is shown any more.
        keys: Headers of authorisation that were seen.
        shown: With the fault or the mode `each`, which one each prompt was answered with.
        models: What the page of models lists.
        at_most: Requests under way at once beyond which 429 is answered; 0 for any number.
        most_at_once: Requests under way at once, at most, where there is a latency.
    """

    port: int = 0
    latency: float = 0.0
    requests: list[dict[str, Any]] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    healthy: bool = False
    shown: dict[str, str] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    under_way: int = 0
    most_at_once: int = 0
    scheme: str = "http"
    close: Callable[[], Awaitable[None]] | None = None
    models: list[dict[str, Any]] = field(default_factory=list)
    at_most: int = 0

    @property
    def asked(self) -> list[str]:
        """Prompts of samples: all but the question that comes before them."""
        return [prompt for prompt in self.prompts if not prompt.endswith(PREFLIGHT)]

    @property
    def base_url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/v1"


def _text(name: str, prompt: str) -> str:
    if name == "echo":
        return prompt
    if name == "letter-hash":
        letters = [line[0] for line in prompt.splitlines() if line[1:2] == ")"] or ["A"]
        return letters[hashlib.sha256(prompt.encode()).digest()[0] % len(letters)]
    if name.startswith("helps-"):
        if any(line[1:2] == ")" for line in prompt.splitlines()):
            return _text("letter-hash", prompt)
        share = hashlib.sha256(prompt.encode()).digest()[1] * 100 // 256
        return _text("comply" if share < int(name[6:]) else "refuse", prompt)
    japanese = any("\u3040" <= char <= "\u30ff" for char in prompt)
    return ANSWERS.get(name, ANSWERS["refuse"])[japanese]  # whatever model a page names


def _breaking(name: str, body: dict[str, Any]) -> str:
    if not name.startswith("breaks-"):
        return name
    return "comply" if broken(body, int(name[7:])) else "refuse"


def _act(name: str, mode: str, said: dict[str, Any], body: dict[str, Any], number: int) -> None:
    """Change a completion into what a model says that reads what it is asked."""
    if name == "attack":
        attacked(said, body, mode)
    if name == "judge":
        judged(said, body, before="Here is my verdict: " if mode == "chatty" else "")
    if name == "able":
        prompt = str(_said(body["messages"][-1]["content"]))
        cut = mode == "cuts" and len(prompt) > 4 * WINDOW
        able(said, {**body, "messages": [{"content": prompt[-WINDOW:]}]} if cut else body)
        if mode == "two-models":
            said["system_fingerprint"] = f"fp_{number % 2}"


def _said(content: Any) -> str:
    """Return the text of a message, whose content may have images and files too."""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def _completion(text: str, model: str, finish: str = "stop") -> dict[str, Any]:
    return {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25},
    }


def application(stub: Stub) -> web.Application:
    """Return the server; each request is counted in `stub`."""

    async def chat(request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except ConnectionError:  # the client was killed
            return web.Response()
        stub.requests.append(body)
        stub.keys.add(request.headers.get("Authorization", ""))
        number = len(stub.requests)
        prompt = _said(body["messages"][-1]["content"])
        stub.prompts.append(prompt)
        if stub.latency:
            stub.under_way += 1
            stub.most_at_once = max(stub.most_at_once, stub.under_way)
            too_many = 0 < stub.at_most < stub.under_way
            await asyncio.sleep(stub.latency)
            stub.under_way -= 1
            if too_many:
                return web.json_response({"error": {"message": "slow down"}}, status=429)
        name, _, fault = body["model"].rpartition("/")[2].partition("@")
        name, _, mode = name.partition("+")
        if mode == "each" and not prompt.endswith(PREFLIGHT):
            mode = stub.shown[prompt] = list(REASONING)[number % len(REASONING)]
        if mode in TAKES and (refusal := TAKES[mode](body)) is not None:
            return web.json_response(refusal, status=400)
        when, _, fault = fault.partition(":")
        first, _, last = when.partition("-")
        if fault and not stub.healthy and int(first) <= number <= int(last or 10**9):
            if fault == "each":
                fault = stub.shown[prompt] = EACH[(number - int(first)) % len(EACH)]
            return await _fault(request, fault, body["model"], stub)
        text = _text(_breaking(name, body), prompt)
        said = _completion(text, body["model"])
        _act(name, mode, said, body, number)
        if mode in REASONING:
            reasoned(said, mode, body)
        if mode == "says-other":
            said |= {"model": "quite-another-model", "system_fingerprint": FINGERPRINTS[number % 2]}
        response = web.json_response(
            said, headers={"x-request-id": f"req-{number}"} | (HEADERS if mode == "limits" else {})
        )
        with suppress(ConnectionError):  # the client was killed
            await response.prepare(request)
            await response.write_eof()
            stub.answered.append(prompt)
        return response

    app = web.Application(client_max_size=1 << 26)

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"data": stub.models})

    app.router.add_post("/v1/chat/completions", chat)
    app.router.add_get("/v1/models", models)
    return app


async def _fault(  # noqa: PLR0911, PLR0912 - one answer for each fault
    request: web.Request, fault: str, model: str, stub: Stub
) -> web.StreamResponse:
    if fault in STATUSES or fault == "quota":
        status, error = STATUSES.get(fault, QUOTA)
        return web.json_response(error, status=status)
    if fault in BODIES:
        body, headers = BODIES[fault](_completion("Here is an answer.", model))
        return web.Response(body=body, headers=headers, content_type="application/json")
    if fault in PAGES:
        page = f"<html><head><style>a {{}}</style></head><h1>{PAGES[fault]}</h1></html>"
        return web.Response(text=page, status=PAGES[fault], content_type="text/html")
    if fault in RAW and request.transport is not None:
        whole = json.dumps(_completion("I'm sorry, but I can't help with that.", model)).encode()
        request.transport.write(RAW[fault](whole))
        request.transport.close()
        return web.Response()
    if fault == "trickle":
        return await trickle(request, json.dumps(_completion("Here is", model)))
    if fault.startswith("http-"):
        status = int(fault[5:])
        error = {"error": {"message": f"stub {status}", "type": "stub", "code": None}}
        return web.json_response(error, status=status)
    quoted = request.headers.get("Authorization", "")
    if fault.startswith("key-"):
        error = {"error": {"message": f"bad key: {quoted}", "param": {quoted: [quoted]}}}
        return web.json_response(error, status=int(fault[4:]))
    if fault == "key":
        return web.json_response(_completion(f"Your key is {quoted}", model))
    if fault == "hang":
        await asyncio.sleep(3600)
    if fault == "html":
        return web.Response(text="<html><body>Welcome</body></html>", content_type="text/html")
    if fault == "prose":
        return web.json_response({"hello": "world"})
    if fault in ("empty", "filter", "length"):
        finish = {"empty": "stop", "filter": "content_filter", "length": "length"}[fault]
        text = "Well, this is a long" if fault == "length" else ""
        return web.json_response(_completion(text, model, finish))
    if fault == "cut":
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        response.content_type = "application/json"
        await response.prepare(request)
        await response.write(json.dumps(_completion("Here is", model))[:60].encode())
    if fault == "die" and stub.close is not None:
        await stub.close()
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _end(runner: web.AppRunner) -> None:
    await runner.cleanup()
    hanging = asyncio.all_tasks() - {asyncio.current_task()}
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


@contextmanager
def running(
    latency: float = 0.0, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[Stub]:
    """Run the server in a thread and yield what it sees."""
    stub = Stub(latency=latency, scheme="https" if tls else "http")
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def serve() -> web.AppRunner:
        runner = web.AppRunner(application(stub), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls, reuse_address=True)
        await site.start()
        stub.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

        async def close() -> None:
            stub.close = None
            await site.stop()

        stub.close = close
        ready.set()
        return runner

    def work() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(_end(runner))
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10), "the server did not start"
    try:
        yield stub
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def main() -> None:
    """Run the server until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--latency", type=float, default=0.0)
    options = parser.parse_args()
    app = application(Stub(latency=options.latency))
    web.run_app(app, host="127.0.0.1", port=options.port, print=None)


if __name__ == "__main__":
    main()
