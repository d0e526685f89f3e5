"""`tenken show TASK`: a task's card and what its samples are like."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tenken.tasks.library import LoadedTask


def show(
    task: Annotated[str, typer.Argument(help="The task's name, such as criminal_misuse/fraud.")],
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Show samples of tasks whose text is withheld.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a task measures, how it is scored, and a sample of each measure and language."""
    from tenken.tasks.library import load_task

    about = _about(load_task(task), with_text=with_text)
    if as_json:
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{about['name']}  version {about['version']}")
    typer.echo(f"{about['title']['en']} / {about['title']['ja']}\n")
    typer.echo(f"{about['description']['en']}\n{about['description']['ja']}\n")
    for key in ("risk", "perspectives", "hazards", "scorer", "licence", "dataset", "canary"):
        typer.echo(f"{key + ':':14}{_flat(about[key])}")
    typer.echo("\nmeasures:")
    for measure in about["measures"]:
        counts = ", ".join(f"{count} {lang}" for lang, count in measure["samples"].items())
        mark = " (headline)" if measure["headline"] else ""
        typer.echo(f"  {measure['key']}{mark}: {counts}; unsafe: {_flat(measure['unsafe_labels'])}")
    typer.echo("\nsamples:")
    for sample in about["examples"]:
        typer.echo(f"  [{sample['id']}] {sample['input'] or 'withheld; --with-text shows it'}")


def _about(task: LoadedTask, *, with_text: bool) -> dict[str, Any]:
    from tenken.tasks.samples import measure_of

    card = task.card
    hidden = card.dataset.private or (card.risk == "criminal_misuse" and not with_text)
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
        "dataset": {"sha256": card.dataset.sha256, "source": card.dataset.source},
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


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {each}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
