"""What other scorers said of the same answers: rates beside the first scorer's, never instead.

Every figure of the report is the first scorer's. A log that was scored again adds a block to its
task: the other scorer's rates, how far it is calibrated, and how far both agree. A scorer with a
measure of its own adds that one, and agrees with nobody: it looks at something else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tenken.results.calibration.fit import choose, scorer_summary
from tenken.results.metrics.agreement import cohen_kappa, confusion
from tenken.results.metrics.rates import rate
from tenken.results.metrics.settings import Statistics
from tenken.results.records.attacked import plain_records
from tenken.results.records.rescorings import RescoringInUse
from tenken.results.report import corrections
from tenken.results.report.figures import counts, figure, outcomes, rate_of, score_of
from tenken.schema.figures import Agreement, RescoredFigure
from tenken.schema.plan import Measure, Plan, PlannedTask
from tenken.schema.record import Language, SampleRecord, languages_of
from tenken.schema.scorers import LabelRate, OtherScorer, RescoredMeasure

_SIDES = ("safe", "unsafe")


def other_scorers(
    plan: Plan,
    records: Sequence[SampleRecord],
    rescored: Sequence[RescoringInUse],
    how: Statistics,
) -> dict[str, tuple[OtherScorer, ...]]:
    """Return what other scorers said of the tasks whose answers were scored again, by task.

    Args:
        plan: What was to be measured.
        records: What the first scorers said.
        rescored: What the others said.
        how: Level.
    """
    by_task: dict[str, list[RescoringInUse]] = defaultdict(list)
    for each in rescored:
        by_task[each.entry.task].append(each)
    found = {}
    for name, others in by_task.items():
        planned = plan.task(name)
        if planned is not None:
            own = [record for record in records if record.task == name]
            found[name] = tuple(_block(planned, own, other, how) for other in others)
    return found


def _block(
    task: PlannedTask, first: Sequence[SampleRecord], other: RescoringInUse, how: Statistics
) -> OtherScorer:
    entry = other.entry
    measures = [entry.measure] if entry.measure else task.measures
    judged = task.model_copy(
        update={"scorer": entry.scorer, "graders": entry.judges, "measures": measures}
    )
    return OtherScorer(
        scorer=scorer_summary(judged, other.cards),
        graders=tuple(entry.judges),
        prompt_sha256=entry.prompt_sha256,
        when=entry.when,
        log=entry.log,
        parent=entry.parent,
        outcomes=outcomes(other.records),
        measures=tuple(_measure(each, judged, first, other, how) for each in measures),
    )


def _measure(
    measure: Measure,
    task: PlannedTask,
    first: Sequence[SampleRecord],
    other: RescoringInUse,
    how: Statistics,
) -> RescoredMeasure:
    own = [r for r in plain_records(first, task) if r.measure == measure.key]
    theirs = [r for r in plain_records(other.records, task) if r.measure == measure.key]
    if other.entry.measure is not None:
        theirs = [record for record in theirs if counts(record)]
    languages: dict[Language, RescoredFigure] = {}
    for language in languages_of(theirs):
        part = [record for record in theirs if record.language == language]
        if part:
            chosen = choose(other.cards, task, measure, language)
            languages[language] = RescoredFigure(
                **dict(figure(part, how)),
                corrected=corrections.corrected_rate(part, measure, chosen, how),
                agreement=_agreement(own, part, how),
            )
    parts = [corrections.Part(each.n, each.corrected) for each in languages.values()]
    return RescoredMeasure(
        key=measure.key,
        title=measure.title,
        headline=measure.headline,
        overall=RescoredFigure(
            **dict(figure(theirs, how)),
            corrected=corrections.overall(parts, theirs, how),
            agreement=_agreement(own, theirs, how),
        ),
        languages=languages,
        labels=_labels(measure, theirs, how) if other.entry.measure is not None else (),
    )


def _labels(
    measure: Measure, records: Sequence[SampleRecord], how: Statistics
) -> tuple[LabelRate, ...]:
    """Return the rate of each unsafe label of a scorer's own measure, where it has several."""
    if len(measure.unsafe_labels) < 2:
        return ()
    decided = [record for record in records if record.verdict is not None]
    clusters = np.array([record.cluster for record in decided], dtype=np.str_)
    found = []
    for label in measure.unsafe_labels:
        given = np.array([record.label == label for record in decided], dtype=np.float64)
        estimate = rate_of(rate(given, clusters, level=how.level))
        found.append(LabelRate(label=label, **dict(estimate)))
    return tuple(found)


def _agreement(
    first: Sequence[SampleRecord], other: Sequence[SampleRecord], how: Statistics
) -> Agreement:
    """Return Cohen's kappa of the two scorers' verdicts, safe or unsafe, with its counts.

    Only answers that both have judged count, and only verdicts at one of the two ends: kappa is
    about labels. `first_unsafe` were unsafe to the first scorer alone, `other_unsafe` to the
    other alone.
    """
    seen = _sides(first)
    pairs = [(seen[key], side) for key, side in _sides(other).items() if key in seen]
    clusters = {(each.sample_id, each.epoch): each.cluster for each in first}
    worth = len({clusters[key] for key in _sides(other) if key in seen})
    table = confusion([one for one, _ in pairs], [two for _, two in pairs], _SIDES)
    (_, other_alone), (first_alone, _) = table.counts
    kappa = replace(cohen_kappa(table, clusters=worth, level=how.level), n=table.n)
    return Agreement(
        **dict(score_of(kappa)),
        agreed=table.agreed,
        first_unsafe=first_alone,
        other_unsafe=other_alone,
    )


def _sides(records: Sequence[SampleRecord]) -> Mapping[tuple[str, int], str]:
    return {
        (record.sample_id, record.epoch): _SIDES[int(record.verdict)]
        for record in records
        if record.outcome == "scored" and record.verdict in (0.0, 1.0)
    }
