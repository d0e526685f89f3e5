"""The columns of every table: name, dtype, and what a cell holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tenken.io.canonical import canonical_json

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: Its name.
        dtype: Its pandas dtype; every one of them can hold a missing value (`pandas.NA`).
        about: What a cell holds, with its unit and range.
    """

    name: str
    dtype: str
    about: str


_RUN: Final = (
    Column("run", "string", "name of the run's folder"),
    Column("model", "string", "the model under test"),
)
_INTERVAL: Final = (
    Column("value", "Float64", "the estimate; missing where nothing was measured"),
    Column("low", "Float64", "lower end of the interval (95%)"),
    Column("high", "Float64", "upper end of the interval (95%)"),
)

SAMPLES: Final = (
    *_RUN,
    Column("task", "string", "full name of the task"),
    Column("sample_id", "string", "the sample's stable id"),
    Column("epoch", "Int64", "1 for the first time of asking"),
    Column("scorer", "string", "registry name of the scorer"),
    Column("language", "string", "language of the sample"),
    Column("pair_id", "string", "shared by the same item in another language"),
    Column("cluster", "string", "base item that variants share; the unit of analysis"),
    Column("measure", "string", "key of the measure that the sample belongs to"),
    Column("outcome", "string", "scored, unscored, blocked or errored"),
    Column("reason", "string", "why, for everything that is not scored; else missing"),
    Column("verdict", "Float64", "in [0, 1], 1 is unsafe; missing where it counts in no rate"),
    Column("score", "Float64", "the number that the scorer gave; missing for a scorer of labels"),
    Column("label", "string", "what the scorer saw, such as compliance; missing without one"),
    Column("labels", "string", "further labels, separated by spaces"),
    Column("answer", "string", "the answer as the scorer read it, where it is a letter"),
    Column("flags", "string", "facts that change no verdict, separated by spaces"),
    Column("evidence", "string", "salted digest of the sample's input, output and score"),
)
"""Beside these, each tag of a sample has a column `tag.NAME` (string)."""

FIGURES: Final = (
    *_RUN,
    Column("task", "string", "full name of the task; missing where the row is a whole area"),
    Column("risk", "string", "the area"),
    Column("measure", "string", "key of the measure; missing where the row is a whole area"),
    Column("headline", "boolean", "whether it is the task's headline measure"),
    Column("scorer", "string", "registry name of the scorer"),
    Column("by", "string", "all, area, language, or the tag that the samples are grouped by"),
    Column("group", "string", "the language or the tag's value; missing where by is all"),
    Column(
        "unit", "string",
        "rate: a share in [0, 1], 1 is unsafe; difference: Japanese minus English, in [-1, 1]; "
        "score: a mean, or a metric, in the scorer's own numbers",
    ),
    Column("metric", "string", "the metric over the scorer's numbers; missing for their mean"),
    Column("kind", "string", "raw, or corrected for the scorer's own error"),
    *_INTERVAL,
    Column("n", "Int64", "samples with a verdict, each epoch counted"),
    Column("clusters", "Int64", "clusters among them"),
    Column("best", "Float64", "the rate if every missing verdict were safe"),
    Column("worst", "Float64", "the rate if every missing verdict were unsafe"),
    Column("scored", "Int64", "samples with this outcome"),
    Column("unscored", "Int64", "samples with this outcome"),
    Column("blocked", "Int64", "samples with this outcome"),
    Column("errored", "Int64", "samples with this outcome"),
    Column("method", "string", "how the interval was made"),
    Column("reason", "string", "code of why there is no value, where there is none"),
)  # fmt: skip

GATES: Final = (
    *_RUN,
    Column("name", "string", "the gate's name"),
    Column("task", "string", "full name of the task"),
    Column("measure", "string", "key of the measure"),
    Column("language", "string", "the language; missing for all"),
    *_INTERVAL,
    Column("n", "Int64", "samples with a verdict"),
    Column("max", "Float64", "the most that the measure may be, in [0, 1], 1 is unsafe"),
    Column("bound", "Float64", "the threshold in the scorer's own numbers; missing for a rate"),
    Column("metric", "string", "the metric that it is on; missing for a rate or a mean"),
    Column("decision", "string", "PASS, FAIL, INCONCLUSIVE, INCOMPLETE or NO_GATES"),
    Column("reason", "string", "code of why it is so decided"),
)

DIFFERENCES: Final = (
    Column("baseline", "string", "letter of the run that is compared with"),
    Column("run", "string", "letter of the run"),
    Column("task", "string", "full name of the task; missing where the row is a whole area"),
    Column("attack", "string", "the attack that both were asked under; missing for none"),
    Column("risk", "string", "the area, where the row is one"),
    Column("measure", "string", "key of the measure; missing where the row is a whole area"),
    Column("headline", "boolean", "whether it is the task's headline measure"),
    Column("language", "string", "the language; missing for all"),
    Column("kind", "string", "raw, or corrected for the scorer's own error"),
    Column("baseline_value", "Float64", "rate of the baseline on what both were asked, in [0, 1]"),
    Column("run_value", "Float64", "rate of the run on what both were asked, in [0, 1]"),
    Column("value", "Float64", "run minus baseline, in [-1, 1]; above 0 the run is less safe"),
    Column("low", "Float64", "lower end of the interval (95%)"),
    Column("high", "Float64", "upper end of the interval (95%)"),
    Column("compared", "Int64", "pairs of answers that were compared"),
    Column("p_value", "Float64", "two-sided p of the paired test"),
    Column("p_holm", "Float64", "the same, adjusted over the whole comparison (Holm 1979)"),
)

_READINGS: Final = {
    "accuracy": "share of answers whose label was right",
    "sensitivity": "share of the positive answers that were seen as positive",
    "specificity": "share of the other answers that were seen as such",
    "kappa": "Cohen's kappa, in [-1, 1]",
}

CALIBRATION: Final = (
    Column("scorer", "string", "registry name of the scorer"),
    Column("language", "string", "language of the answers"),
    Column("positive", "string", "the labels that count as positive, separated by spaces"),
    Column("n", "Int64", "answers with a known label"),
    *(
        Column(f"{name}{end}", "Float64", f"{about}{words}")
        for name, about in _READINGS.items()
        for end, words in (("", ""), ("_low", ": lower end (95%)"), ("_high", ": upper end (95%)"))
    ),
)

VERIFICATION: Final = (
    Column("status", "string", "ok, or wrong; other words say what could not be checked"),
    Column("what", "string", "the file or figure"),
    Column("message", "string", "what holds, or what differs"),
)


def frame(
    columns: Iterable[Column], rows: Iterable[Mapping[str, Any]], more: Iterable[str] = ()
) -> pd.DataFrame:
    """Return a table of just these columns in these dtypes, whatever the rows hold.

    Args:
        columns: The table's columns.
        rows: By name of the column, the cells; an empty text and None are missing.
        more: Further columns of texts.
    """
    import pandas as pd

    every = [*columns, *(Column(name, "string", "") for name in more)]
    listed = list(rows)
    cells = {
        each.name: pd.array([_cell(row.get(each.name)) for row in listed], dtype=each.dtype)  # type: ignore[call-overload]
        for each in every
    }
    return pd.DataFrame(cells)


def _cell(value: Any) -> Any:
    """Return what a column of plain values can hold: no empty text, and no nested value."""
    if isinstance(value, (dict, list)):
        return canonical_json(value).decode()
    return None if value == "" else value
