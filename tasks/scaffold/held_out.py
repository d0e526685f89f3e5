"""Laying out a half of a task that is kept from the public: a form for each item to be written."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.io.files import write_atomically
from tenken.tasks.card.card import CARD_FILE, SAMPLES_FILE, Card
from tenken.tasks.dataset.sample import TaskSample, measure_of
from tenken.tasks.library import LoadedTask
from tenken.tasks.scaffold.refresh import NOTES
from tenken.tasks.scaffold.templates import GENERATOR, TEMPLATES, has_templates, template_forms

HELD_OUT: Final = "_held_out"
"""How the name of a held-out half ends."""

_CARD: Final = """\
# Items of the same kind as those of {public}, kept from the public. What this card does not say is
# as in that task's.
extends: {public}
held_out_of: {public}
title: {{en: {en}, ja: {ja}}}
version: 1-A
dataset:
  file: {file}
  licence: LicenseRef-not-public
  source: Written for this half; kept from the public.
  private: true
canary: "{canary}"
authors: []
"""
_SUITE: Final = """\
name: {name}
title: {{en: Public and held-out items, ja: 公開の設問と非公開の設問}}
description: {{en: Both halves of a task., ja: 一つのタスクの両半分です。}}
tasks:
  - {{task: {public}}}
  - {{task: ./{own}}}
"""
_NOTES: Final = """\
# Held-out half of `{public}`

Each row of `{form}` is to be filled with an item of the same kind as the public one beside it: the
same tags, and nothing of its words. `tenken check` names the rows that are still empty, and texts
that are too like a public item; with `--deep` it measures both halves in the same way. Keep this
folder, and what is made of it, away from the public, from any model's maker, and from any service
that may train on it.

| row | of the kind of |
|---|---|
"""
_TEMPLATE_NOTES: Final = """\
# Held-out half of `{public}`

