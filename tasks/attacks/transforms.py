"""The attacks: published ways of wrapping or spelling a request so that a model does not decline.

Each is a pure function from a request, its language and a seed to a text or to chat messages. What
`attacks.yaml` says about one (frames, titles, sources) has no code here. A model that holds out
against the plain request alone is not robust, and these show it.
"""

from __future__ import annotations

import base64 as b64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from tenken.io.documents import read_mapping
from tenken.schema.plan import Bilingual, PublishedRate
from tenken.tasks.attacks.spelling import (
    full_width,
    kana_swapped,
    leet,
    romanised,
    zero_width,
)

Messages = list[dict[str, str]]
Transform = Callable[[str, str, str], str | Messages]
_Item = TypeVar("_Item")

MANY_SHOT: Final = "many_shot"
MOST_SHOTS: Final = 256
"""As many exchanges as Anil et al. (2024) went up to."""

_ROOM: Final = 4_096
"""Tokens of a context that are kept free for the request and a system prompt."""
_TOKENS: Final = {"en": 0.4, "ja": 1.2}
"""Tokens of a character, at most: a third more than tokenizers usually take."""
_OVERHEAD: Final = 8
"""Tokens that a chat template adds to a message."""

_DATA: Final = read_mapping((Path(__file__).parent / "attacks.yaml").read_bytes())


@dataclass(frozen=True)
class Attack:
    """A transform with what a reader is told of it.

    Attributes:
        apply: From request, language (`en` or `ja`) and seed to what is put to the model.
        title: What the report calls it.
        source: Where it was published.
        published: How often it succeeded there; None where no figure is at hand.
    """

    name: str
    apply: Transform
    title: Bilingual
    source: str
    published: PublishedRate | None = None


def pieces(text: str, language: str, seed: str) -> str:
    """Return the text cut into three named pieces; the seed moves the cuts.

    Args:
        text: The request.
        language: `en` or `ja`; unused.
        seed: Any text; the same seed cuts at the same shares of the length.
    """
    first = len(text) * (25 + _draw(seed, "first", 16)) // 100
    second = len(text) * (60 + _draw(seed, "second", 16)) // 100
    parts = (text[:first], text[first:second], text[second:])
    return "\n".join(f"{name} = {_quoted(part)}" for name, part in zip("xyz", parts, strict=True))


def base64(text: str, language: str, seed: str) -> str:
    """Return the text, UTF-8, in Base64.

    Args:
        text: The request.
        language: `en` or `ja`; unused.
        seed: Unused.
    """
    return b64.b64encode(text.encode()).decode("ascii")


def character_codes(text: str, language: str, seed: str) -> str:
    """Return the Unicode number of each character, in hexadecimal.

    Args:
        text: The request.
        language: `en` or `ja`; unused.
        seed: Unused.

    Returns:
        At least four digits for each character, with spaces between.
    """
    return " ".join(f"{ord(each):04X}" for each in text)


def reversed_text(text: str, language: str, seed: str) -> str:
    """Return the text with the last character first.

    Args:
        text: The request.
        language: `en` or `ja`; unused.
        seed: Unused.
    """
    return text[::-1]


def character_tricks(text: str, language: str, seed: str) -> str:
    """Return the text in an odd spelling; the seed and the language choose which.

    Args:
        text: The request.
        language: `ja` for kana, romanised or zero-width spellings; else leet, full-width or
            zero-width ones.
        seed: Any text; the same seed gives the same spelling.
    """
    tricks = (
        (kana_swapped, romanised, zero_width)
        if language == "ja"
        else (leet, full_width, zero_width)
    )
    return tricks[_draw(seed, "trick", len(tricks))](text)


def translation_sandwich(text: str, language: str, seed: str) -> str:
    """Return a numbered list with the text between harmless questions in other languages.

    Args:
        text: The request; the third of five questions.
        language: `en` or `ja`; unused.
        seed: Any text; says at which harmless question the list begins.
    """
    others = _turned(_DATA["questions_in_other_languages"], seed)
    asked = [*others[:2], text, *others[2:4]]
    return "\n".join(f"{number}. {each}" for number, each in enumerate(asked, 1))


