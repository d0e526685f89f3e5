"""Comparing runs on the items that they share: paired differences, two families of tests.

The first run is the baseline. Every difference is run - baseline of rates of the unsafe end, so
one below 0 says that the other run is safer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np

from tenken.errors import InputError
from tenken.io.canonical import digest
from tenken.results.calibration.fit import choose
from tenken.results.compare import corrected
from tenken.results.compare.findings import find
from tenken.results.compare.match import MatchedTask, Pair, match
from tenken.results.compare.overview import overview
from tenken.results.compare.runs import ComparedRun, read_run
from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.paired import TEST, joint_p, paired_difference
from tenken.results.metrics.power import detectable_difference
from tenken.results.metrics.rates import Codes, Floats, rate
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.figures import counts, estimate_of, rate_of
from tenken.results.report.shown import made_by
from tenken.results.review.read import People
from tenken.results.seal.keys import load_public_key
from tenken.schema.calibration import CalibrationCard
from tenken.schema.comparison import (
    COMPARISON_SCHEMA,
    AttackName,
    ComparedArea,
    ComparedMeasure,
    ComparedTask,
    Comparison,
    CorrectedPairs,
    PairedFigures,
    RunComparison,
    SampleCounts,
    SettingDifference,
    UndecidedPairs,
)
from tenken.schema.estimate import MOST_RUNS, Rate
from tenken.schema.plan import Measure
from tenken.schema.record import RISKS, Language, Risk, in_order, languages_of
from tenken.schema.report import StatisticsSettings

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AREA: Final = "mean of tasks, MOVER"
_DISCORDANCE: Final = 0.2
"""Share of pairs with two different verdicts that is expected where fewer were seen."""


@dataclass
class _Row:
    """A comparison of one part, with what an area needs of it."""

    pairs: list[Pair]
    about: PairedFigures


def compare(folders: Sequence[Path], public_key: Path | None = None) -> Comparison:
    """Compare runs with the first of them.

    Args:
        folders: The runs' folders, the baseline first; 2 to 26 of them.
        public_key: File of the public key that must have signed each; None leaves that unchecked.

    Raises:
        InputError: Fewer than two runs, more than 26, one of them twice, or no usable key.
        BundleError: A run's plan or records cannot be read.
    """
    return compare_runs(read_all(folders, public_key))


def read_all(folders: Sequence[Path], public_key: Path | None = None) -> list[ComparedRun]:
    """Read runs for a comparison.

    Args:
        folders: The runs' folders, the baseline first.
        public_key: File of the public key that must have signed each; None leaves that unchecked.

    Raises:
        InputError: Fewer than two runs, more than 26, one of them twice, or no usable key.
        BundleError: A run's plan or records cannot be read.
    """
    if not 2 <= len(folders) <= len(LETTERS):
        raise InputError(
            "compare takes 2 to {n} runs; {n2} were given.", n=len(LETTERS), n2=len(folders)
        )
    for number, folder in enumerate(folders):
        if folder.resolve() in {each.resolve() for each in folders[:number]}:
            raise InputError("{folder}: the run is listed twice; remove one.", folder=folder)
    if public_key is not None:
        load_public_key(public_key)  # a key that cannot be used ends here, seal or none
    named = zip(folders, LETTERS, strict=False)
    return [read_run(folder, letter, public_key) for folder, letter in named]


def compare_runs(runs: Sequence[ComparedRun]) -> Comparison:
    """Compare runs that were read already; as `compare`."""
    baseline, *others = runs
    how = Statistics()
    made = [_comparison(baseline, run, how) for run in others]
    compared, family = find(made, how.level)
    glance = None
    if len(runs) <= MOST_RUNS:
        made += [_comparison(one, two, how) for one, two in combinations(others, 2)]
        glance = overview(runs, find(made, how.level)[0], how)
    return Comparison(
        schema=COMPARISON_SCHEMA,
        runs=tuple(run.about() for run in runs),
        comparisons=compared,
        family=family,
        overview=glance,
        statistics=StatisticsSettings(**asdict(how)),
        made_by=made_by(),
    )


def _comparison(baseline: ComparedRun, run: ComparedRun, how: Statistics) -> RunComparison:
    matched, apart = match(baseline, run)
    cards, people = _common_cards(baseline, run), (baseline.people, run.people)
    tasks: list[ComparedTask] = []
    others = in_order({each.task.risk for each in matched} - set(RISKS))
    heads: dict[Risk, list[dict[str, _Row]]] = {risk: [] for risk in (*RISKS, *others)}
    for each in matched:
        rows = {
            measure.key: _measure(each, measure, cards, people, how)
            for measure in each.task.measures
            if each.pairs.get(measure.key)
        }
        tasks.append(_task(each, rows))
        if each.attack is None and each.task.headline.key in rows:
            heads[each.task.risk].append(rows[each.task.headline.key])
    return RunComparison(
        baseline=baseline.letter,
        run=run.letter,
        samples=SampleCounts(
            compared=sum(measure.overall.n_pairs for task in tasks for measure in task.measures),
            comparable=sum(len(pairs) for each in matched for pairs in each.pairs.values()),
            in_baseline=len(baseline.found.records),
            in_run=len(run.found.records),
        ),
        settings=tuple(_settings(baseline, run)),
        areas=tuple(
            _area(risk, rows, _names(matched, risk)) for risk, rows in heads.items() if rows
        ),
        tasks=tuple(tasks),
        not_comparable=tuple(apart),
    )


def _names(matched: Sequence[MatchedTask], risk: str) -> list[str]:
    return [
        each.task.name
        for each in matched
        if each.task.risk == risk and each.attack is None and each.pairs.get(each.task.headline.key)
    ]


def _common_cards(baseline: ComparedRun, run: ComparedRun) -> dict[str, CalibrationCard]:
    """Return both runs' cards: one that fits the scorer of matched samples fits both runs.

    Of two different cards of the same name, the second is named with its digest.
    """
    found = dict(baseline.plan.calibration)
    for name, card in run.plan.calibration.items():
        same = found.get(name, card) == card
        found[name if same else f"{name}@{digest(card.model_dump(mode='json'))[:12]}"] = card
    return found


def _task(matched: MatchedTask, rows: Mapping[str, Mapping[str, _Row]]) -> ComparedTask:
    task, attack = matched.task, matched.attack
    measures = []
    for measure in task.measures:
        found = rows.get(measure.key)
        if found is not None:
            languages = {name: found[name].about for name in in_order(found.keys() - {"overall"})}
            measures.append(
                ComparedMeasure(
                    key=measure.key,
                    title=measure.title,
                    headline=measure.headline,
                    scale=measure.value,
                    overall=found["overall"].about,
                    languages=languages,
                )
            )
    return ComparedTask(
        name=task.name,
        title=task.title,
        attack=AttackName(name=attack.name, title=attack.title) if attack else None,
        risk=task.risk,
        versions=(task.version, matched.other.version),
        scorer=task.scorer.name,
        measures=tuple(measures),
    )


def _measure(
    matched: MatchedTask,
    measure: Measure,
    cards: Mapping[str, CalibrationCard],
    people: tuple[People | None, People | None],
    how: Statistics,
) -> dict[str, _Row]:
    pairs = matched.pairs[measure.key]
    rows: dict[str, _Row] = {}
    blocks: dict[Language, CorrectedPairs] = {}
    whole: dict[Language, list[Pair]] = {}
    for name in languages_of(pair[0] for pair in pairs):
        part = [pair for pair in pairs if pair[0].language == name]
        if not part:
            continue
        decided = whole[name] = _decided(part)
        chosen = choose(cards, matched.task, measure, name)
        blocks[name] = corrected.corrected_pairs(decided, measure, chosen, how, people)
        rows[name] = _Row(decided, _figures(part, decided, blocks[name], how))
    if len(rows) == 1:  # the same test under two names counts once
        (only,) = rows.values()
        return {"overall": only, **rows}
    decided = _decided(pairs)
    both = corrected.overall(blocks, whole)
    return {"overall": _Row(decided, _figures(pairs, decided, both, how)), **rows}


def _decided(pairs: Sequence[Pair]) -> list[Pair]:
    return [pair for pair in pairs if pair[0].verdict is not None and pair[1].verdict is not None]


def _figures(
    pairs: Sequence[Pair], decided: Sequence[Pair], correction: CorrectedPairs, how: Statistics
) -> PairedFigures:
    a, b, clusters = _columns(decided)
    found = paired_difference(b, a, clusters, level=how.level)
    interval = found.interval
    discordance = max(_DISCORDANCE, sum(found.discordant) / max(found.n_pairs, 1))
    apart = sum(not (counts(one) and counts(two)) for one, two in pairs)
    missing = [
        (one.verdict is None, two.verdict is None)
        for one, two in pairs
        if counts(one) and counts(two)
    ]
    return PairedFigures(
        n_items=len(pairs),
        n_pairs=found.n_pairs,
        clusters=found.clusters,
        undecided=UndecidedPairs(
            baseline_only=missing.count((True, False)),
            run_only=missing.count((False, True)),
            both=missing.count((True, True)),
            not_counted=apart,
        ),
        baseline=rate_of(rate(a, clusters, level=how.level)),
        run=rate_of(rate(b, clusters, level=how.level)),
        value=rounded(found.value),
        low=rounded(interval.low) if interval else None,
        high=rounded(interval.high) if interval else None,
        interval_method=interval.method if interval else None,
        run_safer=found.discordant.b01,
        baseline_safer=found.discordant.b10,
        p_value=rounded(found.p_value),
        p_holm=None,
        test=found.method,
        finding="not_compared",
        detectable=rounded(detectable_difference(found.clusters, discordance, level=how.level)),
        discordance=rounded(discordance),
        corrected=correction,
    )


def _columns(pairs: Sequence[Pair]) -> tuple[Floats, Floats, Codes]:
    return (
        np.array([one.verdict for one, _ in pairs], dtype=np.float64),
        np.array([two.verdict for _, two in pairs], dtype=np.float64),
        np.array([one.cluster for one, _ in pairs], dtype=np.str_),
    )


def _area(
    risk: Risk,
    heads: Sequence[Mapping[str, _Row]],
    tasks: list[str],
) -> ComparedArea:
    """Return an area: the mean of its tasks' headline differences, each of equal weight."""
    overall = _part([head["overall"] for head in heads])
    languages: dict[Language, PairedFigures] = {}
    for name in in_order({name for head in heads for name in head} - {"overall"}):
        rows = [head[name] for head in heads if name in head]
        if rows and all(head["overall"] is head.get(name) for head in heads):
            languages[name] = overall  # one language alone
        elif rows:
            languages[name] = _part(rows)
    return ComparedArea(risk=risk, tasks=tuple(tasks), overall=overall, languages=languages)


