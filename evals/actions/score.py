"""Scoring a finished run again, next to the old scores, as `tenken score` and `tenken.score` do."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tenken.errors import InputError, Sentence, UnknownNameError, Words
from tenken.evals.actions.keys import key_for_change
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.preflight import preflight
from tenken.evals.models.roles import endpoints_of
from tenken.evals.planning.cards import known_cards
from tenken.evals.planning.graders import check_graders
from tenken.evals.planning.request import full_scorer_name
from tenken.evals.process import interruptible, silent_console
from tenken.evals.running.graders import Allowance, MakeGraders, kept_graders
from tenken.evals.running.rescore import MISFIT, Judge, entry_of, rescore
from tenken.io.files import claimed, write_atomically
from tenken.results.bundle.made import presentation_of
from tenken.results.bundle.staging import staged
from tenken.results.bundle.write import write_bundle
from tenken.results.records.logs import log_files, open_log
from tenken.results.records.plan_check import read_sound_plan
from tenken.schema.plan import Plan, PlannedTask, ScoreMapping
from tenken.schema.report import Report
from tenken.schema.rescoring import LEDGER, RESCORED, Rescoring
from tenken.scorers.labelled.human import read_labels
from tenken.scorers.labels import families, fits
from tenken.scorers.registry import own_measure
from tenken.tasks.card.card import Scoring
from tenken.tasks.fit import vocabulary
from tenken.tasks.measure_fit import measure_misfit
from tenken.tasks.parts import scorer_factory

_HUMAN = "tenken/human"
_OURS = ("worse", 0.0, 1.0)  # verdicts: from 0 to 1, where 1 is unsafe


@dataclass(frozen=True)
class ScoringResult:
    """What scoring a run again came to.

    Attributes:
        report: The run's new report.
        entries: The new lines of the ledger.
        work: What was done.
        keyid: Id of the key that sealed it; empty when unsigned.
    """

    report: Report
    entries: tuple[Rescoring, ...]
    work: Work
    keyid: str


def score_run(
    folder: Path,
    scorers: Sequence[str],
    args: Mapping[str, Any],
    labels: Path | None,
    model_roles: Mapping[str, str],
    key: Path | None,
) -> ScoringResult:
    """Score a run again and write its bundle again; if that fails, the run is unchanged.

    Args:
        folder: The run's folder.
        scorers: NAME for every task, or TASK=NAME for one.
        args: The scorer's arguments.
        labels: File of people's labels, for the scorer human.
        model_roles: By role, a model string or an endpoint file.
        key: Private key to sign with.

    Returns:
        What came of it.
    """
    plan = read_sound_plan(folder)
    wanted = _wanted(scorers, args, labels, plan)
    return _scored(folder, plan, wanted, endpoints_of(model_roles), labels, key)


def score_tasks(
    folder: Path,
    scorings: Iterable[tuple[str, Scoring]],
    roles: Mapping[str, Endpoint],
    key: Path | None,
    allowance: Allowance,
) -> ScoringResult:
    """Score tasks of a run again, as `score_run` does, each by a scorer of its own.

    Args:
        folder: The run's folder.
        scorings: The full name of each task, with the scorer and its arguments.
        roles: The models in roles beside the tested one.
        key: Private key to sign with.
        allowance: What the graders may spend.

    Returns:
        What came of it.

    Raises:
        AllowanceUsedError: It was used up; the run is as it was.
    """
    wanted = [_ScorerRequest(scoring.name, scoring.args, task) for task, scoring in scorings]
    return _scored(folder, read_sound_plan(folder), wanted, roles, None, key, allowance)


def _scored(
    folder: Path,
    plan: Plan,
    wanted: Iterable[_ScorerRequest],
    roles: Mapping[str, Endpoint],
    labels: Path | None,
    key: Path | None,
    allowance: Allowance | None = None,
) -> ScoringResult:
    judges = _judges(wanted, plan, roles)
    said = Sentence("stopped; {folder} is as it was.", folder=folder)
    with claimed(folder), interruptible(said), silent_console():
        with staged(folder) as change:
            private_key = key_for_change(folder, key)
            work = Work(folder, plan, judges, labels, allowance, _passed_over(judges, plan))
            entries = work.into(change.path)
            shown = presentation_of(folder)
            report, keyid = write_bundle(
                change.path, shown, private_key, reason="score", digests=change.unchanged()
            )
    return ScoringResult(report, tuple(entries), work, keyid)


@dataclass(frozen=True)
class _ScorerRequest:
    """A scorer that was asked for, and the one task that it was asked for; None for all."""

    name: str
    args: Mapping[str, Any]
    task: str | None = None


def _wanted(
    given: Sequence[str], args: Mapping[str, Any], labels: Path | None, plan: Plan
) -> list[_ScorerRequest]:
    if not given:
        raise InputError("name a scorer: --scorer NAME, or --scorer TASK=NAME.")
    found: list[_ScorerRequest] = []
    for each in given:
        left, equals, right = each.partition("=")
        name = right if equals else left
        if not name or (equals and not left):
            raise InputError("--scorer '{each}': write NAME or TASK=NAME.", each=each)
        full = full_scorer_name(name)
        task = _task_name(left, plan) if equals else None
        found.append(_ScorerRequest(full, {**args, **_labels_of(full, labels)}, task))
    names = {each.name for each in found}
    if args and len(names) > 1:
        raise InputError("--scorer-arg goes with one scorer: score with each in turn.")
    if labels is not None and _HUMAN not in names:
        raise InputError(
            "--labels goes with --scorer human, not with {names}.", names=", ".join(sorted(names))
        )
    if len({(each.name, each.task) for each in found}) != len(found):
        raise InputError("--scorer: the same scorer is named twice for a task.")
    return found


def _labels_of(name: str, labels: Path | None) -> dict[str, Any]:
    return {"file": str(labels)} if labels is not None and name == _HUMAN else {}


def _task_name(name: str, plan: Plan) -> str:
    names = [task.name for task in plan.tasks]
    for full in names:
        if name in (full, full.rsplit("/", 1)[-1]):
            return full
    raise UnknownNameError("task", name, names, "--scorer")


def _judges(
    wanted: Iterable[_ScorerRequest], plan: Plan, roles: Mapping[str, Endpoint]
) -> list[tuple[_ScorerRequest, Judge, list[PlannedTask]]]:
    """Return who scores what, with everything refused that can be told beforehand."""
    found: list[tuple[_ScorerRequest, Judge, list[PlannedTask]]] = []
    for each in wanted:
        scoring = Scoring(name=each.name, args=dict(each.args))
        tasks = [task for task in plan.tasks if each.task in (None, task.name)]
        if each.name == _HUMAN:
            tasks = _labelled(each, tasks, plan)
        judge = Judge.of(scoring, roles)
        fitting = [task for task in tasks if not misfit_with(scoring, task)]
        if tasks and not fitting:
            raise InputError(
                "the scorer '{name}' cannot judge {tasks}: {misfit} The run is as it was.",
                name=scoring.name, tasks=", ".join(task.name for task in tasks),
                misfit=misfit_with(scoring, tasks[0]),
            )  # fmt: skip
        for task in fitting:
            check_graders(scoring, task.name, plan.model, roles)
        found.append((each, judge, fitting))
    asked = sorted({role for _, judge, _ in found for role in judge.roles})
    settled = {
        role: preflight(
            roles[role], Sentence("the model in the role '{role}'", role=role), structured=True
        )
        for role in asked
    }
    return [
        (each, replace(judge, roles={role: settled[role] for role in judge.roles}), tasks)
        for each, judge, tasks in found
    ]


def _passed_over(
    judges: Iterable[tuple[_ScorerRequest, Judge, list[PlannedTask]]], plan: Plan
) -> list[tuple[str, str]]:
    """Return the tasks that a scorer for every task says nothing of, with the scorer's name."""
    return [
        (wanted.name, task.name)
        for wanted, _, tasks in judges
        for task in plan.tasks
        if wanted.task is None and wanted.name != _HUMAN and task not in tasks
    ]


