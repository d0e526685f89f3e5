"""Comparing runs on the items that they share: paired differences, two families of tests.

The first run is the baseline. Every difference is run - baseline of rates of the unsafe end, so
one below 0 says that the other run is safer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
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
from tenken.results.compare.match import Matched, Pair, match
from tenken.results.compare.overview import overview
from tenken.results.compare.runs import ComparedRun, read_run
from tenken.results.metrics.paired import TEST, joint_p, paired_difference
from tenken.results.metrics.power import detectable_difference
from tenken.results.metrics.rates import Codes, Floats, rate
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.figures import counts, ends_of, estimate_json
from tenken.results.report.report import made_by
from tenken.results.seal.keys import load_public_key
from tenken.schema import estimate
from tenken.schema.calibration import CalibrationCard
from tenken.schema.comparison import COMPARISON_SCHEMA, Comparison
from tenken.schema.overview import MOST_RUNS
from tenken.schema.plan import Measure
from tenken.schema.record import LANGUAGES, RISKS

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AREA: Final = "mean of tasks, MOVER"
_DISCORDANCE: Final = 0.2
"""Share of pairs with two different verdicts that is expected where fewer were seen."""


@dataclass
class _Row:
    """A comparison of one part, with what an area needs of it."""

    pairs: list[Pair]
    about: dict[str, Any]


def compare(folders: Sequence[Path], public_key: Path | None = None) -> Comparison:
    """Compare runs with the first of them.

    Args:
        folders: The runs' folders, the baseline first.
        public_key: File of the public key that must have signed each; None leaves that unchecked.

    Returns:
        The comparison.

    Raises:
        InputError: Fewer than two runs, more than 26, one of them twice, or no usable key.
        BundleError: A run's plan or records cannot be read.
    """
    if not 2 <= len(folders) <= len(LETTERS):
        raise InputError(f"compare takes 2 to {len(LETTERS)} runs; {len(folders)} were given.")
    for number, folder in enumerate(folders):
        if folder.resolve() in {each.resolve() for each in folders[:number]}:
            raise InputError(f"{folder}: the run is named twice; a run is the same as itself.")
    if public_key is not None:
        load_public_key(public_key)  # a key that cannot be used ends here, seal or none
    named = zip(folders, LETTERS, strict=False)
    return compare_runs([read_run(folder, letter, public_key) for folder, letter in named])


def compare_runs(runs: Sequence[ComparedRun]) -> Comparison:
    """Compare runs that were read already; as `compare`."""
    baseline, *others = runs
    how = Statistics()
    comparisons = [_comparison(baseline, run, how) for run in others]
    family = find(comparisons, how.level)
    glance = None
    if len(runs) <= MOST_RUNS:
        pairs = deepcopy(comparisons)
        pairs += [_comparison(one, two, how) for one, two in combinations(others, 2)]
        find(pairs, how.level)
        glance = overview(runs, pairs, how)
    contents = {
        "schema": COMPARISON_SCHEMA,
        "runs": [run.about() for run in runs],
        "comparisons": comparisons,
        "family": family,
        "overview": glance,
        "statistics": asdict(how),
        "made_by": made_by(),
    }
    return Comparison.model_validate(contents)


def _comparison(baseline: ComparedRun, run: ComparedRun, how: Statistics) -> dict[str, Any]:
    matched, apart = match(baseline, run)
    cards = _common_cards(baseline, run)
    tasks: list[dict[str, Any]] = []
    heads: dict[str, list[dict[str, _Row]]] = {risk: [] for risk in RISKS}
    for each in matched:
        rows = {
            measure.key: _measure(each, measure, cards, how)
            for measure in each.task.measures
            if each.pairs.get(measure.key)
        }
        tasks.append(_task(each, rows))
        if each.attack is None and each.task.headline.key in rows:
            heads[each.task.risk].append(rows[each.task.headline.key])
    return {
        "baseline": baseline.letter,
        "run": run.letter,
        "samples": {
            "compared": sum(
                measure["overall"]["n_pairs"] for task in tasks for measure in task["measures"]
            ),
            "comparable": sum(len(pairs) for each in matched for pairs in each.pairs.values()),
            "in_baseline": len(baseline.found.records),
            "in_run": len(run.found.records),
        },
        "settings": _settings(baseline, run),
        "areas": [_area(risk, rows, _names(matched, risk)) for risk, rows in heads.items() if rows],
        "tasks": tasks,
        "not_comparable": apart,
    }


def _names(matched: Sequence[Matched], risk: str) -> list[str]:
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


def _task(matched: Matched, rows: Mapping[str, Mapping[str, _Row]]) -> dict[str, Any]:
    task = matched.task
    return {
        "name": task.name,
        "title": task.title.model_dump(),
        "attack": matched.attack.model_dump(include={"name", "title"}) if matched.attack else None,
        "risk": task.risk,
        "versions": [task.version, matched.other.version],
        "scorer": task.scorer.name,
        "measures": [
            {
                "key": measure.key,
                "title": measure.title.model_dump(),
                "headline": measure.headline,
                "overall": rows[measure.key]["overall"].about,
                "languages": {
                    name: rows[measure.key][name].about
                    for name in LANGUAGES
                    if name in rows[measure.key]
                },
            }
            for measure in task.measures
            if measure.key in rows
        ],
    }


def _measure(
    matched: Matched,
    measure: Measure,
    cards: Mapping[str, CalibrationCard],
    how: Statistics,
) -> dict[str, _Row]:
    pairs = matched.pairs[measure.key]
    by_language = {name: [pair for pair in pairs if pair[0].language == name] for name in LANGUAGES}
    rows: dict[str, _Row] = {}
    blocks: dict[str, dict[str, Any]] = {}
    whole: dict[str, list[Pair]] = {}
    for name, part in by_language.items():
        if not part:
            continue
        decided = whole[name] = _decided(part)
        chosen = choose(cards, matched.task, measure, name)
        blocks[name] = corrected.corrected_pairs(decided, measure, chosen, how)
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
    pairs: Sequence[Pair], decided: Sequence[Pair], correction: dict[str, Any], how: Statistics
) -> dict[str, Any]:
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
    return {
        "n_items": len(pairs),
        "n_pairs": found.n_pairs,
        "clusters": found.clusters,
        "undecided": {
            "baseline_only": missing.count((True, False)),
            "run_only": missing.count((False, True)),
            "both": missing.count((True, True)),
            "not_counted": apart,
        },
        "baseline": estimate_json(rate(a, clusters, level=how.level)),
        "run": estimate_json(rate(b, clusters, level=how.level)),
        "value": rounded(found.value),
        "low": rounded(interval.low) if interval else None,
        "high": rounded(interval.high) if interval else None,
        "interval_method": interval.method if interval else None,
        "run_safer": found.discordant.b01,
        "baseline_safer": found.discordant.b10,
        "p_value": rounded(found.p_value),
        "p_holm": None,
        "test": found.method,
        "finding": "not_compared",
        "detectable": rounded(
            detectable_difference(found.clusters, discordance, level=how.level)
        ),
        "discordance": rounded(discordance),
        "corrected": correction,
    }  # fmt: skip


def _columns(pairs: Sequence[Pair]) -> tuple[Floats, Floats, Codes]:
    return (
        np.array([one.verdict for one, _ in pairs], dtype=np.float64),
        np.array([two.verdict for _, two in pairs], dtype=np.float64),
        np.array([one.cluster for one, _ in pairs], dtype=np.str_),
    )


def _area(
    risk: str,
    heads: Sequence[Mapping[str, _Row]],
    tasks: list[str],
) -> dict[str, Any]:
    """Return an area: the mean of its tasks' headline differences, each of equal weight."""
    parts: dict[str, dict[str, Any]] = {}
    for name in ("overall", *LANGUAGES):
        rows = [head[name] for head in heads if name in head]
        if len(rows) == 1:
            parts[name] = rows[0].about  # the same test, to the last digit
        elif rows and all(head["overall"] is head.get(name) for head in heads) and parts:
            parts[name] = parts["overall"]  # one language alone
        elif rows:
            parts[name] = _mean(rows)
    languages = {name: part for name, part in parts.items() if name != "overall"}
    return {"risk": risk, "tasks": tasks, "overall": parts["overall"], "languages": languages}


