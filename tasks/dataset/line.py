"""From a line of `samples.jsonl` to a sample, or to what is wrong with the line."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any, LiteralString

from tenken.errors import RuleError, Sentence, UnknownNameError, said_by
from tenken.io.documents import DocumentError, unknown_key
from tenken.tasks.dataset.sample import VARIANTS, TaskSample
from tenken.terms.known import languages

_KEYS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "language": str,
    "input": (str, list),
    "pair_id": str,
    "cluster": str,
    "choices": list,
    "target": str,
    "roles": list,
    "tags": dict,
    "benign_twin": str,
    "source": dict,
    "metadata": dict,
    "files": list,
    "variant": str,
    "canary": str,
}
_EXPECTED: dict[str | type | tuple[type, ...], LiteralString] = {
    "id": 'a text, such as "tax-01-en"',
    "input": 'a text, or messages such as [{"role": "user", "content": "..."}]',
    "choices": 'a list of texts, such as ["yes", "no"]',
    "files": 'a list of paths, such as ["images/one.png"]',
    str: "a text",
    list: 'a list of texts, such as ["one", "two"]',
    dict: 'a mapping, such as {"name": "value"}',
}
"""What a key takes, by its name or its type."""
_NEEDED = ("id", "language", "input")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_FILE = re.compile(r"\w[\w. -]*(/\w[\w. -]*)*")
_SPEAKERS = ("system", "user", "assistant")
_ROLES = ("stereotyped", "counter", "unknown")
_UNSEEN = ("Cf", "Cc", "Mn", "Zl", "Zp")
"""Unicode's categories of signs that have no shape of their own."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Flaw(DocumentError):  # noqa: N818 - becomes a CardError as soon as the line is known
    """What is wrong with one sample."""


def parse_lines(text: str) -> Iterator[tuple[int, TaskSample | Sentence]]:
    """Yield each line's number with its sample, or with what is wrong with it, in words."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, _sample(_object(line))
        except _Flaw as flaw:
            yield number, said_by(flaw)


def _object(line: str) -> dict[str, Any]:
    """Return the JSON object on a line."""
    try:
        raw = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_no_doubles)
        if "\\u" in line:
            json.dumps(raw, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _Flaw(
            "not JSON: {msg} at column {colno}.", msg=error.msg, colno=error.colno
        ) from None
    except UnicodeEncodeError:
        raise _Flaw(
            "an escape (\\ud800 to \\udfff) is half of a character: write the whole one."
        ) from None
    except ValueError as error:
        raise _Flaw("not JSON: {error}.", error=error) from None
    except RecursionError:
        raise _Flaw("not a sample: nested too deeply.") from None
    if not isinstance(raw, dict):
        raise _Flaw("a sample is a JSON object.")
    return raw


def _no_constant(name: str) -> None:
    raise RuleError("{name} is no number in JSON", name=name)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise _Flaw("the key '{twice}' is listed twice.", twice=twice)
    return found


def _sample(raw: dict[str, Any]) -> TaskSample:
    _check_keys(raw)
    pair_id = raw.get("pair_id") or raw["id"]
    text = raw["input"]
    return TaskSample(
        id=raw["id"],
        language=raw["language"],
        input=text if isinstance(text, str) else tuple(text),
        pair_id=pair_id,
        cluster=raw.get("cluster") or pair_id,
        choices=tuple(raw.get("choices", ())),
        target=raw.get("target", ""),
        roles=tuple(raw.get("roles", ())),
        tags={**raw.get("tags", {}), **({"variant": raw["variant"]} if "variant" in raw else {})},
        benign_twin=raw.get("benign_twin"),
        source=_source(raw["source"]) if "source" in raw else None,
        metadata=raw.get("metadata", {}),
        files=tuple(raw.get("files", ())),
        variant=raw.get("variant", ""),
        canary=raw.get("canary", ""),
    )


def _source(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a source; one that says `"archived": null` has no copy in an archive."""
    return {key: "" if (key, value) == ("archived", None) else value for key, value in raw.items()}


def _check_keys(raw: dict[str, Any]) -> None:
    for key, value in raw.items():
        if key not in _KEYS:
            raise _Flaw(unknown_key(key, set(_KEYS)))
        if not isinstance(value, _KEYS[key]):
            expected = _EXPECTED.get(key) or _EXPECTED[_KEYS[key]]
            raise _Flaw(
                "{key}: expected {expected}, not {value}.",
                key=key,
                expected=Sentence(expected),
                value=json.dumps(value)[:40],
            )
    for key in _NEEDED:
        if not raw.get(key):
            raise _Flaw("the key '{key}' is missing or empty.", key=key)
    if not _ID.fullmatch(raw["id"]):
        raise _Flaw("an id is made of letters, digits and the signs - . _ : alone.")
    if raw["language"] not in languages():
        raise _Flaw(UnknownNameError("language", raw["language"], languages()).sentence)
    if raw.get("variant", VARIANTS[0]) not in VARIANTS:
        raise _Flaw(UnknownNameError("variant", raw["variant"], VARIANTS).sentence)
    for key, texts in (("tags", raw.get("tags", {})), ("source", _source(raw.get("source", {})))):
        if not all(isinstance(each, str) for each in texts.values()):
            raise _Flaw("every value in '{key}' is a text.", key=key)
    for name in raw.get("files", ()):
        if not isinstance(name, str) or not _FILE.fullmatch(name) or ".." in name:
            raise _Flaw("a file is a path in the task's folder, such as images/one.png.")
    _check_choices(raw)
    _check_input(raw["input"])


def _check_input(text: str | list[Any]) -> None:
    if isinstance(text, str):
        if is_blank(text):
            raise _Flaw("the input is blank.")
        return
    for message in text:
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            raise _Flaw("a message has 'role' and 'content'.")
        if message["role"] not in _SPEAKERS:
            raise _Flaw("a message's role is one of {speakers}.", speakers=", ".join(_SPEAKERS))
        if not isinstance(message["content"], str) or is_blank(message["content"]):
            raise _Flaw("a message's content is a text.")
    if not any(message["role"] == "user" for message in text):
        raise _Flaw("no message has the role user: nothing would be asked.")


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: spaces, and signs without a shape."""
    return all(sign.isspace() or unicodedata.category(sign) in _UNSEEN for sign in text)


def _alike(choice: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", choice).casefold().split())


def _check_choices(raw: dict[str, Any]) -> None:
    choices, roles = raw.get("choices", []), raw.get("roles", [])
    if roles and len(roles) != len(choices):
        raise _Flaw("roles and choices differ in number.")
    if not all(role in _ROLES for role in roles):
        raise _Flaw("a role is one of {roles}.", roles=", ".join(_ROLES))
    if not choices:
        return
    for choice in choices:
        if not isinstance(choice, str) or is_blank(choice):
            raise _Flaw("every choice is a text that is not blank.")
    if len({_alike(choice) for choice in choices}) != len(choices):
        raise _Flaw("two choices are the same but for case, width or spaces: no answer tells them.")
    if len(choices) > len(_LETTERS):
        raise _Flaw("more than {n} choices.", n=len(_LETTERS))
    letters = _LETTERS[: len(choices)]
    for letter, choice in zip(letters, choices, strict=True):
        if (other := _alike(choice).strip("().:").upper()) in letters and other != letter:
            raise _Flaw(
                "the choice {letter} is the letter '{choice}' of another one.",
                letter=letter,
                choice=choice,
            )
    target = raw.get("target")
    if target is not None and (len(target) != 1 or target not in letters):
        raise _Flaw(
            "target is '{target}', not one of {letters}.", target=target, letters=", ".join(letters)
        )
