"""Up to six runs at a glance: each one's own rates, and which can be told from which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tenken.results.compare.runs import ComparedRun
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.records.attacked import plain_records
from tenken.results.report.areas import combined
from tenken.results.report.figures import counts, figure
from tenken.schema.comparison import RunComparison
from tenken.schema.estimate import Overview, OwnRate, ToldApart
from tenken.schema.plan import PlannedTask
from tenken.schema.record import LANGUAGES, RISKS, Language, SampleRecord


def overview(
    runs: Sequence[ComparedRun], pairs: Sequence[RunComparison], how: Statistics
) -> Overview:
    """Return each run's own rates, and which runs differ.

    Args:
        runs: The runs.
        pairs: The comparison of every pair of them, with its findings.
        how: Level.
    """
    return Overview(
        rates=tuple(rate for run in runs for rate in _rates(run, how)),
        pairs=tuple(told for pair in pairs for told in _told_apart(pair)),
    )


def _rates(run: ComparedRun, how: Statistics) -> Iterator[OwnRate]:
    languages: tuple[Language | None, ...] = (None, *LANGUAGES)
    for risk in RISKS:
        tasks = [task for task in run.plan.tasks if task.risk == risk]
        for language in languages if tasks else ():
            heads = [figure(_headline(run, task, language), how) for task in tasks]
            n = sum(head.n for head in heads)
            if any(head.value is None for head in heads):
                value = low = high = None
            else:
                whole = combined(heads, how)
                ends = whole.interval
                value = rounded(whole.value)
                low = rounded(ends.low) if ends else None
                high = rounded(ends.high) if ends else None
            yield OwnRate(
                letter=run.letter, risk=risk, language=language, n=n, value=value, low=low,
                high=high,
            )  # fmt: skip


def _headline(run: ComparedRun, task: PlannedTask, language: Language | None) -> list[SampleRecord]:
    own = [record for record in run.found.records if record.task == task.name]
    return [
        record
        for record in plain_records(own, task)
        if record.measure == task.headline.key
        and counts(record)
        and language in (None, record.language)
    ]


def _told_apart(pair: RunComparison) -> Iterator[ToldApart]:
    letters = {"run_safer": pair.run, "baseline_safer": pair.baseline}
    for area in pair.areas:
        for language, row in ((None, area.overall), *area.languages.items()):
            yield ToldApart(
                one=pair.baseline,
                other=pair.run,
                risk=area.risk,
                language=language,
                safer=letters.get(row.finding),
                compared=row.finding != "not_compared",
                p_holm=row.p_holm,
            )
