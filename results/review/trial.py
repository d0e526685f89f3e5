"""The trial of a run's scorers that people's labels amount to: a gold file and a card for each.

The gold files hold the texts, so they are kept with the logs and go when those are taken out; the
cards are kept with the labels. Answers were drawn with unequal chances, so a card's figures count
each by its weight, and the card is of a kind of its own: it cannot be mistaken for one of an even
trial.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np

from tenken.io.canonical import canonical_json, digest, pretty_json, sha256_bytes
from tenken.results.calibration.readings import cells, figure, raters
from tenken.results.metrics.agreement import Confusion, cohen_kappa
from tenken.results.metrics.interval import NOT_MEASURED, Estimate
from tenken.results.metrics.ppi import ppi_rate
from tenken.results.records.read import RunRecords
from tenken.results.review.choices import measure_of
from tenken.results.review.draw import REVIEWS
from tenken.results.review.estimate import scaled
from tenken.results.review.items import key_of
from tenken.results.review.read import People, ReviewedAnswer
from tenken.schema.calibration import UNDECIDED
from tenken.schema.plan import Plan, PlannedTask
from tenken.schema.record import SampleRecord, languages_of

CARD_SCHEMA: Final = "https://tenken.dev/schema/review-card/1"
"""A name, not an address."""


@dataclass(frozen=True)
class _Row:
    record: SampleRecord
    task: PlannedTask
    said: ReviewedAnswer
    truth: str

    @property
    def seen(self) -> str:
        """The scorer's label; the side of its value where the measure has no labels."""
        if self.record.outcome != "scored":
            return UNDECIDED
        if measure_of(self.task, self.record).unsafe_labels:
            return self.record.label
        return "unsafe" if (self.record.verdict or 0.0) >= 0.5 else "safe"


def trial_files(people: People, plan: Plan, found: RunRecords) -> dict[str, bytes]:
    """Return the gold files and cards of a run, by name; none without settled labels.

    Args:
        people: The labels.
        plan: The run's plan.
        found: Its records, with texts.
    """
    files: dict[str, bytes] = {}
    for name, rows in _by_scorer(people, plan, found).items():
        gold = b"".join(_gold_line(row, found) for row in rows)
        gold_name = f"logs/gold--{name}.jsonl"
        files[gold_name] = gold
        for language in languages_of(row.record for row in rows):
            part = [row for row in rows if row.record.language == language]
            if part:
                card = _card(part, gold_name, sha256_bytes(gold), plan)
                files[f"{REVIEWS}/card--{name}--{language}.json"] = pretty_json(card)
    return files


def _by_scorer(people: People, plan: Plan, found: RunRecords) -> Mapping[str, list[_Row]]:
    tasks = {task.name: task for task in plan.tasks}
    rows: dict[str, list[_Row]] = defaultdict(list)
    for record in found.records:
        said = people.reviewed.get(key_of(record))
        if said is None or said.settled is None:
            continue
        task = tasks[record.task]
        rows[_name(task)].append(_Row(record, task, said, said.settled))
    return dict(sorted(rows.items()))


