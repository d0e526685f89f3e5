"""A finished run gone through again: items and prompts against the library, scores by scoring.

Nothing is asked of any model. Scorers that ask a grader, and those of other versions than the
installed ones, are named as not run again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import TenkenError
from tenken.evals.planning.graders import grader_roles
from tenken.evals.planning.own import scorer_binding
from tenken.evals.process import silent_console
from tenken.schema.plan import Plan, PlannedTask
from tenken.schema.verification import Finding
from tenken.tasks.attacks.apply import under_attack
from tenken.tasks.build import prompt_of, samples_digest
from tenken.tasks.card.card import Scoring
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import LoadedTask, load_task
from tenken.tasks.parts import make_scorer

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog, EvalSample
    from inspect_ai.scorer import Score

_MOST_NAMED: Final = 5


def replay(run: Path, plan: Plan) -> Iterator[Finding]:
    """Score every answer of a run again and compare its items with the library's.

    Args:
        run: The run's folder, whose files were checked before.
        plan: Its plan.
    """
    agreeing = 0
    for path in sorted((run / "logs").glob("*.eval")):
        try:
            findings = list(_log(path, plan))
        except Exception as error:  # foreign content may break anything: a finding, no crash
            said = f"cannot be gone through again: {type(error).__name__}: {error}"
            findings = [Finding("wrong", f"logs/{path.name}", said, "rescored")]
        agreeing += not findings
        yield from findings
    if agreeing:
        said = f"{agreeing} logs: every answer was scored again, every prompt is the library's."
        yield Finding("ok", "rescored", said, "rescored")


def _log(path: Path, plan: Plan) -> Iterator[Finding]:
    from inspect_ai.log import read_eval_log

    with silent_console():
        log = read_eval_log(str(path), resolve_attachments=True)
    task = next((each for each in plan.tasks if each.log_name == log.eval.task), None)
    if task is None:
        yield Finding("wrong", f"logs/{path.name}", "its task is not in the plan.", "rescored")
        return
    yield from _few(task, _items(task, log))
    yield from _few(task, _inside(log))
    yield from _few(task, _scores(task, log))


def _few(task: PlannedTask, findings: Iterator[Finding]) -> Iterator[Finding]:
    found = list(findings)
    yield from found[:_MOST_NAMED]
    if len(found) > _MOST_NAMED:
        said = f"{len(found) - _MOST_NAMED} more samples do not agree."
        yield Finding("wrong", task.name, said, "rescored")


def _items(task: PlannedTask, log: EvalLog) -> Iterator[Finding]:
    """Compare what the plan and the log say was asked with the library's items."""
    if "inspect_task" in task.dataset:
        said = "another package's task: its items were not compared."
        yield Finding("unknown", task.name, said, "rescored")
        return
    try:
        loaded = load_task(task.name)
        samples = _planned_samples(loaded, task)
    except TenkenError as error:
        said = f"its items cannot be had here: {error}"
        yield Finding("unknown", task.name, said, "rescored")
        return
    if len(samples) != len(task.samples) or samples_digest(loaded, samples) != task.prompt_sha256:
        same = loaded.card.version == task.version
        said = (
            "the plan's items are not the library's of this version."
            if same
            else f"the plan's items are of version {task.version}, here is {loaded.card.version}."
        )
        yield Finding("wrong" if same else "unknown", task.name, said, "rescored")
        return
    by_id = {sample.id: sample for sample in samples}
    for logged in log.samples or []:
        sample = by_id.get(str(logged.id))
        if sample is not None and not _was_asked(loaded, sample, logged):
            said = "the prompt in the log is not the library's."
            yield Finding("wrong", _place(task, logged), said, "rescored")


def _planned_samples(loaded: LoadedTask, task: PlannedTask) -> list[TaskSample]:
    names = tuple(attack.name for attack in task.attacks)
    every = under_attack(loaded, loaded.samples, names) if names else loaded.samples
    by_id = {sample.id: sample for sample in every}
    return [by_id[sample.id] for sample in task.samples if sample.id in by_id]


