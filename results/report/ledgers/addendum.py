"""Calibration cards that came after the plan: sealed with their date, and shown as post hoc."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tenken.errors import BundleError, InputError
from tenken.io.canonical import canonical_json, check_json, digest, sha256_bytes
from tenken.io.chain import START, read_chain
from tenken.io.faults import explain
from tenken.io.files import write_atomically
from tenken.results.calibration.fit import choose
from tenken.results.metrics.settings import Statistics
from tenken.results.records.attacked import plain_records
from tenken.results.records.read import RunRecords
from tenken.results.report import corrections
from tenken.results.report.figures import counts
from tenken.results.review.read import People
from tenken.results.seal.folder import refuse_odd
from tenken.schema.calibration import CalibrationCard
from tenken.schema.evidence import AddedCard, Addendum, PostHoc
from tenken.schema.figures import CorrectedRate
from tenken.schema.plan import Plan, PlannedTask
from tenken.schema.record import languages_of

ADDENDUM: Final = "addendum.jsonl"
"""In a bundle: a line for each card that was added, each naming the one before."""

_MOST_CARDS: Final = 100
_MOST_BYTES: Final = 2**24


def add_card(run: Path, plan: Plan, card: Path, at: str) -> None:
    """Add a card to a run's addendum.

    Args:
        run: A staged copy of the run's folder.
        plan: Its plan.
        card: File of the card.
        at: When it is added, ISO 8601.

    Raises:
        InputError: The file is no card, or the plan or the addendum has it already.
        StorageError: It cannot be written.
    """
    try:
        data = card.read_bytes()
        check_json(data)
        read = CalibrationCard.model_validate_json(data)
    except OSError as error:
        raise InputError("{card}: cannot be read: {error}.", card=card, error=error) from None
    except ValidationError as error:
        raise InputError(
            "{card}: not a calibration card: {why}",
            card=card,
            why=explain(error, CalibrationCard),
        ) from None
    except ValueError as error:
        raise InputError(
            "{card}: not a calibration card: {error}.", card=card, error=error
        ) from None
    held = {digest(each.model_dump(mode="json")) for each in plan.calibration.values()}
    held |= {about.sha256 for about, _ in read_addendum(run)}
    contents = read.model_dump(mode="json")
    if digest(contents) in held:
        raise InputError("{card}: the run has this card already.", card=card)
    path = run / ADDENDUM
    before = path.read_bytes() if path.is_file() else b""
    last = sha256_bytes(before.rstrip(b"\n").rpartition(b"\n")[2]) if before else START
    entry = {"file": card.name, "added": at, "card": contents, "previous": last}
    write_atomically(path, before + canonical_json(entry) + b"\n")


def read_addendum(run: Path) -> list[tuple[AddedCard, CalibrationCard]]:
    """Return the cards that were added to a run, with when; none without an addendum.

    Raises:
        BundleError: The file is no chain of cards.
    """
    path = run / ADDENDUM
    try:
        refuse_odd(path)
        entries, _ = read_chain(path, _MOST_BYTES)
        if len(entries) > _MOST_CARDS:
            raise ValueError(f"it has {len(entries)} cards; at most {_MOST_CARDS} are read")
        return [
            (
                AddedCard(
                    file=str(entry["file"]), added=str(entry["added"]), sha256=digest(entry["card"])
                ),
                CalibrationCard.model_validate(entry["card"]),
            )
            for entry in entries
        ]
    except FileNotFoundError:
        return []
    except ValidationError as error:
        raise BundleError(
            "{path}: not a readable addendum: {why}",
            path=path,
            why=explain(error, CalibrationCard),
        ) from None
    except (InputError, OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(
            "{path}: not a readable addendum: {error}.", path=path, error=error
        ) from None


def addendum_of(run: Path, plan: Plan, found: RunRecords, people: People | None) -> Addendum | None:
    """Return what the added cards would change, None without any.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: What its logs came to.
        people: What people said of some answers; their labels go before any card.

    Raises:
        BundleError: The addendum cannot be read.
    """
    added = read_addendum(run)
    if not added:
        return None
    cards = {**plan.calibration}
    for number, (about, card) in enumerate(added, start=1):
        cards[f"addendum-{number}/{about.file}"] = card
    figures = [
        figure for task in plan.tasks for figure in _figures(task, plan, cards, found, people)
    ]
    return Addendum(cards=tuple(about for about, _ in added), figures=tuple(figures))


def _figures(
    task: PlannedTask,
    plan: Plan,
    cards: Mapping[str, CalibrationCard],
    found: RunRecords,
    people: People | None,
) -> Iterator[PostHoc]:
    how = Statistics()
    own = [record for record in found.records if record.task == task.name]
    plain = [record for record in plain_records(own, task) if counts(record)]
    for measure in task.measures:
        for language in languages_of(plain):
            part = [r for r in plain if r.measure == measure.key and r.language == language]
            if not part:
                continue
            rates = [
                CorrectedRate.model_validate(
                    corrections.corrected_rate(
                        part, measure, choose(held, task, measure, language), how, people
                    )
                )
                for held in (plan.calibration, cards)
            ]
            if rates[0] != rates[1]:
                yield PostHoc(
                    task=task.name,
                    measure=measure.key,
                    language=language,
                    planned=rates[0],
                    post_hoc=rates[1],
                )
