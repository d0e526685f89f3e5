"""Write the JSON Schemas of the files that Tenken writes, from their models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tenken.io.canonical import pretty_json
from tenken.schema.base import json_schema
from tenken.schema.comparison import COMPARISON_SCHEMA, Comparison
from tenken.schema.plan import PLAN_SCHEMA, Plan
from tenken.schema.report import REPORT_SCHEMA, Report

FOLDER: Final = Path(__file__).resolve().parents[1] / "results" / "schemas"


def schemas() -> dict[str, bytes]:
    """Return the bytes of each schema by the name of its file."""
    models = {
        "comparison": (Comparison, COMPARISON_SCHEMA),
        "plan": (Plan, PLAN_SCHEMA),
        "report": (Report, REPORT_SCHEMA),
    }
    return {
        f"{name}.schema.json": pretty_json(json_schema(model, address))
        for name, (model, address) in models.items()
    }


if __name__ == "__main__":
    for name, data in schemas().items():
        (FOLDER / name).write_bytes(data)
        print(f"wrote {FOLDER / name}")
