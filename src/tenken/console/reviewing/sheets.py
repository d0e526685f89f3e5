"""What reviewers of a draw are asked, written to the database by a process of its own.

    python -m tenken.console.reviewing.sheets RUN

The lines are those of `tenken review`, so they are as blind: neither the model nor the scorer's
verdict is in them. The address of the database comes by the standard input.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Engine, delete, insert, select

from tenken.console.bundles.commands import environment, last_line
from tenken.console.database.connect import writing
from tenken.console.database.tables import review_items
from tenken.errors import InputError, TenkenError
from tenken.schema.record import LANGUAGES

_SECONDS: Final = 900.0


@dataclass(frozen=True)
class AskedItem:
    """One answer that somebody is asked to label.

    Attributes:
        item: Its digest.
        covered: Whether its text could do harm.
        given: Labels that reviewers differ on, for whoever settles it; empty for none.
        body: By language of the page: title, language, prompt, answer and options; under
            `pictures`, what the model was shown.
    """

    item: str
    position: int
    covered: bool
    given: tuple[str, ...]
    body: dict[str, dict[str, Any]]

    @property
    def pictures(self) -> list[str]:
        """Images that the model was shown, as `data:` addresses."""
        return list(self.body.get("pictures", {}).get("shown", ()))

    @property
    def labels(self) -> list[str]:
        """What may be written."""
        return [each["label"] for each in self.body["en"]["options"]]


def make_sheets(run: Path, database: str) -> None:
    """Write what the reviewers of all draws of a run are asked, in a process of its own.

    Args:
        run: The run's folder.
        database: URL of the database; goes over the standard input, as it may hold a password.

    Raises:
        InputError: The run cannot be read.
    """
    done = _start(run, database)
    if done.returncode:
        if said := last_line(done.stderr):
            raise InputError("{said}", said=said)
        raise InputError("the review cannot be prepared.")


def _start(run: Path, database: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", "tenken.console.reviewing.sheets", str(run)],
        input=database,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        env=environment(),
    )


def read_sheet(engine: Engine, run: str, draw: str, role: str) -> list[AskedItem]:
    """Return what somebody is asked, in the order in which it is shown.

    Args:
        engine: The database.
        run: The run.
        draw: Digest of the draw.
        role: `adjudicator` for what reviewers differ on alone.
    """
    query = (
        select(review_items)
        .where(review_items.c.run == run, review_items.c.draw == draw)
        .order_by(review_items.c.position)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    found = [
        AskedItem(
            row.item, row.position, row.covered, tuple(json.loads(row.given)), json.loads(row.body)
        )
        for row in rows
    ]
    return [each for each in found if each.given] if role == "adjudicator" else found


def draws_of(engine: Engine, run: str) -> dict[str, tuple[int, int]]:
    """Return how many items each draw has, and on how many the reviewers differ.

    Args:
        engine: The database.
        run: Name of the run.

    Returns:
        Both numbers by the draw's digest.
    """
    query = select(review_items.c.draw, review_items.c.given).where(review_items.c.run == run)
    found: dict[str, tuple[int, int]] = {}
    with engine.connect() as connection:
        for row in connection.execute(query):
            items, differ = found.get(row.draw, (0, 0))
            found[row.draw] = (items + 1, differ + (row.given != "[]"))
    return found


def write_sheets(engine: Engine, run: Path) -> None:
    """Write all sheets of a run in place of what was there.

    Args:
        engine: The database.
        run: The run's folder.

    Raises:
        TenkenError: The run cannot be read; the old sheets stay.
    """
    rows = list(_rows(run))
    with writing(engine) as connection:
        connection.execute(delete(review_items).where(review_items.c.run == run.name))
        if rows:
            connection.execute(insert(review_items), rows)


def _rows(run: Path) -> Iterator[dict[str, Any]]:
    from tenken.console.bundles.folder import read_report
    from tenken.results.pages.review import Sheet, lines
    from tenken.results.records.plan_check import read_sound_plan
    from tenken.results.records.read import read_records
    from tenken.results.records.rescorings import read_rescorings
    from tenken.results.records.table import text_is_shown
    from tenken.results.review.draw import read_draws
    from tenken.results.review.items import GateLine, read_items, with_pictures
    from tenken.results.review.read import read_people

    draws = read_draws(run)
    if not draws:
        return
    plan = read_sound_plan(run)
    found = read_records(run, plan)
    rescored = read_rescorings(run, plan, found.records, found.logs)
    gates = TypeAdapter(list[GateLine]).validate_python(read_report(run)["gates"])
    items = {
        item.digest: item for item in read_items(run, plan, found, gates, rescored, private=True)
    }
    people = read_people(run, plan, found)
    scorers = {task.name: task.scorer.name for task in plan.tasks}
    differ = {
        each.item.item: sorted(each.labels) for each in people.reviewed.values() if each.is_open
    }
    for sha256, made in draws.items():
        asked = with_pictures(
            run, plan, found, [items[each.item] for each in made.items if each.item in items]
        )
        given = {item.digest: differ[item.digest] for item in asked if item.digest in differ}
        sheet = Sheet(made, asked, "adjudicator" if given else "reviewer", given)
        means = {each.item: each.stands_for for each in made.items}
        told: dict[str, list[dict[str, Any]]] = {
            language: [json.loads(line) for line in lines(sheet, language).decode().splitlines()]
            for language in LANGUAGES
        }
        for position, item in enumerate(asked):
            yield {
                "run": run.name,
                "draw": sha256,
                "item": item.digest,
                "position": position,
                "covered": not text_is_shown(item.record, plan, with_text=False),
                "scorer": scorers[item.record.task],
                "cluster": item.record.cluster,
                "means": json.dumps(dict(means[item.digest]), sort_keys=True),
                "given": json.dumps(given.get(item.digest, [])),
                "body": _body(told, position, item.pictures),
            }


def _body(told: dict[str, list[dict[str, Any]]], position: int, pictures: Sequence[str]) -> str:
    keys = ("title", "language", "prompt", "answer", "options", "given")
    body = {
        language: {key: rows[position][key] for key in keys if key in rows[position]}
        for language, rows in told.items()
    }
    if pictures:
        body["pictures"] = {"shown": list(pictures)}
    return json.dumps(body, ensure_ascii=False).replace("\\u0000", "\\ufffd")


def main() -> None:
    """Write the sheets of a run, as another process has asked."""
    from tenken.console.database.connect import open_database

    try:
        engine = open_database(sys.stdin.read())
        write_sheets(engine, Path(sys.argv[1]))
        engine.dispose()
    except TenkenError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
