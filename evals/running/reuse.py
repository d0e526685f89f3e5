"""Answers of earlier runs of a results folder that a run takes over instead of asking again.

An answer is taken over for the same sample of the same task, the same time it is asked (epoch) and
the same words and parameters, from a sealed run on the same model whose endpoint said the same of
itself then as now. What cannot be known to be the same is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from tenken.evals.models.make import with_system
from tenken.evals.models.told import ENDPOINT
from tenken.evals.running.answers import KeptAnswers, asking, key_of
from tenken.evals.running.journal import REUSED, note_in
from tenken.evals.running.logs import LOGS, Log, LogKey, read_head
from tenken.evals.running.logs import key_of as log_key_of
from tenken.evals.running.sweep.log import Key, finished, read_samples
from tenken.evals.words import phrase
from tenken.io.canonical import sha256_file
from tenken.schema.plan import Plan, PlannedTask, read_plan

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, GenerateConfig

Facts = Mapping[str, str]
"""What an endpoint says about itself: see `tenken.evals.models.told`."""

TESTED: Final = ""
"""The role of the model under test."""


@dataclass
class Reuse:
    """What may be taken over, and what was.

    Attributes:
        runs: The earlier runs, sealed and whole, that may have answers.
        told: By role, what each endpoint says about itself now.
        taken: Answers by the run that they are from.
        others: Answers that were left, because the endpoint says something else of itself now.
        too_old: Answers that were left, because they are older than the suite allows.
    """

    runs: Sequence[Path] = ()
    told: Mapping[str, Facts] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)
    others: int = 0
    too_old: int = 0

    def sentences(self, days: int) -> Iterator[str]:
        """Yield what was taken over, in words."""
        if self.taken:
            runs = ", ".join(sorted(self.taken))
            yield phrase("reuse_taken", n=self.taken.total(), runs=runs)
        if self.others:
            yield phrase("reuse_others", n=self.others)
        if self.too_old:
            yield phrase("reuse_old", n=self.too_old, days=days)


def take_over(
    plan: Plan, folder: Path, logs: Mapping[LogKey, Log], kept: KeptAnswers, reuse: Reuse
) -> None:
    """Put the answers that earlier runs have to a plan's questions among those that are kept.

    Args:
        plan: What is to be asked.
        folder: The run's folder.
        logs: The logs that the run itself has.
        kept: The answers that are handed out before anything is asked.
        reuse: The earlier runs, and what the endpoints say of themselves; what was taken is counted
            in it.

    Raises:
        OSError: An answer cannot be kept.
        StorageError: The journal cannot be written.
    """
    if not plan.reuse_days:
        return
    for role, facts in sorted(reuse.told.items()):
        about = {key: facts[key] for key in ("model", "fingerprint") if facts.get(key)}
        note_in(folder, "met", **({"role": role} if role else {}), **about)
    oldest = datetime.now(UTC) - timedelta(days=plan.reuse_days)
    for run in reuse.runs:
        before = reuse.taken[run.name]
        for shared in shared_logs(plan, run):
            task, earlier = shared.task, shared.earlier
            own = logs.get(log_key_of(task))
            done = finished(own.path) if own else frozenset()
            keys = frozenset(planned_keys(task) - done)
            for answer in _answers(shared, keys):
                if answer.role != TESTED and not _same_judge(plan, earlier, answer.role):
                    continue
                if answer.received < oldest:
                    reuse.too_old += 1
                elif not _is_same(answer.told, reuse.told.get(answer.role), plan):
                    reuse.others += 1
                elif not kept.has(answer.key):
                    kept.add(answer.key, answer.output_from(run.name))
                    reuse.taken[run.name] += 1
        if reuse.taken[run.name] > before:
            note_in(folder, "source", run=run.name, seal_sha256=sha256_file(run / "seal.json"))


@dataclass(frozen=True, slots=True)
class SharedLog:
    """A task that an earlier run asked in the same way.

    Attributes:
        task: The task, as the plan that is to be answered has it.
        earlier: The earlier plan.
        path: The earlier log.
        config: Parameters that its samples were asked with.
    """

    task: PlannedTask
    earlier: Plan
    path: Path
    config: GenerateConfig


def shared_logs(plan: Plan, run: Path) -> Iterator[SharedLog]:
    """Yield each task that an earlier run asked in the same way.

    Args:
        plan: The plan to be answered.
        run: Folder of the earlier run.

    Raises:
        BundleError: The earlier plan cannot be read.
    """
    earlier = read_plan(run)
    found = {task.log_name: task for task in earlier.tasks}
    paths = sorted((run / LOGS).glob("*.eval"))
    logs = {head.key[0]: (path, head) for path in paths if (head := read_head(path)) is not None}
    for task in plan.tasks:
        other = found.get(task.log_name)
        if other is None or task.log_name not in logs:
            continue
        if _is_same_task(task, other, plan, earlier):
            path, head = logs[task.log_name]
            yield SharedLog(task, earlier, path, head.config)


def planned_keys(task: PlannedTask) -> set[Key]:
    """Return id and epoch of each sample of a planned task."""
    return {(s.id, epoch) for s in task.samples for epoch in range(1, task.epochs + 1)}


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer of an earlier run.

    Attributes:
        key: Under which it is kept.
        role: Role of the model that gave it; empty for the one under test.
        told: What its endpoint said about itself.
        received: When it was received.
        output: The answer, as JSON.
    """

    key: str
    role: str
    told: Facts
    received: datetime
    output: dict[str, Any]

    def output_from(self, run: str) -> dict[str, Any]:
        """Return the answer with the run that it is taken from, and when it was received."""
        at = self.received.isoformat(timespec="milliseconds")
        about = {**(self.output.get("metadata") or {}), REUSED: {"run": run, "received": at}}
        return {**self.output, "metadata": about}


