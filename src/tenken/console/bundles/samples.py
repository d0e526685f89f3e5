"""The samples of a run as an address asks for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Engine, and_, false, or_, select, true

from tenken.console.bundles.filters import page_number
from tenken.console.database.tables import indexed, samples
from tenken.schema.record import OUTCOMES

PAGE: Final = 50
_SORTS: Final = ("worst", "best", "plan")
_KEYS: Final = ("q", "task", "measure", "outcome", "label", "language", "tag", "disagree", "sort")
_MOST_VALUES: Final = 60


@dataclass(frozen=True)
class SampleQuery:
    """What an address asks of the samples.

    Attributes:
        text: A part of the id, the prompt or the answer.
        tag: `name=value`.
        disagree: Whether only samples are wanted on which scorers disagree.
        sort: `worst` first, `best` first, or in the order of the plan.
        covered: Whether covered text is searched too; only who may uncover it can ask for that.
    """

    text: str = ""
    task: str = ""
    measure: str = ""
    outcome: str = ""
    label: str = ""
    language: str = ""
    tag: str = ""
    disagree: bool = False
    sort: str = "plan"
    page: int = 1
    covered: bool = False

    @staticmethod
    def of(parameters: Mapping[str, str]) -> SampleQuery:
        """Read an address; what it does not know is left out."""
        given = {key: parameters.get(key, "")[:300] for key in _KEYS}
        return SampleQuery(
            text=given["q"].strip(),
            task=given["task"],
            measure=given["measure"],
            outcome=given["outcome"] if given["outcome"] in OUTCOMES else "",
            label=given["label"],
            language=given["language"],
            tag=given["tag"],
            disagree=given["disagree"] == "1",
            sort=given["sort"] if given["sort"] in _SORTS else "plan",
            page=page_number(parameters.get("page", "")),
            covered=parameters.get("covered") == "1",
        )

    def address(self, **changes: Any) -> str:
        """Return the part of an address that asks for this, changed in some keys."""
        asked = {
            "q": self.text, "task": self.task, "measure": self.measure, "outcome": self.outcome,
            "label": self.label, "language": self.language, "tag": self.tag,
            "disagree": "1" if self.disagree else "", "covered": "1" if self.covered else "",
            "sort": self.sort if self.sort != "plan" else "", "page": 1,
        } | changes  # fmt: skip
        if asked["page"] == 1:
            asked["page"] = ""
        return "?" + urlencode({key: value for key, value in asked.items() if value})


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A sample as a list shows it.

    Attributes:
        position: Its place in the plan, by which its address names it.
        covered: Whether its text is withheld until somebody uncovers it.
        private: Whether nobody may see its text.
        prompt: The prompt; empty where it is covered.
    """

    position: int
    task: str
    sample: str
    epoch: int
    language: str
    measure: str
    outcome: str
    reason: str
    label: str
    verdict: float | None
    tags: Mapping[str, str]
    disagree: bool
    covered: bool
    private: bool
    prompt: str
    answer: str


@dataclass(frozen=True)
class Values:
    """What may be chosen from, each sorted."""

    tasks: Sequence[str]
    measures: Sequence[str]
    labels: Sequence[str]
    languages: Sequence[str]
    tags: Sequence[str]


