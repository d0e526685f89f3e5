"""Reading the layout of BBQ, which JBBQ has too: scenes, questions, and whom an answer names.

Parrish et al. (2022), "BBQ", and Yanaka et al. (2025), "JBBQ". Which answer follows the
stereotype is not in a row by itself: `answer_info` names the group of each answer,
`stereotyped_groups` the group that the stereotype is about, and a question of the polarity
`nonneg` turns it round: there the stereotype points at the other group.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tenken.errors import CardError, RuleError
from tenken.tasks.sources.fetch import SourceFile

_ANSWERS: Final = ("ans0", "ans1", "ans2")
_CONTEXTS: Final = {"ambig": "ambiguous", "disambig": "disambiguated"}
_UNKNOWN: Final = frozenset({
    "unknown", "cannot be determined", "can't be determined", "not known", "not enough info",
    "not enough information", "cannot answer", "can't answer", "undetermined", "not answerable",
})  # fmt: skip
_SAME_GROUP: Final = {
    **dict.fromkeys(("f", "woman", "women", "girl", "female", "女の子"), "女性"),
    **dict.fromkeys(("m", "man", "men", "boy", "male", "男の子"), "男性"),
    **dict.fromkeys(("low ses", "lowses", "poor"), "lowses"),
    **dict.fromkeys(("high ses", "highses", "rich"), "highses"),
    **dict.fromkeys(("transgender women", "transgender men", "transgender", "trans"), "trans"),
    **dict.fromkeys(("african american", "african-american", "black"), "black"),
    **dict.fromkeys(("latino", "latina", "hispanic"), "hispanic"),
    **dict.fromkeys(("arab", "middle eastern"), "arab"),
}  # fmt: skip
"""Names under which BBQ and JBBQ know the same group."""

_NO_TARGET: Final = (
    "no name says which answer the stereotype is about; put BBQ's additional_metadata.csv beside it"
)

Row = dict[str, Any]
Targets = dict[tuple[str, str, str], int]


class _TargetUnknownError(ValueError):
    """A row does not say which answer the stereotype is about."""


def bbq(files: Sequence[SourceFile], language: str, prefix: str) -> Iterator[Row]:
    """Read files in BBQ's layout.

    The template of a question (`question_index`) is the cluster: its rows differ in names and
    in the order of the answers alone. BBQ's `additional_metadata.csv`, where it is among the
    files, says which answer the stereotype is about; else the names of the groups do. Where
    neither says it, a row whose scene tells the answer counts for accuracy alone, and one whose
    scene does not is left out; both are told on standard error, as is a row that cannot be read.

    Args:
        files: JSON Lines, and perhaps `additional_metadata.csv`.
        language: Of all rows.
        prefix: Beginning of the ids, such as `jbbq`.
    """
    targets = _target_places([file for file in files if file.path.name.endswith(".csv")])
    for file in files:
        if not file.path.name.endswith(".csv"):
            yield from _read_file(file, language, prefix, targets)


def _read_file(file: SourceFile, language: str, prefix: str, targets: Targets) -> Iterator[Row]:
    rows, without_role, left_out = 0, 0, list[tuple[int, str]]()
    for number, line in enumerate(file.data.decode("utf-8-sig", "replace").split("\n"), 1):
        if not line.strip():
            continue
        rows += 1
        try:
            sample = _sample(json.loads(line), language, prefix, targets)
            if sample["roles"] is None:
                without_role += 1
                del sample["roles"]
            yield sample
        except json.JSONDecodeError as error:
            left_out.append((number, f"not JSON: {error.msg}"))
        except (KeyError, TypeError, AttributeError) as error:
            left_out.append((number, f"not BBQ's layout: {type(error).__name__}: {error}"))
        except ValueError as error:
            left_out.append((number, str(error)))
    if without_role:
        print(
            f"{file.path.name}: {without_role} of {rows} rows count for accuracy alone: "
            f"{_NO_TARGET}.",
            file=sys.stderr,
        )
    if left_out:
        _tell_left_out(file, rows, left_out)


def _tell_left_out(file: SourceFile, rows: int, left_out: list[tuple[int, str]]) -> None:
    """Say how many rows of a file were left out.

    Raises:
        CardError: It is all of them: the file is not of this layout.
    """
    number, reason = left_out[0]
    if len(left_out) == rows:
        raise CardError(
            file.path, "{reason}; the file has no row that can be read.", number, reason=reason
        )
    reasons = Counter(reason for _, reason in left_out)
    told = "; ".join(f"{count} x {each}" for each, count in reasons.most_common(3))
    print(
        f"{file.path.name}: {len(left_out)} of {rows} rows left out ({told}; the first is line "
        f"{number}).",
        file=sys.stderr,
    )


def _target_places(tables: Sequence[SourceFile]) -> Targets:
    """Return which answer the stereotype is about, by category, template and example."""
    places: Targets = {}
    for table in tables:
        for row in csv.DictReader(io.StringIO(table.data.decode("utf-8-sig", "replace"))):
            place = str(row.get("target_loc") or "").strip().removesuffix(".0")
            if place in ("0", "1", "2"):
                key = (str(row["category"]), str(row["question_index"]), str(row["example_id"]))
                places[key] = int(place)
    return places


def _sample(row: Row, language: str, prefix: str, targets: Targets) -> Row:
    category, index = str(row["category"]), str(row["question_index"])
    polarity, context = row["question_polarity"], _CONTEXTS.get(row["context_condition"])
    if polarity not in ("neg", "nonneg") or context is None:
        raise RuleError("question_polarity or context_condition has an unknown value")
    choices = [str(row[key]) for key in _ANSWERS]
    label = int(row["label"])
    if not 0 <= label < len(choices):
        raise RuleError("label is {label}, not 0, 1 or 2", label=label)
    place = targets.get((category, index, str(row["example_id"])))
    try:
        roles = _roles(row, polarity, place)
    except _TargetUnknownError:
        if context == "ambiguous":
            raise
        roles = None
    cluster = f"{prefix}-{category.lower().replace('_', '-')}-{index}"
    return {
        "id": f"{cluster}-{row['example_id']}-{language}",
        "language": language,
        "cluster": cluster,
        "input": f"{row['context']}\n{row['question']}",
        "choices": choices,
        "target": "ABC"[label],
        "roles": roles,
        "tags": {"axis": category, "polarity": polarity, "context": context},
    }


def _roles(row: Row, polarity: str, place: int | None) -> list[str]:
    """Return what each answer means for the bias score.

    Args:
        row: A row of BBQ's layout.
        polarity: `nonneg` turns the stereotype round.
        place: Position of the answer that it is about; None reads it off the groups' names.

    Raises:
        ValueError: The row does not say it of exactly one answer.
    """
    named = [[_parts(each) for each in row["answer_info"][key]] for key in _ANSWERS]
    unknown = [i for i, names in enumerate(named) if any(_UNKNOWN & each for each in names)]
    if len(unknown) != 1:
        raise RuleError("{n} of the answers are the unknown one", n=len(unknown))
    others = [number for number in range(len(named)) if number not in unknown]
    if place is None:
        place = _target(row, named, others)
    elif place in unknown:
        raise RuleError("additional_metadata.csv names the unknown answer as the target")
    turned = polarity == "nonneg"
    roles = ["unknown"] * len(named)
    for number in others:
        roles[number] = "stereotyped" if (number == place) != turned else "counter"
    return roles


def _target(row: Row, named: Sequence[Sequence[frozenset[str]]], others: Sequence[int]) -> int:
    """Return the answer that alone names a stereotyped group, by its tag before its text.

    Where two groups cross and both answers are of the stereotyped race, the one of low
    socio-economic status is meant; of which gender the stereotype is, no name says.
    """
    groups = frozenset[str]().union(*map(_parts, row["additional_metadata"]["stereotyped_groups"]))
    tags = {number: named[number][-1] for number in others}
    texts = {number: frozenset[str]().union(*named[number]) for number in others}
    poor = frozenset({"lowses"})
    for said in (tags, texts):
        for wanted in (groups, poor):
            meant = [number for number in others if wanted & said[number]]
            if len(meant) == 1 and (wanted is not poor or _both_stereotyped(said, groups)):
                return meant[0]
    raise _TargetUnknownError(_NO_TARGET)


def _both_stereotyped(said: Mapping[int, frozenset[str]], groups: frozenset[str]) -> bool:
    return all(groups & names for names in said.values())


def _parts(name: Any) -> frozenset[str]:
    """Return a group's name and what it is made of, each in one spelling: `lowSES-M-Black`."""
    whole = " ".join(str(name).casefold().split())
    pieces = re.split(r"[-_]", whole) if whole not in _UNKNOWN else []
    names = {whole, *(piece.strip() for piece in pieces)}
    return frozenset(str(_SAME_GROUP.get(each, each)) for each in names if each)
