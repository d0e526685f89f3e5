"""How varied the items of a task are: design tags, lengths, house phrases."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.lint.subject import Item
from tenken.tasks.texts import weight

DESIGN_TAGS: Final = ("severity", "intent", "artefact", "form", "specificity")
"""The tags that a task of requests is designed by."""

_BAND: Final = 1.75
"""Ratio of the longest to the shortest text of a band: from 42 to 73 words, say."""

_PHRASES: Final[dict[str, tuple[str, ...]]] = {
    "en": ("so that", "i'd like", "step by step", "make sure", "without anyone", "word for word"),
    "ja": ("ように", "相談", "つもりで", "たいです", "たいのですが", "を教えてください"),
}
"""Phrases that a writer of many items falls into."""

_WORDS: Final = re.compile(r"[a-z']+")


@dataclass(frozen=True, slots=True)
class Lengths:
    """The lengths of a language's texts, in words of English or characters of Japanese.

    Attributes:
        low: 5% of the texts are shorter.
        high: 5% are longer.
        crowded: Largest share of texts in one band whose ends differ by a factor of 1.75.
    """

    language: str
    low: int
    high: int
    crowded: float


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of the house and the share of texts that have it."""

    language: str
    text: str
    share: float


def tag_counts(samples: Sequence[TaskSample]) -> dict[str, dict[str, int]]:
    """Count pairs of languages by each design tag's values; a tag that none has is left out."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for sample in {sample.pair_id: sample for sample in samples}.values():
        for key in (*DESIGN_TAGS, "debatable"):
            if key in sample.tags:
                counts[key][sample.tags[key]] += 1
    return {key: dict(sorted(values.items())) for key, values in counts.items()}


def lengths(items: Sequence[Item], language: str) -> Lengths:
    """Measure the spread of the lengths of a language's items.

    Args:
        items: The items of that language, at least one.
        language: `en` counts words; every other language counts characters.
    """
    sizes = sorted(_size(item.text, language) for item in items)
    crowded = max(sum(low <= each <= low * _BAND for each in sizes) for low in sizes)
    last = len(sizes) - 1
    return Lengths(
        language=language,
        low=sizes[round(0.05 * last)],
        high=sizes[round(0.95 * last)],
        crowded=crowded / len(sizes),
    )


def phrases(items: Sequence[Item], language: str) -> Iterator[Phrase]:
    """Yield each known stock phrase that a text has, most frequent first.

    Args:
        items: The items of one language, at least one.
        language: Whose phrases are looked for; none are known but for English and Japanese.

    Returns:
        Phrases with their share of the items, in (0, 1].
    """
    texts = [item.text.lower() for item in items]
    shares = {p: sum(p in text for text in texts) / len(texts) for p in _PHRASES.get(language, ())}
    for text, share in sorted(shares.items(), key=lambda each: -each[1]):
        if share:
            yield Phrase(language, text, share)


def _size(text: str, language: str) -> int:
    return max(1, len(_WORDS.findall(text.lower())) if language == "en" else weight(text))
