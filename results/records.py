"""From a run's logs to one record a sample and epoch, in a fixed order, with none left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tenken.canonical import salted_digest
from tenken.errors import BundleError
from tenken.plan import Plan, PlannedSample, PlannedTask
from tenken.records import SampleRecord
from tenken.results.logs import LoggedSample, LogHeader, log_files, read_header, read_samples
from tenken.results.outcomes import NOT_ASKED, Decided, decide

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Texts:
    """The words behind a record: what was put to the model and what it said."""

    prompt: str
    answer: str


@dataclass(frozen=True)
class RunRecords:
    """What a run's logs came to.

    Attributes:
        records: One for each planned sample and epoch, in the plan's order.
        texts: By task, id and epoch; for the reports that show text.
        logs: Headers of the logs that the records were read from.
        finished: Time of the last sample's end, ISO 8601; empty if none ended.
        tokens: Tokens by model, as the endpoints counted them: (input, output).
    """

    records: list[SampleRecord]
    texts: dict[tuple[str, str, int], Texts]
    logs: list[LogHeader]
    finished: str
    tokens: dict[str, tuple[int, int]]


def read_records(run: Path, plan: Plan) -> RunRecords:
    """Read a run's logs against its plan.

    Args:
        run: The run's folder.
        plan: Its plan.

    Raises:
        BundleError: A log cannot be read, or two logs hold the same task.
    """
    salt = _salt(run)
    logs = _logs_by_task(run, plan)
    records: list[SampleRecord] = []
    texts: dict[tuple[str, str, int], Texts] = {}
    tokens: dict[str, tuple[int, int]] = {}
    finished = ""
    for task in plan.tasks:
        header = logs.get(task.log_name)
        found: dict[Key, tuple[Decided, str]] = {}
        by_id = {sample.id: sample for sample in task.samples}
        for logged in read_samples(header.path) if header else ():
            planned = by_id.get(logged.id)
            if planned is None:
                continue
            decided = _decide(logged, planned, task, plan)
            found[logged.id, logged.epoch] = decided, salted_digest(salt, logged.evidence())
            texts[task.name, logged.id, logged.epoch] = Texts(prompt_text(logged), logged.completion)
            finished = max(finished, logged.completed_at)
            _add_usage(tokens, logged)
        records += _in_order(task, found)
    return RunRecords(records, texts, list(logs.values()), finished, dict(sorted(tokens.items())))


def prompt_text(sample: LoggedSample) -> str:
    """Return what was put to the model as one text, turns marked by their role."""
    if isinstance(sample.input, str):
        return sample.input
    return "\n".join(f"[{turn.get('role')}] {turn.get('content')}" for turn in sample.input)


def _in_order(task: PlannedTask, found: dict[Key, tuple[Decided, str]]) -> Iterable[SampleRecord]:
    for sample in task.samples:
        for epoch in range(1, task.epochs + 1):
            decided, evidence = found.get((sample.id, epoch), (NOT_ASKED, ""))
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
                label=decided.label,
                labels=decided.labels,
                answer=decided.answer,
                tags=sample.tags,
                flags=decided.flags,
                evidence=evidence,
            )


def _decide(
    logged: LoggedSample, planned: PlannedSample, task: PlannedTask, plan: Plan
) -> Decided:
    measure = next(each for each in task.measures if each.key == planned.measure)
    cap = task.max_tokens or plan.model.parameters.get("max_tokens")
    return decide(logged, task, measure, task.scorer.name.rsplit("/", 1)[-1], cap)


def _logs_by_task(run: Path, plan: Plan) -> dict[str, LogHeader]:
    versions = {t.log_name: f"{t.version}+{t.reuse_key[:20]}" for t in plan.tasks}
    found: dict[str, LogHeader] = {}
    for path in log_files(run):
        header = read_header(path)
        if versions.get(header.task) != header.version:
            raise BundleError(f"{path}: the log is not of a task of this run's plan.")
        if header.task in found:
            raise BundleError(f"{path}: {found[header.task].path.name} holds the same task.")
        found[header.task] = header
    return found


def _salt(run: Path) -> bytes:
    path = run / "logs" / "salt.hex"
    try:
        return bytes.fromhex(path.read_text("ascii"))
    except (OSError, ValueError):
        raise BundleError(f"{path}: the salt is missing or is not hexadecimal.") from None


def _add_usage(tokens: dict[str, tuple[int, int]], sample: LoggedSample) -> None:
    for model, usage in sample.usage.items():
        before = tokens.get(model, (0, 0))
        written = int(usage.get("output_tokens") or 0)
        read = int(usage.get("total_tokens") or 0) - written
        tokens[model] = before[0] + read, before[1] + written
