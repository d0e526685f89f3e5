"""The page on which people read one thing after another and say what they make of it.

It needs no server. What a model or an item says reaches it as JSON in a block that is never run,
and from there as plain text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tenken.results.pages.words import Words

Kind = Literal["answers", "adjudicate", "items"]

_TEMPLATES: Final = Path(__file__).parent / "templates"
_IN_SCRIPT: Final = (
    "rv_where", "rv_done", "rv_empty", "rv_given", "rv_end", "rv_name_first", "rv_nothing",
    "rv_saved", "rv_loaded", "rv_unreadable", "comma",
)  # fmt: skip
_UNSAFE: Final = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Part:
    """A text to read, under its heading.

    Attributes:
        name: What the text is; `answer` is set off from the rest.
        pictures: Images that belong to it, as `data:` addresses.
    """

    name: str
    head: str
    language: str
    text: str
    pictures: Sequence[str] = ()


@dataclass(frozen=True)
class Choice:
    """What may be said to a question.

    Attributes:
        label: What is written into the file.
        words: What it is called on the page.
    """

    label: str | int | bool | None
    words: str


@dataclass(frozen=True)
class Question:
    """A question to be answered by one choice.

    Attributes:
        key: Key of the choice's label in the file.
        words: The question.
    """

    key: str
    words: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class FormItem:
    """One thing to read.

    Attributes:
        item: Its digest.
        given: What others have said about it, where that is to be settled.
    """

    item: str
    title: str
    language: str
    parts: Sequence[Part]
    questions: Sequence[Question]
    given: Sequence[str] = ()


@dataclass(frozen=True)
class Form:
    """A page to be filled in.

    Attributes:
        row: What every line of the saved file holds.
        who: Key of the reader's name in it.
        stem: What the file's name begins with.
    """

    kind: Kind
    row: dict[str, str]
    who: str
    stem: str
    items: Sequence[FormItem]


def form_page(form: Form, words: Words) -> bytes:
    """Return the page; the same input gives the same bytes.

    Args:
        form: What is asked, and how the answers are written down.
        words: The words of the reader's language.

    Returns:
        HTML with everything in it, UTF-8.
    """
    style = (_TEMPLATES / "review.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "review.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    made = environment.get_template("review.html").render(
        w=words,
        kind=form.kind,
        items=form.items,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_sha256=_sha256(style),
        script_sha256=_sha256(script),
        data=Markup(_embedded(_data(form, words))),  # noqa: S704 - holds no markup
    )
    return made.encode("utf-8", "replace")


def _data(form: Form, words: Words) -> dict[str, Any]:
    return {
        "row": form.row,
        "who": form.who,
        "stem": form.stem,
        "words": {key.removeprefix("rv_"): words.raw(key) for key in (*_IN_SCRIPT, "picture")},
        "items": [asdict(each) for each in form.items],
    }


def _embedded(data: dict[str, Any]) -> str:
    """Return JSON that cannot end the element that holds it."""
    return json.dumps(data, ensure_ascii=False).translate(_UNSAFE)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