def misfit_with(scoring: Scoring, task: PlannedTask) -> Words:
    """Return why none of a task's measures meets what a scorer gives, empty where one does.

    Args:
        scoring: The scorer's registry name and arguments.
        task: The task to be scored again.
    """
    factory = scorer_factory(scoring.name)
    if factory is not None and own_measure(factory) is not None:
        return ""
    if task.mapping is not None and task.vocabulary is None:
        return _misfit_with_mapping(scoring, task, task.mapping)
    known = vocabulary(scoring)
    if known is not None and not known.names:
        return ""  # the labels are looked at one by one
    asked = {sample.measure for sample in task.samples}
    measures = [each for each in task.measures if not asked or each.key in asked]
    found: list[Words] = [measure_misfit(each, scoring, known, own=False) for each in measures]
    return found[0] if all(found) else ""


def _misfit_with_mapping(scoring: Scoring, task: PlannedTask, mapping: ScoreMapping) -> Words:
    """Return why a scorer's numbers would be read otherwise than it means them.

    What is planned of another package's task says which end of its own scorer's is unsafe.
    """
    if mapping.unsafe or mapping.safe or scoring.name == task.scorer.name:
        return ""  # any other value has no verdict
    if vocabulary(scoring) is not None and (mapping.higher_is, mapping.low, mapping.high) == _OURS:
        return ""
    return Sentence("the task is planned with numbers of '{name}'.", name=task.scorer.name)


