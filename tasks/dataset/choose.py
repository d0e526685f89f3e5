"""Which samples a limited run asks: whole pairs, in balance."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from tenken.tasks.card.card import Card
from tenken.tasks.dataset.sample import TaskSample, measure_of


def choose(
    card: Card, samples: Sequence[TaskSample], languages: Iterable[str], limit: int | None
) -> list[TaskSample]:
    """Return the samples to ask: whole pairs, spread evenly over measures and tags.

    The limit counts samples of one task, over both languages. The card's `balance` names the
    tags whose combinations are taken in turn, so that a small number is still balanced.

    Args:
        card: The task's card.
        samples: All of its samples.
        languages: The languages to ask in.
        limit: Most samples to take, at least 1; None for all of them.
    """
    wanted = set(languages)
    kept = [sample for sample in samples if sample.language in wanted]
    if limit is None or limit >= len(kept):
        return kept
    pairs: dict[str, list[TaskSample]] = defaultdict(list)
    for sample in kept:
        pairs[sample.pair_id].append(sample)
    taken: set[str] = set()
    # Other wordings of an item come when the items themselves are used up.
    plain = [pair for pair in pairs.values() if not pair[0].variant]
    others = [pair for pair in pairs.values() if pair[0].variant]
    for pair in chain(_balanced(card, plain), _balanced(card, others)):
        room = limit - len(taken)
        if len(pair) > room and taken:
            break
        taken.update(sample.id for sample in pair[:room])
    return [sample for sample in kept if sample.id in taken]


def _balanced(card: Card, pairs: list[list[TaskSample]]) -> Iterator[list[TaskSample]]:
    """Yield the pairs so that every beginning of the sequence is spread like the whole.

    Each step takes a pair of the kind whose features (measure, the card's `balance` tags, right
    answer) are the furthest behind their share.
    """
    strata: dict[tuple[str, ...], deque[list[TaskSample]]] = defaultdict(deque)
    for pair in pairs:
        strata[_features(card, pair[0])].append(pair)
    share: Counter[tuple[int, str]] = Counter()
    for features, stratum in strata.items():
        share.update({place: len(stratum) for place in enumerate(features)})
    taken: Counter[tuple[int, str]] = Counter()
    while strata:
        behind = min(
            strata,
            key=lambda features: (sum(taken[f] / share[f] for f in enumerate(features)), features),
        )
        yield strata[behind].popleft()
        taken.update(enumerate(behind))
        if not strata[behind]:
            del strata[behind]


def _features(card: Card, sample: TaskSample) -> tuple[str, ...]:
    measure = measure_of(card, sample)
    tags = (sample.tags.get(key, "") for key in card.balance)
    return (measure.key if measure else "", sample.target, *tags)
