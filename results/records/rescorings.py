"""The results of a run's re-scorings: each ledger entry checked against its logs, then records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tenken.errors import BundleError, RuleError
from tenken.io.canonical import salted_digest, sha256_file
from tenken.results.records.logs import LoggedSample, open_log
from tenken.results.records.outcomes import decide
from tenken.results.records.read import FoundSample, Key, LogSummary, in_plan_order, salt_of
from tenken.results.records.table import parquet_bytes, read_parquet
from tenken.results.seal.folder import read_plain, refuse_odd
from tenken.schema.calibration import CalibrationCard
from tenken.schema.plan import Plan, PlannedTask
from tenken.schema.record import SampleRecord
from tenken.schema.rescoring import LEDGER, RESCORED, Rescoring, parse_ledger
from tenken.schema.verification import Said

_CARDS: Final = "cards"
_SUPERSEDED: Final = "superseded"


@dataclass(frozen=True)
class RescoringInUse:
    """One re-scoring of a log that the report rests on.

    Attributes:
        entry: Its line of the ledger.
        records: One for each planned sample and epoch of the task, in the plan's order.
        cards: The calibration cards that were kept with it, by name of the file.
    """

    entry: Rescoring
    records: list[SampleRecord]
    cards: Mapping[str, CalibrationCard] = field(default_factory=dict)


def read_ledger(run: Path) -> list[Rescoring]:
    """Return the entries of a run's ledger, none where it has no ledger.

    Raises:
        BundleError: The file cannot be read, or a line is not an entry.
    """
    path = run / LEDGER
    try:
        return parse_ledger(read_plain(path), str(path))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise BundleError(
            "{path}: not a readable ledger: {error}.", path=path, error=error
        ) from None


def is_rescored_log(name: str) -> bool:
    """Whether a file of a bundle, by its name in it, is the log of a re-scoring."""
    return name.startswith(f"{RESCORED}/") and name.endswith(".eval")


def table_name(entry: Rescoring) -> str:
    """Return the name of the table of an entry's records in the bundle."""
    return entry.log.removesuffix(".eval") + ".parquet"


def tables(rescored: list[RescoringInUse]) -> dict[str, bytes]:
    """Return the tables of the re-scorings' records, by name in the bundle."""
    return {table_name(each.entry): parquet_bytes(each.records) for each in rescored}


def read_rescorings(
    run: Path, plan: Plan, records: list[SampleRecord], logs: Mapping[str, LogSummary]
) -> list[RescoringInUse]:
    """Read the re-scorings of the logs that a run's report rests on, in the ledger's order.

    A re-scoring of a log that was replaced since is left out: it is of other answers.

    Args:
        run: The run's folder.
        plan: Its plan.
        records: The run's own records.
        logs: By name of the file, the run's own logs.

    Raises:
        BundleError: The ledger, a log of it or a card cannot be read, a log is not the one that
            the ledger names, or holds other answers or old scores than the log it is made from.
    """
    evidence = {(each.task, each.sample_id, each.epoch): each.evidence for each in records}
    return [
        RescoringInUse(entry, _records(run, plan, entry, evidence), _cards(run, entry))
        for entry in read_ledger(run)
        if _is_current(entry, logs)
    ]


def read_rescoring_tables(
    run: Path, plan: Plan, logs: Mapping[str, LogSummary]
) -> list[RescoringInUse]:
    """Read the re-scorings from their tables, for a bundle whose logs were taken out.

    Args:
        run: The folder of the bundle, with the ledger of re-scorings.
        plan: The committed plan; a table has one row for each of its samples and epochs.
        logs: By name, summaries of the logs; a re-scoring of another log is passed over.

    Raises:
        BundleError: The ledger, a table or a card cannot be read, or a table is not of the plan.
    """
    found: list[RescoringInUse] = []
    for entry in read_ledger(run):
        if not _is_current(entry, logs):
            continue
        planned = [
            (sample.id, epoch)
            for sample in _task(plan, entry).samples
            for epoch in range(1, _task(plan, entry).epochs + 1)
        ]
        rows = read_parquet(run / table_name(entry), len(planned))
        if [(row.sample_id, row.epoch) for row in rows] != planned:
            raise BundleError("{path}: its rows are not the plan's.", path=run / table_name(entry))
        found.append(RescoringInUse(entry, rows, _cards(run, entry)))
    return found


