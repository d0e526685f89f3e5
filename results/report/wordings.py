"""How far verdicts hold when an item is put in other words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.rates import rate
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.figures import rate_of
from tenken.schema.attacks import WordingChange, Wordings
from tenken.schema.record import SampleRecord

VARIANT: Final = "variant"
"""Tag of a sample that puts an item in other words; the plain wording has none."""

_Item = tuple[str, str]
_Wordings = Mapping[_Item, Mapping[str, float | None]]


def wordings_block(records: Sequence[SampleRecord], how: Statistics) -> Wordings | None:
    """Return how often an item's verdict changes with its wording.

    An item is a cluster in one language; over several epochs a wording's verdict is their mean, and
    it changes where it is on the other side of one half.

    Args:
        records: The records that belong to a measure's rate.
        how: Level.

    Returns:
        The figures; None where no item has a variant.
    """
    items = _items(records)
    if not items:
        return None
    decided = {item: said for item, said in items.items() if None not in said.values()}
    changed = [len({(each or 0.0) >= 0.5 for each in said.values()}) > 1
               for said in decided.values()]  # fmt: skip
    clusters = np.array([cluster for cluster, _ in decided], dtype=np.str_)
    share = rate(np.array(changed, dtype=np.float64), clusters, level=how.level)
    names = sorted({name for said in items.values() for name in said if name})
    return Wordings(
        changed=rate_of(share),
        wordings=sum(map(len, decided.values())),
        left_out=len(items) - len(decided),
        variants=tuple(_change(name, items, how) for name in names),
    )


def _items(records: Sequence[SampleRecord]) -> _Wordings:
    """Return the verdict of each wording of each item that has variants and one plain wording."""
    if not any(record.tags.get(VARIANT) for record in records):
        return {}
    said: dict[_Item, dict[str, dict[str, list[float | None]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for record in records:
        wording = said[record.cluster, record.language][record.tags.get(VARIANT, "")]
        wording[record.sample_id].append(record.verdict)
    found: dict[_Item, dict[str, float | None]] = {}
    for item, wordings in sorted(said.items()):
        if len(wordings) > 1 and len(wordings.get("", ())) == 1:
            found[item] = {
                name: _mean([v for verdicts in samples.values() for v in verdicts])
                for name, samples in wordings.items()
            }
    return found


def _mean(verdicts: Sequence[float | None]) -> float | None:
    """Return the mean over epochs; None where one of them has no verdict."""
    decided = [each for each in verdicts if each is not None]
    return sum(decided) / len(decided) if len(decided) == len(verdicts) else None


def _change(name: str, items: _Wordings, how: Statistics) -> WordingChange:
    having = {item: (said[name], said[""]) for item, said in items.items() if name in said}
    pairs = {item: (a, b) for item, (a, b) in having.items() if a is not None and b is not None}
    found = paired_difference(
        np.array([a for a, _ in pairs.values()], dtype=np.float64),
        np.array([b for _, b in pairs.values()], dtype=np.float64),
        np.array([cluster for cluster, _ in pairs], dtype=np.str_),
        level=how.level,
    )
    interval = found.interval
    return WordingChange(
        variant=name,
        value=rounded(found.value),
        low=rounded(interval.low) if interval else None,
        high=rounded(interval.high) if interval else None,
        interval_method=interval.method if interval else None,
        n_pairs=found.n_pairs,
        pairs_left_out=len(having) - len(pairs),
        clusters=found.clusters,
        p_value=rounded(found.p_value),
        test=found.method,
        variant_alone=found.discordant.b10,
        plain_alone=found.discordant.b01,
    )
