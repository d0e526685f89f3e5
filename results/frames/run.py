"""A run, or a folder of runs, as tables of samples, figures and gates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from tenken.errors import BundleError
from tenken.results.bundle.made import RECORDS, read_report_json
from tenken.results.frames.columns import FIGURES, GATES, SAMPLES, frame
from tenken.results.records.table import read_parquet
from tenken.schema.plan import PLAN_FILE, Plan, read_plan

if TYPE_CHECKING:
    import pandas as pd

_OUTCOMES = ("scored", "unscored", "blocked", "errored")


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        path: The run's folder.
        report: The contents of its `report.json`.
        stopped: Why it ended before its last sample; empty if it did not, or if it is not known.

    Example:
        >>> run = tenken.read_run(RUN)
        >>> run.model, len(run.plan.tasks), run.stopped
        ('refuse', 3, '')
        >>> run.samples().columns[:3].tolist()
        ['run', 'model', 'task']
        >>> rates = run.figures().query("headline and kind == 'raw' and by == 'all'")
        >>> bool(rates.value.dropna().between(0, 1).all())
        True
        >>> run.gates().empty  # the suite has none
        True
    """

    path: Path
    report: Mapping[str, Any] = field(repr=False)
    stopped: str = ""

    def __repr__(self) -> str:
        """Say the name, the decision and why it ended early, if it did."""
        stopped = f", stopped={self.stopped!r}" if self.stopped else ""
        return f"Run({self.name!r}, {self.decision}{stopped})"

    @property
    def name(self) -> str:
        """The run's name."""
        return str(self.report["run"])

    @property
    def model(self) -> str:
        """The model under test."""
        return str(self.report["model"]["name"])

    @property
    def decision(self) -> str:
        """PASS, FAIL, INCONCLUSIVE, INCOMPLETE or NO_GATES."""
        return str(self.report["decision"])

    @cached_property
    def plan(self) -> Plan:
        """What was to be measured, as it was committed before the first question."""
        return read_plan(self.path)

    def samples(self) -> pd.DataFrame:
        """Return one row a sample, epoch and scorer, from `samples.parquet`.

        Returns:
            The columns of `tenken.results.frames.columns.SAMPLES`, and a column `tag.NAME` for
            each tag.

        Raises:
            BundleError: The file is missing or cannot be read.
        """
        records = read_parquet(self.path / RECORDS)
        tags = sorted({name for record in records for name in record.tags})
        rows = (
            {
                **{column.name: getattr(record, column.name, None) for column in SAMPLES},
                "labels": " ".join(record.labels),
                "flags": " ".join(record.flags),
                **{f"tag.{name}": value for name, value in record.tags.items()},
                **self._about(),
            }
            for record in records
        )
        return frame(SAMPLES, rows, [f"tag.{name}" for name in tags])

    def figures(self) -> pd.DataFrame:
        """Return one row a rate: of areas, measures, languages and groups, raw and corrected.

        Returns:
            The columns of `tenken.results.frames.columns.FIGURES`.
        """
        rows = [*self._areas(), *(row for task in self.report["tasks"] for row in _of(task))]
        return frame(FIGURES, ({**row, **self._about()} for row in rows))

    def gates(self) -> pd.DataFrame:
        """Return one row a gate.

        Returns:
            The columns of `tenken.results.frames.columns.GATES`.
        """
        rows = (
            {**gate, **(gate.get("units") or {}), **self._about()} for gate in self.report["gates"]
        )
        return frame(GATES, rows)

    def _about(self) -> dict[str, str]:
        return {"run": self.name, "model": self.model}

    def _areas(self) -> Iterator[dict[str, Any]]:
        for area in self.report["areas"]:
            facts = {"risk": area["risk"], "by": "area", "group": area["risk"]}
            # An area's `worst` is its worst task, which has a row of its own.
            yield from _rows({**area, "worst": None}, facts)

    def _repr_html_(self) -> str:
        """Show the first screen of the report in a notebook."""
        from pydantic import ValidationError

        from tenken.results.pages.report import render_html
        from tenken.schema.report import Report

        try:
            page = render_html(Report.model_validate_json(json.dumps(self.report)), {}).decode()
        except ValidationError:  # a report of an earlier form
            return f"<h3>{escape(self.name)}: {escape(self.decision)}</h3>"
        first, end, _ = page.partition("</header>")
        shown = escape(f"{first}{end}</body></html>")
        # Without scripts and without the notebook's own origin, whatever the report says.
        return f'<iframe sandbox srcdoc="{shown}" width="100%" height="620"></iframe>'


