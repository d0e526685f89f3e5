"""`tenken review-items TASK`: have items read by somebody who did not write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError, UnknownNameError
from tenken.evals.cli._output import interval
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from tenken.results.pages.item_review import ItemSheet
    from tenken.tasks.lint.subject import Subject


def review_items(
    task: Annotated[str, typer.Argument(help="The task's name, or its folder.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Further files of readings, after --import.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Draw this many items. Default: all of them.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw and of the order.")] = 0,
    language: Annotated[
        str | None, typer.Option(help="Only items in this language, such as ja.")
    ] = None,
    reader: Annotated[
        str | None, typer.Option(help="Leave out what this reader has read already.")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Show the items of a private task.")
    ] = False,
    readings: Annotated[
        list[Path] | None,
        typer.Option("--import", help="Take in files of readings (JSONL or CSV), one or more."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder for the files. Default: here, TASK-items."),
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of the page: en or ja.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write a page for readers of a task's items, or take their readings in (--import).

    The page is blind to the label: it shows neither an item's id, nor its tags, nor its twin. For
    each item it asks how natural it is, whether meeting it would do harm, whether both languages
    ask the same, and what should become of it. The readings are kept in the task's reviews.jsonl.
    """
    from tenken.evals.actions.item_reviews import import_reviews, item_sheet, items_of
    from tenken.schema.record import LANGUAGES
    from tenken.tasks.library import find_task

    if lang not in LANGUAGES:
        raise UnknownNameError("page language", lang, LANGUAGES)
    if files and not readings:
        raise InputError("{files}: files of readings go after --import.", files=files[0])
    subject = items_of(find_task(task))
    if language is not None and language not in subject.card.languages:
        raise UnknownNameError("language", language, subject.card.languages)
    if readings:
        if sample or language or reader or output:
            raise InputError("--sample, --language, --reader and --output go without --import.")
        new = import_reviews(subject, [*readings, *(files or [])])
        _tell({"new": len(new), **_state(subject)}, as_json=as_json)
        return
    if subject.card.dataset.private and not private:
        raise InputError(
            "{name} is private; --private writes its text into the files.", name=subject.name
        )
    sheet = item_sheet(subject, language, sample, seed, reader)
    if not sheet.items:
        raise InputError(
            "{name}: '{reader}' has read all of its items.", name=subject.name, reader=reader
        )
    folder = output or Path(f"{sheet.task.rsplit('/', 1)[-1]}-items")
    made = {"items": len(sheet.items), "files": _write(sheet, folder, lang), **_state(subject)}
    _tell(made, as_json=as_json)


def _write(sheet: ItemSheet, folder: Path, language: str) -> list[str]:
    from tenken.io.files import write_atomically
    from tenken.results.pages.item_review import item_lines, item_page

    written = []
    for ending, data in (("jsonl", item_lines(sheet)), ("html", item_page(sheet, language))):
        path = folder / f"{sheet.stem}.{ending}"
        if ending == "jsonl" and path.exists() and path.read_bytes() != data:
            # Somebody may have filled it in.
            path = folder / f"{sheet.stem}-blank.{ending}"
        write_atomically(path, data)
        written.append(str(path))
    return written


def _state(subject: Subject) -> dict[str, Any]:
    from tenken.evals.actions.item_reviews import readers_alpha
    from tenken.results.calibration.readings import figure
    from tenken.tasks.dataset.reviews import items_read

    read = items_read(subject.folder, [item.sample for item in subject.items])
    alpha = readers_alpha(subject)
    return {
        "task": subject.name,
        "read": read.model_dump(mode="json"),
        "alpha": figure(alpha).model_dump(mode="json") if alpha else None,
    }


def _tell(made: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(made, ensure_ascii=False, indent=2))
        return
    if "files" in made:
        typer.echo(phrase("reading_for", n=made["items"]))
        for path in made["files"]:
            typer.echo(f"  {path}")
        typer.echo(phrase("reading_then", task=made["task"]))
    else:
        typer.echo(phrase("reading_in", n=made["new"]))
    read = made["read"]
    counts = {"people": read["by_people"], "models": read["by_models_alone"]}
    typer.echo(phrase("reading_state", task=made["task"], n=read["samples"], **counts))
    labelled = read["as_labelled"]
    if labelled["of"]:
        typer.echo(phrase("reading_labelled", count=labelled["count"], of=labelled["of"]))
    if made["alpha"]:
        typer.echo(phrase("reading_alpha", alpha=interval(made["alpha"])))
