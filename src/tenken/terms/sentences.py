"""Sentences of errors and findings in the languages of the terminal; English ones in the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from tenken.errors import Sentence
from tenken.io.documents import read_mapping
from tenken.schema.vocabulary import Bilingual

FOLDER: Final = Path(__file__).parent
PLACE: Final = re.compile(r"(\{\w+\}(?::(?:\{\w+\}|1))?): ")
"""A file, with a line or without, or whatever else an error is about."""


def sentence_in(language: str, sentence: Sentence) -> str:
    """Return a sentence in a language; what a catalogue does not know stays in English.

    Args:
        language: Such as `ja`.
        sentence: The sentence; so are those among its values.
    """
    if language == "en":
        return str(sentence)
    known = catalogue(language)
    template, values = _template(sentence.template, known), dict(sentence.values)
    for name, value in values.items():
        if isinstance(value, Sentence):
            values[name] = sentence_in(language, value)
        elif isinstance(value, Bilingual):
            values[name] = value.of(language)
        elif isinstance(value, str) and " " in value:  # a reason in the code's own words
            values[name] = known.get(value, value)
    return template.format(**values) if values else template


def _template(english: str, known: Mapping[str, str]) -> str:
    """Return a template's words; what begins with a place is looked up without it."""
    place = PLACE.match(english)
    if english in known or place is None:
        return known.get(english, english)
    rest = english[place.end() :]
    return f"{place[1]}：{known.get(rest, rest)}"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return the templates of a language by the English ones."""
    files = (FOLDER / f"{kind}.{language}.yaml" for kind in ("errors", "findings"))
    return {key: own for file in files for key, own in read_mapping(file.read_bytes()).items()}
