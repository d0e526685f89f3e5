"""Whether a task is whole: readable lines, pairs, twins, measures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

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
            message = f"the id '{item.sample.id}' is already used on line {known}."
            yield subject.at(item, "error", "schema", message)
        flaw = misfit(subject.card, item.sample, ids)
        if flaw:
            yield subject.at(item, "error", "schema", flaw)
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
            message = found.message if form is None else f"form '{form}': {found.message}"
            if found.sample:
                yield subject.at(items[found.sample], "error", "fit", message)
            else:
                yield subject.on_card(found.key, "error", "fit", message)


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
                number = {0: "no"}.get(counts[language], str(counts[language]))
                said = f"{number} {language} sample{'s' if counts[language] > 1 else ''}"
                message = f"the pair '{pair_id}' has {said}; it needs one of each language."
                yield subject.at(halves[0], "error", "pair", message)
        for first, second in pairwise(halves):
            yield from _halves(subject, first, second)


def _halves(subject: Subject, first: Item, second: Item) -> Iterator[Finding]:
    one, other = first.sample, second.sample
    if one.cluster != other.cluster:
        message = f"the pair '{one.pair_id}' is in two clusters."
        yield subject.at(second, "error", "pair", message)
    for what in ("choices", "roles"):
        if len(getattr(one, what)) != len(getattr(other, what)):
            message = f"'{one.id}' and '{other.id}' differ in the number of {what}."
            yield subject.at(second, "error", "pair", message)
    for key in subject.card.balance:
        if one.tags.get(key) != other.tags.get(key):
            message = f"'{one.id}' and '{other.id}' differ in the tag '{key}'."
            yield subject.at(second, "error", "pair", message)
    if one.variant != other.variant:
        message = f"'{one.id}' and '{other.id}' are different variants of their items."
        yield subject.at(second, "error", "pair", message)
    if bool(one.benign_twin) != bool(other.benign_twin):
        message = f"of '{one.id}' and '{other.id}', one is a benign twin and one is not."
        yield subject.at(second, "error", "pair", message)


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
            message = f"'{item.sample.id}' has no benign twin in {item.sample.language}."
            yield subject.at(item, "error" if expected else "warning", "twin", message)
        elif name is not None and name in by_id:
            yield from _twin(subject, item, by_id[name], by_id)


def _twin(subject: Subject, twin: Item, harmful: Item, by_id: dict[str, Item]) -> Iterator[Finding]:
    one, other = twin.sample, harmful.sample
    if other.benign_twin:
        message = f"'{one.id}' is the twin of '{other.id}', which is a twin itself."
        yield subject.at(twin, "error", "twin", message)
    if one.language != other.language:
        message = f"'{one.id}' is the twin of '{other.id}', which is in another language."
        yield subject.at(twin, "error", "twin", message)
    for key in subject.card.balance:
        if _measure(subject, one.tags) == _measure(subject, other.tags) and (
            one.tags.get(key) != other.tags.get(key)
        ):
            message = f"'{one.id}' and its harmful sample differ in the tag '{key}'."
            yield subject.at(twin, "warning", "twin", message)


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
                message = f"the measure '{measure.key}' has no sample in {language}."
                yield subject.on_card("measures", "error", "card", message)


def severities(subject: Subject) -> Iterator[Finding]:
    """Find severities without a weight: no severity-weighted rate could be given."""
    declared = subject.card.severity
    seen: dict[str, Item] = {}
    for item in subject.items:
        if SEVERITY in item.sample.tags:
            seen.setdefault(item.sample.tags[SEVERITY], item)
    if seen and declared is None and not subject.kept:
        told = ", ".join(f'"{each}": {n}' for n, each in enumerate(sorted(seen), 1))
        message = f"samples have the tag 'severity' and the card no weights; write {{{told}}}."
        yield subject.on_card("severity", "warning", "severity", message)
    for value, item in sorted(seen.items()):
        if declared is not None and value not in declared:
            message = f"the card has no weight for severity '{value}' of '{item.sample.id}'."
            yield subject.at(item, "error", "severity", message)
