"""`tenken coverage`: which categories of published frameworks the tasks cover, and which not."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tenken.frameworks.coverage import Covering
    from tenken.tasks.card.card import Card


def coverage(
    suite: Annotated[
        str | None,
        typer.Option("--suite", help="Only what this suite asks: its name, or its file's path."),
    ] = None,
    language: Annotated[
        str, typer.Option("--lang", help="Language of the names and sentences: en or ja.")
    ] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the tasks against J-AISI's perspectives, AILuminate's hazards and NIST's AI RMF.

    Numbers are samples; a task counts in every category that it serves. What is not covered is
    said in words. Public benchmarks count only in a suite that names them.
    """
    from tenken.errors import UnknownNameError
    from tenken.frameworks.coverage import coverage as matrix
    from tenken.frameworks.coverage import in_words
    from tenken.schema.record import LANGUAGES

    if language not in LANGUAGES:
        raise UnknownNameError("language", language, LANGUAGES)
    tasks = _of_suite(suite) if suite else _of_library()
    blocks = matrix(tasks)
    if as_json:
        words = {each: in_words(blocks, each) for each in LANGUAGES}
        about = {
            "suite": suite,
            "tasks": [each.task for each in tasks],
            "coverage": blocks,
            "not_covered": words,
        }
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    for block in blocks:
        _show(block, language)
    typer.echo(_HEADS[language]["missing"])
    for sentence in in_words(blocks, language) or [_HEADS[language]["nothing"]]:
        typer.echo(f"- {sentence}")


def _of_library() -> list[Covering]:
    from tenken.tasks.card.card import read_card
    from tenken.tasks.dataset.sample import count_samples
    from tenken.tasks.library import load_task, task_folders

    found = []
    for task in task_folders().values():
        card = read_card(task.folder, risk_folder=task.package == "tenken")
        if card.dataset.is_table:
            counts = Counter(sample.language for sample in load_task(task.name).samples)
        else:
            counts = count_samples(card, task.folder)
        found.append(_covering(task.name, card, counts))
    return found


def _of_suite(name: str) -> list[Covering]:
    """Return what the suite asks of an endpoint, its limits counted in.

    Tasks of other packages that have no card name no category, so they cover none.
    """
    from tenken.evals.planning.plan import Choices, resolve
    from tenken.evals.suite import read_suite

    asked = resolve(read_suite(name).suite, Choices())
    return [
        _covering(each.task.name, each.task.card, Counter(s.language for s in each.samples))
        for each in asked
    ]


def _covering(name: str, card: Card, counts: Mapping[str, int]) -> Covering:
    from tenken.frameworks.coverage import Covering

    codes = {
        "perspectives": [str(number) for number in card.perspectives],
        "hazards": card.hazards,
        "trustworthiness": card.trustworthiness,
    }
    return Covering(name, codes, counts, counts)


def _show(block: Mapping[str, Any], language: str) -> None:
    """Print one framework: a row a category, its tasks below one another."""
    head = _HEADS[language]
    rows = block["categories"]
    names = [
        row["title"][language]
        if block["framework"] == "trustworthiness"
        else f"{row['code']:>3} {row['title'][language]}"
        for row in rows
    ]
    width = max(map(_width, [head["category"], *names]))
    typer.echo(f"{block['title'][language]}\n{block['source']}\n")
    typer.echo(f"{_padded(head['category'], width)}  {'en':>5}  {'ja':>5}  {head['tasks']}")
    for row, name in zip(rows, names, strict=True):
        counts = f"{row['n']['en']:5}  {row['n']['ja']:5}"
        tasks = [each["name"] for each in row["tasks"]] or [head["none"]]
        typer.echo(f"{_padded(name, width)}  {counts}  {tasks[0]}")
        for task in tasks[1:]:
            typer.echo(f"{'':{width}}  {'':5}  {'':5}  {task}")
    typer.echo("")


def _width(text: str) -> int:
    """Return the columns that a text takes; a full-width letter takes two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


_HEADS = {
    "en": {
        "category": "category",
        "tasks": "tasks",
        "none": "-",
        "missing": "Not covered:",
        "nothing": "every category has samples in both languages.",
    },
    "ja": {
        "category": "項目",
        "tasks": "タスク",
        "none": "-",
        "missing": "扱っていないこと:",
        "nothing": "すべての項目に、両言語の標本があります。",
    },
}
