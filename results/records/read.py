"""From a run's logs to one record a sample and epoch, in a fixed order, with none left out."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tenken.errors import BundleError
from tenken.io.canonical import answer_digest, canonical_json, salted_sha256, sha256_file
from tenken.results.records.archive import Check
from tenken.results.records.logs import Log, LoggedSample, LogHeader, log_files, open_log
from tenken.results.records.outcomes import NOT_ASKED, OutcomeFound, decide
from tenken.results.scanners.scan import scan
from tenken.results.scanners.whole import IDENTICAL, identical
from tenken.results.seal.folder import read_plain
from tenken.results.seal.texts import text_commitment, text_key
from tenken.schema.plan import SCANNERS, Plan, PlannedSample, PlannedTask
from tenken.schema.record import SampleRecord

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Texts:
    """The words behind a record: what was put to the model and what it said.

    Attributes:
        pictures: How many images were put to the model.
    """

    prompt: str
    answer: str
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class LogSummary:
    """What a report says of one log.

    Attributes:
        task: Full name of the task, as planned.
        sha256: Digest of the file.
        status: `success`, `error`, `cancelled`, or `started` where the process was killed.
        created: When the log was begun, ISO 8601.
        inspect_ai: Version of Inspect that wrote it, empty if it does not say.
        samples: Samples that it holds, each epoch counted.
        unplanned: Those among them that the plan does not have; they count in no figure.
    """

    task: str
    sha256: str
    status: str
    created: str
    inspect_ai: str
    samples: int
    unplanned: int


@dataclass
class RunRecords:
    """What a run's logs came to.

    Attributes:
        records: One for each planned sample and epoch, in the plan's order.
        texts: By task, id and epoch; for the reports that show text.
        logs: By name of the file, what the report says of it.
        finished: Time of the last sample's end, ISO 8601; empty if none ended.
        tokens: Tokens by model, as the endpoints counted them: (input, output).
        answers: Salted digest of each sample's answer, by `task:id:epoch`.
        commitments: Commitment to each sample's texts, by `task:id:epoch`.
        unlike: Samples, by `task:id:epoch`, of which the plan says something else than the log.
        headers: What the logs say of themselves; none where the records are of a table.
    """

    records: list[SampleRecord] = field(default_factory=list)
    texts: dict[tuple[str, str, int], Texts] = field(default_factory=dict)
    logs: dict[str, LogSummary] = field(default_factory=dict)
    finished: str = ""
    tokens: dict[str, tuple[int, int]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    commitments: dict[str, str] = field(default_factory=dict)
    unlike: list[str] = field(default_factory=list)
    headers: list[LogHeader] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReadSample:
    """What one sample of a log comes to.

    Attributes:
        key: Its id and epoch.
        alike: Whether the plan says the same of it as the log.
        decided: What became of it.
        evidence: Salted digest of all that its outcome rests on.
        answer: Salted digest of its answer.
        commitment: Commitment to its texts.
        texts: The words behind it.
        completed_at: When it ended, ISO 8601.
        usage: Tokens by model: (input, output).
    """

    key: Key
    alike: bool
    decided: OutcomeFound
    evidence: str
    answer: str
    commitment: str
    texts: Texts
    completed_at: str
    usage: Mapping[str, tuple[int, int]]


ReadMembers = Mapping[str, tuple[Check, ReadSample]]
"""By the name of a log's member: what its bytes were, and what they came to."""

ReadEarlier = Callable[[str], ReadMembers]


@dataclass(frozen=True, slots=True)
class FoundSample:
    """What became of one sample that a log holds, with the salted digest of its evidence."""

    decided: OutcomeFound
    evidence: str


