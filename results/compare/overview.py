"""Up to six runs at a glance: each one's own rates, and which can be told from which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tenken.results.compare.runs import ComparedRun
from tenken.results.metrics.settings import Statistics
from tenken.results.records.attacked import plain_records
from tenken.results.report.areas import combined
from tenken.results.report.figures import counts, figure
from tenken.schema.record import LANGUAGES, RISKS

_KEYS = ("value", "low", "high")


def overview(
    runs: Sequence[ComparedRun], pairs: Sequence[Mapping[str, Any]], how: Statistics
) -> dict[str, Any]:
    """Return each run's own rates, and which runs differ.

    Args:
        runs: The runs.
        pairs: The comparison of every pair of them, with its findings.
        how: Level.
    """
    return {
        "rates": [rate for run in runs for rate in _rates(run, how)],
        "pairs": [told for pair in pairs for told in _told_apart(pair)],
    }


def _rates(run: ComparedRun, how: Statistics) -> Iterator[dict[str, Any]]:
    for risk in RISKS:
        tasks = [task for task in run.plan.tasks if task.risk == risk]
        if not tasks:
            continue
        for language in (None, *LANGUAGES):
            heads = []
            for task in tasks:
                own = [record for record in run.found.records if record.task == task.name]
                part = [
                    record
                    for record in plain_records(own, task)
                    if record.measure == task.headline.key
                    and counts(record)
                    and language in (None, record.language)
                ]
                heads.append(figure(part, how))
            whole = all(head["value"] is not None for head in heads)
            ends = combined(heads) if whole else dict.fromkeys(_KEYS)
            n = sum(head["n"] for head in heads)
            yield {"letter": run.letter, "risk": risk, "language": language, "n": n, **ends}


def _told_apart(pair: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    letters = {"run_safer": pair["run"], "baseline_safer": pair["baseline"]}
    for area in pair["areas"]:
        for language, row in ((None, area["overall"]), *area["languages"].items()):
            yield {
                "one": pair["baseline"],
                "other": pair["run"],
                "risk": area["risk"],
                "language": language,
                "safer": letters.get(row["finding"]),
                "compared": row["finding"] != "not_compared",
                "p_holm": row["p_holm"],
            }
