"""Who is asked to label which draw."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from tenken.console.database.connect import writing
from tenken.console.database.tables import accounts, assignments, drafts
from tenken.errors import InputError


@dataclass(frozen=True)
class Assignment:
    """Somebody asked to label a draw.

    Attributes:
        name: Name of the account; the labels carry it.
        role: `reviewer`, or `adjudicator` for what reviewers differ on.
        handed_in: When the labels were sealed, in seconds since 1970; None before.
        drafted: How many labels are kept.
    """

    id: int
    run: str
    draw: str
    account: int
    name: str
    role: str
    handed_in: float | None
    drafted: int


def assign(engine: Engine, run: str, draw: str, account: int, role: str) -> None:
    """Ask somebody to label a draw.

    Args:
        engine: The database.
        run: Name of the run.
        draw: Digest of the draw.
        account: Id of the account of whoever is asked.
        role: `reviewer`, or `adjudicator` for what reviewers differ on.

    Raises:
        InputError: This person has been asked already.
    """
    values = {"run": run, "draw": draw, "account": account, "role": role, "created": time.time()}
    try:
        with writing(engine) as connection:
            connection.execute(insert(assignments).values(values))
    except IntegrityError:
        raise InputError("this person was asked already.") from None


def withdraw(engine: Engine, number: int) -> None:
    """Take an assignment back, with its drafts; labels that were handed in stay.

    Args:
        engine: The database.
        number: The assignment's id.

    Raises:
        InputError: The labels were handed in, or there is no such assignment.
    """
    with writing(engine) as connection:
        open_one = connection.execute(
            select(assignments.c.id)
            .where(assignments.c.id == number, assignments.c.handed_in.is_(None))
            .with_for_update()
        ).first()
        if open_one is None:
            raise InputError("the labels were handed in, or there is no such assignment.")
        connection.execute(delete(drafts).where(drafts.c.assignment == number))
        connection.execute(delete(assignments).where(assignments.c.id == number))


def mark_handed_in(engine: Engine, number: int) -> None:
    """Note that the labels of an assignment were sealed, with the time.

    Args:
        engine: The database.
        number: The assignment's id.
    """
    with writing(engine) as connection:
        connection.execute(
            update(assignments).where(assignments.c.id == number).values(handed_in=time.time())
        )


def assignments_of(engine: Engine, *, account: int = 0, run: str = "") -> list[Assignment]:
    """Return assignments in the order in which they were made.

    Args:
        engine: The database.
        account: Only those of the account with this id; 0 for all accounts.
        run: Only those on the run with this name; empty for all runs.
    """
    drafted = (
        select(func.count())
        .select_from(drafts)
        .where(drafts.c.assignment == assignments.c.id, drafts.c.label != "")
        .scalar_subquery()
    )
    query = (
        select(assignments, accounts.c.name, drafted.label("drafted"))
        .join(accounts, accounts.c.id == assignments.c.account)
        .order_by(assignments.c.id)
    )
    if account:
        query = query.where(assignments.c.account == account)
    if run:
        query = query.where(assignments.c.run == run)
    with engine.connect() as connection:
        return [
            Assignment(
                row.id, row.run, row.draw, row.account, row.name, row.role, row.handed_in,
                row.drafted,
            )
            for row in connection.execute(query)
        ]  # fmt: skip


def find_assignment(engine: Engine, number: int, account: int) -> Assignment | None:
    """Return an assignment of an account by its number; None where it is somebody else's.

    Args:
        engine: The database.
        number: The assignment's id.
        account: Id of the account of whoever asks.
    """
    return next((a for a in assignments_of(engine, account=account) if a.id == number), None)


def is_blind(engine: Engine, run: str, account: int) -> bool:
    """Return whether somebody labels this run now, and so must not see what the scorers said.

    Args:
        engine: The database.
        run: Name of the run.
        account: The account's id; only its open assignments as a reviewer count.
    """
    query = (
        select(assignments.c.id)
        .where(
            assignments.c.run == run,
            assignments.c.account == account,
            assignments.c.role == "reviewer",
            assignments.c.handed_in.is_(None),
        )
        .limit(1)
    )
    with engine.connect() as connection:
        return connection.execute(query).first() is not None
