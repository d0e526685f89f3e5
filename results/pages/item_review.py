"""What readers of a task's items get: a file of lines, and one page; both blind to the label."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tenken.results.pages.phrases import visible
from tenken.results.pages.review_form import Choice, Form, FormItem, Part, Question, form_page
from tenken.results.pages.words import Words
from tenken.results.review.choices import CANNOT_SAY
from tenken.schema.vocabulary import Bilingual

_SCALE: Final = range(1, 6)
_DECISIONS: Final = ("keep", "change", "drop")


@dataclass(frozen=True)
class ReadItem:
    """An item as it is read.

    Attributes:
        item: Its digest; nothing that a reader sees holds its id, which may tell the label.
        language: Language of the item.
        parts: Name and text of all that is put to the model.
        choices: The answers to choose from.
        other: Language and texts of the same item in another language; none for none.
    """

    item: str
    language: str
    parts: Sequence[tuple[str, str]]
    choices: Sequence[str] = ()
    other: tuple[str, str] | None = None


@dataclass(frozen=True)
class ItemSheet:
    """What the readers of a task are asked.

    Attributes:
        task: Full name of the task.
        title: Its title.
        harm: Whether readers say of each item if it would do harm.
        items: The items, in the order in which they are shown.
    """

    task: str
    title: Bilingual
    harm: bool
    items: Sequence[ReadItem]

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return f"items-{self.task.rsplit('/', 1)[-1]}"


def item_lines(sheet: ItemSheet) -> bytes:
    """Return the file of lines: fill in what is empty, and it can be imported."""
    rows = [
        {
            "task": sheet.task,
            "item": each.item,
            "number": number,
            "language": each.language,
            "text": "\n\n".join(text for _, text in each.parts),
            **({"choices": list(each.choices)} if each.choices else {}),
            **({"other": each.other[1]} if each.other else {}),
            "by": "",
            "reader": "",
            "naturalness": None,
            **({"harmful": None} if sheet.harm else {}),
            **({"equal": None} if each.other else {}),
            "decision": "",
            "note": "",
        }
        for number, each in enumerate(sheet.items, start=1)
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return text.encode("utf-8", "replace")


def item_page(sheet: ItemSheet, language: str) -> bytes:
    """Return the page, in English or Japanese; the same input gives the same bytes.

    Args:
        sheet: The items that a reader is to judge.
        language: `ja`; anything else gives English.

    Returns:
        HTML with everything in it, UTF-8.
    """
    words = Words("ja" if language == "ja" else "en")
    form = Form(
        kind="items",
        row={"task": sheet.task, "by": "person"},
        who="reader",
        stem=sheet.stem,
        items=[_form_item(sheet, each, words) for each in sheet.items],
    )
    return form_page(form, words)


def _form_item(sheet: ItemSheet, item: ReadItem, words: Words) -> FormItem:
    plain = len(item.parts) == 1
    parts = [
        Part(
            "item",
            words("rv_item") if plain else words("rv_item_part", part=name),
            item.language,
            visible(text),
        )
        for name, text in item.parts
    ]
    if item.choices:
        text = "\n".join(f"- {visible(each)}" for each in item.choices)
        parts.append(Part("choices", words("rv_item_choices"), item.language, text))
    if item.other:
        language, text = item.other
        head = words("rv_item_other", language=words.term("language", language))
        parts.append(Part("other", head, language, visible(text)))
    return FormItem(
        item=item.item,
        title=visible(words.own(sheet.title)),
        language=item.language,
        parts=parts,
        questions=list(_questions(sheet, item, words)),
    )


def _questions(sheet: ItemSheet, item: ReadItem, words: Words) -> list[Question]:
    yes_no = [
        Choice(True, words.term("review", "yes")),
        Choice(False, words.term("review", "no")),
        Choice(None, words.term("review", CANNOT_SAY)),
    ]
    found = [Question("naturalness", words("rv_naturalness"), [Choice(n, str(n)) for n in _SCALE])]
    if sheet.harm:
        found.append(Question("harmful", words("rv_harmful"), yes_no))
    if item.other:
        found.append(Question("equal", words("rv_equal"), yes_no))
    decisions = [Choice(each, words.term("review", each)) for each in _DECISIONS]
    return [*found, Question("decision", words("rv_decision"), decisions)]