def _part(rows: Sequence[_Row]) -> PairedFigures:
    return rows[0].about if len(rows) == 1 else _mean(rows)  # the same test, to the last digit


def _mean(rows: Sequence[_Row]) -> PairedFigures:
    """Join several tasks: intervals by squares (MOVER), the test over all clusters."""
    about = [row.about for row in rows]
    counts = {
        key: sum(getattr(each.undecided, key) for each in about)
        for key in UndecidedPairs.model_fields
    }
    joined = PairedFigures(
        n_items=sum(each.n_items for each in about),
        n_pairs=sum(each.n_pairs for each in about),
        clusters=sum(each.clusters for each in about),
        undecided=UndecidedPairs(**counts),
        baseline=_no_figure(),
        run=_no_figure(),
        value=None,
        low=None,
        high=None,
        interval_method=None,
        run_safer=sum(each.run_safer for each in about),
        baseline_safer=sum(each.baseline_safer for each in about),
        p_value=None,
        p_holm=None,
        test="no pairs",
        finding="not_compared",
        detectable=None,
        discordance=None,
        corrected=corrected.area([each.corrected for each in about]),
    )
    if any(each.value is None for each in about):
        return joined
    found = Estimate.mean([estimate_of(each) for each in about], method=_AREA, lowest=-1.0)
    columns = [_columns(row.pairs) for row in rows]
    p_value = joint_p([(b, a, clusters) for a, b, clusters in columns])
    sides = {
        side: _no_figure(sum(getattr(each, side).value for each in about) / len(about))
        for side in ("baseline", "run")
    }
    return joined.model_copy(
        update={
            **sides,
            "value": rounded(found.value),
            "low": rounded(found.low),
            "high": rounded(found.high),
            "interval_method": found.method,
            "p_value": rounded(p_value),
            "test": TEST,
        }
    )


