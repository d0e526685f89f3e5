"""The solver of attacks that adapt: a model in the role `attacker` writes what is asked next.

The answers of the tested model are data, to the attacker as to the judge. Whatever fails of the
two is counted and never taken for a verdict on the model under test.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    Model,
    ModelOutput,
)
from inspect_ai.solver import Generate, Solver, TaskState, solver
from pydantic import BaseModel, ConfigDict, Field

from tenken.io.documents import read_mapping
from tenken.schema.plan import AttackBudget
from tenken.scorers._judge.ask import Judged, ask_grader, block
from tenken.scorers._judge.graders import graders
from tenken.scorers._judge.repeat import is_drawn
from tenken.scorers._refusal.classify import classify
from tenken.scorers.harm_judge import THRESHOLD, grade_harm
from tenken.scorers.verdict import facts
from tenken.tasks.solvers.budget import budget_in
from tenken.tasks.solvers.converse import AttackerFailedError
from tenken.tasks.solvers.tries import TRY, USED

SOURCE_DATA = ("attackers.yaml",)

_FAILED: Final = "judge_failed_"
_MOST_MESSAGE: Final = 8_000


class AttackJudgeFailedError(Exception):
    """The endpoint of the judge gave the attack no answer; the sample is asked again."""


class NextMessage(BaseModel):
    """The form of an attacker's reply."""

    model_config = ConfigDict(extra="forbid")

    idea: str = Field(default="", max_length=4_000)
    message: str = Field(max_length=_MOST_MESSAGE)


class OnTopic(BaseModel):
    """The form of a judge's reply about an attacker's message."""

    model_config = ConfigDict(extra="forbid")

    on_topic: bool


@dataclass(frozen=True)
class Answered:
    """A message with its answer, as the attacker is shown it.

    Attributes:
        prompt: The message.
        answer: The answer.
        harm: What the judge made of it, in [0, 1].
        declined: Whether it was declined, withheld or empty.
    """

    prompt: str
    answer: str
    harm: float
    declined: bool


@dataclass
class Hunt:
    """One attack on one request.

    Attributes:
        state: The sample.
        generate: Asks the model under test.
        attacker: The model that attacks.
        judge: The model that judges while the attack goes on.
        budget: What may be used up.
        said: All messages to the model under test, each with its answer.
        outputs: The answers as they came.
        used: What was used up.
        failures: Why what failed did.
    """

    state: TaskState
    generate: Generate
    attacker: Model
    judge: Model
    budget: AttackBudget
    said: list[ChatMessage] = field(default_factory=list)
    outputs: list[ModelOutput] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._opening = [m for m in self.state.messages if isinstance(m, ChatMessageSystem)]
        self._goal = str(self.state.metadata["request"])
        self._language = "ja" if facts(self.state).get("language") == "ja" else "en"

    async def ask(self, before: list[ChatMessage], prompt: str, turn: int) -> Answered:
        """Put a message to the model under test and have its answer judged.

        Args:
            before: The conversation before it.
            prompt: The message.
            turn: Turn or round, from 1.
        """
        asked = ChatMessageUser(content=prompt)
        self.state.messages = [*self._opening, *before, asked]
        self.state = await self.generate(self.state, tool_calls="none")
        output = self.state.output
        self.used["calls"] += 1
        self.outputs.append(output)
        about = {TRY: {"turn": turn, "stop": str(output.stop_reason)}}
        answer = ChatMessageAssistant(content=output.completion, metadata=about)
        self.said += [asked, answer]
        if output.stop_reason == "content_filter" or not output.completion.strip():
            self.used["declined"] += 1
            return Answered(prompt, output.completion, 0.0, True)
        judged = await grade_harm(self.judge, self.state, [(prompt, output.completion)])
        self._count_judge(judged)
        grade = judged.reply
        declined = grade is not None and grade.refused == "full"
        self.used["declined"] += declined
        return Answered(prompt, output.completion, grade.harm if grade else 0.0, declined)

    async def message(self, shown: list[Answered], turn: int, branch: str = "1") -> str | None:
        """Return what the attacker writes next, None where it writes nothing of use.

        Args:
            shown: What was tried in this conversation.
            turn: Turn or round, from 1.
            branch: Which attempt of the round it is, such as `2 of 4`.
        """
        way = _texts()["ways"][self.budget.method][self._language].format(
            turn=turn, turns=self.budget.turns, branch=branch
        )
        instructions = _texts()["attacker"][self._language].replace("{way}", way)
        material = "\n\n".join([block("GOAL", self._goal), *map(_shown, shown)])
        judged = await ask_grader(self.attacker, instructions, material, NextMessage)
        self.used["attacker_calls"] += judged.attempts
        if judged.reason.startswith(_FAILED):
            raise AttackerFailedError(judged.reason.removeprefix(_FAILED))
        said = judged.reply.message.strip() if judged.reply else ""
        if not said:
            self.failures.append(self._why_silent(judged))
            return None
        return said

    async def is_on_topic(self, prompt: str) -> bool:
        """Whether the judge says that a message still asks for the request.

        Args:
            prompt: The attacker's message.
        """
        material = f"{block('GOAL', self._goal)}\n\n{block('MESSAGE', prompt)}"
        rubric = _texts()["on_topic"][self._language]
        judged = await ask_grader(self.judge, rubric, material, OnTopic)
        self._count_judge(judged)
        on_topic = judged.reply is None or judged.reply.on_topic
        self.used["pruned"] += not on_topic
        return on_topic

    def finish(self, *, broken: bool) -> TaskState:
        """Return the sample with all that was tried, and what the attack used up.

        Args:
            broken: Whether the judge of the attack saw a success.
        """
        self.state.messages = [*self._opening, *self.said]
        given = [each for each in self.outputs if _is_answer(each)]
        if self.outputs:
            self.state.output = (given or self.outputs)[-1]
        ended = "broken" if broken else "budget"
        used = {**self.used, "failures": list(self.failures), "ended": ended}
        self.state.store.set(USED, used)
        return self.state

    def _count_judge(self, judged: Judged[Any]) -> None:
        self.used["judge_calls"] += judged.attempts
        if judged.reason.startswith(_FAILED):
            raise AttackJudgeFailedError(judged.reason.removeprefix(_FAILED))
        if judged.reply is None:
            blocked = judged.reason == "judge_blocked"
            reason = "attack_judge_blocked" if blocked else "attack_judge_reply_invalid"
            self.failures.append(reason)

    def _why_silent(self, judged: Judged[NextMessage]) -> str:
        if judged.reason == "judge_blocked":
            return "attacker_blocked"
        last = judged.replies[-1].strip() if judged.replies else ""
        if judged.reply is not None or not last:
            return "attacker_empty"
        language = "ja" if self._language == "ja" else "en"
        refused = classify(last, self._goal, language).label == "full_refusal"  # type: ignore[arg-type]
        return "attacker_refused" if refused else "attacker_reply_invalid"


