"""Scoring a finished log again: by Inspect, beside the old scores, without the tested model.

Whatever a scorer or its grader does, a sample ends with a verdict or as unscored with a reason.
"""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken._version import __version__
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.graders import grader_roles
from tenken.evals.planning.own import scorer_binding
from tenken.evals.running.graders import MakeGraders
from tenken.inspect_private import arguments_of, scorer_named
from tenken.io.canonical import sha256_file
from tenken.io.files import storage_error
from tenken.schema.plan import PlannedTask, ScorerBinding
from tenken.schema.rescoring import LEDGER, Rescoring, parse_ledger
from tenken.schema.vocabulary import Vocabulary
from tenken.tasks.card.card import Scoring
from tenken.tasks.fit import vocabulary
from tenken.tasks.parts import choices_of, make_scorer, scorer_factory

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample
    from inspect_ai.model import ChatMessage
    from inspect_ai.scorer import Score, Scorer, Target
    from inspect_ai.solver import TaskState

MISFIT: Final = "label_of_another_measure"
"""The reason where a scorer gives labels that mean nothing for the sample's measure."""

_NOT_JUDGED: Final = "not_judged"


@dataclass(frozen=True)
class Judge:
    """Who scores again: the scorer, what it is bound to, and the models in roles beside it."""

    scoring: Scoring
    binding: ScorerBinding
    roles: Mapping[str, Endpoint]

    @staticmethod
    def of(scoring: Scoring, roles: Mapping[str, Endpoint]) -> Judge:
        """Return the judge, with those of the roles that the scorer asks.

        Args:
            scoring: The scorer's registry name and arguments.
            roles: The models in other roles; those that the scorer does not ask are left out.

        Raises:
            UnknownNameError: No scorer of that name is registered.
            InputError: The scorer does not take these arguments.
        """
        asked = {role: roles[role] for role in grader_roles(scoring) if role in roles}
        return Judge(scoring, scorer_binding(scoring), asked)


@dataclass(frozen=True)
class RescoredLog:
    """A log that was scored again.

    Attributes:
        score: Name of the new score in the log.
        reasons: How often each reason stands for an answer without a verdict; an empty one for
            answers with one. Answers that no scorer is shown are not among them.
    """

    score: str
    reasons: Mapping[str, int]


def rescore(log: Path, judge: Judge, out: Path, graders: MakeGraders) -> RescoredLog:
    """Score a log again and write it, with the old scores and the new one, to another file.

    The tested model cannot be asked: its place is taken by one that refuses every question.
    Answers that a report never hands to a verdict (errors, blocked, empty) are not judged.

    Args:
        log: The log.
        judge: Who scores.
        out: Where the new log goes; must not exist.
        graders: Makes the judge's graders.

    Raises:
        StorageError: It cannot be written.
    """
    from inspect_ai import score
    from inspect_ai.log import read_eval_log, write_eval_log

    from tenken.evals.models.outputs import apart

    found = read_eval_log(str(log))
    samples = found.samples or []
    for sample in samples:  # logs from before reasoning was set apart at the run
        sample.output = apart(sample.output)
        sample.messages = [_apart(each) for each in sample.messages]
    name = _unused(judge.binding.name, samples)
    seen: Counter[str] = Counter()
    kept, found.eval.model_roles = found.eval.model_roles, None
    scored = score(
        found,
        guarded_scorer(judge.scoring, name, samples, seen),
        model="none/none",
        model_roles=dict(graders()),
        action="append",
        display="none",
        copy=False,
    )
    scored.eval.model_roles = kept
    _write(scored, out, write_eval_log)
    return RescoredLog(name, dict(seen))


def guarded_scorer(
    scoring: Scoring, name: str, samples: list[EvalSample], seen: Counter[str]
) -> Scorer:
    """Return a scorer as `rescore` uses it: it never fails, and never judges what is not an answer.

    Args:
        scoring: The scorer's registry name and arguments.
        name: Name of its score in the log.
        samples: The samples of the log.
        seen: Counts the reasons for which an answer has no verdict.
    """
    made = make_scorer(scoring, stops=False)
    return _guarded(made, name, _unanswered(samples), seen, vocabulary(scoring))


def entry_of(
    run: Path, task: PlannedTask, parent: str, log: str, judge: Judge, score: str
) -> Rescoring:
    """Return the line of the ledger for a log that was scored again.

    Args:
        run: The folder that both logs are in.
        task: The task.
        parent: The log that was scored, relative to the folder.
        log: The log with the new score, relative to the folder.
        judge: Who scored.
        score: Name of the new score.
    """
    from tenken.scorers.registry import own_measure, prompts_digest

    factory = scorer_factory(judge.binding.name)
    return Rescoring(
        schema="https://tenken.dev/schema/rescoring/1",
        task=task.name,
        parent=parent,
        parent_sha256=sha256_file(run / parent),
        log=log,
        log_sha256=sha256_file(run / log),
        score=score,
        scorer=judge.binding,
        graders={role: each.planned() for role, each in sorted(judge.roles.items())},
        prompt_sha256=prompts_digest(factory) if factory else None,
        measure=own_measure(factory) if factory else None,
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        tenken=__version__,
        inspect_ai=version("inspect-ai"),
    )


