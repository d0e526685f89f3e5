"""A finished run gone through again: items and prompts against the library, scores by scoring.

Nothing is asked of any model. Scorers that ask a grader, and those of other versions than the
installed ones, are named as not run again.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import TenkenError
from tenken.evals.planning.graders import grader_roles
from tenken.evals.planning.own import scorer_binding
from tenken.evals.process import silent_console
from tenken.evals.running.rescore import guarded_scorer
from tenken.schema.plan import Plan, PlannedTask
from tenken.schema.rescoring import LEDGER, Rescoring, parse_ledger
from tenken.schema.verification import Finding, GradeName, Said, Value, fault_of
from tenken.tasks.attacks.adaptive import AttackSettings
from tenken.tasks.attacks.apply import under_attack
from tenken.tasks.build import inspect_samples, samples_digest
from tenken.tasks.card.card import Scoring
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import LoadedTask, load_task
from tenken.tasks.parts import make_scorer
from tenken.tasks.solvers.budget import BUDGET

if TYPE_CHECKING:
    from inspect_ai.dataset import Sample
    from inspect_ai.log import EvalLog, EvalSample
    from inspect_ai.scorer import Score, Scorer

_MOST_NAMED: Final = 5
_ONE_CALL: Final = "ask"
_PEOPLE: Final = "human"
_GRADE: Final[GradeName] = "rescored"


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
            findings = [_broken(f"logs/{path.name}", error)]
        agreeing += not findings
        yield from findings
    ledger = run / LEDGER
    entries = parse_ledger(ledger.read_bytes(), str(ledger)) if ledger.is_file() else []
    for entry in entries:
        task = plan.task(entry.task)
        try:
            findings = list(_rescored(run, plan, entry))
        except Exception as error:
            findings = [_broken(entry.log, error)]
        yield from _few(task, iter(findings)) if task is not None else findings
    if agreeing:
        yield Finding.of("ok", "rescored", "rescored_all", _GRADE, n=agreeing)


def _broken(place: str, error: Exception) -> Finding:
    said = f"{type(error).__name__}: {error}"
    return Finding.of("wrong", place, "not_gone_through", _GRADE, error=said)


def _log(path: Path, plan: Plan) -> Iterator[Finding]:
    from inspect_ai.log import read_eval_log

    with silent_console():
        log = read_eval_log(str(path), resolve_attachments=True)
    task = next((each for each in plan.tasks if each.log_name == log.eval.task), None)
    if task is None:
        yield Finding.of("wrong", f"logs/{path.name}", "task_not_planned", _GRADE)
        return
    yield from _few(task, _items(task, log))
    yield from _few(task, _inside(log))
    yield from _few(task, _scores(task, log))


def _few(task: PlannedTask, findings: Iterator[Finding]) -> Iterator[Finding]:
    found = list(findings)
    yield from found[:_MOST_NAMED]
    if len(found) > _MOST_NAMED:
        yield Finding.of("wrong", task.name, "more_disagree", _GRADE, n=len(found) - _MOST_NAMED)


def _items(task: PlannedTask, log: EvalLog) -> Iterator[Finding]:
    """Compare what the plan and the log say was asked with the library's items."""
    if "inspect_task" in task.dataset:
        yield Finding.of("unknown", task.name, "items_of_another_package", _GRADE)
        return
    try:
        loaded = load_task(task.name)
        samples = _planned_samples(loaded, task)
    except TenkenError as error:
        yield Finding.of("unknown", task.name, "items_not_here", _GRADE, fault=fault_of(error))
        return
    if len(samples) != len(task.samples) or samples_digest(loaded, samples) != task.prompt_sha256:
        same = loaded.card.version == task.version
        about: dict[str, Value] = {"version": task.version, "here": loaded.card.version}
        said = Said("items_other") if same else Said("items_other_version", about)
        yield Finding.of("wrong" if same else "unknown", task.name, said, _GRADE)
        return
    scoring = Scoring(name=task.scorer.name, args=dict(task.scorer.args))
    one_call = loaded.card.solver.name.rpartition("/")[2] == _ONE_CALL
    by_id = {str(each.id): each for each in inspect_samples(loaded, samples, scoring)}
    for logged in log.samples or []:
        sample = by_id.get(str(logged.id))
        if sample is None:
            continue
        if not _was_asked(sample, logged):
            yield Finding.of("wrong", _place(task, logged), "other_prompt", _GRADE)
        elif _facts(sample) != _facts(logged):
            yield Finding.of("wrong", _place(task, logged), "other_facts", _GRADE)
        elif one_call and not _is_attacked(sample) and not _is_one_call(logged):
            yield Finding.of("wrong", _place(task, logged), "other_messages", _GRADE)


def _planned_samples(loaded: LoadedTask, task: PlannedTask) -> list[TaskSample]:
    names = tuple(attack.name for attack in task.attacks)
    settings = AttackSettings.planned(task.attacks)
    every = under_attack(loaded, loaded.samples, names, settings) if names else loaded.samples
    by_id = {sample.id: sample for sample in every}
    return [by_id[sample.id] for sample in task.samples if sample.id in by_id]


