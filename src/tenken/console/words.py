"""What the console says, in English and Japanese: its own messages before those of the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from tenken.io.documents import read_mapping
from tenken.results.pages.words import Words
from tenken.schema.record import LANGUAGES

FOLDER: Final = Path(__file__).parent / "messages"


class ConsoleWords(Words):
    """The words and number formats of one language."""

    def raw(self, key: str) -> str:
        """Return the message of that key with its blanks open."""
        own = messages(self.language)["text"].get(key)
        return str(own) if own is not None else super().raw(key)

    def term(self, kind: str, name: str, **values: object) -> str:
        """Return the word for a name, the console's own before that of the reports.

        Args:
            kind: Which list of terms of the message catalogue.
            name: The name in the code.
            **values: What goes into the gaps of a report's word.

        Returns:
            The word; the name itself where there is none.
        """
        own = messages(self.language)["term"].get(kind, {}).get(name)
        return str(own) if own is not None else super().term(kind, name, **values)

    def time(self, iso: str) -> str:
        """Return a time; what is none, in a bundle of somebody else's, is left as it is."""
        try:
            return super().time(iso)
        except ValueError:
            return iso

    def side(self, title: Mapping[str, str]) -> str:
        """Return the side of a bilingual title in this language."""
        return title.get(self.language) or title.get("en") or ""

    def moment(self, seconds: float) -> str:
        """Return a time that is given in seconds since 1970."""
        return self.time(datetime.fromtimestamp(seconds, UTC).isoformat())


@cache
def messages(language: str) -> Mapping[str, Any]:
    """Return the console's messages of a language, `text` and `term`."""
    return read_mapping((FOLDER / f"{language}.yaml").read_bytes())


def language_of(asked: str, chosen: str, accepted: str) -> str:
    """Return the language of a page.

    Args:
        asked: What the address asks for; empty for nothing.
        chosen: What was chosen before; empty for nothing.
        accepted: The browser's header `Accept-Language`.
    """
    for each in (asked, chosen):
        if each in LANGUAGES:
            return each
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        name, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, name.split("-")[0].lower()))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(ranked) if name in LANGUAGES), "en")
