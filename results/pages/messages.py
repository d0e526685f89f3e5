"""The message catalogues: what the pages say, by key, in English and in Japanese.

Each language is written for its own readers: sentences say the same and need not be built alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tenken.io.documents import read_mapping

FOLDER: Final = Path(__file__).parent / "messages"


@dataclass(frozen=True)
class Catalogue:
    """The messages of one language; names in braces are blanks.

    Attributes:
        text: Messages by key.
        term: Words for names that figures hold, by kind and name.
    """

    text: Mapping[str, str]
    term: Mapping[str, Mapping[str, str]]


@cache
def catalogue(language: str) -> Catalogue:
    """Return the messages of a language, `en` or `ja`."""
    return Catalogue(**read_mapping((FOLDER / f"{language}.yaml").read_bytes()))
