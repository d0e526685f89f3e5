"""Readings of a task's items: blind on the way out, checked on the way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import InputError
from tenken.evals.actions.item_reviews import (
    import_reviews,
    item_sheet,
    items_of,
    readers_alpha,
)
from tenken.results.pages.item_review import ItemSheet, item_lines, item_page
from tenken.schema.reviews import ItemReview
from tenken.tasks.dataset.reviews import REVIEWS_FILE, item_digest
from tenken.tasks.library import TaskFolder, find_task
from tenken.tasks.lint.run import check
from tenken.tasks.lint.subject import Subject
from tenken.tasks.scaffold.layout import lay_out
from tenken.tasks.scaffold.refresh import refresh


@pytest.fixture
def entry(tmp_path: Path, made_own: Callable[[Path], None]) -> TaskFolder:
    folder = tmp_path / "criminal_misuse" / "trial"
    lay_out(folder, "criminal_misuse", "trial", ["en", "ja"])
    made_own(folder)
    refresh(folder, write=True, risk_folder=False)
    return TaskFolder("criminal_misuse/trial", folder, "elsewhere")


@pytest.fixture
def subject(entry: TaskFolder) -> Subject:
    return items_of(entry)


def filled(path: Path, sheet: ItemSheet, **said: Any) -> Path:
    rows = [json.loads(line) for line in item_lines(sheet).splitlines()]
    given = {"by": "person", "reader": "a", "naturalness": 4, "decision": "keep", **said}
    path.write_text("".join(json.dumps({**row, **given}) + "\n" for row in rows))
    return path


def sheet_of(subject: Subject) -> ItemSheet:
    return item_sheet(subject, None, None, 0, None)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_readers_see_neither_ids_nor_tags_nor_who_is_whose_twin(
    subject: Subject, language: str
) -> None:
    sheet = sheet_of(subject)
    page = item_page(sheet, language)
    for data in (page, item_lines(sheet)):
        text = data.decode()
        for item in subject.items:
            assert f'"{item.sample.id}"' not in text
        for word in ("benign_twin", "severity", subject.card.canary):
            assert word not in text
    assert page == item_page(sheet, language)
    assert {each.item for each in sheet.items} == {
        item_digest(item.sample) for item in subject.items
    }


def test_the_order_and_the_draw_follow_the_seed(subject: Subject) -> None:
    drawn = [
        [each.item for each in item_sheet(subject, "ja", 3, seed, None).items] for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(each.language == "ja" for each in item_sheet(subject, "ja", 3, 1, None).items)


def test_harm_is_asked_where_there_are_twins_alone(subject: Subject) -> None:
    asked = json.loads(item_lines(sheet_of(subject)).splitlines()[0])
    assert "harmful" in asked and "equal" in asked
    choices = items_of(find_task("bias/stereotype_endorsement"))
    row = json.loads(item_lines(item_sheet(choices, "en", 1, 0, None)))
    assert "harmful" not in row and row["choices"]


def test_readings_are_kept_beside_the_items_and_told_in_the_readme(
    subject: Subject, entry: TaskFolder, tmp_path: Path
) -> None:
    sheet = sheet_of(subject)
    first = filled(tmp_path / "a.jsonl", sheet, harmful=True)
    assert len(import_reviews(subject, [first])) == len(sheet.items)
    assert import_reviews(subject, [first]) == []  # the same again is nothing new
    second = filled(tmp_path / "b.jsonl", sheet, reader="m", by="model", harmful=False)
    import_reviews(subject, [second])
    lines = (subject.folder / REVIEWS_FILE).read_text().splitlines()
    records = [ItemReview.model_validate_json(line) for line in lines]
    assert {each.id for each in records} == {item.sample.id for item in subject.items}
    alpha = readers_alpha(subject)
    assert alpha is not None and alpha.value is not None and alpha.value < 0
    readme = (subject.folder / "README.md").read_text()
    n = len(sheet.items)
    assert f"{n} of {n} items by people, 0 by models alone" in readme
    assert f"0 of {n} read alike by all their readers" in readme
    assert not [each for each in check([entry]).findings if each.level == "error"]
    assert item_sheet(subject, None, None, 0, "a").items == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"naturalness": 9}, "a.jsonl:1: naturalness: expected 5 or less"),
        ({"by": ""}, "by: expected 'person' or 'model'"),
        ({"reader": " "}, "reader: write a name"),
        ({"harmfull": True}, "unknown key 'harmfull'. Did you mean 'harmful'?"),
        ({"item": "0" * 64}, "the task has no such item"),
        ({"task": "bias/other"}, "a reading of 'bias/other'"),
        ({"harmful": "yes"}, "harmful: "),
    ],
)
def test_a_line_that_is_no_reading_of_this_task_is_refused(
    subject: Subject, tmp_path: Path, said: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        import_reviews(subject, [filled(tmp_path / "a.jsonl", sheet_of(subject), **said)])
    assert message in str(caught.value)
    assert not (subject.folder / REVIEWS_FILE).exists()


def test_a_record_is_never_written_over(subject: Subject, tmp_path: Path) -> None:
    import_reviews(subject, [filled(tmp_path / "a.jsonl", sheet_of(subject))])
    with pytest.raises(InputError, match="said otherwise"):
        import_reviews(subject, [filled(tmp_path / "b.jsonl", sheet_of(subject), naturalness=1)])


def test_what_nobody_decided_is_left_out(subject: Subject, tmp_path: Path) -> None:
    assert import_reviews(subject, [filled(tmp_path / "a.jsonl", sheet_of(subject), decision="")]) \
        == []  # fmt: skip


def test_public_benchmarks_are_not_ours_to_review() -> None:
    with pytest.raises(InputError, match="only a task's own items"):
        items_of(find_task("bbq"))