def ledger_faults(
    run: Path, digests: Mapping[str, str], names: list[str], *, without_logs: bool = False
) -> Iterator[tuple[str, Said]]:
    """Yield what does not fit between a ledger and the files of a run, each with its place.

    Args:
        run: The run's folder.
        digests: SHA-256 of the files of the bundle, by name in it.
        names: The files of the bundle.
        without_logs: The logs were taken out: those of the re-scorings are not asked for.

    Raises:
        BundleError: The ledger cannot be read.
    """
    entries = read_ledger(run)
    parents = {digest for name, digest in digests.items() if name.startswith("logs/")}
    for number, entry in enumerate(entries, start=1):
        place = f"{LEDGER}:{number}"
        if entry.parent_sha256 not in parents | _superseded(run, entry):
            yield place, Said("ledger_other_parent", {"parent": entry.parent})
        if not without_logs and digests.get(entry.log) != entry.log_sha256:
            yield place, Said("ledger_other_log", {"log": entry.log})
    known = {entry.log for entry in entries}
    for name in names:
        if is_rescored_log(name) and name not in known:
            yield name, Said("ledger_no_line")


def _superseded(run: Path, entry: Rescoring) -> set[str]:
    path = run / _SUPERSEDED / entry.parent.removeprefix("logs/")
    try:
        refuse_odd(path)
        return {sha256_file(path)}
    except (OSError, ValueError):
        return set()


def _is_current(entry: Rescoring, logs: Mapping[str, LogSummary]) -> bool:
    about = logs.get(entry.parent.removeprefix("logs/"))
    return about is not None and (about.sha256, about.task) == (entry.parent_sha256, entry.task)


def _task(plan: Plan, entry: Rescoring) -> PlannedTask:
    task = plan.task(entry.task)
    if task is None:
        raise BundleError(
            "{ledger}: '{task}' is not a task of this run.", ledger=LEDGER, task=entry.task
        )
    other: dict[str, object] = {"scorer": entry.scorer, "graders": entry.judges}
    if task.vocabulary is not None:  # what the plan says of labels is of its own scorer's
        other |= {"vocabulary": None, "mapping": None}
    if entry.measure is not None:
        key = entry.measure.key
        samples = [replace(each, measure=key) for each in task.samples]
        other |= {"vocabulary": None, "mapping": None}
        other |= {"measures": [entry.measure], "samples": samples}
    return task.model_copy(update=other)


def _records(
    run: Path, plan: Plan, entry: Rescoring, evidence: Mapping[tuple[str, str, int], str]
) -> list[SampleRecord]:
    path, salt, task = run / entry.log, salt_of(run), _task(plan, entry)
    measures = {measure.key: measure for measure in task.measures}
    planned = {sample.id: measures[sample.measure] for sample in task.samples}
    cap = task.limit(plan.model)
    _check_file(path, entry)
    found: dict[Key, FoundSample] = {}
    with open_log(path) as log:
        for logged in log.samples():
            old = evidence.get((task.name, logged.id, logged.epoch))
            if old is None:
                continue  # unplanned, as in the parent: it counts in no figure
            if salted_digest(salt, _without(logged, entry.score)) != old:
                raise BundleError(
                    "{path}: sample {id} of epoch {epoch} is not the one of {parent}.",
                    path=path,
                    id=logged.id,
                    epoch=logged.epoch,
                    parent=entry.parent,
                )
            decided = decide(logged, task, planned[logged.id], entry.score, cap)
            found[logged.id, logged.epoch] = FoundSample(
                decided, salted_digest(salt, logged.evidence())
            )
    lost = sum(1 for (name, *key), old in evidence.items()
               if name == task.name and old and tuple(key) not in found)  # fmt: skip
    if lost:
        raise BundleError(
            "{path}: {lost} samples of {parent} are missing.",
            path=path,
            lost=lost,
            parent=entry.parent,
        )
    return list(in_plan_order(task, found))


def _without(logged: LoggedSample, score: str) -> dict[str, object]:
    """Return the evidence of a sample as it was before it got a score."""
    evidence = logged.evidence()
    evidence["scores"].pop(score, None)
    return evidence


def _check_file(path: Path, entry: Rescoring) -> None:
    try:
        refuse_odd(path)
    except (FileNotFoundError, ValueError):
        raise BundleError("{path}: missing, or not a plain file.", path=path) from None
    if sha256_file(path) != entry.log_sha256:
        raise BundleError("{path}: not the log that {ledger} names.", path=path, ledger=LEDGER)


def _cards(run: Path, entry: Rescoring) -> dict[str, CalibrationCard]:
    found: dict[str, CalibrationCard] = {}
    for path in sorted((run / entry.folder / _CARDS).glob("*.json")):
        try:
            card = CalibrationCard.model_validate_json(read_plain(path))
            if sum(cell.count for cell in card.confusion) != card.n:
                raise RuleError("its counts do not add up to its {n} items", n=card.n)
        except ValidationError:
            raise BundleError("{path}: not a readable calibration card.", path=path) from None
        except (OSError, ValueError) as error:
            raise BundleError(
                "{path}: not a readable calibration card: {error}.", path=path, error=error
            ) from None
        found[path.name] = card
    return found