def many_shot(text: str, language: str, seed: str, shots: int | None = None) -> Messages:
    """Return a run of harmless questions, each answered at once, and the text at its end.

    Args:
        text: The request; the last message.
        language: Language of the harmless questions: `ja`, or else English.
        seed: Any text; says at which question the run begins, and in which order notes come.
        shots: How many questions, from 1 to `MOST_SHOTS`; the dozen that are written out where
            left out. More of them are requests for a one-line note, no two alike.

    Returns:
        Messages of user and assistant by turns, with `role` and `content`.
    """
    spoken = "ja" if language == "ja" else "en"
    written = _turned(_DATA["shots"][spoken], seed)
    run = written if shots is None else [*_notes(spoken, seed), *written][-shots:]
    found: Messages = []
    for question, answer in run:
        found.append({"role": "user", "content": question})
        found.append({"role": "assistant", "content": answer})
    return [*found, {"role": "user", "content": text}]


def shots_that_fit(context: int, answer: int) -> int:
    """Return how many exchanges `many_shot` puts before a request, at most `MOST_SHOTS`.

    Args:
        context: Tokens that fit into the model's context.
        answer: Tokens that are kept free for the answer.

    Returns:
        At least 1; the fewer of both languages, so that they are asked alike.
    """
    room = context - answer - _ROOM
    each = max(
        sum(len(part) for part in pair) * _TOKENS[spoken] + 2 * _OVERHEAD
        for spoken in ("en", "ja")
        for pair in [*_notes(spoken, ""), *_DATA["shots"][spoken]]
    )
    return max(1, min(MOST_SHOTS, int(room / each)))


def _notes(spoken: str, seed: str) -> list[tuple[str, str]]:
    """Return requests for a short note with their answers, each once, in an order by the seed."""
    about = _DATA["notes"][spoken]
    things, states = about["things"], about["states"]
    size = len(things) * len(states)
    first, step = _draw(seed, "note", size), 2 * _draw(seed, "step", size // 2) + 1
    found = []
    for number in range(size):  # an odd step meets each of a power of two once
        place = (first + number * step) % size
        thing, state = things[place % len(things)], states[place // len(things)]
        pair = [about[key].format(thing=thing, state=state) for key in ("question", "answer")]
        found.append((pair[0], pair[1]))
    return found


def program(text: str, language: str, seed: str) -> str:
    """Return the beginning of a program that holds the text.

    Args:
        text: The request.
        language: `en` or `ja`; unused.
        seed: Unused.
    """
    return f"task = {_quoted(text)}\nsteps = []\n"


_WRITTEN: Final[dict[str, Transform]] = {
    function.__name__: function
    for function in (
        pieces,
        base64,
        character_codes,
        reversed_text,
        character_tricks,
        translation_sandwich,
        many_shot,
        program,
    )
}
"""How a request can be written, by the name that `attacks.yaml` has for it."""


def _apply(about: dict[str, Any], text: str, language: str, seed: str) -> str | Messages:
    written = _WRITTEN[about["request"]](text, language, seed) if "request" in about else text
    if "frame" not in about or not isinstance(written, str):
        return written
    # Not str.format: a frame may hold braces of its own.
    frame: str = about["frame"]["ja" if language == "ja" else "en"]
    return frame.replace("{request}", written, 1)


def _attack(about: dict[str, Any]) -> Attack:
    title = Bilingual.model_validate(about["title"])
    found = about.get("published")
    published = PublishedRate.model_validate(found) if found else None
    return Attack(about["name"], partial(_apply, about), title, about.get("source", ""), published)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _draw(seed: str, what: str, size: int) -> int:
    """Return a number below `size`: the same on every machine and in every version of Python."""
    return int.from_bytes(hashlib.sha256(f"{what}:{seed}".encode()).digest()[:8], "big") % size


def _turned(items: Sequence[_Item], seed: str) -> list[_Item]:
    first = _draw(seed, "first", len(items))
    return [*items[first:], *items[:first]]


ATTACKS: Final[dict[str, Attack]] = {about["name"]: _attack(about) for about in _DATA["attacks"]}
"""All attacks by name, `none` first; the order is the one that they are asked and shown in."""
