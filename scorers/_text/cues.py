"""Tables of cues: named regular expressions that scorers read answers with, kept in YAML.

An entry is a list of alternatives, or `all:` with one such list, which is put in brackets; or
`verbose:`, a text in which spaces and line ends do not count. `{{name}}` in an entry stands for
another entry of the same table. Names in capitals are parts of other entries.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tenken.io.documents import read_mapping

_REFERENCE: Final = re.compile(r"\{\{(\w+)\}\}")


class CueTable:
    """The regular expressions of one YAML file, each compiled when it is first used."""

    def __init__(self, path: Path) -> None:
        self._entries: dict[str, Any] = read_mapping(path.read_bytes())
        self._texts: dict[str, str] = {}
        self._name = path.name

    def __getattr__(self, name: str) -> re.Pattern[str]:
        if name.startswith("_") or name not in self._entries:
            raise AttributeError(f"{self._name} has no cue '{name}'.")
        entry = self._entries[name]
        verbose = isinstance(entry, Mapping) and "verbose" in entry
        pattern = re.compile(self.text(name), re.VERBOSE if verbose else 0)
        setattr(self, name, pattern)
        return pattern

    def text(self, name: str) -> str:
        """Return an entry as the text of a regular expression.

        Args:
            name: Its key in the file.
        """
        if name not in self._texts:
            source = _source(self._entries[name])
            self._texts[name] = _REFERENCE.sub(lambda found: self.text(found[1]), source)
        return self._texts[name]

    def names(self) -> tuple[str, ...]:
        """Return the names of the entries, in the order of the file."""
        return tuple(self._entries)


def _source(entry: Any) -> str:
    if isinstance(entry, Mapping):
        return str(entry["verbose"]) if "verbose" in entry else f"(?:{_source(entry['all'])})"
    return "|".join(map(str, entry)) if isinstance(entry, list) else str(entry)
