"""The reference that the site generates has the keys of the code, no more and no fewer."""

from __future__ import annotations

import dataclasses
import importlib.util
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from tenken.evals.config import RunConfig
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.suite import Suite
from tenken.inspect_private import load_entry_points, registered
from tenken.results.frames import columns
from tenken.schema.evidence import ProfileFile
from tenken.schema.reviews import ItemReview
from tenken.schema.verification import Policy
from tenken.scorers.labelled import human
from tenken.scorers.labelled.gold import GoldAnswer
from tenken.scorers.labels import declared, vocabulary_of
from tenken.scorers.services.mapping import ServiceMapping
from tenken.tasks.card.card import Card
from tenken.tasks.card.table import Columns
from tenken.tasks.dataset.sample import TaskSample
from tenken.terms.known import Terms

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def reference() -> dict[str, str]:
    """Return the pages of the reference as the site has them, by name."""
    spec = importlib.util.spec_from_file_location("docs_hooks", ROOT / "tools" / "docs_hooks.py")
    assert spec is not None and spec.loader is not None
    hooks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hooks)
    pages = sorted((ROOT / "docs" / "reference").glob("*.md"))
    return {page.stem: hooks.on_page_markdown(page.read_text("utf-8")) for page in pages}


def test_every_key_of_the_reference_has_a_meaning(reference: dict[str, str]) -> None:
    for name, text in reference.items():
        empty = [line for line in text.splitlines() if re.search(r"\|\s+\|$", line)]
        assert empty == [], name
        assert "<!--" not in text, name


def _keys(model: type, seen: set[type]) -> Iterator[set[str]]:
    """Yield the keys of a class, and of each class in it."""
    seen.add(model)
    if not issubclass(model, BaseModel):
        yield {field.name for field in dataclasses.fields(model)}
        return
    yield set(model.model_fields)
    waiting: list[Any] = [field.annotation for field in model.model_fields.values()]
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in seen:
            yield from _keys(kind, seen)


DESCRIBED: list[tuple[str, type]] = [
    ("card", Card), ("card", Columns), ("samples", TaskSample), ("suite", Suite),
    ("endpoint", Endpoint), ("gold", GoldAnswer), ("scorers", ServiceMapping),
    ("files", RunConfig), ("files", ProfileFile), ("files", Policy), ("files", Terms),
    ("files", ItemReview),
]  # fmt: skip


@pytest.mark.parametrize(
    ("page", "model"), DESCRIBED, ids=lambda each: getattr(each, "__name__", "")
)
def test_the_reference_has_just_the_keys_of_its_file(
    reference: dict[str, str], page: str, model: type
) -> None:
    shown = [
        set(re.findall(r"^\| `(\w+)` \|", part.partition("\n\n")[0], re.M))
        for part in re.split(r"^\| key .*$", reference[page], flags=re.M)[1:]
    ]
    for keys in _keys(model, set()):
        assert keys in shown, sorted(keys)


@pytest.mark.parametrize("kind", ["solver", "scorer"])
def test_the_reference_has_every_part_with_its_arguments(
    reference: dict[str, str], kind: str
) -> None:
    load_entry_points()
    parts = {name: each for name, each in registered(kind).items() if name.startswith("tenken/")}
    sections = re.split(r"^## ", reference[f"{kind}s"], flags=re.M)
    for name, factory in parts.items():
        (own,) = (each for each in sections if each.startswith(f"`{name}`"))
        assert all(f"| `{key}` |" in own for key in inspect.signature(factory).parameters), name
        known = (
            vocabulary_of(factory, {}) if not callable(declared(factory, "VOCABULARY")) else None
        )
        assert known is None or all(f"| `{label}` |" in own for label in known.names), name
    named = {each for each in re.findall(r"^## `(\S+)`", reference[f"{kind}s"], re.M)}
    assert named == set(parts)


def test_the_reference_of_label_files_and_tables_has_just_their_columns(
    reference: dict[str, str],
) -> None:
    own = reference["gold"].partition("## People's labels")[2]
    assert tuple(re.findall(r"^\| `(\w+)` \|", own, re.M)) == human._KNOWN
    for name in ("SAMPLES", "FIGURES", "GATES", "DIFFERENCES", "CALIBRATION", "VERIFICATION"):
        for column in getattr(columns, name):
            assert f"| `{column.name}` | `{column.dtype}` |" in reference["tables"], column.name
