"""Whether an item in other words is the same item: same label, same choices, one of each kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tenken.errors import Sentence, Words
from tenken.tasks.dataset.sample import TaskSample, measure_of
from tenken.tasks.lint.subject import Finding, Item, Subject

SHARE = 0.25
"""How many of a task's items should be there in other words too."""
LEAST = 2
"""How many more wordings such an item should have."""


def variants(subject: Subject) -> Iterator[Finding]:
    """Find variants without a plain wording, doubles of a kind, and other labels or choices."""
    for (cluster, language, _), items in _by_item(subject).items():
        plain = [item for item in items if not item.sample.variant]
        others = [item for item in items if item.sample.variant]
        if others and len(plain) != 1:
            yield subject.at(
                others[0], "error", "variant",
                "the cluster '{cluster}' has variants and {n} plain samples in {language}; it "
                "needs one that they are variants of.",
                cluster=cluster, n=len(plain) or Sentence("no"), language=language,
            )  # fmt: skip
            continue
        seen: set[str] = set()
        for item in others:
            name = item.sample.variant
            if name in seen:
                said = "'{id}' is the second '{name}' variant of '{cluster}'."
                about = {"id": item.sample.id, "name": name, "cluster": cluster}
                yield subject.at(item, "error", "variant", said, **about)
            seen.add(name)
            for what in _differing(subject, plain[0].sample, item.sample):
                said = "'{id}' and '{other}' differ in {what}."
                about = {"id": item.sample.id, "other": plain[0].sample.id, "what": Sentence(what)}
                yield subject.at(item, "error", "variant", said, **about)


def in_other_words(subject: Subject) -> tuple[int, int]:
    """Return how many items have enough other wordings, and how many items there are.

    An item is a cluster in one language, as far as one measure counts it.
    """
    items = _by_item(subject)
    having = [each for each in items.values() if sum(bool(i.sample.variant) for i in each) >= LEAST]
    return len(having), len(items)


def _by_item(subject: Subject) -> dict[tuple[str, str, str], list[Item]]:
    """Return the wordings of each item: a cluster's samples of one language and one measure."""
    found: dict[tuple[str, str, str], list[Item]] = defaultdict(list)
    for item in subject.items:
        measure = measure_of(subject.card, item.sample)
        key = measure.key if measure else ""
        found[item.sample.cluster, item.sample.language, key].append(item)
    return found


def _differing(subject: Subject, one: TaskSample, other: TaskSample) -> Iterator[Words]:
    if bool(one.benign_twin) != bool(other.benign_twin):
        yield "whether they are a benign twin"
    if one.choices != other.choices or one.roles != other.roles:
        yield "their choices"
    if one.target != other.target:
        yield "their target"
    for key in subject.card.balance:
        if one.tags.get(key) != other.tags.get(key):
            yield Sentence("the tag '{key}'", key=key)
