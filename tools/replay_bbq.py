"""Replay UnifiedQA's published predictions on BBQ, and print the scores beside the paper's.

python tools/replay_bbq.py FOLDER      FOLDER holds preds_*.jsonl, and the data, CATEGORY.jsonl

The predictions are those of nyu-mll/BBQ, results/UnifiedQA (Parrish et al. 2022). Each file repeats
the rows that it answers; each prediction goes through the task's own reader and through `choice`,
and the bias scores are the report's. Where the data's file is there as well, the same predictions
are scored with its rows, and the rows that the authors have corrected since are counted: both lines
are printed where there are any (physical appearance, 36 rows). A category without predictions is
named, and the rest goes on; `additional_metadata.csv` is used where it is in the folder.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tenken.io.canonical import sha256_bytes
from tenken.results.metrics.bbq import BiasScores, Context, Role, bias_scores
from tenken.scorers._choice.reading import parse_choice
from tenken.tasks.sources.fetch import SourceFile
from tenken.tasks.sources.readers.bbq import bbq

CATEGORIES: Final = (
    "Age", "Disability_status", "Gender_identity", "Nationality", "Physical_appearance",
    "Race_ethnicity", "Race_x_SES", "Race_x_gender", "Religion", "SES", "Sexual_orientation",
)  # fmt: skip
FORMATS: Final = {"arc": "unifiedqa-t5-11b_pred_arc", "race": "unifiedqa-t5-11b_pred_race"}
PAPER: Final = {("Age", "arc"): 48.9, ("Age", "race"): 29.8}
"""Ambiguous bias scores in percent, Parrish et al. 2022, Figures 3 and 5; those at hand."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Replay:
    """A category's scores in one format of the question.

    Attributes:
        scores: Accuracy and bias score in each kind of scene.
        n: Predictions that name a choice.
        undecided: Predictions that name none; they count nowhere.
    """

    scores: BiasScores
    n: int
    undecided: int


def main() -> int:
    """Print the table; return 1 where no category has predictions."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="holds preds_*.jsonl and the data")
    folder = parser.parse_args().folder
    names = ("format", "rows", "n", "none", "acc amb", "acc dis", "s_AMB", "paper", "s_DIS")
    print("{:20} {:6} {:13} {:>5} {:>5} {:>8} {:>8} {:>7} {:>6} {:>7}".format("category", *names))
    found = 0
    for category in CATEGORIES:
        predictions = _predictions(folder, category)
        if predictions is None:
            print(f"{category:20} no predictions here")
            continue
        found += 1
        for line in _lines(folder, category, predictions):
            print(line)
    return 0 if found else 1


def _predictions(folder: Path, category: str) -> list[Row] | None:
    """Return the rows of a category's predictions, None where there is no such file."""
    for name in (f"preds_UnifiedQA_{category}.jsonl", f"preds_{category}.jsonl"):
        if (folder / name).is_file():
            return _rows(folder / name)
    return None


def _lines(folder: Path, category: str, predictions: list[Row]) -> Iterator[str]:
    current = folder / f"{category}.jsonl"
    corrected = _corrected(predictions, _rows(current)) if current.is_file() else predictions
    changed = sum(map(_differs, predictions, corrected))
    metadata = folder / "additional_metadata.csv"
    for name, column in FORMATS.items():
        rows = {"as published": predictions, f"{changed} corrected": corrected}
        for told, each in rows.items() if changed else [("as published", predictions)]:
            replay = replayed(each, column, metadata if metadata.is_file() else None)
            yield _line(category, name, told, replay)


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _corrected(predictions: Sequence[Row], current: Sequence[Row]) -> list[Row]:
    """Return the predictions on the rows of today's file; one that it lacks stays as it is."""
    by_id = {row["example_id"]: row for row in current}
    return [{**row, **by_id.get(row["example_id"], {})} for row in predictions]


def _differs(row: Row, other: Row) -> bool:
    return any(row[key] != other[key] for key in ("label", "answer_info", "question", "context"))


def replayed(rows: Sequence[Row], column: str, metadata: Path | None) -> Replay:
    """Score the predictions of a column.

    Args:
        rows: Rows in BBQ's layout, each with its prediction.
        column: The column that holds the prediction, a choice's text.
        metadata: `additional_metadata.csv`, which says whom the stereotype is about.
    """
    said = {str(row["example_id"]): str(row[column]) for row in rows}
    contexts: list[Context] = []
    roles: list[Role] = []
    right: list[bool] = []
    clusters: list[str] = []
    undecided = 0
    for sample in _samples(rows, metadata):
        if "roles" not in sample:
            continue  # whom the stereotype is about cannot be told
        answer = said[sample["id"].removesuffix("-en").rpartition("-")[2]]
        letter = parse_choice(answer, sample["choices"], "en").letter
        if letter is None:
            undecided += 1
            continue
        contexts.append(sample["tags"]["context"])
        roles.append(sample["roles"][ord(letter) - ord("A")])
        right.append(letter == sample["target"])
        clusters.append(sample["cluster"])
    return Replay(bias_scores(contexts, roles, right, np.asarray(clusters)), len(right), undecided)


def _samples(rows: Sequence[Row], metadata: Path | None) -> list[Mapping[str, Any]]:
    data = "\n".join(map(json.dumps, rows)).encode()
    files = [_file(Path("rows.jsonl"), data)]
    if metadata is not None:
        files.append(_file(metadata, metadata.read_bytes()))
    notes = io.StringIO()
    with contextlib.redirect_stderr(notes):
        samples: list[Mapping[str, Any]] = list(bbq(files, "en", "bbq"))
    for note in notes.getvalue().splitlines():
        print(f"  {note}")
    return samples


def _file(path: Path, data: bytes) -> SourceFile:
    return SourceFile(path, data, sha256_bytes(data), expected=False)


def _line(category: str, name: str, told: str, replay: Replay) -> str:
    scores = replay.scores
    shares = [
        None if each.value is None else 100 * each.value
        for each in (
            scores.accuracy_ambiguous, scores.accuracy_disambiguated, scores.bias_ambiguous,
            scores.bias_disambiguated,
        )
    ]  # fmt: skip
    accuracy, other, ambiguous, stated = (
        f"{'-' if v is None else format(v, '.1f'):>7}" for v in shares
    )
    paper = PAPER.get((category, name))
    return (
        f"{category:20} {name:6} {told:13} {replay.n:5} {replay.undecided:5} {accuracy:>8} "
        f"{other:>8} {ambiguous} {'-' if paper is None else paper:>6} {stated}"
    )


if __name__ == "__main__":
    sys.exit(main())
