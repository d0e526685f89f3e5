"""Labels as they are made, each kept before the next one is asked for."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from tenken.console.database.connect import writing
from tenken.console.database.tables import assignments, drafts
from tenken.errors import InputError

MOST_NOTE: Final = 2000


@dataclass(frozen=True)
class Draft:
    """A label that is not handed in yet; empty where only a note was written."""

    item: str
    label: str
    note: str


def keep_draft(
    engine: Engine, assignment: int, draft: Draft, items: Mapping[str, Collection[str]]
) -> None:
    """Keep a label in place of an earlier one of the same person.

    Args:
        engine: The database.
        assignment: Number of the assignment.
        draft: The label.
        items: By digest of each item that is asked, the labels that may be given.

    Raises:
        InputError: The item is not asked, the label is unknown, or all was handed in.
    """
    known = items.get(draft.item)
    if known is None:
        raise InputError("this item is not in the assignment.")
    if draft.label and draft.label not in known:
        raise InputError("this label is not one of the item's.")
    values = {
        "label": draft.label, "note": draft.note.replace("\x00", "")[:MOST_NOTE], "at": time.time()
    }  # fmt: skip
    try:
        _write(engine, assignment, draft.item, values)
    except IntegrityError:  # the same person, in two windows, at the same time
        _write(engine, assignment, draft.item, values)


def _write(engine: Engine, assignment: int, item: str, values: Mapping[str, object]) -> None:
    own = (drafts.c.assignment == assignment, drafts.c.item == item)
    with writing(engine) as connection:
        open_one = connection.execute(
            select(assignments.c.id)
            .where(assignments.c.id == assignment, assignments.c.handed_in.is_(None))
            .with_for_update()
        ).first()
        if open_one is None:
            raise InputError("the labels were handed in.")
        if not connection.execute(update(drafts).where(*own).values(**values)).rowcount:
            connection.execute(insert(drafts).values(assignment=assignment, item=item, **values))


def drafts_of(engine: Engine, assignment: int) -> dict[str, Draft]:
    """Return the labels of an assignment by item.

    Args:
        engine: The database.
        assignment: The assignment's id.

    Returns:
        By the item's digest; items without a draft are left out.
    """
    query = select(drafts).where(drafts.c.assignment == assignment)
    with engine.connect() as connection:
        return {row.item: Draft(row.item, row.label, row.note) for row in connection.execute(query)}