class Runs(Sequence[Run]):
    """Several runs, stacked: the same tables as of one run, told apart by the column `run`.

    Example:
        >>> runs = tenken.read_runs(RUNS)
        >>> first, both = runs[0], runs[:2]
        >>> sorted(both.figures().run.unique()) == sorted(run.name for run in both)
        True
        >>> len(runs.samples()) == sum(len(run.samples()) for run in runs)
        True
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self._runs = tuple(runs)

    @overload
    def __getitem__(self, index: int) -> Run: ...

    @overload
    def __getitem__(self, index: slice) -> Runs: ...

    def __getitem__(self, index: int | slice) -> Run | Runs:
        """Return a run, or some of them."""
        found = self._runs[index]
        return found if isinstance(found, Run) else Runs(found)

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self._runs)

    def samples(self) -> pd.DataFrame:
        """Return the samples of all runs; see `Run.samples`."""
        return self._stacked([run.samples() for run in self._runs])

    def figures(self) -> pd.DataFrame:
        """Return the figures of all runs; see `Run.figures`."""
        return self._stacked([run.figures() for run in self._runs])

    def gates(self) -> pd.DataFrame:
        """Return the gates of all runs; see `Run.gates`."""
        return self._stacked([run.gates() for run in self._runs])

    @staticmethod
    def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
        import pandas as pd

        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        """Name the runs."""
        return f"Runs({[run.name for run in self._runs]})"

    def _repr_html_(self) -> str:
        """Show the gates of all runs in a notebook."""
        return str(self.gates().to_html(index=False))


def open_run(folder: Path) -> Run:
    """Return a run from its folder; nothing is checked against its seal.

    Raises:
        BundleError: It has no readable report.
    """
    return Run(folder, read_report_json(folder))


def open_runs(folder: Path) -> Runs:
    """Return every run below a folder that has a report, sorted by name.

    Raises:
        BundleError: There is none, or one cannot be read.
    """
    folders = sorted(plan.parent for plan in folder.glob(f"*/{PLAN_FILE}"))
    finished = [each for each in folders if (each / "report.json").exists()]
    if not finished:
        raise BundleError("{folder}: no run with a report is in it.", folder=folder)
    return Runs([open_run(each) for each in finished])


def _of(task: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for measure in task["measures"]:
        facts = {
            "task": task["name"],
            "risk": task["risk"],
            "measure": measure["key"],
            "headline": measure["headline"],
            "scorer": task["scorer"]["name"],
        }
        yield from _rows(measure["overall"], {**facts, "by": "all"})
        for language, part in measure["languages"].items():
            yield from _rows(part, {**facts, "by": "language", "group": language})
        if difference := measure.get("difference"):
            row = {**facts, "by": "all", "unit": "difference", "n": difference["n_pairs"]}
            row["method"] = difference["interval_method"]
            yield from _rows({**difference, **row}, row)
        yield from _scaled(measure, facts)
        for part in measure.get("groups", ()):
            yield from _rows(part, {**facts, "by": part["tag"], "group": part["tag_value"]})


def _scaled(measure: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the mean of a measure's own numbers, and each metric over them."""
    if not (scaled := measure.get("scaled")):
        return
    blocks = [(None, scaled), *((each["key"], each) for each in scaled["metrics"])]
    for metric, block in blocks:
        own = {**facts, "unit": "score", "metric": metric}
        whole = measure["overall"] if metric is None else {}
        counts = {name: whole.get(name) for name in ("n", "clusters", "method")}
        yield from _rows({**counts, **block["overall"]}, {**own, "by": "all"})
        for language, part in block["languages"].items():
            whole = measure["languages"][language] if metric is None else {}
            counts = {name: whole.get(name) for name in ("n", "clusters", "method")}
            yield from _rows({**counts, **part}, {**own, "by": "language", "group": language})


def _rows(part: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the raw figure of a part of the report, and the corrected one if it may have one."""
    plain = {column.name: part.get(column.name) for column in FIGURES}
    yield {**plain, "unit": "rate", **facts, "kind": "raw", **part.get("outcomes", {})}
    if fixed := part.get("corrected"):
        said = {name: fixed.get(name) for name in ("value", "low", "high", "method")}
        why = fixed["reason"]  # a sentence in reports of the first form
        said["reason"] = why["code"] if isinstance(why, Mapping) else why or None
        yield {"unit": "rate", **facts, "kind": "corrected", **said}
