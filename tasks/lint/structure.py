"""Whether a task is whole: readable lines, pairs, twins, measures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tenken.errors import Sentence
from tenken.schema.plan import Measure
from tenken.tasks.dataset.read import misfit
from tenken.tasks.dataset.sample import measure_of
from tenken.tasks.fit import misfits
from tenken.tasks.library import LoadedTask, task_in_form
from tenken.tasks.lint.subject import Finding, Item, Subject

SEVERITY = "severity"
"""The tag whose values the card weighs."""


def schema(subject: Subject) -> Iterator[Finding]:
    """Find lines that are no samples, ids listed twice, samples that contradict the card."""
    for line, flaw in subject.flaws:
        yield subject.at(line, "error", "schema", flaw)
    seen: dict[str, int] = {}
    ids = {item.sample.id for item in subject.items}
    for item in subject.items:
        known = seen.setdefault(item.sample.id, item.line)
        if known != item.line:
            said = "the id '{id}' is already used on line {seen}."
            yield subject.at(item, "error", "schema", said, id=item.sample.id, seen=known)
        against = misfit(subject.card, item.sample, ids)
        if against:
            yield subject.at(item, "error", "schema", against)
    if subject.data is not None and not subject.items and not subject.flaws:
        yield subject.at(None, "error", "schema", "the dataset is empty: there is nothing to ask.")


def fits(subject: Subject) -> Iterator[Finding]:
    """Find what keeps a task from being built, or makes its verdicts the same for any answer."""
    samples = tuple(item.sample for item in subject.items)
    items = {item.sample.id: item for item in subject.items}
    plain = LoadedTask(subject.name, subject.folder, "", subject.card, samples)
    for form in (None, *subject.card.forms):
        task = plain if form is None else task_in_form(plain, form)
        for found in misfits(task, task.samples, task.card.scorer):
            said = Sentence(found.message)
            if form is not None:
                said = Sentence("form '{form}': {said}", form=form, said=said)
            if found.sample:
                yield subject.at(items[found.sample], "error", "fit", said)
            else:
                yield subject.on_card(found.key, "error", "fit", said)


def pairs(subject: Subject) -> Iterator[Finding]:
    """Find pairs that lack a language, and pairs whose halves are not the same item."""
    if not subject.card.paired:
        return
    by_pair: dict[str, list[Item]] = defaultdict(list)
    for item in subject.items:
        by_pair[item.sample.pair_id].append(item)
    for pair_id, halves in by_pair.items():
        counts = Counter(item.sample.language for item in halves)
        for language in subject.card.languages:
            if counts[language] != 1:
                said = (
                    "the pair '{pair}' has {n} {language} samples; one of each is needed."
                    if counts[language]
                    else "the pair '{pair}' has no {language} sample; one of each is needed."
                )
                about = {"pair": pair_id, "language": language, "n": counts[language]}
                yield subject.at(halves[0], "error", "pair", said, **about)
        for first, second in pairwise(halves):
            yield from _halves(subject, first, second)


def _halves(subject: Subject, first: Item, second: Item) -> Iterator[Finding]:
    one, other = first.sample, second.sample
    if one.cluster != other.cluster:
        said = "the pair '{pair_id}' is in two clusters."
        yield subject.at(second, "error", "pair", said, pair_id=one.pair_id)
    both = {"id": one.id, "other": other.id}
    for what in ("choices", "roles"):
        if len(getattr(one, what)) != len(getattr(other, what)):
            said = "'{id}' and '{other}' differ in the number of {what}."
            yield subject.at(second, "error", "pair", said, **both, what=what)
    for key in subject.card.balance:
        if one.tags.get(key) != other.tags.get(key):
            said = "'{id}' and '{other}' differ in the tag '{key}'."
            yield subject.at(second, "error", "pair", said, **both, key=key)
    if one.variant != other.variant:
        said = "'{id}' and '{other}' are different variants of their items."
        yield subject.at(second, "error", "pair", said, **both)
    if bool(one.benign_twin) != bool(other.benign_twin):
        said = "of '{id}' and '{other}', one is a benign twin and one is not."
        yield subject.at(second, "error", "pair", said, **both)


def twins(subject: Subject) -> Iterator[Finding]:
    """Find harmful samples without a benign twin, and twins of the wrong sample."""
    by_id = {item.sample.id: item for item in subject.items}
    twinned = {item.sample.benign_twin for item in subject.items if item.sample.benign_twin}
    expected = any("benign_twin" in measure.where for measure in subject.card.measures)
    if not twinned and not expected:
        return
    for item in subject.items:
        if item.sample.variant and item.sample.benign_twin is None:
            continue  # its item has a twin
        name = item.sample.benign_twin
        measure = measure_of(subject.card, item.sample)
        if expected and measure is not None and "benign_twin" not in measure.where:
            continue  # the measure counts what has no harmless twin
        if name is None and item.sample.id not in twinned:
            said = "'{id}' has no benign twin in {language}."
            about = {"id": item.sample.id, "language": item.sample.language}
            yield subject.at(item, "error" if expected else "warning", "twin", said, **about)
        elif name is not None and name in by_id:
            yield from _twin(subject, item, by_id[name], by_id)


def _twin(subject: Subject, twin: Item, harmful: Item, by_id: dict[str, Item]) -> Iterator[Finding]:
    one, other = twin.sample, harmful.sample
    both = {"id": one.id, "other": other.id}
    if other.benign_twin:
        said = "'{id}' is the twin of '{other}', which is a twin itself."
        yield subject.at(twin, "error", "twin", said, **both)
    if one.language != other.language:
        said = "'{id}' is the twin of '{other}', which is in another language."
        yield subject.at(twin, "error", "twin", said, **both)
    for key in subject.card.balance:
        if _measure(subject, one.tags) == _measure(subject, other.tags) and (
            one.tags.get(key) != other.tags.get(key)
        ):
            said = "'{id}' and its harmful sample differ in the tag '{key}'."
            yield subject.at(twin, "warning", "twin", said, id=one.id, key=key)


def _measure(subject: Subject, tags: dict[str, str]) -> Measure | None:
    """Return the measure that the tags alone decide: twins of other tags are meant to differ."""
    for measure in subject.card.measures:
        where = {key: value for key, value in measure.where.items() if key != "benign_twin"}
        if all(tags.get(key) == value for key, value in where.items()):
            return measure
    return None


def measures(subject: Subject) -> Iterator[Finding]:
    """Find languages and measures of the card that have no sample."""
    if not subject.items:
        return
    counts: Counter[tuple[str, str]] = Counter()
    for item in subject.items:
        measure = measure_of(subject.card, item.sample)
        if measure is not None:
            counts[measure.key, item.sample.language] += 1
    for language in subject.card.languages:
        for measure in subject.card.measures:
            if counts[measure.key, language] == 0:
                said = "the measure '{key}' has no sample in {language}."
                about = {"key": measure.key, "language": language}
                yield subject.on_card("measures", "error", "card", said, **about)


def severities(subject: Subject) -> Iterator[Finding]:
    """Find severities without a weight: no severity-weighted rate could be given."""
    declared = subject.card.severity
    seen: dict[str, Item] = {}
    for item in subject.items:
        if SEVERITY in item.sample.tags:
            seen.setdefault(item.sample.tags[SEVERITY], item)
    if seen and declared is None and not subject.kept:
        told = ", ".join(f'"{each}": {n}' for n, each in enumerate(sorted(seen), 1))
        said = "samples have the tag 'severity' and the card no weights; write {{{weights}}}."
        yield subject.on_card("severity", "warning", "severity", said, weights=told)
    for value, item in sorted(seen.items()):
        if declared is not None and value not in declared:
            said = "the card has no weight for severity '{value}' of '{id}'."
            about = {"value": value, "id": item.sample.id}
            yield subject.at(item, "error", "severity", said, **about)
