"""Which answers of a run a person could look at, and why some are worth it more than others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict

from tenken.io.canonical import salted_digest
from tenken.results.records.attacked import plain_records
from tenken.results.records.logs import LoggedSample, log_files, open_log
from tenken.results.records.pictures import pictures_of
from tenken.results.records.read import RunRecords, Texts, salt_of
from tenken.results.records.rescorings import RescoringInUse
from tenken.results.review.choices import Option, options
from tenken.schema.plan import Plan, PlannedTask
from tenken.schema.record import SampleRecord

Why = Literal["judges_disagree", "near_threshold", "gate_straddled"]
WHYS: Final[tuple[Why, ...]] = get_args(Why)

Key = tuple[str, str, int]
"""Task, sample's id and epoch."""


@dataclass(frozen=True)
class Item:
    """An answer that a person could look at.

    Attributes:
        digest: Salted digest over the run, the sample, the prompt and the answer.
        why: What makes it worth a look besides chance, empty for nothing.
        options: The labels that it may be given.
        pictures: Images that the model was shown, as `data:` addresses.
    """

    digest: str
    record: SampleRecord
    task: PlannedTask
    text: Texts
    why: tuple[Why, ...]
    options: tuple[Option, ...]
    pictures: tuple[str, ...] = ()


@dataclass
class _LogFacts:
    """What is asked of the logs beyond the records, by key of the sample."""

    asked: dict[Key, dict[str, Any]] = field(default_factory=dict)
    split: set[Key] = field(default_factory=set)


def item_digest(salt: bytes, plan: Plan, key: Key, text: Texts) -> str:
    """Return the digest by which an item is known; it changes with the prompt and the answer.

    Args:
        salt: The run's secret salt, so that short texts cannot be guessed from the digest.
        plan: The committed plan; the run's name is part of the digest.
        key: Task, sample and epoch.
        text: Prompt and answer, as the logs have them.

    Returns:
        An HMAC-SHA-256, 64 hexadecimal digits.
    """
    return salted_digest(salt, ["review item", plan.run, *key, text.prompt, text.answer])


class GateLine(BaseModel):
    """What is read of a gate in a report, be it of an earlier form.

    Attributes:
        task: Full name of the task.
        measure: Key of the measure.
        language: The one language that it is about, None for all.
        max: Highest rate that passes, in [0, 1].
        value: The rate; None where it was not measured.
        low: Lower end of its interval; None without a rate.
        high: Upper end of its interval; None without a rate.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    task: str
    measure: str
    language: str | None
    max: float
    value: float | None
    low: float | None
    high: float | None

    @property
    def is_straddled(self) -> bool:
        """Whether the threshold is within the interval."""
        return self.low is not None and self.high is not None and self.low <= self.max < self.high


def key_of(record: SampleRecord) -> Key:
    """Return the key of a record."""
    return record.task, record.sample_id, record.epoch


def read_items(
    run: Path,
    plan: Plan,
    found: RunRecords,
    gates: Iterable[GateLine],
    rescored: Sequence[RescoringInUse] = (),
    *,
    private: bool = False,
) -> list[Item]:
    """Return the items of a run, in the plan's order.

    These are the answers that the scorer decided, and those on which judges were too much at odds
    to decide.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: Its records.
        gates: The gates of its report, with their intervals.
        rescored: What other scorers said about the same answers.
        private: Whether answers of private tasks are among them.

    Raises:
        BundleError: A log cannot be read.
    """
    logged, salt = _read_logged(run, plan), salt_of(run)
    logged.split |= _other_verdicts(found, rescored)
    straddled = [each for each in gates if each.is_straddled]
    tasks = {task.name: task for task in plan.tasks if private or not task.dataset.get("private")}
    seen: dict[str, set[str]] = defaultdict(set)
    for record in found.records:
        if record.outcome == "scored" and record.label:
            seen[record.task].add(record.label)
    plain = [each for task in tasks.values() for each in _plain(task, found.records)]
    items = []
    for record in plain:
        key = key_of(record)
        task, text = tasks[record.task], found.texts.get(key)
        disagree = key in logged.split
        if text is None or not _can_be_judged(record, disagree=disagree):
            continue
        items.append(
            Item(
                item_digest(salt, plan, key, text),
                record,
                task,
                text,
                tuple(_whys(record, straddled, disagree=disagree)),
                options(task, record, logged.asked.get(key, {}), seen[record.task]),
            )
        )
    return items


def with_pictures(run: Path, plan: Plan, found: RunRecords, items: Sequence[Item]) -> list[Item]:
    """Return items with the images that the model was shown; see `pictures_of`.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: Its records.
        items: The items that people will look at, no others.

    Raises:
        BundleError: A log cannot be read.
    """
    shown = pictures_of(run, plan, found, [key_of(item.record) for item in items])
    return [replace(item, pictures=shown.get(key_of(item.record), ())) for item in items]


def _plain(task: PlannedTask, records: Iterable[SampleRecord]) -> list[SampleRecord]:
    """Return the records that the measures of a task count."""
    return plain_records([record for record in records if record.task == task.name], task)


def _can_be_judged(record: SampleRecord, *, disagree: bool) -> bool:
    if record.outcome == "scored":
        return record.verdict is not None
    return record.outcome == "unscored" and disagree


def _whys(record: SampleRecord, straddled: Iterable[GateLine], *, disagree: bool) -> Iterable[Why]:
    if disagree:
        yield "judges_disagree"
    if record.verdict is not None and 0 < record.verdict < 1:
        yield "near_threshold"
    if any(
        gate.task == record.task
        and gate.measure == record.measure
        and gate.language in (None, record.language)
        for gate in straddled
    ):
        yield "gate_straddled"


def _read_logged(run: Path, plan: Plan) -> _LogFacts:
    by_log = {task.log_name: task for task in plan.tasks}
    found = _LogFacts()
    for path in log_files(run):
        with open_log(path) as log:
            task = by_log.get(log.header.task)
            if task is None:
                continue
            for sample in log.samples():
                key = (task.name, sample.id, sample.epoch)
                found.asked[key] = sample.asked
                if _split(sample):
                    found.split.add(key)
    return found


def _split(sample: LoggedSample) -> bool:
    """Whether the votes of a panel differ."""
    for score in sample.scores.values():
        votes = score["metadata"].get("votes")
        labels = {
            str(vote.get("label"))
            for vote in (votes if isinstance(votes, list) else [])
            if isinstance(vote, dict)
        }
        if len(labels) > 1:
            return True
    return False


def _other_verdicts(found: RunRecords, rescored: Sequence[RescoringInUse]) -> set[Key]:
    """Return the samples on which another scorer was on the other side."""
    own = {key_of(record): record.verdict for record in found.records}
    sides: set[Key] = set()
    for other in rescored:
        for record in other.records:
            ours = own.get(key_of(record))
            if ours is not None and record.verdict is not None:
                if (ours >= 0.5) is not (record.verdict >= 0.5):
                    sides.add(key_of(record))
    return sides