def _was_asked(sample: Sample, logged: EvalSample) -> bool:
    first = next((each.text for each in logged.messages if each.role == "user"), None)
    same = first is None or not isinstance(sample.input, str) or first == sample.input
    return _plain(logged.input) == _plain(sample.input) and same


def _facts(sample: Sample | EvalSample) -> str:
    """Return what a scorer is told of a sample beside its input, in one text."""
    target = [sample.target] if isinstance(sample.target, str) else list(sample.target)
    about = [sample.choices or [], target, sample.metadata or {}]
    return json.dumps(about, sort_keys=True, default=str)


def _is_attacked(sample: Sample) -> bool:
    return BUDGET in (sample.metadata or {})


def _is_one_call(logged: EvalSample) -> bool:
    """Whether the messages are the input, and the answer that was scored."""
    put = _plain(logged.input)
    wanted = [("user", put)] if isinstance(put, str) else put
    said = [(each.role, each.text) for each in logged.messages]
    answer = [("assistant", logged.output.completion)]
    return said == wanted + answer or (said == wanted and not logged.output.completion)


def _plain(asked: Any) -> Any:
    return asked if isinstance(asked, str) else [(each.role, each.text) for each in asked]


def _inside(log: EvalLog) -> Iterator[Finding]:
    """Compare the parts of a log with each other: events, summaries and scores of a sample."""
    for sample in log.samples or []:
        place = f"{log.eval.task}:{sample.id}:{sample.epoch}"
        events = [each for each in sample.events if each.event == "model"]
        said = {each.output.completion for each in events if each.output is not None}
        if events and not sample.error and sample.output.completion not in said:
            yield Finding.of("wrong", place, "answer_not_in_events", _GRADE)
        given = [
            _gist(each.score)
            for each in sample.events
            if each.event == "score" and not each.intermediate
        ]
        for name, score in (sample.scores or {}).items():
            if given and _gist(score) not in given:
                yield Finding.of("wrong", place, "score_not_in_events", _GRADE, scorer=name)


def _scores(task: PlannedTask, log: EvalLog) -> Iterator[Finding]:
    """Run the scorer again over the logged answers, where it asks nobody and is the same one."""
    scoring = Scoring(name=task.scorer.name, args=dict(task.scorer.args))
    try:
        same = scorer_binding(scoring).source_sha256 == task.scorer.source_sha256
        asks = bool(task.graders and grader_roles(scoring))
    except TenkenError as error:
        yield Finding.of("unknown", task.name, "scorer_not_here", _GRADE, fault=fault_of(error))
        return
    if asks or not same:
        said = Said("scorer_asks" if asks else "scorer_other_version", {"scorer": task.scorer.name})
        yield Finding.of("unknown", task.name, said, _GRADE)
        return
    before = {(each.id, each.epoch): dict(each.scores or {}) for each in log.samples or []}
    for sample in _scored_again(log, make_scorer(scoring, stops=False)):
        yield from _unlike(_place(task, sample), before[sample.id, sample.epoch], sample)


def _unlike(place: str, before: Mapping[str, Score], again: EvalSample) -> Iterator[Finding]:
    """Compare the scores that a log had with those that its answers get."""
    for name, score in (again.scores or {}).items():
        old = before.get(name)
        if old is None and again.error is None:
            about = {"scorer": name, "again": _short(score)}
            yield Finding.of("wrong", place, "no_score_logged", _GRADE, **about)
        elif old is not None and _gist(score) != _gist(old):
            about = {"logged": _short(old), "scorer": name, "again": _short(score)}
            yield Finding.of("wrong", place, "other_score", _GRADE, **about)


def _rescored(run: Path, plan: Plan, entry: Rescoring) -> Iterator[Finding]:
    """Run the scorer of a re-scoring again over the answers of its log."""
    from inspect_ai.log import read_eval_log

    task = plan.task(entry.task)
    scoring = Scoring(name=entry.scorer.name, args=dict(entry.scorer.args))
    try:
        same = scorer_binding(scoring).source_sha256 == entry.scorer.source_sha256
    except TenkenError as error:
        yield Finding.of("unknown", entry.log, "scorer_not_here", _GRADE, fault=fault_of(error))
        return
    by_people = entry.scorer.name.rpartition("/")[2] == _PEOPLE
    if task is None or entry.graders or by_people or not same:
        asks = entry.graders or by_people
        said = Said(
            "scorer_asks" if asks else "scorer_other_version", {"scorer": entry.scorer.name}
        )
        yield Finding.of("unknown", entry.log, said, _GRADE)
        return
    with silent_console():
        log = read_eval_log(str(run / entry.log), resolve_attachments=True)
    samples = log.samples or []
    before = {
        (each.id, each.epoch): {k: v for k, v in (each.scores or {}).items() if k == entry.score}
        for each in samples
    }
    scorer = guarded_scorer(scoring, entry.score, samples, Counter())
    for sample in _scored_again(log, scorer):
        place = f"{entry.log}: {sample.id}:{sample.epoch}"
        yield from _unlike(place, before[sample.id, sample.epoch], sample)


def _scored_again(log: EvalLog, scorer: Scorer) -> list[EvalSample]:
    from inspect_ai import score

    roles, log.eval.model_roles = log.eval.model_roles, None
    with silent_console():
        again = score(
            log, scorer, model="none/none", action="overwrite", display="none", copy=False
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
