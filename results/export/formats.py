"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tenken.results.export.aisev import aisev
from tenken.results.export.every_eval_ever import every_eval_ever
from tenken.results.export.in_toto import in_toto
from tenken.results.export.oscal import oscal
from tenken.results.export.source import Source
from tenken.results.export.table import table

FORMATS: Final[Mapping[str, tuple[str, Callable[[Source], bytes]]]] = {
    "in-toto": ("test-result.intoto.json", in_toto),
    "every-eval-ever": ("every-eval-ever.json", every_eval_ever),
    "oscal": ("oscal-assessment-results.json", oscal),
    "aisev": ("aisev.json", aisev),
    "csv": ("rates.csv", table),
}
"""By name: what the file is called, and what makes it."""
