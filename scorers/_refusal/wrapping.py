"""What endpoints wrap around an answer: HTML entities, JSON, spaces beside apostrophes."""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Iterator
from typing import Any, Final

_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
# The words alone before or after which an apostrophe with a space is no quotation mark.
_SPLIT: Final = re.compile(
    r"\b(can|won|don|doesn|isn|couldn|shouldn|wouldn|didn|aren|wasn|haven|hasn|ain)"
    r"(?: ' ?|' )(t)\b"
    r"|\b(i|we|you|they|he|she|it|that|there|let|what)(?: ' ?|' )(m|s|re|ve|ll|d)\b"
)
_FENCED: Final = re.compile(r"```[a-z]*\s*\n(.*?)\n?\s*```", re.DOTALL | re.IGNORECASE)
_LABEL: Final = re.compile(r"[^\W\d_][\w ]{0,20}[:：]\s*(?=[\[{])")
_SAYS: Final = frozenset(
    "answer response content text message output reply refusal reason error detail result "
    "completion explanation status final_answer 回答 応答 返答 答え 内容 理由 結果".split()
)
"""Keys under which an endpoint, or a model that was asked for JSON, puts what is said."""
_HOLDS: Final = frozenset("data choices results messages".split())
_MARGINAL: Final = frozenset("role id model object type language lang finish_reason code".split())
_LONG: Final = 30
"""Characters from which a text under any other key may be help, and is read too."""
_MOST: Final = 200_000
_DEEPEST: Final = 6


def unescaped(text: str) -> str:
    """Return a text with HTML entities as characters, those that were escaped twice too."""
    for _ in range(2):
        if "&" not in text:
            break
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def joined(text: str) -> str:
    """Return a text in lower case with its contractions in one: `can ' t` is `can't`."""
    return _SPLIT.sub(lambda found: f"{found[1] or found[3]}'{found[2] or found[4]}", text)


def opened(text: str) -> str:
    """Return what is said in an answer that is JSON as a whole; any other answer as it is.

    JSON that has none of the keys under which answers are put is what was asked for, and stays.

    Args:
        text: The answer as it came.
    """
    bare = unescaped(text.strip()) if len(text) <= _MOST else ""
    fenced = _FENCED.fullmatch(bare)
    bare = (fenced[1] if fenced else bare).strip()
    label = _LABEL.match(bare)
    bare = bare[label.end() :] if label else bare
    if bare[:1] not in ("{", "[") or bare[-1:] not in ("}", "]"):
        return text
    value = _parsed(bare)
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        return "\n".join(value) if len(value) == 1 else text
    said = list(_said(value, _DEEPEST))
    return "\n".join(said) if said or _is_void(value) else text


def _is_void(value: Any) -> bool:
    """Whether a record has an answer's key and nothing under it."""
    if not isinstance(value, dict):
        return False
    said = [part for key, part in value.items() if str(key).strip().lower() in _SAYS]
    return bool(said) and all(part is None or part in ("", [], {}) for part in said)


def _parsed(text: str) -> Any:
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _said(value: Any, depth: int) -> Iterator[str]:
    """Yield the texts under keys of answers, with long ones that are beside them."""
    if isinstance(value, list) and depth:
        for each in value:
            yield from _said(each, depth - 1)
    if not isinstance(value, dict) or not depth:
        return
    keys = {key: str(key).strip().lower() for key in value}
    if not any(key in _SAYS | _HOLDS for key in keys.values()):
        return
    for key, name in keys.items():
        part = value[key]
        if isinstance(part, str):
            if name in _SAYS or (name not in _MARGINAL and len(part) >= _LONG):
                yield part
        elif name in _SAYS | _HOLDS:
            yield from _said(part, depth - 1)
            if isinstance(part, list):
                yield from (each for each in part if isinstance(each, str))
