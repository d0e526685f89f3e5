"""The card and the pages against the data: digest, canary, counts, README, what was laid out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from tenken.io.canonical import sha256_bytes
from tenken.tasks.dataset.reviews import items_read
from tenken.tasks.lint.subject import Finding, Subject
from tenken.tasks.scaffold.refresh import NOTES, README, counted_notes, readme
from tenken.tasks.texts import Level

_RANDOM: Final = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
"""A canary must be a line that is used nowhere else: it ends in a random UUID."""


def digest(subject: Subject) -> Iterator[Finding]:
    """Find a file of samples that is missing, or that is not the one of the card."""
    if subject.card.dataset.remote is not None or subject.card.dataset.is_table:
        return  # each has digests of its own, checked when it is read
    if subject.data is None:
        # A closed set is not on every machine.
        level: Level = "warning" if subject.card.dataset.private else "error"
        said = "the samples are not here: {path} cannot be read."
        yield subject.on_card("dataset", level, "digest", said, path=subject.path)
        return
    found = sha256_bytes(subject.data)
    if not subject.card.dataset.sha256:
        said = "nothing pins the samples: write sha256: {found} below dataset."
        yield subject.on_card("dataset", "warning", "digest", said, found=found)
    elif found != subject.card.dataset.sha256:
        yield subject.on_card(
            "sha256", "error", "digest",
            "the samples' SHA-256 is {found}; --fix writes it. Raise the card's version if "
            "results are not comparable with those before.",
            found=found,
        )  # fmt: skip


def canary(subject: Subject) -> Iterator[Finding]:
    """Find a canary that others may have too, or that is among the samples."""
    text = subject.card.canary
    if subject.card.dataset.remote is not None:
        return  # whoever published the data chose it, or chose none
    random = _RANDOM.search(text.lower())
    if random is None or len(set(random[0])) < 6:
        said = "the canary has no random part; end it in a new UUID."
        yield subject.on_card("canary", "error", "canary", said)
    for item in subject.items:
        if text in item.text:
            said = "'{id}' holds the canary, so a model would see it."
            yield subject.at(item, "error", "canary", said, id=item.sample.id)
        if item.sample.canary not in ("", text):
            said = "the canary of '{id}' is not the card's; write {text}."
            yield subject.at(item, "error", "canary", said, id=item.sample.id, text=text)


def same_canaries(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """Find tasks with the canary of another."""
    groups: dict[str, list[Subject]] = defaultdict(list)
    for subject in subjects:
        if subject.card.dataset.remote is None:
            groups[subject.card.canary].append(subject)
    for first, *others in groups.values():
        for other in others:
            said = "the canary is that of {task}; each task has its own."
            yield other.on_card("canary", "error", "canary", said, task=first.name)


def notes(subject: Subject) -> Iterator[Finding]:
    """Find counts in NOTES.md that are not those of the samples."""
    path = subject.folder / NOTES
    if subject.data is None or subject.flaws or subject.kept:
        return
    if not path.exists():
        said = "there is no {notes}: say what the items are and what their limits are."
        yield subject.on_page(path, None, "warning", "notes", said, notes=NOTES)
        return
    text = path.read_text("utf-8")
    right = counted_notes(text, [item.sample for item in subject.items])
    both = zip_longest(text.splitlines(), right.splitlines(), fillvalue="")
    for line, (is_, should) in enumerate(both, 1):
        if is_ != should:
            said = "a count is not that of the samples; --fix writes: {line}"
            yield subject.on_page(path, line, "error", "notes", said, line=_clip(should))
            return  # one line too many moves all that follow


def readme_page(subject: Subject) -> Iterator[Finding]:
    """Find a README that is not the one made from card, samples and notes."""
    if subject.data is None or subject.flaws or subject.kept:
        return
    path, notes_path = subject.folder / README, subject.folder / NOTES
    text = notes_path.read_text("utf-8") if notes_path.exists() else ""
    samples = [item.sample for item in subject.items]
    made = readme(subject.card, samples, text, items_read(subject.folder, samples))
    if not path.exists():
        said = "there is no page for readers; --fix makes it from card.yaml and NOTES.md."
        yield subject.on_page(path, None, "warning", "readme", said)
    elif path.read_text("utf-8") != made:
        said = "not the page made from card.yaml and NOTES.md; --fix writes it."
        yield subject.on_page(path, None, "error", "readme", said)


def _clip(line: str) -> str:
    return line if len(line) <= 90 else line[:87] + "..."