def _name(task: PlannedTask) -> str:
    """Return a file's name for a scorer as it is bound: tasks that share it share a trial."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", task.scorer.name)
    if not task.scorer.args and not task.graders:
        return plain
    return f"{plain}-{digest([task.scorer.args, task.graders])[:8]}"


def _gold_line(row: _Row, found: RunRecords) -> bytes:
    text = found.texts[key_of(row.record)]
    said = row.said
    gold: dict[str, Any] = {
        "id": f"{row.record.task}:{row.record.sample_id}:{row.record.epoch}",
        "language": row.record.language,
        "prompt": text.prompt,
        "response": text.answer,
        "label": row.truth,
        "tags": {**row.record.tags, "task": row.record.task},
        "weight": float(f"{said.weight:.10g}"),
    }
    names = sorted(said.by_reviewer)
    gold |= {f"reviewer_{n}": said.by_reviewer[name] for n, name in enumerate(names, start=1)}
    return canonical_json(gold) + b"\n"


def _card(rows: Sequence[_Row], gold: str, sha256: str, plan: Plan) -> dict[str, Any]:
    binding = rows[0].task
    names = sorted({name for row in rows for name in row.said.by_reviewer})
    rated = raters(
        [[row.said.by_reviewer.get(name) for name in names] for row in rows],
        [row.record.cluster for row in rows],
    )
    weights = np.array([row.said.weight for row in rows])
    return {
        "schema": CARD_SCHEMA,
        "run": plan.run,
        "scorer": binding.scorer.model_dump(mode="json"),
        "graders": sorted(binding.graders),
        "language": rows[0].record.language,
        "gold": {"name": gold, "sha256": sha256, "kind": "human_rated"},
        "n": len(rows),
        "effective_n": float(f"{weights.sum() ** 2 / np.square(weights).sum():.10g}"),
        "confusion": [
            cell.model_dump() for cell in cells([r.truth for r in rows], [r.seen for r in rows])
        ],
        "readings": list(_readings(rows)),
        "raters": rated.model_dump() if rated else None,
    }


def _readings(rows: Sequence[_Row]) -> Iterator[dict[str, Any]]:
    """Yield the weighted figures for each way in which the tasks' measures draw the line."""
    lines: dict[tuple[str, ...], list[_Row]] = defaultdict(list)
    for row in rows:
        unsafe = measure_of(row.task, row.record).unsafe_labels or ["unsafe"]
        if row.seen != UNDECIDED:
            lines[tuple(sorted(unsafe))].append(row)
    for positive, part in sorted(lines.items()):
        yield {"positive": list(positive), **_reading(part, positive)}


def _reading(rows: Sequence[_Row], positive: Collection[str]) -> dict[str, Any]:
    """Return accuracy, sensitivity, specificity and kappa, each answer by its weight."""
    sides = [(row.truth in positive, row.seen in positive) for row in rows]
    groups = {
        "accuracy": [(row, t == s) for row, (t, s) in zip(rows, sides, strict=True)],
        "sensitivity": [(row, s) for row, (t, s) in zip(rows, sides, strict=True) if t],
        "specificity": [(row, not s) for row, (t, s) in zip(rows, sides, strict=True) if not t],
    }
    shares = {name: figure(_share(group)).model_dump() for name, group in groups.items()}
    return {**shares, "kappa": figure(_kappa(rows, sides)).model_dump()}


def _share(group: Sequence[tuple[_Row, bool]]) -> Estimate:
    """Return a weighted share; without a scorer's help PPI++ is just that, with its interval."""
    if not group:
        return NOT_MEASURED
    hits = np.array([hit for _, hit in group], dtype=np.float64)
    nothing = np.zeros(0)
    return ppi_rate(
        hits,
        np.zeros_like(hits),
        nothing,
        weights=scaled([row.said.weight for row, _ in group]),
        clusters_labelled=np.array([row.record.cluster for row, _ in group], dtype=np.str_),
        clusters_rest=nothing.astype(np.str_),
    )


def _kappa(rows: Sequence[_Row], sides: Sequence[tuple[bool, bool]]) -> Estimate:
    """Return kappa of the weighted table, its interval at Kish's effective size.

    Where there are fewer clusters than that, it is at their number.
    """
    weights = np.array([row.said.weight for row in rows])
    size = weights.sum() ** 2 / np.square(weights).sum()
    counts = np.zeros((2, 2))
    for (truth, seen), weight in zip(sides, weights * size / weights.sum(), strict=True):
        counts[int(truth), int(seen)] += weight
    table = Confusion(("other", "positive"), cast(Any, tuple(map(tuple, counts.tolist()))))
    found = cohen_kappa(table, clusters=min(size, len({row.record.cluster for row in rows})))
    return Estimate(found.value, found.interval, len(rows), len(rows))
