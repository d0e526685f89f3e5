"""Items of the library that people read, blind to the label, by `tenken review-items`.

What a reader gets is the command's own sheet, and what they hand in goes back through it: so the
records beside the items are the same as from the command line.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, func, insert, select, update

from tenken.console.auth.accounts import Account
from tenken.console.bundles.commands import run_json
from tenken.console.database.connect import writing
from tenken.console.database.tables import accounts, reading_items, readings
from tenken.errors import InputError

NATURALNESS: Final = ("1", "2", "3", "4", "5")
YES_NO: Final = ("yes", "no", "cannot_say")
DECISIONS: Final = ("keep", "change", "drop")
_MOST_NOTE: Final = 2000
_MEANS: Final[Mapping[str, bool | None]] = {"yes": True, "no": False, "cannot_say": None}
_LOCK: Final = threading.Lock()
"""One file of records is written at a time."""


@dataclass(frozen=True)
class Reading:
    """Somebody asked to read items of a task.

    Attributes:
        name: Name of the account; the records carry it.
        handed_in: When the records were written, in seconds since 1970; None before.
    """

    id: int
    task: str
    account: int
    name: str
    handed_in: float | None


@dataclass(frozen=True)
class ReadItem:
    """An item, and what its reader says about it so far.

    Attributes:
        item: Its digest.
        asked: The line of the sheet: the text, and a key for each question.
        said: An answer by question.
    """

    item: str
    asked: Mapping[str, Any]
    said: Mapping[str, str]

    @property
    def questions(self) -> dict[str, tuple[str, ...]]:
        """The answers that each question may be given."""
        every = {"naturalness": NATURALNESS, "harmful": YES_NO, "equal": YES_NO}
        asked = {name: answers for name, answers in every.items() if name in self.asked}
        return {**asked, "decision": DECISIONS}

    @property
    def is_done(self) -> bool:
        """Whether every question is answered."""
        return all(self.said.get(name) for name in self.questions)


def begin(engine: Engine, task: str, reader: Account, sample: int, language: str) -> int:
    """Ask somebody to read items of a task that they have not read, and return the number.

    Args:
        engine: The database.
        task: Name of the task.
        reader: Who is asked.
        sample: How many items at most.
        language: Language of the items; all where empty.

    Raises:
        InputError: There is nothing to read, or the task is private.
    """
    count = select(func.count()).select_from(readings).where(readings.c.account == reader.id)
    with engine.connect() as connection:
        seed = reader.id * 1000 + connection.execute(count).scalar_one()
    chosen = [f"--sample={sample}", f"--seed={seed}", f"--reader={reader.name}"]
    if language:
        chosen.append(f"--language={language}")
    with tempfile.TemporaryDirectory(prefix="tenken-items-") as folder:
        made = run_json(["review-items", *chosen, f"--output={folder}", "--json", "--", task])
        (sheet,) = (Path(path) for path in made["files"] if str(path).endswith(".jsonl"))
        rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
    with writing(engine) as connection:
        values = {"task": task, "account": reader.id, "created": time.time()}
        number = int(
            (connection.execute(insert(readings).values(values)).inserted_primary_key or (0,))[0]
        )
        connection.execute(
            insert(reading_items),
            [
                {
                    "reading": number, "item": row["item"], "position": place,
                    "asked": json.dumps(row, ensure_ascii=False), "said": "{}",
                }
                for place, row in enumerate(rows)
            ],
        )  # fmt: skip
    return number


def readings_of(engine: Engine, account: int) -> list[Reading]:
    """Return what somebody was asked to read, in the order in which they were asked.

    Args:
        engine: The database.
        account: The account's id.
    """
    query = (
        select(readings, accounts.c.name)
        .join(accounts, accounts.c.id == readings.c.account)
        .where(readings.c.account == account)
        .order_by(readings.c.id)
    )
    with engine.connect() as connection:
        return [
            Reading(row.id, row.task, row.account, row.name, row.handed_in)
            for row in connection.execute(query)
        ]


def items_of(engine: Engine, reading: int) -> list[ReadItem]:
    """Return the items of a reading in the order in which they are shown.

    Args:
        engine: The database.
        reading: The reading's id.
    """
    query = (
        select(reading_items)
        .where(reading_items.c.reading == reading)
        .order_by(reading_items.c.position)
    )
    with engine.connect() as connection:
        return [
            ReadItem(row.item, json.loads(row.asked), json.loads(row.said))
            for row in connection.execute(query)
        ]


def keep(engine: Engine, reading: int, item: ReadItem, said: Mapping[str, str]) -> None:
    """Keep what somebody says about an item, in place of what they said before.

    Args:
        engine: The database.
        reading: The reading's id.
        item: The item, with its questions and the answers that each allows.
        said: Answers by question, and a `note`; an empty answer leaves a question open.

    Raises:
        InputError: An answer is not one that the question allows, or the reading was handed in.
    """
    kept = {}
    for name, known in item.questions.items():
        answer = said.get(name, "")
        if answer and answer not in known:
            raise InputError("{name}: unknown answer '{answer}'.", name=name, answer=answer[:40])
        kept[name] = answer
    kept["note"] = said.get("note", "").replace("\x00", "")[:_MOST_NOTE]
    with writing(engine) as connection:
        is_open = (
            select(readings.c.id)
            .where(readings.c.id == reading, readings.c.handed_in.is_(None))
            .with_for_update()
        )
        if connection.execute(is_open).first() is None:
            raise InputError("the readings were handed in.")
        connection.execute(
            update(reading_items)
            .where(reading_items.c.reading == reading, reading_items.c.item == item.item)
            .values(said=json.dumps(kept, ensure_ascii=False))
        )


def hand_in(engine: Engine, reading: Reading) -> dict[str, Any]:
    """Record a reading beside the task's items, and return what the command says about it.

    Args:
        engine: The database.
        reading: The reading; items with an open question are left out.

    Returns:
        The JSON of `tenken review-items --import`.

    Raises:
        InputError: No item has all its answers, or an item has changed since.
    """
    done = [item for item in items_of(engine, reading.id) if item.is_done]
    if not done:
        raise InputError("no item has an answer to every question yet.")
    lines = "".join(json.dumps(_line(reading, item), ensure_ascii=False) + "\n" for item in done)
    with _LOCK, tempfile.TemporaryDirectory(prefix="tenken-items-") as folder:
        path = Path(folder) / "readings.jsonl"
        path.write_text(lines, "utf-8")
        try:
            made = run_json(["review-items", f"--import={path}", "--json", "--", reading.task])
        except InputError as error:
            said = str(error).replace(f"{path}:", "line ")
            raise InputError("{said}", said=said) from None
    with writing(engine) as connection:
        connection.execute(
            update(readings).where(readings.c.id == reading.id).values(handed_in=time.time())
        )
    return dict(made)


def _line(reading: Reading, item: ReadItem) -> dict[str, Any]:
    said: dict[str, bool | None] = {
        name: _MEANS[item.said[name]] for name in ("harmful", "equal") if name in item.questions
    }
    return {
        "task": item.asked["task"], "item": item.item, "by": "person", "reader": reading.name,
        "naturalness": int(item.said["naturalness"]), **said, "decision": item.said["decision"],
        "note": item.said.get("note", ""),
    }  # fmt: skip
