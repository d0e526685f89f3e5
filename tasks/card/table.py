"""What a card says of a table of somebody's: which of its columns is which part of a sample."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Columns(BaseModel):
    """Which column of a table holds which part of a sample.

    A part that is not named is read from the column of its own name, where there is one.

    Attributes:
        input: What is asked. The one part that every table must have.
        id: The row's own id; else the id is made from the row's content.
        language: The row's language; a card with one language needs none.
        target: The right answer: its text, its letter, or its number among the choices from 0.
        choices: A column that holds a list of choices, or one column for each choice.
        roles: A column that holds a list with what each choice means for a bias score.
        pair_id: What the same item in another language shares with this row.
        cluster: What variants of one item share.
        benign_twin: On a harmless look-alike, the id of the harmful row that it resembles.
        files: A column with the name of a file that is shown after the text, or a list of them.
        tags: Columns to group the report by.
        metadata: Columns that the solver or the scorer needs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    input: str = "input"
    id: str | None = None
    language: str | None = None
    target: str | None = None
    choices: str | Annotated[list[str], Field(min_length=2)] | None = None
    roles: str | None = None
    pair_id: str | None = None
    cluster: str | None = None
    benign_twin: str | None = None
    files: str | None = None
    tags: list[str] = []
    metadata: list[str] = []

    def named(self) -> list[str]:
        """Return every column that the card names, in the order of the parts."""
        found = [self.input]
        for value in self.model_dump(exclude={"input"}).values():
            found += value if isinstance(value, list) else [value] if value else []
        return found