def _labelled(
    wanted: _ScorerRequest, tasks: Sequence[PlannedTask], plan: Plan
) -> list[PlannedTask]:
    """Return the tasks that a file of labels is about, with every label that fits none refused."""
    args = wanted.args
    if "file" not in args:
        raise InputError("the scorer human reads labels from a file: give --labels FILE.")
    allowed = (*args.get("allowed", ()), *args.get("unsafe", ()))
    path, samples = Path(args["file"]), {s.id: (s, t) for t in tasks for s in t.samples}
    about: set[str] = set()
    for label in read_labels(path, allowed).labels:
        where = f"{path}:{label.line}"
        if label.run not in ("", plan.run):
            raise InputError(
                "{where}: the label is of the run '{run}', not of this one.",
                where=where, run=label.run,
            )  # fmt: skip
        if label.id not in samples:
            raise UnknownNameError("sample", label.id, samples, where)
        sample, task = samples[label.id]
        if label.epoch > task.epochs:
            raise InputError(
                "{where}: epoch {epoch}: the run has {epochs}.",
                where=where, epoch=label.epoch, epochs=task.epochs,
            )  # fmt: skip
        unsafe = next(m.unsafe_labels for m in task.measures if m.key == sample.measure)
        if not unsafe and not args.get("unsafe"):
            raise InputError(
                "the measure of '{id}' names no unsafe label: say which of yours are, with "
                "--scorer-arg 'unsafe=[LABEL]'.",
                id=label.id,
            )
        if not fits(label.label, unsafe, allowed):
            known = set(unsafe).union(*(each for each in families() if each & set(unsafe)))
            raise UnknownNameError("label", label.label, known, where)
        about.add(task.name)
    return [task for task in tasks if task.name in about]


@dataclass
class Work:
    """The re-scorings of one command.

    Attributes:
        allowance: What the graders may spend; None for no cap.
        passed_over: Tasks whose measures know none of a scorer's labels, by scorer.
        reasons: Why answers have no verdict and how many, by task and scorer.
        verdicts: Answers that have one.
    """

    run: Path
    plan: Plan
    judges: list[tuple[_ScorerRequest, Judge, list[PlannedTask]]]
    labels: Path | None
    allowance: Allowance | None = None
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    reasons: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    verdicts: int = 0

    def into(self, copy: Path) -> list[Rescoring]:
        """Score again, into a copy of the run, and return the new lines of the ledger."""
        logs = self._logs()
        made: list[Rescoring] = []
        for wanted, judge, tasks in self.judges:
            place = copy / self._folder(copy, wanted.name)
            work = [self.plan.run, logs, judge.binding.model_dump(mode="json")]
            expected = sum(len(task.samples) * task.epochs for task in tasks)
            with kept_graders(
                judge.roles, self.run.parent, work, expected, self.allowance
            ) as graders:
                entries = [
                    entry
                    for task in tasks
                    if (entry := self._one(copy, place, wanted, judge, task, logs, graders))
                    is not None
                ]
            if not entries:
                raise InputError(
                    "the scorer '{name}' gives no label that the measures of {tasks} know: the run "
                    "is as it was.",
                    name=wanted.name, tasks=", ".join(task.name for task in tasks),
                )  # fmt: skip
            self._keep(place, wanted)
            made += entries
        old = (copy / LEDGER).read_bytes() if (copy / LEDGER).exists() else b""
        write_atomically(copy / LEDGER, old + b"".join(entry.to_line() for entry in made))
        return made

    def _one(
        self,
        copy: Path,
        place: Path,
        wanted: _ScorerRequest,
        judge: Judge,
        task: PlannedTask,
        logs: Mapping[str, str],
        graders: MakeGraders,
    ) -> Rescoring | None:

        parent = logs.get(task.name)
        if parent is None:
            raise InputError("the task '{name}' has no log in this run.", name=task.name)
        out = place / Path(parent).name
        done = rescore(copy / parent, judge, out, graders)
        if set(done.reasons) == {MISFIT}:
            out.unlink()
            self.passed_over.append((wanted.name, task.name))
            return None
        self.verdicts += done.reasons.get("", 0)
        self.reasons[task.name, wanted.name] = {k: n for k, n in done.reasons.items() if k}
        log = out.relative_to(copy).as_posix()
        return entry_of(copy, task, parent, log, judge, done.score)

    def _logs(self) -> dict[str, str]:
        """Return the log of each task, relative to the run's folder."""
        names = {task.log_name: task.name for task in self.plan.tasks}
        found: dict[str, str] = {}
        for path in log_files(self.run):
            with open_log(path) as log:
                if log.header.task in names:
                    found[names[log.header.task]] = f"logs/{path.name}"
        return found

    def _folder(self, copy: Path, scorer: str) -> str:
        """Return the next free folder: a number and the scorer's name."""
        place = copy / RESCORED
        there = [each.name.partition("-")[0] for each in place.iterdir()] if place.exists() else []
        own = scorer.rpartition("@")[2].rsplit("/", 1)[-1]
        number = max((int(each) for each in there if each.isdigit()), default=0) + 1
        name = "".join(c if c.isascii() and c.isalnum() else "_" for c in own)
        return f"{RESCORED}/{number:02}-{name[:40]}"

    def _keep(self, place: Path, wanted: _ScorerRequest) -> None:
        """Put beside the logs what the report needs: calibration cards, and people's labels."""
        for name, card in known_cards().items():
            if card.scorer.name == wanted.name:
                write_atomically(place / "cards" / name, card.to_bytes())
        if wanted.name == _HUMAN:
            path = Path(wanted.args["file"])
            shutil.copyfile(path, place / f"labels{path.suffix.lower() or '.jsonl'}")
