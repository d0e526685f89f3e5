"""Putting a scorer on trial: known answers in, the labels that it gives out."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tenken.errors import EndpointError, InputError
from tenken.evals.models.outputs import apart
from tenken.evals.process import silent_console
from tenken.schema.calibration import UNDECIDED
from tenken.scorers.labelled.gold import GoldAnswer
from tenken.scorers.labels import METADATA_KEY
from tenken.tasks.card.card import Scoring
from tenken.tasks.fit import vocabulary
from tenken.tasks.parts import make_scorer

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.log import EvalSample
    from inspect_ai.model import Model
    from inspect_ai.scorer import Score
    from inspect_ai.solver import Solver


@dataclass(frozen=True, slots=True)
class TrialLabel:
    """What a scorer said about an answer.

    Attributes:
        id: Id of the answer.
        label: The label, `undecided` where it gave none.
        reason: Why there is none.
        again: The label that a judge gave when it was asked once more; empty where it was not.
        asked: Whether a model was asked at all: none is about a text with no answer in it.
    """

    id: str
    label: str
    reason: str = ""
    again: str = ""
    asked: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class TrialLabels:
    """What a scorer said about all answers, and what it took.

    Attributes:
        seen: One for each answer, in their order.
        tokens: By role, the tokens that its grader read and wrote.
    """

    seen: list[TrialLabel]
    tokens: dict[str, tuple[int, int]]


def try_scorer(
    scoring: Scoring,
    answers: Sequence[GoldAnswer],
    roles: Mapping[str, Model] | None = None,
    risk: str = "criminal_misuse",
) -> list[TrialLabel]:
    """Let a scorer read answers that were written before, as `tried` does, without the tokens.

    Args:
        scoring: The scorer's registry name and arguments.
        answers: The gold answers.
        roles: The models that judge, by role; None for a scorer that asks none.
        risk: The risk area whose rubric a judge uses.

    Returns:
        One label for each answer, in their order.

    Raises:
        EndpointError: The scorer asks a grader and none is bound.
        InputError: The scorer fails on an answer.
    """
    return tried(scoring, answers, roles, risk).seen


def tried(
    scoring: Scoring,
    answers: Sequence[GoldAnswer],
    roles: Mapping[str, Model] | None = None,
    risk: str = "criminal_misuse",
) -> TrialLabels:
    """Let a scorer read answers that were written before; no model under test is asked.

    Args:
        scoring: The scorer's registry name and arguments.
        answers: The gold answers.
        roles: The models that judge, by role.
        risk: The risk area whose rubric a judge uses.

    Returns:
        One label for each answer, in their order, and the tokens of the graders.

    Raises:
        EndpointError: The scorer asks a grader and none is bound.
        InputError: The scorer fails on an answer.
    """
    from inspect_ai import eval as inspect_eval

    with tempfile.TemporaryDirectory() as place, silent_console():
        (log,) = inspect_eval(
            trial_task(scoring, answers, risk),
            model="mockllm/replay",
            model_roles=dict(roles or {}),
            display="none",
            log_level="critical",
            log_dir=place,
            log_realtime=False,
            score_display=False,
            fail_on_error=False,
            max_samples=16,
            ctl_server=False,
        )
        names = declared_by(scoring)
        by_id = {
            str(sample.id): replace(_seen(sample, names), asked=_was_asked(sample))
            for sample in log.samples or []
        }
    used = log.stats.model_usage
    tokens = {
        role: (usage.input_tokens, usage.output_tokens)
        for role, model in (roles or {}).items()
        if (usage := used.get(str(model))) is not None
    }
    return TrialLabels([by_id[answer.id] for answer in answers], tokens)


def declared_by(scoring: Scoring) -> Collection[str]:
    """Return the labels that a scorer declares; none where any label may be one."""
    known = vocabulary(scoring)
    return known.names if known is not None and not scoring.labels else ()


def trial_task(
    scoring: Scoring, answers: Sequence[GoldAnswer], risk: str = "criminal_misuse"
) -> Task:
    """Return the task in which a scorer reads answers; its solver gives each as it was written.

    Args:
        scoring: The scorer's registry name and arguments.
        answers: The gold answers.
        risk: The risk area whose rubric a judge uses.
    """
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample

    samples = [
        Sample(
            id=answer.id,
            input=answer.prompt,
            choices=list(answer.choices) or None,
            target=answer.target,
            metadata={
                METADATA_KEY: _facts(answer, risk),
                "response": answer.response,
            },
        )
        for answer in answers
    ]
    judge = make_scorer(scoring, stops=False)
    return Task(name="trial", dataset=MemoryDataset(samples), solver=_replay(), scorer=judge)


def _facts(answer: GoldAnswer, risk: str) -> dict[str, Any]:
    """Return what a scorer may know of a gold answer: labels count, no measure says which."""
    known = {"language": answer.language, "risk": risk, "tags": answer.tags, "trial": True}
    if not answer.roles:
        return known
    roles = list(answer.roles)
    return {**known, "roles": roles, "unsafe_labels": roles}  # so that the label is the role


def _replay() -> Solver:
    from inspect_ai.model import ModelOutput
    from inspect_ai.solver import Generate, TaskState, solver

    @solver(name="replay")
    def replay() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            state.output = apart(ModelOutput.from_content("replay", state.metadata["response"]))
            state.messages.append(state.output.message)
            return state

        return solve

    return replay()


def _was_asked(sample: EvalSample) -> bool:
    return any(each.event == "model" for each in sample.events)  # the tested one's are replayed


def _seen(sample: EvalSample, names: Collection[str]) -> TrialLabel:
    """Return what a scorer said of an answer; what it has not declared is no label of its.

    Args:
        sample: The answer, judged.
        names: The labels that the scorer declares; empty where any label may be one.
    """
    name = str(sample.id)
    if sample.error:
        message = " ".join(sample.error.message.split())
        if "NoGraderError" in message:
            raise EndpointError(
                "the scorer asks a grader: bind a model other than the one under test with "
                "--model-role grader=MODEL."
            )
        raise InputError(
            "the scorer fails on the gold answer '{name}': {message}",
            name=name,
            message=message[:160],
        )
    score = next(iter((sample.scores or {}).values()), None)
    return label_of(name, score, names, sample.metadata)


def label_of(
    name: str, score: Score | None, names: Collection[str], metadata: Mapping[str, Any]
) -> TrialLabel:
    """Return what a scorer's score says of the answer `name`.

    Args:
        name: Id of the answer.
        score: What the scorer returned.
        names: The labels that the scorer declares; empty where any label may be one.
        metadata: Of the sample that was judged.
    """
    from tenken.scorers.verdict import UNKNOWN_LABEL

    if score is None:
        return TrialLabel(name, UNDECIDED, "no_score")
    value, about = score.value, score.metadata or {}
    again = str((about.get("again") or {}).get("label") or "")
    if isinstance(value, float) and not math.isfinite(value):
        return TrialLabel(name, UNDECIDED, str(score.reason or ""), again)
    label = value if isinstance(value, str) and value in names else about.get("label") or value
    roles = (metadata.get(METADATA_KEY) or {}).get("roles") or ()  # may be in any words
    if names and label not in (*names, *roles):
        return TrialLabel(name, UNDECIDED, UNKNOWN_LABEL, again)
    return TrialLabel(name, str(label), again=again)
