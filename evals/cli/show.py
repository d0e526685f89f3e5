"""`tenken show TASK`: a task's card and what its samples are like."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.evals.cli import _options as o
from tenken.evals.cli._output import padded
from tenken.evals.words import phrase, term

if TYPE_CHECKING:
    from tenken.tasks.library import LoadedTask


def show(
    task: Annotated[str, typer.Argument(help="The task's name, such as criminal_misuse/fraud.")],
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Show samples of tasks whose text is withheld.")
    ] = False,
    data: o.Data = None,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a task measures, how it is scored, and a sample of each measure and language."""
    from tenken.evals.cli._options import data_paths

    about = _about(_loaded(task, data_paths(data)), with_text=with_text)
    if as_json:
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    typer.echo(phrase("show_head", name=about["name"], version=about["version"]))
    typer.echo(f"{about['title']['en']} / {about['title']['ja']}\n")
    typer.echo(f"{about['description']['en']}\n{about['description']['ja']}\n")
    for key in ("risk", "perspectives", "hazards", "scorer", "licence", "dataset", "canary"):
        typer.echo(padded(f"{term('about', key)}:", 14) + _flat(about[key]))
    typer.echo(f"\n{phrase('show_measures')}")
    for measure in about["measures"]:
        counts = ", ".join(f"{count} {lang}" for lang, count in measure["samples"].items())
        mark = phrase("show_headline") if measure["headline"] else ""
        labels = _flat(measure["unsafe_labels"])
        typer.echo(
            phrase("show_measure", key=measure["key"], mark=mark, counts=counts, labels=labels)
        )
    typer.echo(f"\n{phrase('show_samples')}")
    for sample in about["examples"]:
        typer.echo(f"  [{sample['id']}] {sample['input'] or phrase('show_withheld')}")


def _about(task: LoadedTask, *, with_text: bool) -> dict[str, Any]:
    from tenken.tasks.dataset.sample import measure_of

    card = task.card
    hidden = card.dataset.private or (card.is_hazardous and not with_text)
    counts: dict[str, Counter[str]] = {measure.key: Counter() for measure in card.measures}
    examples: dict[tuple[str, str], Any] = {}
    for sample in task.samples:
        measure = measure_of(card, sample)
        if measure is not None:  # the loader refuses samples without one
            counts[measure.key][sample.language] += 1
            examples.setdefault((measure.key, sample.language), sample)
    return {
        "name": task.name,
        "title": card.title.model_dump(),
        "description": card.description.model_dump(),
        "risk": card.risk,
        "version": card.version,
        "perspectives": card.perspectives,
        "hazards": card.hazards,
        "languages": card.languages,
        "scorer": card.scorer.name,
        "licence": {"card": card.licence, "samples": card.dataset.licence},
        "dataset": _dataset(task),
        "canary": card.canary,
        "measures": [
            {**measure.model_dump(), "samples": dict(counts[measure.key])}
            for measure in card.measures
        ],
        "examples": [
            {
                "id": sample.id,
                "measure": key,
                "language": language,
                "input": None if hidden else sample.input,
            }
            for (key, language), sample in examples.items()
        ],
    }


def _loaded(name: str, data: Mapping[str, Path]) -> LoadedTask:
    """Return the task; of a public benchmark whose data are not here, its card alone."""
    from tenken.tasks.library import LoadedTask, find_task, load_task, task_card
    from tenken.tasks.sources.load import read_public

    entry = find_task(name)
    card = task_card(entry)
    if card.dataset.remote is None:
        return load_task(name)
    read = read_public(card, entry.folder, data.get(entry.name), download=False)
    samples = read.samples if read else ()
    return LoadedTask(entry.name, entry.folder, entry.package, card, samples)


def _dataset(task: LoadedTask) -> dict[str, Any]:
    from tenken.tasks.card.remote import terms

    dataset = task.card.dataset
    remote = dataset.remote
    if dataset.is_table:
        (found,) = task.data["files"].values()
        place = f"{dataset.hub}@{dataset.revision}" if dataset.hub else dataset.file
        return {"table": place, "sha256": found["sha256"], "source": dataset.source}
    if remote is None:
        return {"sha256": dataset.sha256, "source": dataset.source}
    files = [f"{file.name} (SHA-256 {file.sha256 or 'not known'})" for file in remote.files]
    return {
        "source": dataset.source,
        "page": remote.page,
        "revision": remote.revision or "not pinned",
        "files": ", ".join(files) or "given out on request alone; name them with --data",
        "here": "yes" if task.samples else "no, its samples are not shown",
        "terms": terms(dataset.licence, remote) or "none beyond the licence",
    }


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
