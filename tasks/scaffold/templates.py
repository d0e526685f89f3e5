"""The held-out half of a task whose samples are made of templates: the templates to be written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

TEMPLATES: Final = "templates.yaml"
"""The scenarios that a task's samples are made of, in the task's folder."""
GENERATOR: Final = "generate.py"
"""Makes the samples of them, in the folder that it is in."""

_KEPT: Final = ("key", "axis", "stereotype", "source", "group", "slot", "their")
"""What a form keeps of a public scenario: what it is about, and where its answers are."""


def has_templates(folder: Path) -> bool:
    """Whether a task's samples are made of templates."""
    return (folder / TEMPLATES).is_file() and (folder / GENERATOR).is_file()


def template_forms(folder: Path, clusters: Collection[str]) -> tuple[str, int]:
    """Return the templates of a held-out half, with every text that is to be written left empty.

    Args:
        folder: The public task's folder.
        clusters: Keys of the public templates that the new ones are of the kind of.

    Returns:
        The text of the file, and how many texts are empty. Slots are numbered anew from 0.
    """
    public = yaml.safe_load((folder / TEMPLATES).read_text("utf-8"))
    drawn = [each for each in public["templates"] if each["key"] in set(clusters)]
    forms = [_blank(each) for each in drawn]
    for slot, group in enumerate(group for form in forms for group in form["groups"]):
        group["slot"] = slot
    used = {name for form in forms for name in form["source"]}
    sources = {name: source for name, source in public["sources"].items() if name in used}
    text = yaml.safe_dump(
        {"sources": sources, "templates": forms}, allow_unicode=True, sort_keys=False, width=1000
    )
    return text, sum(_empty(form) for form in forms)


def _blank(value: Any) -> Any:
    """Return a template without its texts."""
    if isinstance(value, Mapping):
        return {
            name: each if name in _KEPT else _blank(each) for name, each in value.items()
        }  # fmt: skip
    if isinstance(value, list):
        return [_blank(each) for each in value]
    return "" if isinstance(value, str) else value


def _empty(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(_empty(each) for each in value.values())
    if isinstance(value, list):
        return sum(_empty(each) for each in value)
    return int(value == "")