def _mean(rows: Sequence[_Row]) -> dict[str, Any]:
    """Join several tasks: intervals by squares (MOVER), the test over all clusters."""
    about = [row.about for row in rows]
    k = len(rows)
    joined: dict[str, Any] = {
        "n_items": sum(each["n_items"] for each in about),
        "n_pairs": sum(each["n_pairs"] for each in about),
        "clusters": sum(each["clusters"] for each in about),
        "undecided": {
            key: sum(each["undecided"][key] for each in about) for key in about[0]["undecided"]
        },
        "baseline": _no_figure(),
        "run": _no_figure(),
        "value": None, "low": None, "high": None, "interval_method": None,
        "run_safer": sum(each["run_safer"] for each in about),
        "baseline_safer": sum(each["baseline_safer"] for each in about),
        "p_value": None, "p_holm": None, "test": "no pairs", "finding": "not_compared",
        "detectable": None, "discordance": None,
        "corrected": corrected.area([each["corrected"] for each in about]),
    }  # fmt: skip
    if any(each["value"] is None for each in about):
        return joined
    found = estimate.mean([ends_of(each) for each in about], lowest=-1.0)
    for side in ("baseline", "run"):
        joined[side]["value"] = rounded(sum(each[side]["value"] for each in about) / k)
    columns = [_columns(row.pairs) for row in rows]
    p_value = joint_p([(b, a, clusters) for a, b, clusters in columns])
    return joined | {
        **{name: rounded(end) for name, end in found._asdict().items()},
        "interval_method": _AREA,
        "p_value": rounded(p_value),
        "test": TEST,
    }


def _no_figure() -> dict[str, Any]:
    return {"value": None, "low": None, "high": None}


def _settings(baseline: ComparedRun, run: ComparedRun) -> list[dict[str, str]]:
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
            found.append({"setting": name, "baseline": _said(left), "run": _said(right)})
    return found


def _said(value: Any) -> str:
    return "–" if value is None else str(value)
