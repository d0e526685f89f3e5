"""Laying out a new task: a card, a few example items and notes that pass the check as they are."""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Final

from tenken.io.canonical import sha256_bytes
from tenken.io.files import write_atomically
from tenken.tasks.card.card import CARD_FILE
from tenken.tasks.examples import HERE, card_of, examples
from tenken.tasks.scaffold.refresh import NOTES, README, refresh

_SAMPLES: Final = "samples.jsonl"


@dataclass(frozen=True, slots=True)
class _Words:
    """What fills the templates."""

    name: str
    title: str
    risk: str
    languages: str
    sha256: str
    uuid: str
    pairs: int
    samples: int
    table: str


def lay_out(folder: Path, risk: str, name: str, languages: Sequence[str]) -> list[Path]:
    """Write a task's folder.

    Args:
        folder: The folder to write, which does not exist.
        risk: One of the three risks.
        name: The task's own name.
        languages: The languages of its samples.

    Returns:
        The files that were written.

    Raises:
        StorageError: They cannot be written.
    """
    rows = [_renamed(row, name) for row in examples(risk) if row["language"] in languages]
    data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    words = _words(risk, name, languages, rows, sha256_bytes(data))
    write_atomically(folder / CARD_FILE, _filled(f"{risk}.yaml", words))
    write_atomically(folder / _SAMPLES, data)
    write_atomically(folder / NOTES, _filled("notes.md", words))
    refresh(folder, write=True, risk_folder=False)
    return [folder / each for each in (CARD_FILE, _SAMPLES, NOTES, README)]


def _words(
    risk: str, name: str, languages: Sequence[str], rows: list[dict[str, Any]], sha256: str
) -> _Words:
    pairs = {row["pair_id"]: row for row in rows}
    key = str(card_of(risk)["balance"][0])
    counts = Counter(row["tags"][key] for row in pairs.values() if "benign_twin" not in row)
    table = [f"| `{key}` | pairs | what is asked |", "|---|---|---|"]
    table += [f"| `{value}` | {count} | |" for value, count in counts.items()]
    return _Words(
        name=name,
        title=name.replace("_", " ").capitalize(),
        risk=risk,
        languages=", ".join(languages),
        sha256=sha256,
        uuid=str(uuid.uuid4()),
        pairs=len(pairs),
        samples=len(rows),
        table="\n".join(table),
    )


def _filled(file: str, words: _Words) -> bytes:
    template = Template((HERE / file).read_text("utf-8"))
    return template.substitute({key: getattr(words, key) for key in words.__slots__}).encode()


def _renamed(row: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a row whose ids begin with the task's initials instead of `x`."""
    initials = "".join(part[0] for part in re.findall(r"[a-z0-9]+", name))
    prefix = initials if len(initials) > 1 else name[:2]
    ids = ("id", "pair_id", "cluster", "benign_twin")
    return {key: re.sub("^x-", f"{prefix}-", row[key]) if key in ids else row[key] for key in row}
