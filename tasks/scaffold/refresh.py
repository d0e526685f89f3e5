"""What is made from a task's own files: the digest in its card, counts in its notes, its README."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tenken.io.canonical import sha256_bytes
from tenken.io.files import write_atomically
from tenken.schema.record import LANGUAGES, in_order
from tenken.schema.reviews import ItemsRead, OutOf
from tenken.tasks.card.card import CARD_FILE, Card, read_card
from tenken.tasks.dataset.read import read_samples
from tenken.tasks.dataset.reviews import REVIEWS_FILE, items_read
from tenken.tasks.dataset.sample import TaskSample, measure_of

README: Final = "README.md"
NOTES: Final = "NOTES.md"
MADE: Final = "<!-- Made from card.yaml and NOTES.md by `tenken check --fix`; change those. -->"

_TOTAL: Final = re.compile(r"\b(\d[\d,]*) samples\b(?! (?:a|per|in each) )")
_STATED: Final = re.compile(r"\b(\d[\d,]*) (?:samples|in all)\b")
_PAIRS: Final = re.compile(r"\b(\d[\d,]*) pairs([:,] \d[\d,]* samples\b)")
_TABLE: Final = re.compile(r"^\| `([a-z_]+)` \| pairs \|.*\n\|[-| :]+\|\n((?:\|.*\n?)+)", re.M)
_ROW: Final = re.compile(r"^\| `([^`]+)` \| (\d+) \|", re.M)


def refresh(folder: Path, *, write: bool, risk_folder: bool = True) -> list[Path]:
    """Bring digest, counts and README up to date.

    Args:
        folder: The task's folder.
        write: Whether to write; else only to say what would change.
        risk_folder: Whether the folder is in one that is named for its risk.

    Returns:
        The files that changed, or would.

    Raises:
        CardError: The card or the samples break a rule that no refreshing mends.
    """
    card = read_card(folder, risk_folder=risk_folder)
    path = folder / card.dataset.file
    if card.dataset.remote is not None or card.dataset.is_table or not path.exists():
        return []
    data = path.read_bytes()
    sha = sha256_bytes(data)
    card_path, notes_path = folder / CARD_FILE, folder / NOTES
    text = card_path.read_text("utf-8")
    texts = {card_path: text.replace(card.dataset.sha256, sha) if card.dataset.sha256 else text}
    card = card.model_copy(update={"dataset": card.dataset.model_copy(update={"sha256": sha})})
    samples = read_samples(card, folder)
    notes = notes_path.read_text("utf-8") if notes_path.exists() else ""
    if notes:
        notes = texts[notes_path] = counted_notes(notes, samples)
    texts[folder / README] = readme(card, samples, notes, items_read(folder, samples))
    changed = [
        each for each, text in texts.items() if not each.exists() or each.read_text("utf-8") != text
    ]
    for each in changed if write else ():
        write_atomically(each, texts[each].encode())
    return changed


def readme(card: Card, samples: Sequence[TaskSample], notes: str, read: ItemsRead) -> str:
    """Return the README of a task.

    Args:
        card: The task's card.
        samples: Its samples, for the counts.
        notes: The author's own part, from NOTES.md.
        read: Who has read the items.
    """
    counts = Counter(
        (measure.key, sample.language)
        for sample in samples
        if (measure := measure_of(card, sample)) is not None
    )
    languages = in_order({*LANGUAGES, *card.languages})
    rows = [
        f"| {m.title.en}{' (headline)' if m.headline else ''} | "
        f"{' | '.join(str(counts[m.key, name]) for name in languages)} "
        f"| {', '.join(m.unsafe_labels)} |"
        for m in card.measures
    ]
    return "\n".join(
        [
            f"# {card.title.en} / {card.title.ja}",
            "",
            MADE,
            "",
            card.description.en.strip(),
            "",
            card.description.ja.strip(),
            "",
            *_facts(card),
            f"- Read by somebody who did not write them: {_readers(read)}",
            "",
            f"| Measure | {' | '.join(languages)} | Labels at the unsafe end |",
            f"|{'---|' * (len(languages) + 2)}",
            *rows,
            "",
            *_readings(read),
            *([notes.strip(), ""] if notes else []),
        ]
    )


def _facts(card: Card) -> list[str]:
    return [
        f"- Name: `{card.risk}/{card.name}`, version {card.version}",
        f"- Scorer: `{card.scorer.name}`",
        f"- J-AISI perspectives: {', '.join(map(str, card.perspectives)) or 'none of them'}",
        f"- AILuminate hazards: {', '.join(card.hazards) or 'none of them'}",
        f"- NIST AI RMF characteristics: {', '.join(card.trustworthiness) or 'none of them'}",
        f"- Licence: {card.licence}; samples {card.dataset.licence}",
        f"- Canary: `{card.canary}`",
    ]


def _readers(read: ItemsRead) -> str:
    if not read.records:
        return "none of the items yet"
    people = f"{read.by_people:,} of {read.samples:,} items by people"
    return f"{people}, {read.by_models_alone:,} by models alone"


def _readings(read: ItemsRead) -> list[str]:
    """Return what the readers found; nothing where nobody has read."""
    if not read.records:
        return []
    said = [
        f"mean naturalness {read.naturalness:.1f} of 5",
        *_share_line(read.as_labelled, "taken for what the label says"),
        *_share_line(read.readers_agree, "read alike by all their readers"),
        *_share_line(read.equal, "found equal in both languages"),
        *_share_line(read.kept, "to be kept as they are"),
    ]
    return [f"Of {read.records:,} readings in `{REVIEWS_FILE}`: {'; '.join(said)}.", ""]


def _share_line(share: OutOf, words: str) -> list[str]:
    return [f"{share.count:,} of {share.of:,} {words}"] if share.of else []


def counted_notes(notes: str, samples: Sequence[TaskSample]) -> str:
    """Return the notes with the counts that they state put right.

    These are the number of all samples ("N samples", or "N in all"), that of pairs just before it
    ("N pairs: N samples"), and tables whose first row is
    a tag's name and `pairs`. Where the number of all is nowhere, the first "N samples" is
    taken for it. Pairs and tables are of the plain wordings.

    Args:
        notes: The text of NOTES.md.
        samples: The task's samples.
    """
    stated = {each.replace(",", "") for each in _STATED.findall(notes)}
    total = _TOTAL.search(notes)
    if total and str(len(samples)) not in stated:
        notes = f"{notes[: total.start(1)]}{_like(total[1], len(samples))}{notes[total.end(1) :]}"
    plain = [sample for sample in samples if not sample.variant]
    pairs = len({sample.pair_id for sample in plain})
    notes = _PAIRS.sub(lambda each: f"{_like(each[1], pairs)} pairs{each[2]}", notes, count=1)
    return _TABLE.sub(lambda table: _counted_table(table, plain), notes)


def _counted_table(table: re.Match[str], samples: Sequence[TaskSample]) -> str:
    def row(found: re.Match[str]) -> str:
        pairs = {s.pair_id: s for s in samples if s.tags.get(table[1]) == found[1]}
        harmful = sum(sample.benign_twin is None for sample in pairs.values())
        # A table of pairs counts each twin with its harmful pair, or as a pair of its own.
        right = int(found[2]) in (harmful, len(pairs))
        return f"| `{found[1]}` | {found[2] if right else harmful} |"

    return table[0].replace(table[2], _ROW.sub(row, table[2]) + _new_rows(table, samples))


def _new_rows(table: re.Match[str], samples: Sequence[TaskSample]) -> str:
    """Return rows for the values of the tag that the table does not have."""
    known = {found[1] for found in _ROW.finditer(table[2])}
    rest = "|" * (table[2].split("\n", 1)[0].count("|") - 3)
    pairs = {s.pair_id: s.tags.get(table[1]) for s in samples if s.benign_twin is None}
    counts = Counter(value for value in pairs.values() if value and value not in known)
    gap = "" if table[2].endswith("\n") or not counts else "\n"
    return gap + "".join(f"| `{value}` | {n} |{rest}\n" for value, n in sorted(counts.items()))


def _like(written: str, number: int) -> str:
    return f"{number:,}" if "," in written else str(number)