class Samples:
    """Reads samples from the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._values: dict[str, tuple[str, Values]] = {}
        self._lock = threading.Lock()

    def select(self, run: str, query: SampleQuery) -> tuple[list[SampleRow], int]:
        """Return a page of the samples that an address asks for, and how many there are.

        Args:
            run: Name of the run.
            query: What the address asks for, with the number of the page.

        Returns:
            The page's rows without covered text, and the number of samples on all pages.
        """
        fits = self._conditions(run, query)
        sqlite = self._engine.dialect.name == "sqlite"
        order = _order(query.sort, nulls_last=not sqlite)
        with self._engine.connect() as connection:
            # One pass, over the index alone where nothing else is asked; then a page of whole rows.
            places = connection.execute(
                select(samples.c.position).where(fits).order_by(*order)
            ).scalars()
            every = list(places)
            part = every[(query.page - 1) * PAGE : query.page * PAGE]
            rows = connection.execute(
                select(samples).where(samples.c.run == run, samples.c.position.in_(part))
            )
            by_place = {row.position: _row(row, shown=False) for row in rows}
        return [by_place[place] for place in part], len(every)

    def one(self, run: str, position: int, *, uncovered: bool = False) -> SampleRow | None:
        """Return one sample; its text is left out where it is covered.

        Args:
            run: Name of the run.
            position: The sample's place in the run, as its address has it.
            uncovered: Whether covered text is returned too; the caller checks the right to it.

        Returns:
            The sample; None where there is none at that place.
        """
        query = select(samples).where(samples.c.run == run, samples.c.position == position)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return _row(row, shown=uncovered) if row else None

    def neighbours(
        self, run: str, query: SampleQuery, position: int
    ) -> tuple[int | None, int | None]:
        """Return the samples before and after one, among those that an address asks for.

        Only the address's own page is looked at.

        Args:
            run: Name of the run.
            query: What the address asks for, with the number of the page.
            position: The sample's place in the run.

        Returns:
            Both places; None where the page has no sample on that side.
        """
        rows, _ = self.select(run, query)
        places = [row.position for row in rows]
        if position not in places:
            return None, None
        at = places.index(position)
        return (
            places[at - 1] if at else None,
            places[at + 1] if at + 1 < len(places) else None,
        )

    def values(self, run: str) -> Values:
        """Return what the samples of a run may be filtered by."""
        with self._engine.connect() as connection:
            stamp = connection.execute(
                select(indexed.c.stamp).where(indexed.c.run == run)
            ).scalar_one_or_none()
            with self._lock:
                known = self._values.get(run)
            if known and known[0] == stamp:
                return known[1]
            columns = [
                [
                    str(value)
                    for value in connection.execute(
                        select(column).where(samples.c.run == run).distinct().order_by(column)
                    ).scalars()
                    if value
                ]
                for column in (
                    samples.c.task, samples.c.measure, samples.c.label, samples.c.language,
                    samples.c.tags,
                )
            ]  # fmt: skip
        pairs = {f"{k}={v}" for tags in columns[4] for k, v in json.loads(tags).items()}
        found = Values(columns[0], columns[1], columns[2], columns[3], sorted(pairs)[:_MOST_VALUES])
        with self._lock:
            self._values[run] = (str(stamp), found)
        return found

    def _conditions(self, run: str, query: SampleQuery) -> ColumnElement[bool]:
        column = samples.c
        found: list[ColumnElement[bool]] = [column.run == run]
        for name in ("task", "measure", "outcome", "label", "language"):
            if value := getattr(query, name):
                found.append(column[name] == value)
        if query.disagree:
            found.append(column.disagree == true())
        if query.tag:
            name, _, value = query.tag.partition("=")
            pair = json.dumps({name: value}, ensure_ascii=False, separators=(",", ":"))[1:-1]
            found.append(self._contains(column.tags, pair))
        if query.text:
            readable = and_(
                column.private == false(),
                true() if query.covered else column.covered == false(),
            )
            said = or_(
                self._contains(column.prompt, query.text),
                self._contains(column.answer, query.text),
            )
            found.append(or_(self._contains(column.sample, query.text), and_(readable, said)))
        return and_(*found)

    def _contains(self, column: Any, words: str) -> ColumnElement[bool]:
        """Return the condition that a text is in a column, in capitals or not."""
        plain = words.replace("\x00", "").encode("utf-8", "replace").decode()
        for sign in "\\%_":
            plain = plain.replace(sign, f"\\{sign}")
        like = column.ilike if self._engine.dialect.name == "postgresql" else column.like
        found: ColumnElement[bool] = like(f"%{plain}%", escape="\\")
        return found


def _order(sort: str, *, nulls_last: bool) -> tuple[Any, ...]:
    """Return the order; SQLite takes nothing for less than everything, which is last here."""
    if sort == "plan":
        return (samples.c.position,)
    if sort == "best":
        return samples.c.verdict.is_(None), samples.c.verdict.asc(), samples.c.position
    verdict = samples.c.verdict.desc()
    return (verdict.nulls_last() if nulls_last else verdict), samples.c.position


def _row(row: Any, *, shown: bool) -> SampleRow:
    readable = not row.private and (shown or not row.covered)
    return SampleRow(
        position=row.position,
        task=row.task,
        sample=row.sample,
        epoch=row.epoch,
        language=row.language,
        measure=row.measure,
        outcome=row.outcome,
        reason=row.reason,
        label=row.label,
        verdict=row.verdict,
        tags=json.loads(row.tags),
        disagree=row.disagree,
        covered=row.covered,
        private=row.private,
        prompt=row.prompt if readable else "",
        answer=row.answer if readable else "",
    )
