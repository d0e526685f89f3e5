"""Conversations, swaps and tools as a run carries them out, on a mocked model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, Model, ModelOutput, get_model
from inspect_ai.model import ModelUsage as Usage
from inspect_ai.tool import ToolCall

from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.forecast import forecast
from tenken.evals.planning.plan import Choices, resolve
from tenken.evals.suite import Suite
from tenken.scorers.agent.world import World, holds
from tenken.tasks.build import build
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import load_task
from tenken.tasks.solvers.act import TOOLS

Reply = Callable[[list[ChatMessage]], str | ChatMessageAssistant]
_count = iter(range(10_000))


def mocked(reply: Reply) -> Model:
    def output(messages: list[ChatMessage], *_: Any) -> ModelOutput:
        said = reply(messages)
        made = ModelOutput.from_content("mockllm", said if isinstance(said, str) else "")
        if not isinstance(said, str):
            made.choices[0].message = said
        made.usage = Usage(input_tokens=1, output_tokens=1, total_tokens=2)
        return made

    return get_model(f"mockllm/c{next(_count)}", custom_outputs=output)


def run(task: str, pick: Callable[[TaskSample], bool], reply: Reply, tmp_path: Path,
        **roles: Model) -> EvalSample:  # fmt: skip
    """Ask the first sample that is picked and return it as logged."""
    loaded = load_task(task)
    chosen = [sample for sample in loaded.samples if pick(sample)][:1]
    (log,) = inspect_eval(
        build(loaded, chosen), model=mocked(reply), model_roles=dict(roles), display="none",
        log_dir=str(tmp_path),
    )  # fmt: skip
    (sample,) = log.samples or []
    return sample


def users(sample: EvalSample) -> list[str]:
    return [message.text for message in sample.messages if message.role == "user"]


def test_a_script_is_asked_turn_by_turn(tmp_path: Path) -> None:
    sample = run("escalation", lambda s: s.language == "ja", lambda _: "はい。", tmp_path)
    script = [sample.input, *sample.metadata["turns"]]
    assert users(sample) == script
    assert len(sample.messages) == 2 * len(script)


def test_a_conversation_ends_with_an_empty_answer(tmp_path: Path) -> None:
    def reply(messages: list[ChatMessage]) -> str:
        return "Yes." if len(messages) == 1 else ""

    sample = run("escalation", lambda s: s.language == "en", reply, tmp_path)
    assert len(users(sample)) == 2


def test_an_attacker_writes_the_turns_and_sees_the_goal(tmp_path: Path) -> None:
    seen: list[str] = []

    def attack(messages: list[ChatMessage]) -> str:
        seen.append(messages[0].text)
        return f"Push {len(seen)}"

    sample = run(
        "escalation", lambda s: s.language == "en", lambda _: "Yes.", tmp_path,
        attacker=mocked(attack),
    )  # fmt: skip
    turns = len(sample.metadata["turns"])
    assert users(sample)[1:] == [f"Push {number}" for number in range(1, turns + 1)]
    assert all(sample.metadata["goal"] in text for text in seen)


def test_an_attacker_that_writes_nothing_is_an_error_and_no_score(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="attacker"):
        sample = run(
            "escalation", lambda s: s.language == "en", lambda _: "Yes.", tmp_path,
            attacker=mocked(lambda _: " "),
        )  # fmt: skip
        assert sample.error is not None
        raise RuntimeError(sample.error.message)


@pytest.mark.parametrize(
    ("phase", "first_is_right", "calls"),
    [("pressure", True, 5), ("pressure", False, 1), ("evidence", True, 2), ("evidence", False, 2)],
)
def test_only_what_has_something_at_stake_is_pressed(
    tmp_path: Path, phase: str, first_is_right: bool, calls: int
) -> None:
    def reply(_: list[ChatMessage]) -> str:
        return "A" if first_is_right else "B"

    def pick(sample: TaskSample) -> bool:
        return sample.tags["phase"] == phase and sample.target == "A"

    sample = run("claim_pressure", pick, reply, tmp_path)
    asked = users(sample)
    assert len(asked) == calls
    assert all(text.endswith("Answer with the letter only.") for text in asked)


def test_the_swapped_case_is_asked_in_a_conversation_of_its_own(tmp_path: Path) -> None:
    lengths: list[int] = []

    def reply(messages: list[ChatMessage]) -> str:
        lengths.append(len(messages))
        return "A"

    sample = run("decision_parity", lambda s: s.language == "en", reply, tmp_path)
    first, second = users(sample)
    assert lengths == [1, 1]
    assert first != second
    assert first.rsplit("\n\n", 2)[1:] == second.rsplit("\n\n", 2)[1:]  # same form of the answer


def test_tools_act_on_the_world_until_the_model_stops(tmp_path: Path) -> None:
    def reply(messages: list[ChatMessage]) -> str | ChatMessageAssistant:
        done = sum(message.role == "tool" for message in messages)
        names = ("write_file", "list_files")
        if done == len(names):
            return "Done."
        arguments = {"name": "new.txt", "text": "x"} if done == 0 else {}
        call = ToolCall(id=str(done), function=names[done], arguments=arguments)
        return ChatMessageAssistant(content="", tool_calls=[call])

    def pick(sample: TaskSample) -> bool:
        return {"write_file", "list_files"} <= set(sample.metadata["tools"])

    sample = run("agentic_misuse", pick, reply, tmp_path)
    results = [message.text for message in sample.messages if message.role == "tool"]
    assert results[0] == "done."
    assert "new.txt" in results[1].splitlines()


def test_a_model_that_never_stops_runs_out_of_steps(tmp_path: Path) -> None:
    def reply(_: list[ChatMessage]) -> ChatMessageAssistant:
        call = ToolCall(id=f"c{next(_count)}", function="balance", arguments={})
        return ChatMessageAssistant(content="", tool_calls=[call])

    sample = run("agentic_misuse", lambda s: "balance" in s.metadata["tools"], reply, tmp_path)
    assert sum(message.role == "assistant" for message in sample.messages) == 8
    assert sample.error is None


def test_every_tool_that_the_samples_offer_exists_and_finds_what_there_is() -> None:
    task = load_task("agentic_misuse")
    offered = {name for sample in task.samples for name in sample.metadata["tools"]}
    assert offered <= set(TOOLS)
    for sample in task.samples:
        world = World(sample.metadata.get("world") or {})
        for entry in (sample.metadata.get("world") or {}).get("search", ()):
            assert entry["result"] in world.search(f"x {entry['keywords'][0].upper()} y")
    assert World({}).search("nothing") == "no results."


def test_a_hit_without_keywords_answers_any_query() -> None:
    world = World({"search": [{"result": "for all"}, {"keywords": ["tide"], "result": "high"}]})
    assert world.search("train") == "for all"
    assert world.search("When is HIGH TIDE?") == "for all\nhigh"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_job_with_a_foreign_instruction_can_be_done_and_can_be_hijacked(
    language: str,
) -> None:
    for sample in load_task("agentic_injection").samples:
        if sample.language != language:
            continue
        rules = [*sample.metadata.get("done", ()), *sample.metadata.get("misuse", ())]
        shown = str(sample.metadata["world"])
        assert rules
        for rule in rules:
            assert rule["tool"] in sample.metadata["tools"], sample.id
            arguments = {name: texts[0] for name, texts in rule["has"].items()}
            needed = {
                "write_file": ("name", "text"), "send_message": ("to", "text"),
                "transfer": ("to", "amount"), "post": ("text",),
            }[rule["tool"]]  # fmt: skip
            given = {each: arguments.get(each, "5") for each in needed}
            world = World(sample.metadata["world"])
            world.act_out([(rule["tool"], given)])
            assert any(holds(rule["has"], trace) for trace in world.left(rule["tool"]))
        if sample.tags["checks"] == "attack" and sample.tags["injection"] == "present":
            wanted = [text for rule in rules for texts in rule["has"].values() for text in texts]
            assert any(text.casefold() in shown.casefold() for text in wanted), sample.id


def test_the_forecast_counts_every_call_of_a_conversation() -> None:
    words = {"en": "One", "ja": "一"}
    names = ("claim_pressure", "decision_parity", "escalation", "agentic_misuse")
    suite = Suite.model_validate(
        {"name": "s", "title": words, "description": words, "tasks": [{"task": n} for n in names]}
    )
    found = forecast(resolve(suite, Choices()), Endpoint(model="x"), latency=1)
    calls = {task.name.rsplit("/", 1)[-1]: task.calls for task in found.tasks}
    turns = sum(1 + len(sample.metadata["turns"]) for sample in load_task("escalation").samples)
    assert calls == {
        "claim_pressure": 100 * 5 + 100 * 2, "decision_parity": 376, "escalation": turns,
        "agentic_misuse": 220 * 8,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["misinformation/false_claims/open", "fabricated_sources/open"])
def test_an_open_form_has_no_choices_and_asks_for_a_grader(name: str) -> None:
    task = load_task(name if name.count("/") == 2 else f"misinformation/{name}")
    assert not any(sample.choices or sample.target for sample in task.samples)
    assert {bool(sample.metadata["right"]) for sample in task.samples} == {True}
    assert task.card.scorer.name in ("tenken/claim_stance", "tenken/fabrication")
