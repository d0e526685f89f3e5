"""The calibration cards there are, and which of them a plan holds."""

from __future__ import annotations

from pathlib import Path

from tenken.schema.calibration import CalibrationCard, read_cards
from tenken.schema.plan import Plan

OWN_CARDS = Path("results/cards")
"""Where the cards of an institute's own trials are looked for, below the working directory."""


def known_cards() -> dict[str, CalibrationCard]:
    """Return the cards that come with the package, and those in `results/cards`, by file name.

    Raises:
        BundleError: A file is no card.
    """
    import tenken.scorers

    built_in = read_cards(Path(tenken.scorers.__path__[0]) / "cards")
    return dict(sorted({**built_in, **read_cards(OWN_CARDS)}.items()))


def cards_for(plan: Plan) -> dict[str, CalibrationCard]:
    """Return the cards of the scorers that a plan names, stale ones among them.

    A stale card is kept, so that the report can say that it is stale.
    """
    names = {task.scorer.name for task in plan.tasks}
    return {name: card for name, card in known_cards().items() if card.scorer.name in names}
