"""What reviewers get: a file of lines, and one page that needs no server. Both are blind.

Neither names the model, the run, the scorer or its verdict, nor says why an answer was drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tenken.results.pages.phrases import visible
from tenken.results.pages.review_form import Choice, Form, FormItem, Part, Question, form_page
from tenken.results.pages.words import Words
from tenken.results.review.choices import CANNOT_SAY, Option
from tenken.results.review.draw import Draw
from tenken.results.review.items import Item
from tenken.results.review.labels import Role


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
    """Return the JSON Lines that a reviewer fills in (`label` and `reviewer`) and hands back.

    Args:
        sheet: The drawn items, with prompt, answer and labels to choose from.
        language: `en` or `ja`, for the words beside the items.
    """
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
    """Return the page, in English or Japanese; the same input gives the same bytes.

    Args:
        sheet: The drawn items, with prompt, answer and labels to choose from.
        language: `ja`; anything else gives English.

    Returns:
        HTML with everything in it, UTF-8.
    """
    words = Words("ja" if language == "ja" else "en")
    form = Form(
        kind="adjudicate" if sheet.role == "adjudicator" else "answers",
        row={"draw": sheet.draw.sha256, "role": sheet.role},
        who="reviewer",
        stem=f"labels-{sheet.draw.sha256[:8]}-{sheet.role}",
        items=[_form_item(sheet, item, words) for item in sheet.items],
    )
    return form_page(form, words)


def _form_item(sheet: Sheet, item: Item, words: Words) -> FormItem:
    language = item.record.language
    choices = [Choice(each["label"], each["words"]) for each in _options(item, words)]
    return FormItem(
        item=item.digest,
        title=visible(words.own(item.task.title)),
        language=language,
        parts=[
            Part("prompt", words("prompt"), language, visible(item.text.prompt), item.pictures),
            Part("answer", words("answer"), language, visible(item.text.answer)),
        ],
        questions=[Question("label", words("rv_which"), choices)],
        given=_given(sheet, item, words),
    )


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
