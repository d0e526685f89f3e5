"""Endpoints as they are: what each way of failing, reasoning or refusing comes to, by the command.

One run is shown every way of failing, a sample each; the outcome that it must have stands beside
it. So is another run every way of reasoning.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from stub_endpoint import EACH, Stub, running
from stub_modes import NO_THOUGHT, REASONING, THOUGHT

from tenken.errors import EndpointError
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.make import make_model
from tenken.evals.models.preflight import preflight
from tenken.evals.models.roles import REPLY_TOKENS

SAMPLES = 8
ONE_TASK = ("--task", "fraud", "--language", "en", "--limit", str(SAMPLES))
ASKED = 128
"""Samples that are asked to meet each way of failing at least once."""
NO_STOP = {"stop_after_errors": 1000}

OUTCOMES = {
    **{
        f"overflow-{vendor}": "errored: context_overflow"
        for vendor in ("openai", "vllm", "llamacpp", "anthropic", "google", "bedrock", "mistral",
                       "tgi", "cohere", "413", "200")
    },
    **{
        f"filter-{vendor}": "blocked: content_filter"
        for vendor in ("azure", "openrouter", "alibaba", "bedrock", "policy", "200", "prompt")
    },
    "gateway-403": "errored: http_403",
    "gzip": "scored",
    "bad-gzip": "errored: connection_lost",
    "bomb": "errored: answer_too_large",
    "huge": "errored: answer_too_large",
    "long": "scored",
    "surrogate": "scored",
    "tool-call": "unscored: tool_call_not_offered",
    "no-choices": "errored: not_a_completion",
    "null-choices": "errored: not_a_completion",
    "null-content": "unscored: empty",
    "no-message": "errored: not_a_completion",
    "odd-content": "errored: not_a_completion",
    "refusal-field": "scored",
    "no-usage": "scored",
    "odd-finish": "scored",
    "error-200": "errored: not_a_completion",
    "error-200-code": "errored: http_502",
    "bare-string": "errored: not_a_completion",
    "bare-list": "errored: not_a_completion",
    "number": "errored: not_a_completion",
    "nothing": "errored: not_a_completion",
    "half-json": "errored: not_a_completion",
    "not-utf8": "errored: not_a_completion",
    "deep": "errored: not_a_completion",
    "nan": "errored: not_a_completion",
    **{
        name: "errored: not_a_completion"
        for name in ("latin-1", "two-bodies", "events", "cut-gzip", "dict-choices", "null-choice",
                     "old-text", "piece", "number-content", "number-part", "odd-tools",
                     "error-beside", "error-finish", "abort-finish", "empty-page", "no-content")
    },
    **{
        name: "scored"
        for name in ("nan-inside", "mark", "wrapped-part", "refusal-part", "null-tools", "no-role",
                     "two-choices", "no-error-beside", "number-finish", "word-usage",
                     "minus-usage", "odd-usage", "huge-usage", "list-usage", "odd-thought",
                     "open-end", "cookie")
    },
    "no-parts": "unscored: empty",
    "odd-refusal": "unscored: empty",
    "function-call": "unscored: tool_call_not_offered",
    "filter-finish": "blocked: content_filter",
    "error-choice": "errored: http_502",
    **{f"page-{status}": f"errored: http_{status}" for status in (400, 404, 409, 418, 422, 500, 503,
                                                                  529)},
    "page-413": "errored: context_overflow",
    **{f"moved-{status}": f"errored: http_{status}" for status in (301, 302, 307, 308)},
    **{
        name: "errored: connection_lost"
        for name in ("half-chunk", "bad-chunk", "two-lengths", "head-alone", "long-head", "no-http")
    },
    "two-gigabytes": "errored: answer_too_large",
    "html": "errored: not_a_completion",
    "drop": "errored: connection_lost",
    "cut": "errored: connection_lost",
    "prose": "errored: not_a_completion",
    "http-502": "errored: http_502",
    "http-451": "errored: http_451",
}  # fmt: skip


def outcomes(runs: Any) -> dict[str, int]:
    """How many samples ended how, with the reason of those that have no verdict."""
    found = dict(runs.reasons)
    if runs.report["outcomes"]["scored"]:
        found["scored"] = runs.report["outcomes"]["scored"]
    return found


def by_fault(runs: Any) -> dict[str, set[str]]:
    """The outcomes of the samples that each fault was shown to."""
    from tenken.results.records.read import read_records
    from tenken.schema.plan import read_plan

    found: dict[str, set[str]] = {}
    read = read_records(runs.folder, read_plan(runs.folder))
    for record in read.records:
        prompt = read.texts[record.task, record.sample_id, record.epoch].prompt
        outcome = f"{record.outcome}: {record.reason}" if record.reason else record.outcome
        found.setdefault(runs.stub.shown[prompt], set()).add(outcome)
    return found


def test_each_way_of_an_endpoint_has_one_outcome(runs: Any) -> None:
    ended = runs.run("refuse@2:each", "baseline", "--task", "fraud", "--limit", str(ASKED),
                     "--no-gates", connections=NO_STOP, seconds=120)  # fmt: skip
    assert "Traceback" not in ended.stderr
    assert by_fault(runs) == {fault: {outcome} for fault, outcome in OUTCOMES.items()}
    assert set(EACH) == set(OUTCOMES)
    assert len(runs.stub.asked) == ASKED
    assert ended.report["stopped"] == ""
    assert ended.report["decision"] == "INCOMPLETE"


@pytest.mark.parametrize("fault", ["overflow-openai", "filter-azure", "tool-call"])
def test_what_was_no_answer_does_not_use_up_a_cap(runs: Any, fault: str) -> None:
    ended = runs.run(f"refuse@2:{fault}", *ONE_TASK, "--max-tokens", "9000", connections=NO_STOP)
    assert outcomes(runs) == {OUTCOMES[fault]: SAMPLES}
    assert len(runs.stub.asked) == SAMPLES
    assert ended.report["stopped"] == ""


def test_a_body_that_trickles_is_given_up(runs: Any) -> None:
    runs.run("refuse@2:trickle", *ONE_TASK,
             connections={"attempt_timeout": 2, "timeout": 3, "max_connections": 16})  # fmt: skip
    assert outcomes(runs) == {"errored: timeout": SAMPLES}


def test_no_money_left_stops_the_run_at_once_and_says_so(runs: Any) -> None:
    ended = runs.run("refuse@4:quota", *ONE_TASK, connections={"max_connections": 1})
    assert len(runs.stub.asked) == 3
    assert "no quota left" in ended.report["stopped"]
    assert outcomes(runs)["errored: quota"] == 1


def test_a_gateways_own_words_can_be_declared_as_a_filter(runs: Any) -> None:
    rule = [{"status": 403, "pattern": "house rules"}]
    runs.run("refuse@2:gateway-403", *ONE_TASK, blocked=rule)
    assert outcomes(runs) == {"blocked: content_filter": SAMPLES}


def test_what_the_endpoint_said_is_shown(runs: Any) -> None:
    arguments = runs.arguments("refuse@2:gateway-403", *ONE_TASK, connections=NO_STOP)
    ended = runs.commands.start(*(each for each in arguments if each != "--json")).wait(60)
    assert f"{SAMPLES} requests failed: the key was not accepted (HTTP 403)" in ended.stderr
    assert "house rules" in ended.stderr
    assert "declare it under 'blocked'" in ended.stderr


def test_the_answer_of_a_model_that_reasons_is_scored_without_its_thought(runs: Any) -> None:
    ended = runs.run("refuse+each", "baseline", "--task", "fraud", "--limit", "40", "--no-gates",
                     reasoning={"tokens": 8192}, seconds=120)  # fmt: skip
    assert "Traceback" not in ended.stderr
    unclosed = {"unscored: reasoning_only"}
    wanted = {mode: unclosed if mode == "never-closed" else {"scored"} for mode in REASONING}
    assert by_fault(runs) == wanted
    labels = {label for measure in runs.report["tasks"][0]["measures"]
              for label in measure.get("labels", {})}  # fmt: skip
    assert labels <= {"full_refusal"}
    assert all(body["max_tokens"] > 8_192 for body in runs.stub.requests if asked(body))


@pytest.mark.parametrize("mode", REASONING)
def test_a_model_that_reasons_is_known_by_one_question(stub: Stub, mode: str) -> None:
    settled = preflight(Endpoint(model=f"refuse+{mode}", base_url=stub.base_url))
    assert (settled.reasoning is not None) == (mode not in NO_THOUGHT)


def asked(body: dict[str, Any]) -> bool:
    """Whether a request asked a sample."""
    return not body["messages"][-1]["content"].endswith("Reply with the word OK.")


@pytest.mark.parametrize("mode", ["think", "hidden"])
def test_an_answer_that_was_cut_while_reasoning_is_unscored_and_says_what_to_raise(
    runs: Any, mode: str
) -> None:
    arguments = runs.arguments(
        f"letter-a+{mode}", "--task", "false_claims", "--reasoning-tokens", "8"
    )
    ended = runs.commands.start(*(each for each in arguments if each != "--json")).wait(60)
    assert runs.reasons == {"unscored: cut_while_reasoning": 16}
    assert "16 of 16 answers were cut while the model was reasoning" in ended.stderr
    assert "--reasoning-tokens" in ended.stderr


def test_what_an_endpoint_refuses_is_found_out_before_the_samples(runs: Any) -> None:
    arguments = runs.arguments("refuse+picky", *ONE_TASK, system_prompt="Be brief.")
    ended = runs.commands.start(*(each for each in arguments if each != "--json")).wait(60)
    assert outcomes(runs) == {"scored": SAMPLES}
    bodies = [body for body in runs.stub.requests if asked(body)]
    assert len(bodies) == SAMPLES
    for word in ("max_completion_tokens", "no temperature is sent", "system prompts go before"):
        assert word in ended.stderr
    assert all("Be brief." in str(body["messages"]) for body in bodies)


@pytest.mark.parametrize(("mode", "accepts"), [
    ("no-max-tokens", {"limit": "max_completion_tokens"}),
    ("no-temperature", {"temperature": False}),
    ("no-system", {"system": False}),
])  # fmt: skip
def test_one_refusal_changes_one_thing(stub: Stub, mode: str, accepts: dict[str, Any]) -> None:
    settled = preflight(Endpoint(model=f"refuse+{mode}", base_url=stub.base_url))
    assert settled.accepts.model_dump(exclude_none=True) == accepts


def test_a_grader_is_made_once_and_left_set_up_for_what_was_found_out(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = Endpoint(model="refuse+reasoning_content", base_url=stub.base_url)
    grader = make_model(endpoint, REPLY_TOKENS)
    assert grader.config.max_tokens is None
    monkeypatch.setattr("tenken.evals.models.preflight.make_model", None)  # made again, it fails
    settled = preflight(endpoint, structured=True, model=grader, reply=REPLY_TOKENS)
    assert settled.reasoning is not None
    assert grader.config.max_tokens == REPLY_TOKENS + settled.reasoning.tokens


def test_a_grader_that_takes_no_schema_is_asked_in_words(stub: Stub) -> None:
    grader = Endpoint(model="refuse+no-schema", base_url=stub.base_url)
    assert preflight(grader).accepts.structured is None
    assert preflight(grader, structured=True).accepts.structured is False
    assert "response_format" in stub.requests[-2] and "response_format" not in stub.requests[-1]


def test_switches_of_the_endpoint_file_leave_nothing_to_find_out(runs: Any) -> None:
    runs.run("refuse+picky", *ONE_TASK, reasoning={"tokens": 100, "effort": "low"},
             accepts={"limit": "max_completion_tokens", "temperature": False, "system": False},
             system_prompt="Be brief.")  # fmt: skip
    assert outcomes(runs) == {"scored": SAMPLES}
    assert len(runs.stub.requests) == SAMPLES + 2  # one question, and one for the room to reason
    body = runs.stub.requests[-1]
    assert body["reasoning_effort"] == "low"
    assert "temperature" not in body
    assert [each["role"] for each in body["messages"]] == ["user"]


def test_the_plan_records_each_request_as_it_is_sent(runs: Any) -> None:
    parameters = {"max_tokens": 4096, "top_p": 0.9, "top_k": 5, "seed": 7, "stop_seqs": ["END"],
                  "frequency_penalty": 0.1, "presence_penalty": 0.2, "temperature": 0.3,
                  "extra_body": {"min_p": 0.05}}  # fmt: skip
    runs.run("refuse", parameters=parameters)
    plan = json.loads((runs.folder / "plan.json").read_bytes())
    recorded = [task["request"] for task in plan["tasks"]]
    for body in runs.stub.requests:
        sent = {key: value for key, value in body.items() if key not in ("model", "messages")}
        if asked(body):
            assert sent in recorded
    assert all(request["max_tokens"] == 4096 for request in recorded)


@pytest.mark.parametrize("name", ["openai/refuse", "google/refuse", "anthropic/refuse",
                                  "org/team/refuse", "vllm/refuse"])  # fmt: skip
def test_a_name_that_looks_like_a_provider_goes_to_the_endpoint_whole(
    stub: Stub, name: str
) -> None:
    preflight(Endpoint(model=name, base_url=stub.base_url))
    assert {body["model"] for body in stub.requests} == {name}


def test_tokens_of_reasoning_are_paid_as_output(runs: Any) -> None:
    runs.run("refuse+apart", *ONE_TASK, price={"input": 0, "output": 1_000_000})
    tokens = json.loads((runs.folder / "report.json").read_bytes())["provenance"]["tokens"]
    assert [each["output"] for each in tokens.values()] == [SAMPLES * 45]


def test_a_thought_is_kept_apart_in_the_log(runs: Any) -> None:
    from tenken.results.records.logs import log_files, open_log

    runs.run("refuse+think", *ONE_TASK)
    (path,) = log_files(runs.folder)
    with open_log(path) as log:
        samples = list(log.samples())
    assert all(sample.reasoned and "</think>" not in sample.completion for sample in samples)
    assert all(THOUGHT not in sample.completion for sample in samples)
    kinds = [part["type"] for part in samples[0].messages[-1]["content"]]
    assert kinds == ["reasoning", "text"]
    assert samples[0].messages[-1]["content"][0]["reasoning"] == THOUGHT


def test_odd_signs_in_the_results_path_and_a_proxy_do_not_matter(
    tenken: Any, make_runs: Any, stub: Stub, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "C# lib? 100%20 日本"
    place.mkdir()
    runs = make_runs(tenken, stub, place)
    dead = "http://127.0.0.1:9"
    runs.start("refuse", *ONE_TASK, env={"HTTP_PROXY": dead, "http_proxy": dead}).wait(60)
    assert outcomes(runs) == {"scored": SAMPLES}


def test_a_home_that_cannot_be_written_is_named_as_that(runs: Any) -> None:
    home = "/dev/null/nowhere"
    code = (  # Inspect's runner alone writes there
        "from tenken.evals.running.sweep import choose\n"
        "choose.takes_one_call = lambda *given: False\n"
    )
    env = {"HOME": home, "XDG_DATA_HOME": home}
    ended = runs.start("refuse", *ONE_TASK, env=env, code=code).wait(60)
    assert ended.status == 2
    assert home in ended.stderr.splitlines()[-1]
    assert "HOME" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(("key", "wrong"), [("sk-1\n", ""), ("sk-é", "ASCII"), ("a\nb", "ASCII")])
def test_a_key_is_stripped_and_one_that_no_header_can_hold_is_named(
    stub: Stub, key: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_KEY", key)
    endpoint = Endpoint(model="refuse", base_url=stub.base_url, api_key_env="STUB_KEY")
    if not wrong:
        preflight(endpoint)
        assert stub.keys == {"Bearer sk-1"}
        return
    with pytest.raises(EndpointError, match=f"STUB_KEY.*{wrong}"):
        preflight(endpoint)


def test_no_more_requests_are_under_way_than_the_plan_says(
    tenken: Any, make_runs: Any, tmp_path: Any
) -> None:
    for more, most in (((), 10), (("--max-connections", "3"), 3)):
        with running(latency=0.05) as stub:
            runs = make_runs(tenken, stub, tmp_path / str(most))
            (tmp_path / str(most)).mkdir()
            runs.run("refuse", "baseline", "--task", "fraud", "--limit", "60", "--no-gates", *more)
            assert len(stub.asked) == 60
            assert stub.most_at_once <= most