def read_records(
    run: Path,
    plan: Plan,
    digests: Mapping[str, str] | None = None,
    ahead: ReadEarlier | None = None,
) -> RunRecords:
    """Read a run's logs against its plan.

    Args:
        run: The run's folder.
        plan: Its plan.
        digests: SHA-256 of files that were hashed already, by name relative to the folder.
        ahead: What was read of a log by the run itself, by the task's name in the log.

    Raises:
        BundleError: A log cannot be read, is of another run, or two hold the same task.
    """
    with _without_collector():
        return _read_records(run, plan, digests or {}, ahead or (lambda _: {}))


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python from looking for circles among records again and again: there are none."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _read_records(
    run: Path, plan: Plan, digests: Mapping[str, str], ahead: ReadEarlier
) -> RunRecords:
    salt = salt_of(run)
    tasks = {task.log_name: task for task in plan.tasks}
    by_task: dict[str, dict[Key, FoundSample]] = {}
    result = RunRecords()
    for path in log_files(run):
        sha256 = digests.get(f"logs/{path.name}") or sha256_file(path)
        with open_log(path) as log:
            task = _task_of(log.header, tasks)
            if task.name in by_task:
                raise BundleError(
                    "{path}: another log holds the same task; give the same 'tenken run' again, "
                    "which makes one of both.",
                    path=path,
                )
            found = by_task[task.name] = {}
            result.headers.append(log.header)
            reader, members = SampleReader(task, plan, salt), ahead(task.log_name)
            result.logs[path.name] = _read_log(log, reader, sha256, members, found, result)
    for task in plan.tasks:
        result.records.extend(in_plan_order(task, by_task.get(task.name, {})))
    result.tokens = dict(sorted(result.tokens.items()))
    return result


def in_plan_order(task: PlannedTask, found: Mapping[Key, FoundSample]) -> Iterator[SampleRecord]:
    """Yield exactly one record for each sample and epoch of a task, in the plan's order.

    Args:
        task: The task as planned.
        found: By id and epoch, what is known; all else was not asked.
    """
    not_asked = FoundSample(NOT_ASKED, "")
    for sample in task.samples:
        for epoch in range(1, task.epochs + 1):
            known = found.get((sample.id, epoch), not_asked)
            decided = known.decided
            yield SampleRecord(
                task=task.name,
                sample_id=sample.id,
                epoch=epoch,
                scorer=task.scorer.name,
                language=sample.language,
                pair_id=sample.pair_id,
                cluster=sample.cluster,
                measure=sample.measure,
                outcome=decided.outcome,
                reason=decided.reason,
                verdict=decided.verdict,
                score=decided.score,
                numbers=decided.numbers,
                label=decided.label,
                labels=decided.labels,
                answer=decided.answer,
                tags=sample.tags,
                flags=decided.flags,
                evidence=known.evidence,
            )


def prompt_text(sample: LoggedSample) -> str:
    """Return what was put to the model as one text, turns marked by their role."""
    if isinstance(sample.input, str):
        return sample.input
    turns = sample.input if isinstance(sample.input, list) else []
    return "\n".join(
        f"[{turn.get('role')}] {_shown(turn.get('content'))}"
        for turn in turns
        if isinstance(turn, dict)
    )


def _shown(content: Any) -> Any:
    """Return a message's content as text; files as their kind and name."""
    if not isinstance(content, list):
        return content
    said = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        name = f" {part['filename']}" if kind == "document" and part.get("filename") else ""
        said.append(str(part.get("text", "")) if kind == "text" else f"[{kind}{name}]")
    return "\n".join(said)


def _read_log(
    log: Log,
    reader: SampleReader,
    sha256: str,
    ahead: ReadMembers,
    found: dict[Key, FoundSample],
    result: RunRecords,
) -> LogSummary:
    task = reader.task
    samples = unplanned = 0
    said: list[tuple[Key, str]] = []
    for sample in _read_samples(log, reader, ahead):
        samples += 1
        if sample is None:
            unplanned += 1
            continue
        if sample.key in found:
            raise BundleError(
                "{path}: sample {id} of epoch {epoch} is in the log twice.",
                path=log.header.path, id=sample.key[0], epoch=sample.key[1],
            )  # fmt: skip
        name = f"{task.name}:{sample.key[0]}:{sample.key[1]}"
        if not sample.alike:
            result.unlike.append(name)
        found[sample.key] = FoundSample(sample.decided, sample.evidence)
        result.answers[name] = sample.answer
        result.commitments[name] = sample.commitment
        result.texts[task.name, *sample.key] = sample.texts
        said.append((sample.key, sample.texts.answer))
        result.finished = max(result.finished, sample.completed_at)
        for model, (read, written) in sample.usage.items():
            before = result.tokens.get(model, (0, 0))
            result.tokens[model] = before[0] + read, before[1] + written
    for key in identical(said, samples):
        decided = found[key].decided
        found[key] = FoundSample(
            replace(decided, flags=(*decided.flags, IDENTICAL)), found[key].evidence
        )
    about = log.header
    return LogSummary(
        task.name, sha256, about.status, about.created, about.inspect_ai, samples, unplanned
    )


