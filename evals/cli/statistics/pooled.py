"""Figures for which tasks lend each other strength, as `report` and `compare` print them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tenken.evals.cli._output import interval, table_lines
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from tenken.results.compare.pooled import PooledDifferences
    from tenken.results.metrics.interval import Estimate
    from tenken.schema.record import SampleRecord

_POOR_FIT = 0.025


def print_pooled(folder: Path, *, as_json: bool) -> None:
    """Print the pooled headline rates of a run beside the raw ones.

    Args:
        folder: The run's folder.
        as_json: Whether to print JSON.

    Raises:
        BundleError: The run cannot be read.
    """
    from tenken.results.bundle.again import records_again
    from tenken.results.metrics.settings import Statistics
    from tenken.results.records.plan_check import read_sound_plan
    from tenken.results.records.read import read_records
    from tenken.results.report.figures import counts, figure
    from tenken.results.report.pooled import pooled_rates
    from tenken.results.report.report import headlines

    plan = read_sound_plan(folder)
    by_task: dict[str, list[SampleRecord]] = {task.name: [] for task in plan.tasks}
    records = records_again(folder) or read_records(folder, plan).records
    for record in records:
        by_task[record.task].append(record)
    heads = headlines(plan, by_task)
    found: list[dict[str, Any]] = []
    for each in pooled_rates(plan.tasks, heads):
        raw = {
            name: figure(
                [r for r in heads[name] if counts(r) and each.language in (None, r.language)],
                Statistics(),
            )
            for name in each.tasks
        }
        found.append(
            {
                "language": each.language,
                "areas": {name: _written(estimate) for name, estimate in each.areas.items()},
                "tasks": {
                    name: {"raw": _ends(raw[name]), "pooled": _written(estimate)}
                    for name, estimate in each.tasks.items()
                },
                "checks": asdict(each.checks),
            }
        )
    if as_json:
        typer.echo(json.dumps({"run": plan.run, "pooled": found}, ensure_ascii=False, indent=2))
        return
    for part in found:
        spoken = part["language"] or phrase("pooled_all")
        typer.echo(phrase("pooled_run", run=plan.run, language=spoken))
        for line in _rates(part):
            typer.echo(f"  {line}")
        typer.echo(f"  {_fit(part['checks'])}\n")
    typer.echo(phrase("pooled_note"))


def _rates(part: Mapping[str, Any]) -> list[str]:
    cells = [
        (name, str(row["pooled"]["clusters"]), interval(row["raw"]), interval(row["pooled"]))
        for name, row in part["tasks"].items()
    ]
    cells += [
        (phrase("pooled_like", area=name), str(row["clusters"]), "", interval(row))
        for name, row in part["areas"].items()
    ]
    heads = phrase("pooled_heads").split("|")
    return table_lines(heads, cells, right=heads[1:2])


def pooled_contents(found: Sequence[PooledDifferences]) -> list[dict[str, Any]]:
    """Return pooled differences as `compare --json` prints them."""
    return [
        {
            "baseline": each.baseline,
            "run": each.run,
            "areas": {name: _written(estimate) for name, estimate in each.areas.items()},
            "tasks": {name: _written(estimate) for name, estimate in each.tasks.items()},
            "checks": [asdict(check) for check in each.checks],
        }
        for each in found
    ]


def pooled_lines(found: Sequence[PooledDifferences]) -> Iterator[str]:
    """Yield pooled differences as lines of a table."""
    for part in found:
        yield ""
        yield phrase("pooled_difference", run=part.run, baseline=part.baseline)
        rows = [(name, each) for name, each in part.tasks.items()]
        rows += [(phrase("pooled_like", area=name), each) for name, each in part.areas.items()]
        if not rows:
            yield f"  {phrase('pooled_nothing')}"
            continue
        cells = [(name, str(each.clusters), _points(each)) for name, each in rows]
        heads = phrase("pooled_difference_heads").split("|")
        for line in table_lines(heads, cells, right=heads[1:2]):
            yield f"  {line}"
        often, lean = part.checks
        yield f"  {phrase('pooled_often', fit=_fit(asdict(often)))}"
        yield f"  {phrase('pooled_lean', fit=_fit(asdict(lean)))}"
    yield phrase("pooled_note")


def _written(estimate: Estimate) -> dict[str, Any]:
    from tenken.results.metrics.settings import rounded

    ends = {name: rounded(getattr(estimate, name)) for name in ("value", "low", "high")}
    return {**ends, "clusters": estimate.clusters}


def _ends(figure: Any) -> dict[str, Any]:
    return {name: getattr(figure, name) for name in ("value", "low", "high", "n", "clusters")}


def _points(estimate: Estimate) -> str:
    ends = _written(estimate)
    return phrase("points_of", **{name: ends[name] * 100 for name in ("value", "low", "high")})


def _fit(checks: Mapping[str, float]) -> str:
    poor = [name for name, p in checks.items() if not _POOR_FIT <= p <= 1 - _POOR_FIT]
    told = ", ".join(f"{name} {p:.2f}" for name, p in checks.items())
    if poor:
        return phrase("pooled_no_fit", values=told, poor=", ".join(poor))
    return phrase("pooled_fit", values=told)
