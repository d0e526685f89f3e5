"""The images that samples were asked with, read from the logs for the few that a page shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from tenken.results.records.logs import log_files, open_log
from tenken.results.records.read import RunRecords
from tenken.schema.plan import Plan

MOST_CHARACTERS: Final = 1_500_000
"""Characters of the longest `data:` address that a page takes in, about a megabyte of image."""

Key = tuple[str, str, int]
"""Task, sample's id and epoch."""


def pictures_of(
    run: Path, plan: Plan, found: RunRecords, keys: Collection[Key]
) -> Mapping[Key, tuple[str, ...]]:
    """Return the images of samples as `data:` addresses; those that are too large are left out.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: Its records, which say whether there are any: logs are read again only then.
        keys: The samples.

    Raises:
        BundleError: A log cannot be read.
    """
    wanted = {key for key in keys if key in found.texts and found.texts[key].pictures}
    if not wanted:
        return {}
    tasks = {task.log_name: task.name for task in plan.tasks}
    shown: dict[Key, tuple[str, ...]] = {}
    for path in log_files(run):
        with open_log(path) as log:
            task = tasks.get(log.header.task, "")
            if not any(name == task for name, _, _ in wanted):
                continue
            for sample in log.samples():
                if (key := (task, sample.id, sample.epoch)) in wanted:
                    small = (each for each in sample.pictures if len(each) <= MOST_CHARACTERS)
                    shown[key] = tuple(small)
    return shown