def _was_asked(loaded: LoadedTask, sample: TaskSample, logged: EvalSample) -> bool:
    prompt = prompt_of(loaded, sample)
    said = _plain(logged.input)
    wanted = prompt if isinstance(prompt, str) else [(m["role"], m["content"]) for m in prompt]
    first = next((each.text for each in logged.messages if each.role == "user"), None)
    same = first is None or not isinstance(prompt, str) or first == prompt
    target = sample.target if isinstance(logged.target, str) else [sample.target]
    return said == wanted and same and logged.target == target


def _plain(asked: Any) -> Any:
    return asked if isinstance(asked, str) else [(each.role, each.text) for each in asked]


def _inside(log: EvalLog) -> Iterator[Finding]:
    """Compare the parts of a log with each other: events, summaries and scores of a sample."""
    for sample in log.samples or []:
        place = f"{log.eval.task}:{sample.id}:{sample.epoch}"
        events = [each for each in sample.events if each.event == "model"]
        said = {each.output.completion for each in events if each.output is not None}
        if events and not sample.error and sample.output.completion not in said:
            message = "its answer is not among the answers that its events hold."
            yield Finding("wrong", place, message, "rescored")
        given = [
            _gist(each.score)
            for each in sample.events
            if each.event == "score" and not each.intermediate
        ]
        for name, score in (sample.scores or {}).items():
            if given and _gist(score) not in given:
                message = f"its score by {name} is not among the scores that its events hold."
                yield Finding("wrong", place, message, "rescored")


def _scores(task: PlannedTask, log: EvalLog) -> Iterator[Finding]:
    """Run the scorer again over the logged answers, where it asks nobody and is the same one."""
    scoring = Scoring(name=task.scorer.name, args=dict(task.scorer.args))
    try:
        same = scorer_binding(scoring).source_sha256 == task.scorer.source_sha256
        asks = bool(task.graders and grader_roles(scoring))
    except TenkenError as error:
        yield Finding("unknown", task.name, f"its scorer cannot be had here: {error}", "rescored")
        return
    if asks or not same:
        why = "asks a grader" if asks else "is another version than the installed one"
        said = f"its scorer {task.scorer.name} {why}: it was not run again."
        yield Finding("unknown", task.name, said, "rescored")
        return
    before = {(each.id, each.epoch): dict(each.scores or {}) for each in log.samples or []}
    for sample in _scored_again(log, scoring):
        for name, score in before[sample.id, sample.epoch].items():
            again = (sample.scores or {}).get(name)
            if again is not None and _gist(again) != _gist(score):
                said = f"the log says {_short(score)}, {name} says {_short(again)}."
                yield Finding("wrong", _place(task, sample), said, "rescored")


def _scored_again(log: EvalLog, scoring: Scoring) -> list[EvalSample]:
    from inspect_ai import score

    roles, log.eval.model_roles = log.eval.model_roles, None
    with silent_console():
        again = score(
            log,
            make_scorer(scoring),
            model="none/none",
            action="overwrite",
            display="none",
            copy=False,
        )
    log.eval.model_roles = roles
    return again.samples or []


def _gist(score: Score) -> str:
    """Return what a report takes from a score, in one text."""
    about: Mapping[str, Any] = score.metadata or {}
    value = score.value
    if isinstance(value, float) and not math.isfinite(value):
        value = "nan"
    return json.dumps([value, about.get("label"), about.get("labels"), score.reason], default=str)


def _short(score: Score) -> str:
    label = (score.metadata or {}).get("label")
    return f"{score.value}" + (f" ({label})" if label else "")


def _place(task: PlannedTask, sample: EvalSample) -> str:
    return f"{task.name}:{sample.id}:{sample.epoch}"
