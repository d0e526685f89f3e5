"""What the labels of a bundle mean: one label an answer, its weight, and how people agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tenken.results.calibration.readings import figure
from tenken.results.metrics import agreement
from tenken.results.records.read import RunRecords, salt_of
from tenken.results.review.choices import CANNOT_SAY
from tenken.results.review.draw import Draw, DrawnItem, read_draws
from tenken.results.review.items import Key, key_of
from tenken.results.review.labels import Label, digests_now, items_of, read_labels
from tenken.schema.plan import Plan
from tenken.schema.record import SampleRecord
from tenken.schema.reviews import DrawSummary, ReviewerAgreement, ReviewerKappa, Reviews

if TYPE_CHECKING:
    from tenken.results.metrics.rates import Codes

_ADJUDICATOR: Final = "adjudicator"


@dataclass(frozen=True)
class ReviewedAnswer:
    """What people said about one answer.

    Attributes:
        by_reviewer: The label of each reviewer who could say, by name.
        settled: The label that holds: the adjudicator's, or the one that all gave; None where
            nobody could say, or they differ.
        weight: What the answer counts for: 1 / its chance of being drawn, joined over the draws.
    """

    item: DrawnItem
    by_reviewer: Mapping[str, str]
    settled: str | None
    weight: float
    adjudicated: bool = False

    @property
    def labels(self) -> frozenset[str]:
        """The labels that hold: several where they differ and nobody has settled it."""
        return frozenset([self.settled] if self.settled else self.by_reviewer.values())

    @property
    def is_open(self) -> bool:
        """Whether reviewers differ and no adjudicator has settled it."""
        return self.settled is None and bool(self.by_reviewer)


@dataclass(frozen=True)
class People:
    """All draws and labels of a bundle.

    Attributes:
        reviewed: By task, sample's id and epoch; answers that nobody has labelled are not there.
        stale: Labelled answers that have been replaced since, and count nowhere.
    """

    draws: Mapping[str, Draw] = field(default_factory=dict)
    files: Mapping[str, Sequence[Label]] = field(default_factory=dict)
    reviewed: Mapping[Key, ReviewedAnswer] = field(default_factory=dict)
    stale: int = 0

    @property
    def labels(self) -> Iterator[Label]:
        """All labels of all files."""
        for labels in self.files.values():
            yield from labels


def read_people(run: Path, plan: Plan, found: RunRecords, *, with_logs: bool = True) -> People:
    """Read the draws and labels of a bundle.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: Its records.
        with_logs: Whether the texts are there to check that a label is still of its answer.

    Raises:
        BundleError: A draw or a file of labels is not readable, or not what its name says.
    """
    draws = read_draws(run)
    files = read_labels(run, draws)
    by_item: dict[str, list[Label]] = defaultdict(list)
    for labels in files.values():
        for label in labels:
            by_item[label.item].append(label)
    held = items_of(draws)
    now = digests_now(draws, found.texts, salt_of(run), plan) if draws and with_logs else None
    planned = {key_of(record) for record in found.records}
    used = {label.draw for labels in files.values() for label in labels}
    sizes = {sha: made.sample for sha, made in draws.items() if sha in used}
    reviewed: dict[Key, ReviewedAnswer] = {}
    stale = 0
    for digest, labels in sorted(by_item.items()):
        item = held[digest][0][1]
        if item.key not in planned or (now is not None and now.get(item.key) != digest):
            stale += 1
        else:
            reviewed[item.key] = _reviewed(item, labels, _weight(held[digest], sizes))
    return People(draws, files, reviewed, stale)


def _reviewed(item: DrawnItem, labels: Sequence[Label], weight: float) -> ReviewedAnswer:
    said = [label for label in labels if label.label != CANNOT_SAY]
    by_reviewer = {each.reviewer: each.label for each in said if each.role != _ADJUDICATOR}
    final = {each.label for each in said if each.role == _ADJUDICATOR}
    if final:
        settled = final.pop() if len(final) == 1 else None
        return ReviewedAnswer(item, by_reviewer, settled, weight, settled is not None)
    given = set(by_reviewer.values())
    return ReviewedAnswer(item, by_reviewer, given.pop() if len(given) == 1 else None, weight)


def _weight(held: Sequence[tuple[str, DrawnItem]], sizes: Mapping[str, int]) -> float:
    """Join the draws of an item, each by its size: every one of them is of the whole run."""
    return sum(sizes.get(sha, 0) / item.probability for sha, item in held) / sum(sizes.values())


def summary(people: People, plan: Plan, records: Iterable[SampleRecord]) -> Reviews | None:
    """Return what a report says about the people: how many, on what, and how far they agree.

    Args:
        people: Draws and labels of the run.
        plan: The committed plan.
        records: The run's records.

    Returns:
        Reviewers are numbered, not named. None where nothing was ever drawn.
    """
    if not people.draws:
        return None
    drawn = {each.item for made in people.draws.values() for each in made.items}
    every = list(people.reviewed.values())
    reviewers = sorted({label.reviewer for label in people.labels if label.role != _ADJUDICATOR})
    return Reviews(
        draws=tuple(
            DrawSummary(
                file=made.file_name,
                sample=made.sample,
                seed=made.seed,
                population=made.population,
                drawn=len(made.items),
            )
            for _, made in sorted(people.draws.items())
        ),
        files={name: len(labels) for name, labels in sorted(people.files.items())},
        drawn=len(drawn),
        labelled=sum(each.settled is not None for each in every),
        open=sum(each.is_open for each in every),
        adjudicated=sum(each.adjudicated for each in every),
        cannot_say=sum(not each.labels for each in every),
        stale=people.stale,
        reviewers=len(reviewers),
        agreement=tuple(_agreement(people, plan, reviewers, records)),
    )


def _agreement(
    people: People, plan: Plan, reviewers: Sequence[str], records: Iterable[SampleRecord]
) -> Iterator[ReviewerAgreement]:
    """Yield the reviewers' agreement for each scorer, whose labels are of one kind."""
    clusters = {key_of(record): record.cluster for record in records}
    scorer_of = {task.name: task.scorer.name for task in plan.tasks}
    for scorer in sorted({scorer_of[key[0]] for key in people.reviewed}):
        keys = sorted(
            key
            for key, each in people.reviewed.items()
            if scorer_of[key[0]] == scorer and len(each.by_reviewer) > 1
        )
        if not keys:
            continue
        rows = [[people.reviewed[key].by_reviewer.get(name) for name in reviewers] for key in keys]
        alpha = agreement.krippendorff_alpha(rows, clusters=_codes([clusters[key] for key in keys]))
        yield ReviewerAgreement(
            scorer=scorer,
            answers=len(keys),
            alpha=figure(alpha),
            kappa=tuple(_pairs(rows, [clusters[key] for key in keys])),
        )


def _pairs(
    rows: Sequence[Sequence[str | None]], clusters: Sequence[str]
) -> Iterator[ReviewerKappa]:
    for one, other in combinations(range(len(rows[0])), 2):
        both = [
            (row[one], row[other], cluster)
            for row, cluster in zip(rows, clusters, strict=True)
            if row[one] is not None and row[other] is not None
        ]
        if both:
            first, second = [str(a) for a, _, _ in both], [str(b) for _, b, _ in both]
            table = agreement.confusion(first, second, sorted({*first, *second}))
            worth = len({cluster for _, _, cluster in both})
            kappa = figure(agreement.cohen_kappa(table, clusters=worth))
            yield ReviewerKappa(reviewers=(one + 1, other + 1), **dict(kappa))


def _codes(names: Sequence[str]) -> Codes:
    import numpy as np

    return np.array(names, dtype=np.str_)
