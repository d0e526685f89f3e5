"""`tenken list`: the tasks and suites there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from tenken.schema.reviews import ItemsRead
    from tenken.tasks.card.card import Card
    from tenken.tasks.library import TaskFolder


def list_tasks(
    attacks: Annotated[
        bool, typer.Option("--attacks", help="List the attacks and where they were published.")
    ] = False,
    read: Annotated[
        bool, typer.Option("--read", help="List how many of a task's items somebody has read.")
    ] = False,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the tasks, with the number of their samples in each language, and the suites."""
    from tenken.evals.suite import suite_outlines
    from tenken.tasks.library import public_folders, task_folders

    if attacks and read:
        raise InputError("give either --attacks or --read.")
    if attacks:
        _list_attacks(as_json=as_json)
        return
    if read:
        _list_read(as_json=as_json)
        return
    tasks = [_about(folder) for folder in task_folders().values()]
    suites = suite_outlines()
    public = [_public(folder) for folder in public_folders().values()]
    if as_json:
        every = {"tasks": tasks, "public": public, "suites": [asdict(each) for each in suites]}
        typer.echo(json.dumps(every, ensure_ascii=False, indent=2))
        return
    heads, right = ("task", "version", "en", "ja", "title"), ("en", "ja")
    print_table(heads, [_row(task, "?") for task in tasks], right=right)
    typer.echo(f"\n{phrase('list_public')}")
    print_table(heads, [_row(task, "?") for task in public], right=right)
    forms = [f"{task['name']}/{form}" for task in tasks for form in task["forms"]]
    if forms:
        typer.echo(f"\n{phrase('list_forms', forms=', '.join(forms))}")
    typer.echo("")
    print_table(
        ("suite", "tasks", "title"),
        [(each.name, len(each.tasks), _title(each.title)) for each in suites],
        right=("tasks",),
    )


def _row(task: Mapping[str, Any], unknown: str) -> tuple[object, ...]:
    """Return a task's row; a language that the task has and nobody has counted is `unknown`."""
    counts = [
        (unknown if task["samples"].get(language) is None else task["samples"][language])
        if language in task["languages"] or language in task["samples"]
        else ""
        for language in ("en", "ja")
    ]
    return task["name"], task["version"], *counts, _title(task["title"])


def _title(title: Mapping[str, str]) -> str:
    return f"{title['en']} / {title['ja']}"


def _list_attacks(*, as_json: bool) -> None:
    from tenken.tasks.attacks.adaptive import ADAPTIVE, ROLES
    from tenken.tasks.attacks.transforms import ATTACKS

    if as_json:
        listed = [
            {"name": each.name, "title": each.title.model_dump(), "source": each.source}
            for each in ATTACKS.values()
        ]
        adapting = [
            {
                "name": each.name, "title": each.title.model_dump(), "source": each.source,
                "budget": each.budget().model_dump(), "roles": list(ROLES),
            }
            for each in ADAPTIVE.values()
        ]  # fmt: skip
        typer.echo(
            json.dumps({"attacks": listed, "adaptive": adapting}, ensure_ascii=False, indent=2)
        )
        return
    rows: list[tuple[str, str]] = []
    for each in ATTACKS.values():
        rows.append((each.name, f"{each.title.en} / {each.title.ja}"))
        rows += [("", each.source)] if each.source else []
    print_table(("", ""), rows)
    needed = " ".join(f"--model-role {role}=MODEL" for role in ROLES)
    typer.echo(f"\n{phrase('list_adaptive', roles=needed)}")
    more: list[tuple[str, str]] = []
    for one in ADAPTIVE.values():
        budget = one.budget()
        more.append((one.name, f"{one.title.en} / {one.title.ja}"))
        more += [("", phrase("list_budget", n=budget.target)), ("", one.source)]
    print_table(("", ""), more)


def _list_read(*, as_json: bool) -> None:
    from tenken.tasks.library import task_folders

    found = {name: _read(folder) for name, folder in task_folders().items()}
    known = {name: read for name, read in found.items() if read is not None}
    if as_json:
        listed = [{"name": name, **read.model_dump(mode="json")} for name, read in known.items()]
        typer.echo(json.dumps({"tasks": listed}, ensure_ascii=False, indent=2))
        return
    heads = ("task", "items", "read by people", "by models alone", "changed since", "due")
    rows = [
        (name, read.samples, read.by_people, read.by_models_alone, read.stale,
         read.samples - read.by_people)
        for name, read in known.items()
    ]  # fmt: skip
    print_table(heads, rows, right=heads[1:])


def _read(task: TaskFolder) -> ItemsRead | None:
    """Return who has read a task's items; None for a task whose items are not its own."""
    from tenken.tasks.dataset.reviews import REVIEWS_FILE, items_read
    from tenken.tasks.lint.subject import Subject, read_subject

    if not (task.folder / REVIEWS_FILE).exists():
        counts = [n for n in _about(task)["samples"].values() if n is not None]
        return items_read(task.folder, ()).model_copy(update={"samples": sum(counts)})
    subject = read_subject(task)
    if not isinstance(subject, Subject):
        return None
    return items_read(subject.folder, [item.sample for item in subject.items])


def _public(task: TaskFolder) -> dict[str, Any]:
    """Return what is known of a public benchmark without its data."""
    card = _card(task)
    remote = card["dataset"].get("remote") or {}
    return {
        **_outline(task, card),
        "samples": dict(remote.get("samples") or {}),
        "licence": card["dataset"].get("licence", "Apache-2.0"),
        "downloadable": bool(remote.get("url")),
    }


def _about(task: TaskFolder) -> dict[str, Any]:
    from tenken.schema.record import LANGUAGES, in_order
    from tenken.tasks.dataset.read import count_pinned, count_samples

    card = _card(task)
    dataset = card["dataset"]
    known = count_pinned(task.folder / dataset.get("file", "samples.jsonl"), dataset["sha256"])
    counts: Mapping[str, int | None] = known if known is not None else {}
    if known is None:
        checked = _checked(task)
        if checked.dataset.is_table:  # counting would load it, from the network perhaps
            counts = dict.fromkeys(checked.languages)
        else:
            counts = count_samples(checked, task.folder)
    return {
        **_outline(task, card),
        "samples": {
            language: counts.get(language, 0) for language in in_order({*LANGUAGES, *counts})
        },
        "forms": sorted(card.get("forms") or {}),
        "package": task.package,
    }


def _outline(task: TaskFolder, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": task.name,
        "risk": card["risk"],
        "version": card["version"],
        "title": dict(card["title"]),
        "languages": list(card["languages"]),
        "scorer": card["scorer"]["name"],
        "measures": [measure["key"] for measure in card["measures"]],
    }


def _card(task: TaskFolder) -> dict[str, Any]:
    """Return a card as it is written; one that lacks what is listed is refused by its reader.

    The cards that come with this package are checked by its tests. Building the whole model to
    list them would take as long as all the rest.
    """
    from tenken.io.documents import DocumentError, read_mapping
    from tenken.tasks.card.card import CARD_FILE

    if task.package == "tenken":
        with suppress(OSError, DocumentError, KeyError, TypeError, AttributeError):
            card = read_mapping((task.folder / CARD_FILE).read_bytes())
            if _outline(task, card) and card["dataset"]:
                return card
    return _checked(task).model_dump()


def _checked(task: TaskFolder) -> Card:
    from tenken.tasks.library import task_card

    return task_card(task)
