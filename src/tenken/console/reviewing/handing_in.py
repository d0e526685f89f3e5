"""From drafts to the sealed label files of the bundle, by `tenken review`.

The file that the command takes in is the one that a reviewer would have sent: so what is sealed is
the same, byte by byte, however the labels came about.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tenken.console.bundles.commands import run_json
from tenken.console.reviewing.assignments import Assignment
from tenken.console.reviewing.drafts import Draft
from tenken.errors import InputError

_LOCKS: Final[dict[str, threading.Lock]] = defaultdict(threading.Lock)
"""One change of a run at a time: two people who hand in together wait for each other."""


@contextmanager
def changing(run: Path) -> Iterator[None]:
    """Let one change of a run be made at a time.

    Args:
        run: The run's folder.
    """
    with _LOCKS[run.name]:
        yield


def draw_items(
    run: Path, sample: int, tasks: Sequence[str], seed: int | None, language: str = "en"
) -> dict[str, Any]:
    """Draw answers for people to look at.

    Args:
        run: The run's folder.
        sample: How many.
        tasks: Only of these; none for all.
        seed: Seed of the draw; None for the run's own.
        language: Language of the page for reviewers.

    Returns:
        What `tenken review --json` says, with the contents of the review files by name.

    Raises:
        InputError: Nothing can be drawn.
    """
    chosen = [f"--sample={sample}", f"--lang={language}", *(f"--task={task}" for task in tasks)]
    if seed is not None:
        chosen.append(f"--seed={seed}")
    return _reviewed(run, chosen)


def label_lines(assignment: Assignment, drafts: Mapping[str, Draft]) -> bytes:
    """Return the file of labels that an assignment has led to.

    Args:
        assignment: The assignment; its name and role go into every line.
        drafts: By item; those without a label are left out.

    Returns:
        JSON Lines in the order of the items, as `tenken review --import` takes them.
    """
    rows = [
        {
            "draw": assignment.draw,
            "item": draft.item,
            "label": draft.label,
            "reviewer": assignment.name,
            "role": assignment.role,
            "note": draft.note,
        }
        for _, draft in sorted(drafts.items())
        if draft.label
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def take_in(run: Path, data: bytes) -> dict[str, Any]:
    """Have label files checked and sealed, and return what the command says about it.

    Args:
        run: The run's folder.
        data: A file of labels, a line each.

    Returns:
        What `tenken review --json` says; `files` is what reviewers differ on, contents by name.

    Raises:
        InputError: There is no label, or one does not fit the run.
    """
    if not data.strip():
        raise InputError("nothing is labelled yet.")
    with tempfile.TemporaryDirectory(prefix="tenken-labels-") as folder:
        path = Path(folder) / "labels.jsonl"
        path.write_bytes(data)
        try:
            return _reviewed(run, [f"--import={path}"])
        except InputError as error:
            said = str(error).replace(f"{path}:", "line ")
            raise InputError("{said}", said=said) from None


def _reviewed(run: Path, arguments: Sequence[str]) -> dict[str, Any]:
    with changing(run), tempfile.TemporaryDirectory(prefix="tenken-review-") as output:
        made = run_json(
            ["review", *arguments, f"--output={output}/{run.name}", "--json", "--", str(run)]
        )
        files = {Path(path).name: Path(path).read_text("utf-8") for path in made["files"]}
    return {**made, "files": files}