def keep_parents(run: Path, superseded: str) -> None:
    """Keep the logs that were scored again, before a run goes on and replaces them.

    Args:
        run: The run's folder.
        superseded: Name of the folder for what was replaced.

    Raises:
        BundleError: The ledger cannot be read.
        StorageError: The folder cannot be written.
    """
    path = run / LEDGER
    if not path.exists():
        return
    for entry in parse_ledger(path.read_bytes(), str(path)):
        log, kept = run / entry.parent, run / superseded / Path(entry.parent).name
        if log.is_file() and not kept.exists():
            try:
                kept.parent.mkdir(exist_ok=True)
                shutil.copy2(log, kept)
            except OSError as error:
                raise storage_error(kept, error) from error


def _unused(name: str, samples: list[EvalSample]) -> str:
    """Return the scorer's own name, with a number where the log has such a score already."""
    own = name.rpartition("@")[2].rsplit("/", 1)[-1]
    taken = {key for sample in samples for key in sample.scores or {}}
    number, unused = 1, own
    while unused in taken:
        number += 1
        unused = f"{own}_{number}"
    return unused


def _unanswered(samples: list[EvalSample]) -> set[tuple[str, int]]:
    return {(str(each.id), each.epoch) for each in samples if not _is_answer(each)}


def _apart(message: ChatMessage) -> ChatMessage:
    from inspect_ai.model import ChatMessageAssistant

    from tenken.evals.models.outputs import message_apart

    return message_apart(message) if isinstance(message, ChatMessageAssistant) else message


def _is_answer(sample: EvalSample) -> bool:
    """Whether a report would hand the sample to a verdict at all."""
    if sample.error or sample.limit or sample.output.stop_reason == "content_filter":
        return False
    called = any(getattr(message, "tool_calls", None) for message in sample.messages)
    return bool(sample.output.completion.strip() or called)


def _guarded(
    made: Scorer,
    name: str,
    unanswered: set[tuple[str, int]],
    seen: Counter[str],
    known: Vocabulary | None,
) -> Scorer:
    """Return a scorer of another name that never fails, and never judges what is not an answer.

    It has no metrics: a metric that fails would take every verdict with it.
    """
    from inspect_ai.util import registry_info

    from tenken.scorers.registry import own_measure
    from tenken.scorers.verdict import undecided

    registered = registry_info(made).name
    needs_choices = choices_of(registered) == "needed"
    factory = scorer_factory(registered)
    of_its_own = factory is not None and own_measure(factory) is not None

    async def fitted(state: TaskState, target: Target) -> Score:
        """Return the score by the sample's measure, or as it is by one of the scorer's own."""
        if needs_choices and not state.choices:
            return undecided(MISFIT)
        found = await made(state, target)
        return found if of_its_own and found is not None else _fitting(found, state, known)

    async def score(state: TaskState, target: Target) -> Score:
        if (str(state.sample_id), state.epoch) in unanswered:
            return undecided(_NOT_JUDGED)
        try:
            found = await fitted(state, target)
        except Exception as error:  # any failure of a scorer is the same to the score
            found = undecided(f"scorer_failed_{type(error).__name__}")
        seen[str(found.reason or "")] += 1
        return found

    return scorer_named(score, name, arguments_of(made))


def _fitting(score: Score | None, state: TaskState, known: Vocabulary | None) -> Score:
    """Return the score with the verdict that the measure makes of its label, or without one.

    A number says nothing where labels are the unsafe end, and a label means something within the
    group alone that the scorer has declared it in.
    """
    from tenken.scorers.labels import all_labels, fits
    from tenken.scorers.verdict import facts, undecided

    if score is None:
        return undecided("no_score")
    unsafe = facts(state).get("unsafe_labels") or ()
    if score.reason or not unsafe:
        return score
    label = _label_of(score)
    if isinstance(score.value, float) and not math.isfinite(score.value):
        return undecided("undecided")  # the scorer's own way to say that it gives none
    if known is None or not isinstance(label, str):
        return undecided(MISFIT)
    if not known.names:  # it takes over labels of others, and has made a verdict of them
        return undecided(MISFIT) if label in all_labels() and not fits(label, unsafe) else score
    return _declared(score, label, unsafe, known)


def _label_of(score: Score) -> Any:
    """Return the label that a score gives: its value, or what is said beside a number."""
    if isinstance(score.value, str):
        return score.value
    return (score.metadata or {}).get("label", score.value)


def _declared(score: Score, label: str, unsafe: Collection[str], known: Vocabulary) -> Score:
    """Return the score with the verdict of a declared label, or none of any other label."""
    from tenken.scorers.verdict import UNKNOWN_LABEL, undecided

    if label not in known.beside(unsafe):
        return undecided(MISFIT if label in known.names else UNKNOWN_LABEL)
    about = score.metadata or {}
    about = {**about, "label": label, "labels": about.get("labels") or [label]}
    return score.model_copy(update={"value": float(label in unsafe), "metadata": about})


def _write(log: EvalLog, out: Path, write: Callable[..., Any]) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write(log, str(out), format="eval")
    except OSError as error:
        raise storage_error(out, error) from error
