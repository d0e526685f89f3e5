"""The words that all parts share: risks, languages, outcomes, and what one sample came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, Protocol, get_args

from pydantic import Field

Risk = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""Code of a risk area; `tenken.terms` knows which there are."""
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
"""Code of a language (BCP 47); `tenken.terms` knows which there are."""
Outcome = Literal["scored", "unscored", "blocked", "errored"]
Decision = Literal["PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE", "NO_GATES"]

RISKS: Final = ("misinformation", "criminal_misuse", "bias")
"""The areas of the package's own tasks, which every report names."""
LANGUAGES: Final = ("en", "ja")
"""The languages of pages, titles and the package's own tasks."""
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)


class _Written(Protocol):
    @property
    def language(self) -> str: ...


def languages_of(samples: Iterable[_Written]) -> tuple[str, ...]:
    """Return the languages that samples are in: English, Japanese, then others by their code."""
    return in_order({sample.language for sample in samples})


def in_order(codes: Iterable[str], first: tuple[str, ...] = LANGUAGES) -> tuple[str, ...]:
    """Return codes in the order in which reports have them, each once.

    Args:
        codes: Codes of languages or risk areas.
        first: What comes first, in this order; the rest is sorted.
    """
    there = set(codes)
    return (*(code for code in first if code in there), *sorted(there - set(first)))


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
        score: The number that the scorer gave, in its own range; None for a scorer of labels.
        numbers: All numbers that it gave, where the measure has metrics over them.
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
    score: float | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