Each template of `{form}` is to be filled with a scenario of the same kind as the public one of that
key: the same axis, stereotype and group, and nothing of its words. Then `python generate.py` makes
the samples, and `tenken check --fix` writes their digest and names texts that are too like a public
one. Keep this folder, and what is made of it, away from the public, from any model's maker, and
from any service that may train on it.
"""
_NAMES: Final = ("tool", "tools")
"""Keys of metadata whose texts name parts of the library."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A held-out half whose texts are to be written.

    Attributes:
        files: The files that were written, the suite that asks both halves last.
        form: The one that is to be filled.
        empty: How many of its rows or texts are empty.
        made: The script that makes the samples of it; None where its rows are the samples.
        clusters: How many items of the headline's kind the half will have.
    """

    files: tuple[Path, ...]
    form: Path
    empty: int
    made: Path | None
    clusters: int


def lay_out_held_out(folder: Path, public: str, task: LoadedTask, items: int | None) -> LaidOut:
    """Write the folder of a held-out half whose rows are to be filled.

    Args:
        folder: The folder to write, which does not exist; its name is the task's.
        public: Full name of the public task.
        task: That task; where its samples are made of templates, the half's are too.
        items: How many items to ask for, each with its twin and in every language; as many as the
            public half has where None. A measure that none of them belongs to has one more.

    Returns:
        What was laid out: card, form, notes, and beside the folder of the risk a suite that asks
        both halves.

    Raises:
        StorageError: They cannot be written.
    """
    card, every = task.card, families(task.samples)
    wanted = len(every) if items is None else min(items, len(every))
    # One in so many, over the file's order, has the kinds in the shares that they have there.
    drawn = [every[place * len(every) // wanted] for place in range(wanted)]
    drawn += _unasked(card, every, drawn)
    canary = f"tenken:{folder.name}:{uuid.uuid4()}"
    form, texts, empty = _written_forms(task, drawn, canary)
    texts[NOTES] = texts[NOTES].format(public=public, form=form)
    texts[CARD_FILE] = _CARD.format(
        public=public,
        en=json.dumps(f"{card.title.en} (held out)", ensure_ascii=False),
        ja=json.dumps(f"{card.title.ja}（非公開）", ensure_ascii=False),
        file=SAMPLES_FILE,
        canary=canary,
    )
    files = {folder / name: text for name, text in texts.items()}
    own = f"{folder.parent.name}/{folder.name}"
    name = f"{folder.name.removesuffix(HELD_OUT)}_halves"
    suite = _SUITE.format(name=name, public=public, own=own)
    files[folder.parent.parent / f"{name}.yaml"] = suite
    for path, text in files.items():
        write_atomically(path, text.encode())
    headline = next(measure for measure in card.measures if measure.headline)
    asked = [s.cluster for f in drawn for s in f if measure_of(card, s) == headline]
    made = folder / GENERATOR if GENERATOR in texts else None
    return LaidOut(tuple(files), folder / form, empty, made, len(set(asked)))


def _written_forms(
    task: LoadedTask, drawn: Sequence[list[TaskSample]], canary: str
) -> tuple[str, dict[str, str], int]:
    """Return the name of the file to fill, the texts of all files, and how much of it is empty."""
    if has_templates(task.folder):
        form, empty = template_forms(task.folder, {s.cluster for family in drawn for s in family})
        script = (task.folder / GENERATOR).read_text("utf-8")
        texts = {TEMPLATES: form, GENERATOR: script, SAMPLES_FILE: "", NOTES: _TEMPLATE_NOTES}
        return TEMPLATES, texts, empty
    rows, pairs = [], []
    for number, family in enumerate(drawn, start=1):
        made, like = _forms(family, f"ho-{number:03d}")
        rows += [{**row, "canary": canary} for row in made]
        pairs += [f"| `{new}` | `{old}` |" for old, new in like.items()]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return SAMPLES_FILE, {SAMPLES_FILE: lines, NOTES: _NOTES + "\n".join(pairs) + "\n"}, len(rows)


def families(samples: Sequence[TaskSample]) -> list[list[TaskSample]]:
    """Return samples that belong together: languages, harmless twins, members of a cluster.

    Other wordings of an item are left out: they are written when the item is there.
    """
    plain = [sample for sample in samples if not sample.variant]
    cluster_of = {sample.id: sample.cluster for sample in plain}
    root = {sample.cluster: sample.cluster for sample in plain}
    for sample in plain:
        if sample.benign_twin in cluster_of:
            one, other = root[cluster_of[sample.benign_twin]], root[sample.cluster]
            root = {name: one if top == other else top for name, top in root.items()}
    found: dict[str, list[TaskSample]] = defaultdict(list)
    for sample in plain:
        found[root[sample.cluster]].append(sample)
    return list(found.values())


def _unasked(
    card: Card, every: Sequence[list[TaskSample]], drawn: Sequence[list[TaskSample]]
) -> list[list[TaskSample]]:
    """Return a family for each measure that no drawn one belongs to, which could not be asked."""

    def measures(family: list[TaskSample]) -> set[str]:
        found = (measure_of(card, sample) for sample in family)
        return {measure.key for measure in found if measure is not None}

    asked = {key for family in drawn for key in measures(family)}
    more: list[list[TaskSample]] = []
    for family in every:
        if not measures(family) <= asked:
            more.append(family)
            asked |= measures(family)
    return more


def _forms(
    family: Sequence[TaskSample], prefix: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return the empty rows of a family, and by the public pair's id that of the new one."""
    order = list(dict.fromkeys(sample.pair_id for sample in family))
    twins = {sample.pair_id for sample in family if sample.benign_twin}
    new: dict[str, str] = {}
    for pair in order:
        ending = "-t" if pair in twins else ""
        taken = sum((each in twins) == bool(ending) for each in new)
        new[pair] = f"{prefix}{ending}{f'-{taken + 1}' if taken else ''}"
    ids = {sample.id: f"{new[sample.pair_id]}-{sample.language}" for sample in family}
    clusters: dict[str, str] = {}
    for sample in family:
        clusters.setdefault(sample.cluster, new[sample.pair_id])
    return [_form(sample, ids, new, clusters) for sample in family], new


def _form(
    sample: TaskSample, ids: dict[str, str], pairs: dict[str, str], clusters: dict[str, str]
) -> dict[str, Any]:
    text = sample.input
    blank = "" if isinstance(text, str) else [{**each, "content": ""} for each in text]
    row: dict[str, Any] = {
        "id": ids[sample.id],
        "language": sample.language,
        "pair_id": pairs[sample.pair_id],
        "cluster": clusters[sample.cluster],
        "input": blank,
        "choices": [""] * len(sample.choices),
        "target": sample.target,
        "roles": list(sample.roles),
        "tags": sample.tags,
        "benign_twin": ids.get(sample.benign_twin or ""),
        "source": dict.fromkeys(sample.source or (), ""),
        "metadata": _blank(sample.metadata),
    }
    return {key: value for key, value in row.items() if value or key == "input"}


def _blank(value: Any, key: str = "") -> Any:
    """Return a value without its texts, but for the names of tools."""
    if isinstance(value, str):
        return value if key in _NAMES else ""
    if isinstance(value, list):
        return [_blank(each, key) for each in value]
    if isinstance(value, dict):
        return {name: _blank(each, name) for name, each in value.items()}
    return value
