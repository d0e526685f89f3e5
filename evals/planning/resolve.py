"""What a suite's entry names: a task of ours, a public benchmark, or any Inspect task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tenken.errors import InputError
from tenken.evals.asked import RunTask
from tenken.evals.planning.own import OwnTask, own_task
from tenken.evals.suite import Suite, SuiteTask
from tenken.tasks.card.remote import terms
from tenken.tasks.library import find_task, load_task, task_card


def load_entry(
    entry: SuiteTask,
    *,
    data: Mapping[str, Path],
    accepted: bool,
    wanted: set[str],
) -> RunTask:
    """Return an entry's task with its samples; without them where it will not be asked.

    Args:
        entry: The suite's entry.
        data: Where the user has public benchmarks' data, by full name.
        accepted: Whether the user accepts terms that ask for it.
        wanted: Names of the tasks that are asked; empty for all.

    Raises:
        InputError: Terms that are not accepted, or data that cannot be had.
        CardError: The card or the samples break a rule.
    """
    if entry.inspect is not None:
        from tenken.evals.external.load import load_inspect

        return load_inspect(entry, samples=not wanted or entry.task in wanted)
    folder = find_task(entry.task)
    card = task_card(folder)
    if wanted and folder.name not in wanted:
        return OwnTask(folder.name, folder.folder, folder.package, card, ())
    if card.dataset.remote is not None:
        why = terms(card.dataset.licence, card.dataset.remote)
        if why and not accepted:
            raise InputError(
                "{name}: {why} (see {page}): give --accept-licence if your use is within these "
                "terms.",
                name=folder.name,
                why=why,
                page=card.dataset.remote.page,
            )
        return own_task(load_task(entry.task, data))
    return own_task(load_task(entry.task))


def name_in(suite: Suite, name: str) -> str:
    """Return the full name of a task that a suite may have, by its full name or last part.

    Args:
        suite: The suite; tasks of other packages are looked for in it first.
        name: Full name, or its part after the last slash.

    Raises:
        UnknownNameError: Neither the suite nor the library has such a task.
    """
    foreign = [entry.task for entry in suite.tasks if entry.inspect is not None]
    matches = [each for each in foreign if name in (each, each.rsplit("/", 1)[-1])]
    return matches[0] if len(matches) == 1 else find_task(name).name
