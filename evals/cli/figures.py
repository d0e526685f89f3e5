"""How the commands print a figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def interval(part: Mapping[str, Any], form: str = ".3f") -> str:
    """Return `value (low to high)`, the value alone without an interval, or `not measured`.

    Args:
        part: `value`, `low` and `high`, each of which may be None.
        form: How a number is written.
    """
    if part["value"] is None:
        return "not measured"
    if part["low"] is None:
        return f"{part['value']:{form}}"
    return f"{part['value']:{form}} ({part['low']:{form}} to {part['high']:{form}})"
