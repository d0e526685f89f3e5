"""A comparison of runs as a table of differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenken.results.frames.columns import DIFFERENCES, frame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """Runs against the first of them, on the samples that they share.

    Attributes:
        contents: What `tenken compare --json` prints.

    Example:
        >>> comparison = tenken.compare(RUN, OTHER)
        >>> comparison.intact
        True
        >>> raw = comparison.frame().query("kind == 'raw' and language.isna() and task.notna()")
        >>> bool(((raw.value - (raw.run_value - raw.baseline_value)).abs() < 1e-9).all())
        True
    """

    contents: Mapping[str, Any] = field(repr=False)

    @property
    def intact(self) -> bool:
        """Whether every run fits its seal."""
        return all(run["intact"] for run in self.contents["runs"])

    def frame(self) -> pd.DataFrame:
        """Return one row a difference: of measures and areas, languages, raw and corrected.

        Returns:
            The columns of `tenken.results.frames.columns.DIFFERENCES`.
        """
        return frame(DIFFERENCES, self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        for comparison in self.contents["comparisons"]:
            letters = {"baseline": comparison["baseline"], "run": comparison["run"]}
            for task in comparison["tasks"]:
                for measure in task["measures"]:
                    facts = {
                        **letters,
                        "task": task["name"],
                        "attack": task["attack"]["name"] if task["attack"] else None,
                        "measure": measure["key"],
                        "headline": measure["headline"],
                    }
                    yield from _differences(measure, facts)
            for area in comparison["areas"]:
                yield from _differences(area, {**letters, "risk": area["risk"]})

    def __repr__(self) -> str:
        """Name the runs."""
        names = ", ".join(repr(run["run"]) for run in self.contents["runs"])
        return f"Comparison({names})"

    def _repr_html_(self) -> str:
        """Show the raw differences in a notebook."""
        found = self.frame()
        return str(found[found["kind"] == "raw"].to_html(index=False))


def _differences(part: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for language, row in {None: part["overall"], **part["languages"]}.items():
        yield _difference(row, {**facts, "language": language, "kind": "raw"})
        yield _difference(row["corrected"], {**facts, "language": language, "kind": "corrected"})


def _difference(row: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {column.name: row.get(column.name) for column in DIFFERENCES}
    sides = {f"{side}_value": (row[side] or {}).get("value") for side in ("baseline", "run")}
    return {**numbers, **sides, **facts}
