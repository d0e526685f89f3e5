"""A task under check: its card, its samples with their lines and texts, and what is found."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from tenken.errors import CardError, InputError, Sentence, Words
from tenken.tasks.card.card import CARD_FILE, VERSIONS, Card
from tenken.tasks.dataset.line import parse_lines
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import TaskFolder, task_card
from tenken.tasks.texts import Level, parts_of_sample


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (error) or that a reader should look at (warning).

    Attributes:
        task: Full name of the task.
        path: The file that it is about.
        line: Line of that file, from 1; None for the file as a whole.
        level: An error fails the check, a warning does not.
        rule: Short stable name of what was checked.
        message: What is wrong and what to do, in a sentence that catalogues know.
    """

    task: str
    path: Path
    line: int | None
    level: Level
    rule: str
    message: Sentence

    @property
    def sort_key(self) -> tuple[str, str, int, str, str]:
        """Task, file, line, then rule."""
        return (self.task, str(self.path), self.line or 0, self.rule, self.message)


@dataclass(frozen=True, slots=True)
class Item:
    """One sample with its line and the texts that are put to the model.

    Attributes:
        line: Line of the file of samples.
        sample: The sample.
        parts: Name (`input`, `turn 1`, `swapped`, ...) and text of each.
    """

    line: int
    sample: TaskSample
    parts: tuple[tuple[str, str], ...]

    @property
    def all_parts(self) -> list[tuple[str, str]]:
        """The parts, and each of the choices."""
        return [*self.parts, *(("choices", each) for each in self.sample.choices)]

    @property
    def text(self) -> str:
        """All of the texts, one after the other."""
        return "\n".join(text for _, text in self.parts)


@dataclass(frozen=True, slots=True)
class Subject:
    """A task whose card could be read, with those of its samples that could be.

    Attributes:
        name: Full name of the task.
        folder: Its folder.
        card: Its card.
        path: The file of samples.
        items: The samples that can be read.
        data: The bytes of the file; None where the samples are not on this machine.
    """

    name: str
    folder: Path
    card: Card
    path: Path
    items: tuple[Item, ...] = ()
    data: bytes | None = None
    flaws: tuple[tuple[int, Sentence], ...] = field(default=())

    @property
    def kept(self) -> bool:
        """Whether this is an earlier version, which has a card and samples and no pages."""
        return self.folder.parent.name == VERSIONS

    def at(
        self, item: Item | int | None, level: Level, rule: str, words: Words, /, **values: object
    ) -> Finding:
        """Return a finding in the file of samples.

        Args:
            item: The item, or a line number from 1; None for the file as a whole.
            level: How grave it is.
            rule: Name of the rule.
            words: What is wrong and what to write instead.
            **values: The values of the blanks in it.
        """
        line = item.line if isinstance(item, Item) else item
        return Finding(self.name, self.path, line, level, rule, Sentence(words, **values))

    def on_card(
        self, key: str, level: Level, rule: str, words: Words, /, **values: object
    ) -> Finding:
        """Return a finding in the card, at the first line with `key`.

        Args:
            key: A YAML key; without a line of its own the finding has no line.
            level: How grave it is.
            rule: Name of the rule.
            words: What is wrong and what to write instead.
            **values: The values of the blanks in it.
        """
        path = self.folder / CARD_FILE
        lines = path.read_text("utf-8", errors="replace").splitlines()
        found = (n for n, text in enumerate(lines, 1) if re.match(rf"\s*(- )?{key}:", text))
        return self.on_page(path, next(found, None), level, rule, Sentence(words, **values))

    def on_page(
        self,
        path: Path,
        line: int | None,
        level: Level,
        rule: str,
        words: Words,
        /,
        **values: object,
    ) -> Finding:
        """Return a finding in another file of the task.

        Args:
            path: The file.
            line: A line number from 1; None for the file as a whole.
            level: How grave it is.
            rule: Name of the rule.
            words: What is wrong and what to write instead.
            **values: The values of the blanks in it.
        """
        return Finding(self.name, path, line, level, rule, Sentence(words, **values))

    def quote(self, fragment: str) -> Sentence:
        """Return a piece of a sample's text for a message; text of a closed set stays closed."""
        if self.card.dataset.private:
            return Sentence("(withheld)")
        return Sentence("'{fragment}'", fragment=fragment)


def read_subject(entry: TaskFolder) -> Subject | Finding:
    """Read a task as far as it can be read.

    Returns:
        The task; a finding where not even its card can be read.
    """
    try:
        card = task_card(entry)
    except CardError as error:
        return _unreadable(entry, error)
    path = entry.folder / card.dataset.file
    if card.dataset.remote is not None:
        return Subject(entry.name, entry.folder, card, path)
    if card.dataset.is_table:
        return _table_subject(entry, card)
    try:
        data = path.read_bytes()
    except (OSError, ValueError):
        return Subject(entry.name, entry.folder, card, path)
    text = data.decode("utf-8-sig", errors="replace")
    items, flaws = [], []
    for number, sample in parse_lines(text):
        if isinstance(sample, Sentence):
            flaws.append((number, sample))
        else:
            items.append(Item(number, sample, tuple(parts_of_sample(sample))))
    return Subject(entry.name, entry.folder, card, path, tuple(items), data, tuple(flaws))


def _table_subject(entry: TaskFolder, card: Card) -> Subject | Finding:
    """Return a task whose samples are rows of a table; a row's number stands for a line's."""
    from tenken.tasks.sources.table import read_table

    try:
        samples, _ = read_table(card, entry.folder)
    except InputError as error:
        return _unreadable(entry, error)
    path = entry.folder / (card.dataset.hub or card.dataset.file)
    items = [Item(n, sample, tuple(parts_of_sample(sample))) for n, sample in enumerate(samples, 1)]
    return Subject(entry.name, entry.folder, card, path, tuple(items))


def asked(sample: TaskSample) -> str:
    """Return all that makes a sample another one than its neighbour, as one text."""
    whole = [
        sample.input,
        sample.choices,
        sample.metadata,
        *([sample.files] if sample.files else []),
    ]
    return json.dumps(whole, ensure_ascii=False, sort_keys=True)


def _unreadable(entry: TaskFolder, error: InputError) -> Finding:
    if isinstance(error, CardError) and isinstance(error.path, Path):
        return Finding(entry.name, error.path, error.line, "error", "schema", error.flaw)
    path = entry.folder / CARD_FILE
    return Finding(entry.name, path, None, "error", "schema", error.sentence)
