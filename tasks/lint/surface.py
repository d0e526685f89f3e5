"""Whether the surface of a text gives its label away: n-grams and length, over pairs of twins."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from numpy import ndarray

FEWEST: Final = 10
"""Pairs from which a share of them says something."""

_RIDGE: Final = 0.5
_SHUFFLES: Final = 40
_TOKEN: Final = re.compile(r"[a-z']+|\d+|[^\sa-z\d]")


@dataclass(frozen=True, slots=True)
class Surface:
    """How often the harmful half of a pair is told by what needs no reading.

    Attributes:
        language: Language of the texts.
        pairs: Number of pairs.
        ngrams: Share of held-out pairs whose harmful half a bag of n-grams picks, in [0, 1].
        shuffled: The same with the labels shuffled, the mean of 40 shuffles; about a half.
        shorter: Share of pairs whose harmful half is the shorter, a tie counting a half.
    """

    language: str
    pairs: int
    ngrams: float
    shuffled: float
    shorter: float

    @property
    def by_length(self) -> float:
        """Share that the better of "the shorter" and "the longer is harmful" gets right."""
        return max(self.shorter, 1 - self.shorter)


def surface(pairs: Sequence[tuple[str, str]], language: str) -> Surface:
    """Measure what the surface says about pairs of a harmful and a harmless text.

    The classifier is a ridge regression on the difference of the two bags of n-grams (words and
    pairs of words in English, one to three characters in Japanese; binary, weighted by rarity,
    of length one). Each pair is predicted by the weights of all the others, in closed form
    (Allen 1974). Nothing is drawn but the shuffles, and those from a fixed seed.

    Args:
        pairs: Harmful and harmless text of each pair, at least FEWEST.
        language: `en` or `ja`.
    """
    import numpy as np

    kernel = _kernel(pairs, language)
    hat = np.linalg.inv(kernel + _RIDGE * np.eye(len(pairs)))
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (_SHUFFLES, len(pairs)))
    orders = [(len(harmful) < len(twin)) - (len(harmful) > len(twin)) for harmful, twin in pairs]
    return Surface(
        language=language,
        pairs=len(pairs),
        ngrams=_right(hat, np.ones(len(pairs))),
        shuffled=float(np.mean([_right(hat, each) for each in signs])),
        shorter=0.5 + sum(orders) / (2 * len(pairs)),
    )


def _right(hat: ndarray, labels: ndarray) -> float:
    """Return the share of pairs that the others' weights put on the right side."""
    predicted = labels - hat @ labels / hat.diagonal()
    return float((predicted * labels > 0).mean())


def _kernel(pairs: Sequence[tuple[str, str]], language: str) -> ndarray:
    """Return the products of all differences of bags."""
    from numpy import asarray
    from scipy.sparse import csr_matrix

    bags = [(_grams(harmful, language), _grams(twin, language)) for harmful, twin in pairs]
    counts = Counter(gram for pair in bags for bag in pair for gram in bag)
    places = {gram: n for n, gram in enumerate(g for g in counts if counts[g] > 1)}
    rarity = {gram: 1 + math.log(2 * len(pairs) / counts[gram]) for gram in places}
    rows, columns, values = [], [], []
    for row, pair in enumerate(bags):
        for sign, bag in zip((1, -1), pair, strict=True):
            known = sorted(bag & places.keys())
            norm = math.sqrt(sum(rarity[gram] ** 2 for gram in known)) or 1.0
            rows += [row] * len(known)
            columns += [places[gram] for gram in known]
            values += [sign * rarity[gram] / norm for gram in known]
    matrix = csr_matrix((values, (rows, columns)), shape=(len(pairs), max(1, len(places))))
    return asarray((matrix @ matrix.T).todense())


def _grams(text: str, language: str) -> set[str]:
    folded = " ".join(text.lower().split())
    if language == "ja":
        return {folded[i : i + n] for n in (1, 2, 3) for i in range(len(folded) - n + 1)}
    words = _TOKEN.findall(folded)
    return {*words, *(f"{one} {other}" for one, other in pairwise(words))}
