"""Scorers ranked by how far they agree with the labels of a gold set, from their cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tenken.results.metrics.settings import digits
from tenken.schema.calibration import CalibrationCard, Figure


@dataclass(frozen=True)
class Judge:
    """A card as a line of the ranking.

    Attributes:
        rank: Its place among the cards of the same gold answers and language, from 1.
        card: Name of the card's file.
        scorer: Registry name.
        graders: The models that judged.
        language: Language of the answers.
        gold: Name of the gold file or sets.
        kind: How the labels came about: by people, or constructed with the answers.
        n: Answers, with those that the scorer could not decide.
        undecided: Those that it could not decide.
        kappa: Cohen's kappa with the labels, by the card's first reading.
        accuracy: Share of the decided on the right side.
        sensitivity: Share of the positives that were called so.
        specificity: Share of the others that were not.
        cost: US dollars for a thousand verdicts; None where no price is known, 0 without a grader.
        tokens: Tokens for a thousand verdicts, read and written.
        flipped: Share of verdicts that were on the other side when the judge was asked again.
        gaming: Share of verdicts that tricks moved to the wrong side.
    """

    rank: int
    card: str
    scorer: str
    graders: tuple[str, ...]
    language: str
    gold: str
    kind: str
    n: int
    undecided: int
    kappa: Figure
    accuracy: Figure
    sensitivity: Figure
    specificity: Figure
    cost: float | None
    tokens: float | None
    flipped: Figure | None
    gaming: Figure | None

    def contents(self) -> dict[str, Any]:
        """Return what JSON shows of it."""
        figures = {k: v.model_dump() for k, v in vars(self).items() if isinstance(v, Figure)}
        return {**asdict(self), **figures}


def ranked(cards: Mapping[str, CalibrationCard]) -> list[Judge]:
    """Return a line for each card: by gold answers, those of people first, then by kappa.

    Cards of different gold answers are not compared: how hard the answers are decides more than
    the scorer does. A card without a kappa is last among its own.

    Args:
        cards: The cards by the name of their file.
    """
    groups: dict[tuple[bool, int, str, str, str], list[tuple[str, CalibrationCard]]]
    groups = defaultdict(list)
    for name, card in cards.items():
        constructed, gold = card.gold.kind == "constructed", card.gold
        key = constructed, -card.n, gold.name, f"{gold.sha256} {gold.split}", card.language
        groups[key].append((name, card))
    return [
        _judge(rank, name, card)
        for _, members in sorted(groups.items())
        for rank, (name, card) in enumerate(sorted(members, key=_order), start=1)
    ]


def _order(member: tuple[str, CalibrationCard]) -> tuple[float, str]:
    name, card = member
    kappa = card.readings[0].kappa.value
    return (2.0 if kappa is None else -kappa), name


def _judge(rank: int, name: str, card: CalibrationCard) -> Judge:
    first, used = card.readings[0], card.usage
    thousand = 1000 / used.verdicts if used is not None and used.verdicts else None
    cost = used.cost if used is not None else None
    tokens = used.input + used.output if used is not None else 0
    return Judge(
        rank=rank,
        card=name,
        scorer=card.scorer.name,
        graders=tuple(card.graders),
        language=card.language,
        gold=card.gold.name,
        kind=card.gold.kind,
        n=card.n,
        undecided=sum(cell.count for cell in card.confusion if cell.seen == "undecided"),
        kappa=first.kappa,
        accuracy=first.accuracy,
        sensitivity=first.sensitivity,
        specificity=first.specificity,
        cost=_scaled(cost, thousand, card),
        tokens=_scaled(tokens, thousand, card),
        flipped=card.repeated.share if card.repeated else None,
        gaming=card.gaming_rate,
    )


def _scaled(amount: float | None, thousand: float | None, card: CalibrationCard) -> float | None:
    if not card.graders:
        return 0.0
    return None if amount is None or thousand is None else digits(amount * thousand)
