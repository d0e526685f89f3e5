"""How far the reviewers of a draw agree, from the labels that are kept so far."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine, and_, select

from tenken.console.database.tables import assignments, drafts, review_items

if TYPE_CHECKING:
    from tenken.schema.calibration import Figure

_CANNOT_SAY: Final = "cannot_say"
"""As `results.review.choices` has it; importing that would bring more along than it is worth."""


@dataclass(frozen=True)
class Agreement:
    """How far the reviewers agree on what one scorer labels.

    Attributes:
        answers: Answers that two or more of them have labelled.
        same: Those of them on which all gave one label.
        alpha: Krippendorff's alpha with its interval, as the report has it of sealed labels.
    """

    scorer: str
    answers: int
    same: int
    alpha: Figure


@dataclass
class _Item:
    cluster: str
    by_reviewer: dict[int, str]


def agreement(engine: Engine, run: str, draw: str) -> list[Agreement]:
    """Return how far the reviewers of a draw agree so far, by scorer.

    Whoever cannot say agrees with nobody, and an adjudicator settles: neither counts.

    Args:
        engine: The database.
        run: The run.
        draw: Digest of the draw.
    """
    query = (
        select(
            review_items.c.scorer, review_items.c.cluster, review_items.c.means, drafts.c.item,
            drafts.c.label, assignments.c.account,
        )
        .join(assignments, assignments.c.id == drafts.c.assignment)
        .join(
            review_items,
            and_(
                review_items.c.run == assignments.c.run,
                review_items.c.draw == assignments.c.draw,
                review_items.c.item == drafts.c.item,
            ),
        )
        .where(
            assignments.c.run == run,
            assignments.c.draw == draw,
            assignments.c.role == "reviewer",
            drafts.c.label.not_in(("", _CANNOT_SAY)),
        )
    )  # fmt: skip
    by_scorer: dict[str, dict[str, _Item]] = defaultdict(dict)
    with engine.connect() as connection:
        for row in connection.execute(query):
            item = by_scorer[row.scorer].setdefault(row.item, _Item(row.cluster, {}))
            item.by_reviewer[row.account] = json.loads(row.means).get(row.label, row.label)
    return list(_agreements(by_scorer))


def _agreements(by_scorer: Mapping[str, Mapping[str, _Item]]) -> Iterator[Agreement]:
    for scorer, items in sorted(by_scorer.items()):
        pairs = [item for _, item in sorted(items.items()) if len(item.by_reviewer) > 1]
        if not pairs:
            continue
        import numpy as np

        from tenken.results.calibration.readings import figure
        from tenken.results.metrics.agreement import krippendorff_alpha

        reviewers = sorted({each for item in pairs for each in item.by_reviewer})
        alpha = krippendorff_alpha(
            [[item.by_reviewer.get(each) for each in reviewers] for item in pairs],
            clusters=np.array([item.cluster for item in pairs], dtype=np.str_),
        )
        same = sum(len(set(item.by_reviewer.values())) == 1 for item in pairs)
        yield Agreement(scorer, len(pairs), same, figure(alpha))
