"""`tenken coverage`: which categories of published frameworks the tasks cover, and which not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.cli._output import print_table

if TYPE_CHECKING:
    from tenken.frameworks.coverage import Covering
    from tenken.schema.coverage import CoveredFramework


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
            "coverage": [each.model_dump(mode="json") for each in blocks],
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
    from tenken.tasks.dataset.read import count_samples
    from tenken.tasks.library import load_task, task_folders

    found = []
    for task in task_folders().values():
        card = read_card(task.folder, risk_folder=task.package == "tenken")
        if card.dataset.is_table:
            counts = Counter(sample.language for sample in load_task(task.name).samples)
        else:
            counts = count_samples(card, task.folder)
        categories = {
            "perspectives": [str(number) for number in card.perspectives],
            "hazards": card.hazards,
            "trustworthiness": card.trustworthiness,
        }
        found.append(_covering(task.name, categories, counts))
    return found


def _of_suite(name: str) -> list[Covering]:
    """Return what the suite asks of an endpoint, its limits counted in.

    Tasks of other packages that have no card name no category, so they cover none.
    """
    from tenken.evals.asked import Choices
    from tenken.evals.planning.plan import resolve
    from tenken.evals.suite import read_suite

    asked = resolve(read_suite(name).suite, Choices())
    return [
        _covering(each.task.name, each.task.categories, Counter(s.language for s in each.samples))
        for each in asked
    ]


def _covering(
    name: str, categories: Mapping[str, list[str]], counts: Mapping[str, int]
) -> Covering:
    from tenken.frameworks.coverage import Covering

    return Covering(name, dict(categories), counts, counts)


def _show(block: CoveredFramework, language: str) -> None:
    """Print one framework: a row a category, its tasks below one another."""
    head = _HEADS[language]
    rows: list[tuple[object, ...]] = []
    for row in block.categories:
        title = row.title.of(language)
        name = title if block.framework == "trustworthiness" else f"{row.code:>3} {title}"
        first, *others = [each.name for each in row.tasks] or [head["none"]]
        rows.append((name, row.n["en"], row.n["ja"], first))
        rows += [("", "", "", each) for each in others]
    typer.echo(f"{block.title.of(language)}\n{block.source}\n")
    print_table((head["category"], "en", "ja", head["tasks"]), rows, right=("en", "ja"))
    typer.echo("")


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
