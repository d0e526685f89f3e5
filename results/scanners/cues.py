"""The phrases that give such an answer away, in each language."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

from tenken.io.documents import read_mapping

FILE: Final = Path(__file__).with_name("cues.yaml")
_SIGNS: Final = str.maketrans(dict.fromkeys("\u2019\u2018\u00b4\u2032\u201b\u02bc`", "'"))


@lru_cache(maxsize=1)
def patterns() -> dict[str, re.Pattern[str]]:
    """Return one pattern for each scanner that looks for phrases."""
    return {
        name: re.compile("|".join(f"(?:{cue})" for part in cues.values() for cue in part))
        for name, cues in read_mapping(FILE.read_bytes()).items()
    }


def plain(text: str) -> str:
    """Return a text as phrases are looked for: one width and case, plain apostrophes and spaces."""
    folded = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS).lower()
    return " ".join(folded.split())
