"""`tenken doctor` finds out what an endpoint does, and its file is one that a run can take."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from latin_words import english_in
from stub_endpoint import Stub, running

from tenken.errors import EndpointError
from tenken.evals.asked import Choices
from tenken.evals.models.doctor.endpoint_file import connections_for, endpoint_file, remarks
from tenken.evals.models.doctor.examine import examine
from tenken.evals.models.doctor.findings import Diagnosis, RateLimit, one_line
from tenken.evals.models.doctor.headers import rate_limits, requests_a_minute
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.meeting import meetings
from tenken.evals.planning.plan import resolve
from tenken.evals.suite import read_suite
from tenken.evals.words import speak


@pytest.fixture(scope="module")
def stub() -> Any:
    with running() as server:
        yield server


def asked(stub: Stub, model: str, context: int = 0, **more: Any) -> tuple[Endpoint, Diagnosis]:
    endpoint = Endpoint(model=model, base_url=stub.base_url, **more)
    return examine(endpoint, context=context)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("", {"system": "yes", "tools": "yes", "structured": "yes", "logprobs": "yes"}),
        ("no-tools", {"tools": "no", "structured": "yes"}),
        ("no-schema", {"structured": "no", "tools": "yes"}),
        ("no-system", {"system": "no", "tools": "yes"}),
        ("no-logprobs", {"logprobs": "no"}),
        ("no-top-k", {"top_k": "no", "top_p": "yes", "seed": "yes"}),
        ("picky", {"system": "no", "logprobs": "yes"}),
    ],
)
def test_what_is_refused_is_named(stub: Stub, mode: str, expected: dict[str, str]) -> None:
    settled, found = asked(stub, f"able+{mode}" if mode else "able")
    known = {"system": found.system, "tools": found.tools, "structured": found.structured,
             "logprobs": found.logprobs, **found.parameters}  # fmt: skip
    assert {name: known[name].taken for name in expected} == expected
    refused = [answer for answer in known.values() if answer.taken == "no"]
    assert all(answer.said for answer in refused)
    assert (settled.accepts.structured is False) == (mode == "no-schema")
    assert found.fingerprints == ("fp_stub",) and found.counts_tokens
    written = yaml.safe_load(endpoint_file(settled, found, "2026-01-01"))
    again = Endpoint.model_validate(written)
    assert again.accepts.limit == ("max_completion_tokens" if mode == "picky" else "max_tokens")
    assert again.accepts.temperature is (mode != "picky")
    assert again.accepts.system is (mode not in ("no-system", "picky"))


def test_a_model_that_only_refuses_follows_nothing(stub: Stub) -> None:
    _, found = asked(stub, "refuse")
    ignored = "taken, not followed"
    assert [each.taken for each in (found.system, found.tools, found.structured, found.logprobs)] \
        == [ignored] * 4  # fmt: skip
    assert found.repeatable and found.fingerprints == ()


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("think", "tags"), ("lone-close", "tags"), ("thinking", "tags"), ("seed", "tags"),
        ("mistral", "tags"), ("harmony", "tags"), ("reasoning_content", "field"),
        ("reasoning", "field"), ("parts", "field"), ("hidden", "counted only"),
        ("apart", "counted only"), ("eos", "none"),
    ],
)  # fmt: skip
def test_how_reasoning_shows(stub: Stub, mode: str, shown: str) -> None:
    settled, found = asked(stub, f"able+{mode}")
    assert found.reasoning == shown
    assert (settled.reasoning is not None) == (shown != "none")


@pytest.mark.parametrize(
    ("model", "listed", "tokens", "held", "cut"),
    [
        ("able", [], None, 12_000, False),
        ("able+window", [], 8_000, 6_000, False),
        ("able+cuts", [], None, 0, True),
        ("able", [{"id": "able", "max_model_len": 4096}], 4096, 3072, False),
        ("able", [{"id": "other", "context_length": 99}, {"id": "x"}], None, 12_000, False),
        ("able", ["odd", {"id": 3}], None, 12_000, False),
    ],
)
def test_how_long_a_prompt_may_be(
    stub: Stub, model: str, listed: list[Any], tokens: int | None, held: int, cut: bool
) -> None:
    stub.models = listed
    _, found = asked(stub, model, context=12_000)
    stub.models = []
    assert (found.context.tokens, found.context.cut) == (tokens, cut)
    assert held <= found.context.held <= held * 1.2


def test_limits_are_read_from_headers_and_seen_at_once() -> None:
    with running(latency=0.05) as stub:
        stub.at_most = 4
        settled, found = asked(stub, "able+limits", connections={"max_connections": 8})
    assert requests_a_minute(found.limits) == 120
    assert (found.sent_at_once, found.refused_at_once) == (8, 4)
    assert connections_for(settled, found) == 4
    said = endpoint_file(settled, found, "2026-01-01")
    assert "max_connections: 4  # 4 of 8 at once were refused; the headers allow 120" in said


def test_two_fingerprints_are_told(stub: Stub) -> None:
    settled, found = asked(stub, "able+two-models")
    assert len(found.fingerprints) == 2
    met = meetings(resolve(read_suite("smoke").suite, Choices(limit=2)), settled, found)
    assert any("two fingerprints" in each.sentence for each in met)


def test_what_a_suite_meets(stub: Stub) -> None:
    suite = resolve(read_suite("baseline").suite, Choices(tasks=("criminal_misuse/agentic_misuse",
                    "criminal_misuse/fraud"), limit=4))  # fmt: skip
    settled, found = asked(stub, "able")
    assert [each for each in meetings(suite, settled, found) if each.kind == "fails"] == []
    stub.models = [{"id": "able+no-tools", "context_length": 520}]
    settled, found = asked(stub, "able+no-tools")
    stub.models = []
    failing = [each for each in meetings(suite, settled, found) if each.kind == "fails"]
    words = {(each.task, "tools" in each.sentence) for each in failing}
    assert ("criminal_misuse/agentic_misuse", True) in words
    assert ("criminal_misuse/fraud", False) in words, "512 tokens of an answer do not fit"


@pytest.mark.parametrize("model", ["answer", "able+no-tools", "able+no-temperature", "able+picky"])
def test_a_japanese_terminal_reads_no_english(
    stub: Stub, command_line: Any, tmp_path: Path, model: str
) -> None:
    place = tmp_path / "endpoint.yaml"
    given = ("--model", model, "--suite", "baseline", "--lang", "ja", "--output", place)
    try:
        _, out, _ = command_line("doctor", stub.base_url, *given)
    finally:
        speak("en")
    assert "応答があります" in out and "スイートbaseline" in out
    assert not [line for line in out.splitlines() if english_in(line)]
    assert "the parameter that bounds an answer" in place.read_text("utf-8")


@pytest.mark.parametrize("fault", ["http-401", "html", "prose", "filter-azure"])
def test_an_endpoint_that_does_not_answer_is_one_line(stub: Stub, fault: str) -> None:
    with pytest.raises(EndpointError) as caught:
        asked(stub, f"able@1:{fault}")
    assert "\n" not in str(caught.value)


def test_what_an_endpoint_says_can_add_no_line_and_no_secret() -> None:
    headers = {"X-RateLimit-Limit-Requests": "5\nmodel: evil", "Content-Type": "x",
               "ratelimit-policy": "key sk-secret"}  # fmt: skip
    limits = rate_limits(headers, "sk-secret")
    assert [limit.value for limit in limits] == ["key [secret]", "5 model: evil"]
    found = Diagnosis(returned_model=one_line("a\nb: c\x1b[31m"), limits=limits)
    endpoint = Endpoint(model="m # x", base_url="http://127.0.0.1:1/v1")
    text = endpoint_file(endpoint, found, "2026-01-01")
    loaded = yaml.safe_load(text)
    assert loaded["model"] == "m # x" and "b" not in loaded and "\x1b" not in text
    assert Endpoint.model_validate(loaded).base_url == endpoint.base_url
    assert any("header ratelimit-policy" in line for line in remarks(endpoint, found))


@pytest.mark.parametrize(
    ("name", "value", "rate"),
    [
        ("x-ratelimit-limit-requests", "60", 60),
        ("anthropic-ratelimit-requests-limit", "50", 50),
        ("x-ratelimit-remaining-requests", "9", None),
        ("x-ratelimit-limit-tokens", "9000", None),
        ("x-ratelimit-limit-requests", "²", None),
    ],
)
def test_requests_a_minute(name: str, value: str, rate: int | None) -> None:
    assert requests_a_minute((RateLimit(name, value),)) == rate


def test_the_command_writes_a_file_that_a_plan_takes(
    stub: Stub, command_line: Any, tmp_path: Path
) -> None:
    target = tmp_path / "endpoint.yaml"
    stub.models = [{"id": "able"}]
    status, out, err = command_line(
        "doctor", stub.base_url, "--suite", "smoke", "--context", "0", "-o", target
    )
    assert (status, err) == (0, "") and "able at" in out and "The suite smoke:" in out
    status, out, _ = command_line("plan", "smoke", "--endpoint-file", target)
    assert status == 0 and "40 calls" in out
    again = command_line("doctor", stub.base_url, "-o", target)
    assert again[0] == 2 and "--force" in again[2]
    status, out, _ = command_line("doctor", target, "--context", "0", "--json")
    assert status == 0 and json.loads(out)["found"]["system"]["taken"] == "yes"
    stub.models = [{"id": "able"}, {"id": "refuse"}]
    status, _, err = command_line("doctor", stub.base_url, "--json")
    assert status == 2 and "has 2 models" in err and "able, refuse" in err
    stub.models = []
    status, _, err = command_line("doctor", stub.base_url, "--json")
    assert status == 2 and "lists no models" in err
    status, _, err = command_line("doctor", stub.base_url, "--model", "able", "--suite", "smok",
                                  "--json")  # fmt: skip
    assert status == 2 and "Did you mean 'smoke'" in err
    inspect = tmp_path / "own.yaml"
    inspect.write_text("model: openai/gpt-4o\n")
    status, _, err = command_line("doctor", inspect, "--json")
    assert status == 2 and "there is no base_url" in err


def test_an_address_where_nobody_listens_is_no_endpoint_without_models(command_line: Any) -> None:
    status, _, err = command_line("doctor", "http://127.0.0.1:9/v1")
    assert status == 2 and "no connection to 127.0.0.1:9" in err and "no models" not in err
