"""What reviewers get: a file of lines, and one page that needs no server. Both are blind.

Neither names the model, the run, the scorer or its verdict, nor says why an answer was drawn. What
a model wrote reaches the page as JSON in a block that is never run, and from there as plain text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tenken.results.pages.words import Words, visible
from tenken.results.review.choices import CANNOT_SAY, Option
from tenken.results.review.draw import Draw
from tenken.results.review.items import Item
from tenken.results.review.labels import Role

_TEMPLATES: Final = Path(__file__).parent / "templates"
_IN_SCRIPT: Final = (
    "rv_where", "rv_done", "rv_empty", "rv_given", "rv_end", "rv_name_first", "rv_nothing",
    "rv_saved", "rv_loaded", "rv_unreadable", "comma",
)  # fmt: skip
_UNSAFE: Final = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Sheet:
    """What one kind of reviewer is asked.

    Attributes:
        items: The items, in the order in which they are shown.
        given: For an adjudicator, the labels that reviewers gave, by the item's digest.
    """

    draw: Draw
    items: Sequence[Item]
    role: Role = "reviewer"
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """What the names of its files begin with; nothing of the run is in it."""
        kind = "review" if self.role == "reviewer" else "adjudicate"
        return f"{kind}-{self.draw.sha256[:8]}"


def lines(sheet: Sheet, language: str) -> bytes:
    """Return the file of lines: fill in `label` and `reviewer`, and it can be imported."""
    words = Words(language)
    rows = [
        {
            "draw": sheet.draw.sha256,
            "item": item.digest,
            "number": number,
            "title": words.own(item.task.title),
            "language": item.record.language,
            "prompt": item.text.prompt,
            "answer": item.text.answer,
            "options": _options(item, words),
            **({"given": _given(sheet, item, words)} if sheet.given else {}),
            "label": "",
            "reviewer": "",
            "role": sheet.role,
            "note": "",
        }
        for number, item in enumerate(sheet.items, start=1)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return text.encode("utf-8", "replace")


def page(sheet: Sheet, language: str) -> bytes:
    """Return the page, in English or Japanese; the same input gives the same bytes."""
    words = Words("ja" if language == "ja" else "en")
    style = (_TEMPLATES / "review.css").read_text(encoding="utf-8")
    script = (_TEMPLATES / "review.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    made = environment.get_template("review.html").render(
        w=words,
        role=sheet.role,
        items=sheet.items,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_sha256=_sha256(style),
        script_sha256=_sha256(script),
        data=Markup(_embedded(_data(sheet, words))),  # noqa: S704 - holds no markup
    )
    return made.encode("utf-8", "replace")


def _data(sheet: Sheet, words: Words) -> dict[str, Any]:
    return {
        "draw": sheet.draw.sha256,
        "role": sheet.role,
        "words": {key.removeprefix("rv_"): words.raw(key) for key in (*_IN_SCRIPT, "picture")},
        "items": [
            {
                "item": item.digest,
                "title": visible(words.own(item.task.title)),
                "language": item.record.language,
                "prompt": visible(item.text.prompt),
                "answer": visible(item.text.answer),
                "pictures": list(item.pictures),
                "options": _options(item, words),
                "given": _given(sheet, item, words),
            }
            for item in sheet.items
        ],
    }


def _options(item: Item, words: Words) -> list[dict[str, str]]:
    found = [
        {"label": each.written, "words": visible(_words(each, words))} for each in item.options
    ]
    return [*found, {"label": CANNOT_SAY, "words": words.term("review", CANNOT_SAY)}]


def _words(option: Option, words: Words) -> str:
    if option.choice:
        return option.choice
    kind = "review" if words.knows("review", option.term) else "label"
    return words.term(kind, option.term)


def _given(sheet: Sheet, item: Item, words: Words) -> list[str]:
    said = sheet.given.get(item.digest, ())
    known = {option.label: option for option in item.options}
    return [visible(_words(known.get(each, Option(each, each)), words)) for each in said]


def _embedded(value: Any) -> str:
    """Return JSON that cannot end its block, nor begin a comment or tag."""
    return json.dumps(value, ensure_ascii=False).translate(_UNSAFE)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
