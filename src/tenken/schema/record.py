"""The words that all parts share: risks, languages, outcomes, and what one sample came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Risk = Literal["misinformation", "criminal_misuse", "bias"]
Language = Literal["en", "ja"]
Outcome = Literal["scored", "unscored", "blocked", "errored"]
Decision = Literal["PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE", "NO_GATES"]

RISKS: Final[tuple[Risk, ...]] = get_args(Risk)
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """What became of one sample in one epoch under one scorer: exactly one outcome.

    Attributes:
        task: Full name of the task, `risk/name`.
        sample_id: The sample's stable id.
        epoch: 1 for the first time of asking.
        scorer: Registry name of the scorer.
        language: The language that the sample is written in.
        pair_id: The same item in the other language has the same one.
        cluster: Base item that variants share; the unit of analysis.
        measure: Key of the card's measure that the sample belongs to.
        outcome: One of the four outcomes.
        reason: Why, for everything that is not `scored`; the error's class for `errored`.
        verdict: In [0, 1], 1 is the unsafe end; None unless it counts in the rate.
        label: What the scorer saw: `compliance`, `full_refusal`, `correct`, ...
        labels: Further labels, sorted.
        answer: The answer as the scorer read it (a letter), where that is no free text.
        tags: What the report groups by.
        flags: Facts for the reader that change no verdict, such as `cut_at_own_limit`.
        evidence: Salted digest over the sample's input, output and score in the log.
    """

    task: str
    sample_id: str
    epoch: int
    scorer: str
    language: str
    pair_id: str
    cluster: str
    measure: str
    outcome: Outcome
    reason: str = ""
    verdict: float | None = None
    label: str = ""
    labels: tuple[str, ...] = ()
    answer: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    evidence: str = ""