def _no_figure(value: float | None = None) -> Rate:
    """Return a rate without an interval."""
    return Rate(value=rounded(value), low=None, high=None)


def _settings(baseline: ComparedRun, run: ComparedRun) -> list[SettingDifference]:
    """Return what was set otherwise in the runs and makes no sample incomparable."""
    found = []
    one, two = baseline.plan, run.plan
    pairs: list[tuple[str, Any, Any]] = [
        ("model", one.model.name, two.model.name),
        ("base_url", one.model.base_url, two.model.base_url),
        ("system_prompt", one.model.system_prompt_sha256, two.model.system_prompt_sha256),
        ("suite", one.suite, two.suite),
    ]
    keys = sorted(one.model.parameters.keys() | two.model.parameters.keys())
    pairs += [(key, one.model.parameters.get(key), two.model.parameters.get(key)) for key in keys]
    for task in one.tasks:
        other = two.task(task.name)
        if other is not None:
            pairs += [
                (f"{task.name}: max_tokens", task.max_tokens, other.max_tokens),
                (f"{task.name}: epochs", task.epochs, other.epochs),
                (f"{task.name}: version", task.version, other.version),
                (f"{task.name}: asked", task.prompt_sha256[:12], other.prompt_sha256[:12]),
                (
                    f"{task.name}: data",
                    str(task.dataset.get("sha256"))[:12],
                    str(other.dataset.get("sha256"))[:12],
                ),
            ]
    for name, left, right in pairs:
        if left != right:
            found.append(SettingDifference(setting=name, baseline=_said(left), run=_said(right)))
    return found


def _said(value: Any) -> str:
    return "–" if value is None else str(value)
