"""Reading the layout of BBQ, which JBBQ has too: scenes, questions, and whom an answer names.

Parrish et al. (2022), "BBQ", and Yanaka et al. (2025), "JBBQ". Which answer follows the
stereotype is not in a row by itself: `answer_info` names the group of each answer,
`stereotyped_groups` the group that the stereotype is about, and a question of the polarity
`nonneg` turns it round: there the stereotype points at the other group.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tenken.errors import CardError
from tenken.tasks.sources.fetch import SourceFile

_ANSWERS: Final = ("ans0", "ans1", "ans2")
_CONTEXTS: Final = {"ambig": "ambiguous", "disambig": "disambiguated"}
_UNKNOWN: Final = frozenset({
    "unknown", "cannot be determined", "can't be determined", "not known", "not enough info",
    "not enough information", "cannot answer", "can't answer", "undetermined", "not answerable",
})  # fmt: skip
_SAME_GROUP: Final = {
    "f": "女性", "m": "男性", "女の子": "女性", "男の子": "男性", "girl": "女性", "boy": "男性",
}  # fmt: skip
"""Names under which JBBQ's gender part knows the same group."""

Row = dict[str, Any]


def bbq(files: Sequence[SourceFile], language: str, prefix: str) -> Iterator[Row]:
    """Read files in BBQ's layout.

    The template of a question (`question_index`) is the cluster: its rows differ in names and
    in the order of the answers alone.

    Args:
        files: JSON Lines.
        language: Of all rows.
        prefix: Beginning of the ids, such as `jbbq`.
    """
    for file in files:
        for number, line in enumerate(file.data.decode("utf-8-sig", "replace").split("\n"), 1):
            if not line.strip():
                continue
            try:
                yield _sample(json.loads(line), language, prefix)
            except json.JSONDecodeError as error:
                raise CardError(file.path, f"not JSON: {error.msg}.", number) from None
            except (KeyError, TypeError, AttributeError) as error:
                message = f"not a row of BBQ's layout: {type(error).__name__}: {error}."
                raise CardError(file.path, message, number) from None
            except ValueError as error:
                raise CardError(file.path, f"{error}.", number) from None


def _sample(row: Row, language: str, prefix: str) -> Row:
    category, index = str(row["category"]), str(row["question_index"])
    polarity, context = row["question_polarity"], _CONTEXTS.get(row["context_condition"])
    if polarity not in ("neg", "nonneg") or context is None:
        raise ValueError("question_polarity or context_condition has an unknown value")
    choices = [str(row[key]) for key in _ANSWERS]
    label = int(row["label"])
    if not 0 <= label < len(choices):
        raise ValueError(f"label is {label}, not 0, 1 or 2")
    cluster = f"{prefix}-{category.lower().replace('_', '-')}-{index}"
    return {
        "id": f"{cluster}-{row['example_id']}-{language}",
        "language": language,
        "cluster": cluster,
        "input": f"{row['context']}\n{row['question']}",
        "choices": choices,
        "target": "ABC"[label],
        "roles": _roles(row, polarity),
        "tags": {"axis": category, "polarity": polarity, "context": context},
    }


def _roles(row: Row, polarity: str) -> list[str]:
    """Return what each answer means for the bias score.

    Raises:
        ValueError: The row does not say it of exactly one answer.
    """
    named = [[_group(each) for each in row["answer_info"][key]] for key in _ANSWERS]
    unknown = [number for number, names in enumerate(named) if _UNKNOWN & set(names)]
    if len(unknown) != 1:
        raise ValueError(f"{len(unknown)} of the answers are the unknown one")
    groups = {_group(each) for each in row["additional_metadata"]["stereotyped_groups"]}
    others = [number for number in range(len(named)) if number not in unknown]
    # The group stands last in answer_info; where it is no group's name, the text may be.
    target = [number for number in others if named[number][-1] in groups]
    if len(target) != 1:
        target = [number for number in others if groups & set(named[number])]
    if len(target) != 1:
        raise ValueError(f"{len(target)} of the answers name a stereotyped group, not one")
    turned = polarity == "nonneg"
    roles = ["unknown"] * len(named)
    for number in others:
        roles[number] = "stereotyped" if (number in target) != turned else "counter"
    return roles


def _group(name: Any) -> str:
    plain = str(name).strip().casefold()
    return _SAME_GROUP.get(plain, plain)
