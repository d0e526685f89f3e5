"""The JSON Schemas in the package are those of the models."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MADE = runpy.run_path(str(ROOT / "tools" / "make_schemas.py"))["schemas"]()


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_schema_is_that_of_its_model(name: str) -> None:
    current = (ROOT / "results" / "schemas" / name).read_bytes() == MADE[name]
    assert current, f"{name} is not that of the model: run 'make schemas'"


def test_there_is_no_schema_without_a_model() -> None:
    assert {path.name for path in (ROOT / "results" / "schemas").iterdir()} == set(MADE)
