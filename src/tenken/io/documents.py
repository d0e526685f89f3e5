"""YAML files that people write: cards, suites and endpoints, read into plain mappings.

YAML can say more than such a file needs, and some of that is a trap: a key that is listed twice
loses its first value in silence, and a few lines of aliases can grow to gigabytes.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any, Final

import yaml

from tenken.errors import Sentence, Words, hint, in_a_line

_DEEPEST: Final = 30
"""Levels of nesting; the files of the package have five at most."""

_PLAIN_KEYS: Final = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool"))

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DocumentError(Exception):
    """What is wrong with a text, and on which line, for whoever knows the file's name."""

    def __init__(self, words: Words, line: int | None = None, /, **values: object) -> None:
        super().__init__(Sentence(words, **values))
        self.line = line


class _Loader(_BASE):  # type: ignore[misc]
    """A safe loader that refuses a key that is listed twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key.value, str):
                raise DocumentError("a key must be a text.", _line(key))
            if key.value in seen:
                raise DocumentError(
                    "the key '{key}' is listed twice; remove one.", _line(key), key=key.value
                )
            seen.add(key.value)
            if key.tag in _PLAIN_KEYS:  # a label may be 1 or no: a key is what is written there
                key.tag = "tag:yaml.org,2002:str"
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def read_mapping(data: bytes | str) -> dict[str, Any]:
    """Return the mapping that a YAML text holds, made of what JSON can say.

    Raises:
        DocumentError: The text is not YAML, or holds something else than a mapping of texts,
            numbers, lists and mappings.
    """
    raw = read_value(data)
    if not isinstance(raw, dict):
        raise DocumentError("the file must be a mapping of keys to values.")
    return raw


def read_value(data: bytes | str) -> Any:
    """Return the value of a YAML text, such as `true`, `8` or `[a, b]`.

    Raises:
        DocumentError: It is not YAML, or nothing that JSON can say.
    """
    try:
        _check_shape(data)
        value = yaml.load(data, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError) as error:
        raise _refusal(error, data) from None
    _check_plain(value, "")
    return value


def unknown_key(key: str, known: set[str], where: str = "") -> Sentence:
    """Return the sentence for a key that does not exist, with the nearest one that does.

    Args:
        key: The key as written.
        known: The keys that exist there.
        where: What to call the key, such as its path in the document; the key itself if empty.
    """
    return Sentence("unknown key '{key}'.{hint}", key=where or key, hint=hint(key, known))


def _check_shape(data: bytes | str) -> None:
    """Refuse aliases, deep nesting and several documents, before anything is built."""
    depth = documents = 0
    for event in yaml.parse(data, Loader=_BASE):
        if isinstance(event, yaml.AliasEvent):
            raise DocumentError("aliases (*name) are not allowed; write it out.", _line(event))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
        if depth > _DEEPEST:
            raise DocumentError("nested too deeply.", _line(event))
        if documents > 1:
            raise DocumentError("a second document (---) begins here.", _line(event))


def _check_plain(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                raise DocumentError(
                    "{where}: the key {key!r} must be a text.",
                    where=where or Sentence("the file"),
                    key=key,
                )
            _check_plain(each, f"{where}.{key}" if where else key)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _check_plain(each, f"{where}.{index}")
    elif isinstance(value, float) and not math.isfinite(value):
        raise DocumentError(
            "{where}: expected a finite number, got {value}.", where=where, value=value
        )
    elif not isinstance(value, (str, int, float, bool, type(None))):
        raise DocumentError(
            "{where}: put the {name} into quotes.", where=where, name=type(value).__name__
        )


def _refusal(error: yaml.YAMLError | ValueError, data: bytes | str) -> DocumentError:
    mark, position = getattr(error, "problem_mark", None), getattr(error, "position", None)
    line = mark.line + 1 if mark else None
    if position is not None and isinstance(data, bytes):
        line = data[:position].count(b"\n") + 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return DocumentError("not valid YAML: {said}.", line, said=in_a_line(problem))


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