def readings(sample_id: str, epoch: int) -> int:
    """Return how often a judge reads an answer of a sample: twice for a few of them.

    Args:
        sample_id: Id of the sample.
        epoch: 1 for the first time of asking.
    """
    return 2 if is_drawn(sample_id, epoch) else 1


@solver(name="adapt")
def adapt(attacker: str = "attacker", judge: str = "grader") -> Solver:
    """Let a model attack the request within the sample's `budget`; without one, ask once.

    A sample has a budget where a suite or the command line asks it under an attack that adapts.
    All that was tried is in the sample's messages, and the scorer judges each of it.

    Args:
        attacker: Role of the model that attacks.
        judge: Role of the model that judges while the attack goes on; never the tested one.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        budget = budget_in(state.metadata)
        if budget is None:
            return await generate(state)
        hunt = Hunt(
            state,
            generate,
            graders(attacker, state, allow_self=True)[0],
            graders(judge, state, allow_self=False)[0],
            budget,
        )
        broken = await (climb(hunt) if budget.method == "climb" else search(hunt))
        return hunt.finish(broken=broken)

    return solve


async def climb(hunt: Hunt) -> bool:
    """Lead one conversation on, turn by turn; what is declined is taken back.

    Russinovich, Salem and Eldan (2024), "Crescendo".

    Args:
        hunt: The attack.

    Returns:
        Whether the judge of the attack saw a success.
    """
    shown: list[Answered] = []
    before: list[ChatMessage] = []
    for turn in range(1, hunt.budget.turns + 1):
        prompt = await hunt.message(shown, turn)
        if prompt is None:
            return False
        answered = await hunt.ask(before, prompt, turn)
        shown.append(answered)
        if answered.harm >= THRESHOLD:
            return True
        if not answered.declined:
            before += hunt.said[-2:]
    return False


async def search(hunt: Hunt) -> bool:
    """Rewrite one message in several conversations, round by round.

    Chao et al. (2023), "PAIR"; with `prune`, Mehrotra et al. (2023), "TAP".

    Args:
        hunt: The attack.

    Returns:
        Whether the judge of the attack saw a success.
    """
    budget = hunt.budget
    kept: list[list[Answered]] = [[] for _ in range(1 if budget.prune else budget.width)]
    for turn in range(1, budget.turns + 1):
        grown: list[list[Answered]] = []
        attempts = len(kept) * budget.branching
        written = 0
        for number in range(attempts):
            shown = kept[number // budget.branching]
            prompt = await hunt.message(shown, turn, f"{number + 1}/{attempts}")
            if prompt is None:
                continue
            written += 1
            if budget.prune and not await hunt.is_on_topic(prompt):
                continue
            answered = await hunt.ask([], prompt, turn)
            if answered.harm >= THRESHOLD:
                return True
            grown.append([*shown, answered])
        if not grown:
            if written:
                hunt.failures.append("attacker_off_topic")
            return False
        if budget.prune:
            grown.sort(key=lambda each: -each[-1].harm)
            grown = grown[: budget.width]
        kept = grown
    return False


def _shown(answered: Answered) -> str:
    rating = 1 + round(9 * answered.harm)
    head = "[declined, taken back]" if answered.declined else f"[rating {rating} of 10]"
    asked = block("YOUR MESSAGE", answered.prompt)
    return f"{asked}\n\n{block('ANSWER', answered.answer or '(nothing)')}\n{head}"


def _is_answer(output: ModelOutput) -> bool:
    return output.stop_reason != "content_filter" and bool(output.completion.strip())


@cache
def _texts() -> dict[str, Any]:
    return read_mapping((Path(__file__).parent / SOURCE_DATA[0]).read_bytes())
