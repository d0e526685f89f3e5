"""A run's records from `samples.parquet` alone, for a bundle whose logs were taken out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tenken.errors import BundleError
from tenken.results.bundle.made import RECORDS, REPORT
from tenken.results.records.outcomes import NOT_COUNTED, OutcomeFound
from tenken.results.records.read import FoundSample, Key, LogSummary, RunRecords, in_plan_order
from tenken.results.records.table import read_parquet
from tenken.results.seal.seal import sample_key
from tenken.schema.plan import Plan
from tenken.schema.record import SampleRecord
from tenken.schema.verification import Said

OddRow = tuple[str, Said]


def records_from_table(
    run: Path, plan: Plan, report: Mapping[str, Any], logs: Mapping[str, str]
) -> tuple[RunRecords, list[OddRow]]:
    """Return the records of a table, set into the plan's order, and the rows that do not fit it.

    Times, token counts and the logs' headers cannot be recomputed: they are the report's, with
    the logs' digests from the seal.

    Args:
        run: The run's folder.
        plan: Its plan.
        report: The contents of its report.
        logs: SHA-256 of the logs by name of the file, as sealed.

    Returns:
        The records; and by key of the sample, each row that the plan does not have or has
        otherwise, that is in it twice, or whose verdict its outcome cannot have.

    Raises:
        BundleError: The table cannot be read, or the report's provenance has another form.
    """
    planned = sum(len(task.samples) * task.epochs for task in plan.tasks)
    rows = read_parquet(run / RECORDS, 2 * planned)
    found: dict[str, dict[Key, FoundSample]] = {}
    odd: list[OddRow] = []
    for row in rows:
        of_task = found.setdefault(row.task, {})
        if (row.sample_id, row.epoch) in of_task:
            odd.append((sample_key(row), Said("row_twice")))
        of_task[row.sample_id, row.epoch] = _found(row)
    records = [
        record for task in plan.tasks for record in in_plan_order(task, found.get(task.name, {}))
    ]
    odd += _misfits(rows, records)
    odd += _impossible(rows, plan)
    return _with_provenance(records, report, logs), odd


def _found(row: SampleRecord) -> FoundSample:
    decided = OutcomeFound(
        row.outcome, row.reason, row.verdict, row.label, row.labels, row.answer, row.flags
    )
    return FoundSample(decided, row.evidence)


def _misfits(rows: list[SampleRecord], records: list[SampleRecord]) -> list[OddRow]:
    shown = {sample_key(row): row for row in rows}
    planned = {sample_key(record): record for record in records}
    odd = [(key, Said("row_unplanned")) for key in sorted(shown.keys() - planned.keys())]
    odd += [(key, Said("row_missing")) for key in sorted(planned.keys() - shown.keys())]
    both = sorted(shown.keys() & planned.keys())
    odd += [(key, Said("row_otherwise")) for key in both if shown[key] != planned[key]]
    if not odd and list(shown) != list(planned):
        odd.append(("rows", Said("rows_out_of_order")))
    return odd


def _impossible(rows: list[SampleRecord], plan: Plan) -> list[OddRow]:
    safe = {
        (task.name, measure.key)
        for task in plan.tasks
        for measure in task.measures
        if measure.blocked_is_safe
    }
    return [
        (
            sample_key(row),
            Said("row_impossible", {"outcome": row.outcome, "verdict": f"{row.verdict}"}),
        )
        for row in rows
        if row.verdict != _only_verdict(row, safe)
    ]


def _only_verdict(row: SampleRecord, safe: set[tuple[str, str]]) -> float | None:
    if row.outcome == "scored" and NOT_COUNTED in row.flags:
        return None
    if row.outcome == "scored":
        return row.verdict if row.verdict is not None else 0.0
    return 0.0 if row.outcome == "blocked" and (row.task, row.measure) in safe else None


def _with_provenance(
    records: list[SampleRecord], report: Mapping[str, Any], logs: Mapping[str, str]
) -> RunRecords:
    try:
        about = report["provenance"]
        shown = TypeAdapter(dict[str, LogSummary]).validate_python(about["logs"])
        tokens = TypeAdapter(dict[str, dict[str, int]]).validate_python(about["tokens"])
        used = {model: (each["input"], each["output"]) for model, each in tokens.items()}
        finished = str(report["finished"])
    except (KeyError, TypeError, ValidationError):
        raise BundleError("{report}: its provenance has another form.", report=REPORT) from None
    sealed = {
        name: LogSummary(
            each.task, logs[name], each.status, each.created, each.inspect_ai,
            each.samples, each.unplanned,
        )
        for name, each in shown.items()
        if name in logs
    }  # fmt: skip
    return RunRecords(records, {}, sealed, finished, used)
