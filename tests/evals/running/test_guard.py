"""The guard before every call: caps, the dead-endpoint stop, secrets, and a full disk."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ChatMessageUser, GenerateConfig, ModelCall, ModelOutput, ModelUsage

from tenken.errors import InputError
from tenken.evals.models.endpoint import Endpoint, Price
from tenken.evals.running.answers import KeptAnswers
from tenken.evals.running.guard import (
    Budget,
    EndpointGoneError,
    Guard,
    NotACompletionError,
    NotKeptError,
    SpendCapReachedError,
    check_caps,
)

SECRET = "sk-4711-geheim"


class Api:
    """Stands for Inspect's ModelAPI: does what it is told, and counts."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer
        self.calls = 0

    async def generate(self, *_: Any, **__: Any) -> Any:
        self.calls += 1
        return self.answer()


class Model:
    def __init__(self, answer: Callable[[], Any]) -> None:
        self.api = Api(answer)

    def ask(self, text: str = "Hello?") -> Any:
        question = [ChatMessageUser(content=text)]
        return asyncio.run(self.api.generate(question, [], "auto", GenerateConfig()))


def output(text: str = "Yes.", stop: Any = "stop", usage: bool = True) -> ModelOutput:
    made = ModelOutput.from_content("stub", text, stop_reason=stop)
    made.usage = ModelUsage(input_tokens=20, output_tokens=5, total_tokens=25) if usage else None
    return made


def fail(error: Exception) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    monkeypatch.setenv("STUB_KEY", SECRET)
    return Endpoint.model_validate(
        {
            "model": "stub",
            "base_url": "http://127.0.0.1/v1",
            "api_key_env": "STUB_KEY",
            "connections": {"stop_after_errors": 3},
        }
    )


@pytest.fixture
def guarded(endpoint: Endpoint, tmp_path: Path) -> Callable[..., tuple[Guard, Any]]:
    def make(answer: Callable[[], Any], **caps: Any) -> tuple[Guard, Any]:
        guard = Guard(Budget(tmp_path / "spent.jsonl", **caps), endpoint)
        return guard, guard.wrap(Model(answer))  # type: ignore[arg-type]

    return make


def test_a_cap_of_tokens_stops_and_counts_over_restarts(guarded: Any, tmp_path: Path) -> None:
    guard, model = guarded(output, max_tokens=50)
    model.ask()
    model.ask()
    with pytest.raises(SpendCapReachedError, match="50 tokens"):
        model.ask()
    assert model.api.calls == 2
    assert "50 tokens" in guard.why_stopped

    ledger = tmp_path / "spent.jsonl"
    ledger.write_text(ledger.read_text() + "[20, 5, nu")
    again, model = guarded(output, max_tokens=75)
    assert (again.budget.tokens_in, again.budget.tokens_out) == (40, 10)
    model.ask()
    with pytest.raises(SpendCapReachedError):
        model.ask()


