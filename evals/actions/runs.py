"""The runs of a results folder: found, listed, put away, removed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from tenken.errors import BundleError, InputError, UnknownNameError
from tenken.evals.config import RESULTS_DIR
from tenken.io.files import claimed, storage_error
from tenken.schema.plan import PLAN_FILE, Plan, read_plan

if TYPE_CHECKING:
    from tenken.schema.report import Report

_LENIENT: Final = ConfigDict(frozen=True, extra="ignore", from_attributes=True, defer_build=True)
ARCHIVE: Final = "archived"
"""Folder, beside the runs, of those that were put away."""


class Headline(BaseModel):
    """A headline figure, in [0, 1], 1 is unsafe.

    Attributes:
        value: The rate.
        low: Lower end of its interval; None where it has none.
        high: Upper end of its interval; None where it has none.
        n: Verdicts behind it.
    """

    model_config = _LENIENT

    value: float
    low: float | None
    high: float | None
    n: int


class _Figure(BaseModel):
    model_config = _LENIENT

    value: float | None
    low: float | None
    high: float | None
    n: int


class _Area(_Figure):
    risk: str


class _Measure(BaseModel):
    model_config = _LENIENT

    headline: bool
    overall: _Figure


class _Task(BaseModel):
    model_config = _LENIENT

    name: str
    measures: tuple[_Measure, ...]


class _ReportFields(BaseModel):
    """What a listing takes of a report, be it of an earlier form."""

    model_config = _LENIENT

    decision: str
    finished: str
    areas: tuple[_Area, ...]
    tasks: tuple[_Task, ...]


@dataclass(frozen=True)
class ListedRun:
    """What a listing says about a run.

    Attributes:
        name: Name of the folder.
        model: Name of the model under test.
        suite: Name of the suite.
        decision: The decision on the run; empty where it has no report.
        rates: By risk area, else by task, the headline figure with its interval.
        finished: When the last answer came, by the report; empty where it has none.
        attempt: Which run of the suite on the model it was.
        state: `sealed`, `changed` (not what was sealed), `open` (no seal yet) or `unreadable`.
        signed: Whether the seal is signed.
        samples: Samples times epochs that the plan asks.
        tasks: Names of the tasks.
    """

    name: str
    model: str
    suite: str
    decision: str
    rates: dict[str, Headline]
    finished: str
    attempt: int
    state: str
    signed: bool
    samples: int
    tasks: list[str]

    def contents(self) -> dict[str, Any]:
        """Return what `tenken runs --json` prints."""
        rates = {name: rate.model_dump() for name, rate in self.rates.items()}
        return {**asdict(self), "rates": rates}


def find_run(name: str, results_dir: Path = RESULTS_DIR) -> Path:
    """Return the folder of a run by its path, its name, or the beginning of its name.

    Args:
        name: Path of a run's folder, or of a folder with one run in it, or the beginning of a run's
            name in `results_dir`.
        results_dir: Where runs are looked for by name.

    Returns:
        The folder; it may have no plan where a path was given.

    Raises:
        UnknownNameError: There is no such run, or several begin so.
    """
    path = Path(name)
    is_folder = os.path.isdir(path)  # a name may be too long for any file
    if is_folder and ((path / PLAN_FILE).exists() or not any(path.glob(f"*/{PLAN_FILE}"))):
        return path
    parent, prefix = (path, "") if is_folder else (results_dir, name)
    runs = sorted(plan.parent for plan in parent.glob(f"*/{PLAN_FILE}"))
    matches = [run for run in runs if run.name.startswith(prefix)]
    if len(matches) == 1:
        return matches[0]
    raise UnknownNameError("run", name, [run.name for run in runs], str(parent))


def list_runs(results_dir: Path) -> list[ListedRun]:
    """Return the runs of a results folder, the one that ended last first.

    Args:
        results_dir: The folder.

    Raises:
        InputError: There is no such folder.
    """
    if not results_dir.is_dir():
        raise InputError(
            "{results_dir}: there is no such folder; name it with --results-dir.",
            results_dir=results_dir,
        )
    found = list(_listed(results_dir))
    return sorted(
        sorted(found, key=lambda run: run.name), key=lambda run: run.finished, reverse=True
    )


def _listed(results_dir: Path) -> Iterator[ListedRun]:
    for path in sorted(results_dir.glob(f"*/{PLAN_FILE}")):
        folder = path.parent
        try:
            plan = read_plan(folder)
        except BundleError:
            yield ListedRun(folder.name, "", "", "", {}, "", 0, "unreadable", False, 0, [])
            continue
        yield _one(folder, plan)


def _one(folder: Path, plan: Plan) -> ListedRun:
    from tenken.results.bundle.made import read_report_json

    try:
        shown = _ReportFields.model_validate(read_report_json(folder))
        rates, decision, finished = _headlines(shown), shown.decision, shown.finished
    except (BundleError, ValidationError):
        rates, decision, finished = {}, "", ""
    state, signed = _seal(folder)
    return ListedRun(
        name=folder.name,
        model=plan.model.name,
        suite=plan.suite,
        decision=decision,
        rates=rates,
        finished=finished,
        attempt=plan.attempt,
        state=state,
        signed=signed,
        samples=sum(len(task.samples) * task.epochs for task in plan.tasks),
        tasks=[task.name for task in plan.tasks],
    )


def headlines(report: Report) -> dict[str, Headline]:
    """Return the headline figures of a report: those of the areas, or of tasks where none has any.

    Returns:
        By risk area or task.
    """
    return _headlines(_ReportFields.model_validate(report))


def _headlines(shown: _ReportFields) -> dict[str, Headline]:
    parts: dict[str, _Figure] = {each.risk: each for each in shown.areas if each.value is not None}
    if not parts:
        parts = {
            task.name.rsplit("/", 1)[-1]: measure.overall
            for task in shown.tasks
            for measure in task.measures
            if measure.headline and measure.overall.value is not None
        }
    return {name: Headline.model_validate(part) for name, part in parts.items()}


def _seal(folder: Path) -> tuple[str, bool]:
    """Return whether every file is what was sealed, by its digest, and whether that is signed."""
    from tenken.io.canonical import sha256_file
    from tenken.results.seal.folder import SEAL_FILE, contents
    from tenken.results.seal.seal import read_seal

    if not (folder / SEAL_FILE).exists():
        return "open", False
    try:
        seal, held = read_seal(folder), contents(folder)
        same = not held.odd and set(held.files) == set(seal.digests)
        same = same and all(sha256_file(folder / n) == d for n, d in seal.digests.items())
    except (BundleError, OSError):
        return "unreadable", False
    return "sealed" if same else "changed", bool(seal.keyids)


def archive_run(folder: Path) -> Path:
    """Put a run away: it moves, whole and still sealed, to a folder beside the others.

    Args:
        folder: The run's folder.

    Returns:
        Where it is now.

    Raises:
        InputError: A run of that name is there already.
        RunBusyError: A process is writing to it.
        StorageError: It cannot be moved.
    """
    place = folder.parent / ARCHIVE / folder.name
    if place.exists():
        raise InputError(
            "{place}: a run of that name is there already; move it away first.", place=place
        )
    with claimed(folder):
        try:
            place.parent.mkdir(exist_ok=True)
            os.replace(folder, place)
        except OSError as error:
            raise storage_error(place, error) from error
    _note(folder, "archived")
    return place


def is_sealed(folder: Path) -> bool:
    """Whether a run has a seal."""
    from tenken.results.seal.folder import SEAL_FILE

    return (folder / SEAL_FILE).exists()


def delete_run(folder: Path) -> None:
    """Remove a run for good; that it was there stays in the register.

    Args:
        folder: The run's folder.

    Raises:
        InputError: The folder is not that of a run.
        RunBusyError: A process is writing to it.
        StorageError: It cannot be removed.
    """
    if not (folder / PLAN_FILE).is_file() or folder.is_symlink():
        raise InputError("{folder}: this is not a run's folder.", folder=folder)
    gone = folder.with_name(f".{folder.name}.deleted")
    with claimed(folder):
        try:
            os.replace(folder, gone)
        except OSError as error:
            raise storage_error(folder, error) from error
    _note(folder, "deleted")
    try:
        shutil.rmtree(gone)
    except OSError as error:
        raise storage_error(gone, error) from error


def _note(folder: Path, event: str) -> None:
    """Say in the register, where there is one, what became of a run."""
    from tenken.evals.actions.commit import register_event
    from tenken.schema.evidence import REGISTER_FILE

    if (folder.parent / REGISTER_FILE).is_file():
        register_event(folder.parent, event, folder.name)