def _read_samples(
    log: Log, reader: SampleReader, ahead: ReadMembers
) -> Iterator[ReadSample | None]:
    """Yield what each sample of a log comes to, in the order of their members' names."""
    checks = log.members() or {}
    known = {
        name: ahead[name][1]
        for name, check in checks.items()
        if name in ahead and ahead[name][0] == check
    }
    others = (reader.read(logged) for logged in log.samples(left_out=known))
    for name in checks:
        yield known.get(name) or next(others)
    yield from others


class SampleReader:
    """Reads samples of a task.

    Attributes:
        task: The task as planned.
    """

    def __init__(self, task: PlannedTask, plan: Plan, salt: bytes) -> None:
        """Make ready to read.

        Args:
            task: The task as planned.
            plan: The plan.
            salt: The run's salt.
        """
        self.task = task
        self._salt = salt
        self._by_id = {sample.id: sample for sample in task.samples}
        self._decide = _Deciding(task, plan)

    def read(self, logged: LoggedSample) -> ReadSample | None:
        """Return what a sample comes to; None for one that was not planned.

        Args:
            logged: What the log says of it.
        """
        planned, salt = self._by_id.get(logged.id), self._salt
        if planned is None or not 1 <= logged.epoch <= self.task.epochs:
            return None
        evidence = canonical_json(logged.evidence())
        name = f"{self.task.name}:{logged.id}:{logged.epoch}"
        place = self.task.log_name, logged.id, logged.epoch
        return ReadSample(
            key=(logged.id, logged.epoch),
            alike=not logged.facts or _is_alike(planned, logged.facts),
            decided=self._decide(logged, planned),
            evidence=salted_sha256(salt, evidence),
            answer=answer_digest(salt, place, logged.completion),
            commitment=text_commitment(text_key(salt, name), evidence),
            texts=Texts(prompt_text(logged), logged.answer.answer, len(logged.pictures)),
            completed_at=logged.completed_at,
            usage=logged.usage,
        )


def _is_alike(planned: PlannedSample, facts: Mapping[str, Any]) -> bool:
    keys = ("language", "pair_id", "cluster", "measure", "tags")
    return all(getattr(planned, key) == facts[key] for key in keys if key in facts)


class _Deciding:
    """Decides what became of each sample of a task."""

    def __init__(self, task: PlannedTask, plan: Plan) -> None:
        self._task = task
        self._measures = {measure.key: measure for measure in task.measures}
        self._scorer = task.scorer.score_name
        self._cap = task.limit(plan.model)
        self._scans = plan.scanners == SCANNERS

    def __call__(self, logged: LoggedSample, planned: PlannedSample) -> OutcomeFound:
        measure = self._measures[planned.measure]
        decided = decide(logged, self._task, measure, self._scorer, self._cap)
        if not self._scans or decided.outcome not in ("scored", "unscored"):
            return decided
        signs = scan(logged.answer.answer, planned.language, logged.messages)
        return replace(decided, flags=(*decided.flags, *signs)) if signs else decided


def _task_of(header: LogHeader, tasks: Mapping[str, PlannedTask]) -> PlannedTask:
    task = tasks.get(header.task)
    if task is None or header.version != f"{task.version}+{task.reuse_key[:20]}":
        raise BundleError("{path}: the log is not of a task of this run's plan.", path=header.path)
    return task


def salt_of(run: Path) -> bytes:
    """Return the salt of a run's digests.

    Raises:
        BundleError: It is missing or is no salt.
    """
    path = run / "logs" / "salt.hex"
    try:
        return bytes.fromhex(read_plain(path).decode("ascii"))
    except (OSError, ValueError):
        raise BundleError("{path}: the salt is missing or is not hexadecimal.", path=path) from None