def test_a_cap_of_money_adds_up_models_of_different_prices(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    price = Price(input=1, output=6)
    budget = Budget(tmp_path / "spent.jsonl", max_cost=0.001, price=price)
    budget.spend(output().usage, price)
    budget.spend(output().usage, Price(input=10, output=60))
    assert budget.cost == pytest.approx(0.00055)
    budget.check()
    assert Budget(tmp_path / "spent.jsonl", price=price).cost == pytest.approx(0.00055)
    budget.spend(output().usage, Price(input=10, output=60))
    with pytest.raises(SpendCapReachedError, match="US dollars"):
        budget.check()


def test_a_model_without_a_price_makes_the_cost_unknown(tmp_path: Path) -> None:
    budget = Budget(tmp_path / "spent.jsonl", price=Price(input=1, output=6))
    assert budget.cost == 0
    budget.spend(output().usage, None)
    assert budget.cost is None
    with pytest.raises(InputError, match="--max-cost needs a price"):
        check_caps(1.0, None)


def test_a_cap_cannot_be_kept_where_tokens_are_not_counted(guarded: Any) -> None:
    _, model = guarded(lambda: output(usage=False), max_tokens=1000)
    model.ask()
    with pytest.raises(SpendCapReachedError, match="does not say how many tokens"):
        model.ask()
    _, free = guarded(lambda: output(usage=False))
    free.ask()
    free.ask()


def test_failures_in_a_row_end_the_run_and_an_answer_begins_the_row_anew(guarded: Any) -> None:
    results: list[Any] = []
    guard, model = guarded(lambda: results.pop(0)())  # noqa: PLW0108 - called anew each time
    for _ in range(2):
        results.append(fail(ConnectionError("refused")))
        with pytest.raises(ConnectionError):
            model.ask()
        guard.sample_failed("ConnectionError")
    results.append(output)
    model.ask()
    assert guard.failures == 0
    for _ in range(3):
        results.append(fail(ConnectionError("refused")))
        with pytest.raises(ConnectionError):
            model.ask()
        guard.sample_failed("ConnectionError")
    for _ in range(2):
        with pytest.raises(EndpointGoneError):
            model.ask()
        guard.sample_failed("EndpointGoneError")  # was not asked: does not count
    assert guard.why_stopped.startswith("3 samples in a row got no answer; the last: the conn")


def test_when_a_judge_is_gone_the_model_is_not_asked_any_more(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    budget = Budget(tmp_path / "spent.jsonl")
    first = Guard(budget, endpoint)
    second = Guard(budget, endpoint, peers=first.peers)
    model = first.wrap(Model(output))  # type: ignore[arg-type]
    judge = second.wrap(Model(fail(ConnectionError("refused"))))  # type: ignore[arg-type]
    for _ in range(3):
        model.ask()  # type: ignore[attr-defined]
        with pytest.raises(ConnectionError):
            judge.ask()  # type: ignore[attr-defined]
        first.sample_failed("ConnectionError")
    with pytest.raises(EndpointGoneError):
        judge.ask()  # type: ignore[attr-defined]
    with pytest.raises(EndpointGoneError):
        model.ask()  # type: ignore[attr-defined]


@pytest.mark.parametrize("error", [TypeError("x"), KeyError("choices"), AttributeError("x")])
def test_json_that_is_no_completion_is_named_so(guarded: Any, error: Exception) -> None:
    _, model = guarded(fail(error))
    with pytest.raises(NotACompletionError, match="not a chat completion"):
        model.ask()


def test_a_key_is_taken_out_of_errors_answers_and_what_was_on_the_wire(guarded: Any) -> None:
    cause = ValueError(f"inner {SECRET}")
    outer = RuntimeError(f"bad key {SECRET}")
    outer.body = {"message": [SECRET], SECRET: 1}  # type: ignore[attr-defined]
    outer.__cause__ = cause
    guard, model = guarded(fail(outer))
    with pytest.raises(RuntimeError) as caught:
        model.ask()
    seen = repr((caught.value, vars(caught.value), cause, guard.last_failure))
    assert SECRET not in seen
    assert "[secret]" in seen

    call = ModelCall.create({"q": 1}, {"answer": f"It is {SECRET}."})
    _, model = guarded(lambda: (output(f"It is {SECRET}."), call))
    answer, logged = model.ask()
    assert answer.completion == "It is [secret]."
    assert SECRET not in answer.model_dump_json() + logged.model_dump_json()


def test_a_returned_error_is_cleaned_too(guarded: Any) -> None:
    call = ModelCall.create({"q": 1}, {"error": SECRET})
    _, model = guarded(lambda: (RuntimeError(f"no: {SECRET}"), call))
    error, logged = model.ask()
    assert SECRET not in repr(error) + logged.model_dump_json()


def test_a_full_disk_ends_the_run(guarded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    guard, model = guarded(output)

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tenken.io.files.os.write", full)
    for _ in range(2):
        with pytest.raises(NotKeptError, match="the disk is full"):
            model.ask()
    assert guard.broken is not None


def test_answers_are_kept_and_handed_out_once(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    question, config = [ChatMessageUser(content="Q")], GenerateConfig(max_tokens=5)
    writing = KeptAnswers(path)
    writing.keep(question, config, output("", "content_filter"))
    writing.keep(question, config, output("Said"))
    writing.keep(question, config, output("Judged"), "grader")
    failed = output("")
    failed.error = "no such thing"
    writing.keep(question, config, failed)
    writing.close()
    path.write_text(path.read_text() + '["half", {')

    kept = KeptAnswers(path)
    assert kept.take([ChatMessageUser(content="Another")], config) is None
    assert kept.take(question, GenerateConfig(max_tokens=6)) is None
    first, second = kept.take(question, config), kept.take(question, config)
    assert first is not None
    assert second is not None
    assert (first.stop_reason, second.completion) == ("content_filter", "Said")
    assert kept.take(question, config) is None
    judged = kept.take(question, config, "grader")
    assert judged is not None
    assert judged.completion == "Judged"


def test_two_samples_never_share_an_answer(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "answers.jsonl"
    question, config = [ChatMessageUser(content="Q")], GenerateConfig()
    monkeypatch.setattr("tenken.evals.running.answers._sample", lambda: ["t", "a", 1])
    writing = KeptAnswers(path)
    writing.keep(question, config, output("for a"))
    writing.close()
    kept = KeptAnswers(path)
    for other in (["t", "b", 1], ["t", "a", 2], ["u", "a", 1]):
        monkeypatch.setattr("tenken.evals.running.answers._sample", lambda other=other: other)
        assert kept.take(question, config) is None
    monkeypatch.setattr("tenken.evals.running.answers._sample", lambda: ["t", "a", 1])
    assert kept.take(question, config) is not None