def _answers(shared: SharedLog, keys: frozenset[Key]) -> Iterator[_Answer]:
    """Yield the answers that a log has to some of its samples, in the order they were given."""
    from inspect_ai.log import read_eval_log_sample

    path, config = shared.path, shared.config
    wanted = keys & finished(path)
    for (_, epoch), data, _ in read_samples(path, wanted):
        sample = from_json(data)
        place = shared.task.log_name, sample["id"], epoch
        if not sample.get("events"):
            messages = with_system(_messages(sample["input"]), config)
            yield _answer(place, messages, config, TESTED, sample["completed_at"], sample["output"])
            continue
        whole = read_eval_log_sample(
            str(path), id=sample["id"], epoch=epoch, resolve_attachments=True
        )
        for event in whole.events:
            if event.event == "model" and not event.error and event.output is not None:
                output = event.output.model_dump(mode="json", exclude_none=True)
                at = (event.completed or event.timestamp).isoformat()
                role = event.role or TESTED
                role = role if role in shared.earlier.roles else TESTED
                yield _answer(place, event.input, event.config, role, at, output)


def _answer(
    place: tuple[str, str | int, int], messages: Any, config: Any, role: str, at: str,
    output: dict[str, Any],
) -> _Answer:  # fmt: skip
    about = output.get("metadata") or {}
    received = (about.get(REUSED) or {}).get("received") or at
    before = asking.set(place)
    try:
        key = key_of(messages, config, role)
    finally:
        asking.reset(before)
    return _Answer(key, role, about.get(ENDPOINT) or {}, _time(received), output)


def _messages(said: Any) -> list[ChatMessage]:
    from inspect_ai.model import ChatMessage, ChatMessageUser
    from pydantic import TypeAdapter

    if isinstance(said, str):
        return [ChatMessageUser(content=said)]
    adapter: TypeAdapter[list[ChatMessage]] = TypeAdapter(list[ChatMessage])
    return adapter.validate_python(said)


def _time(text: str) -> datetime:
    """Return a time; one that nobody can read is too old."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _is_same(then: Facts, now: Facts | None, plan: Plan) -> bool:
    """Whether an endpoint says the same of itself; one that says nothing is not known to be."""
    if plan.model.embedded is not None and not then:
        return True  # its digests are in the plan
    if not now or not now.get("model"):
        return False
    return all(then.get(key) == now.get(key) for key in ("model", "fingerprint"))


def _same_judge(plan: Plan, earlier: Plan, role: str) -> bool:
    one, other = plan.roles.get(role), earlier.roles.get(role)
    return one is not None and other is not None and one.identity() == other.identity()


def _is_same_task(task: PlannedTask, other: PlannedTask, plan: Plan, earlier: Plan) -> bool:
    """Whether two planned tasks put their samples to the model in the same way."""
    if "inspect_task" in task.dataset:
        args = task.dataset.get("args"), other.dataset.get("args")
        return task.scorer == other.scorer and args[0] == args[1]
    same_code = plan.software.get("tenken") == earlier.software.get("tenken")
    return task.version == other.version and same_code
