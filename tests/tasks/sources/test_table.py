"""Tables of anybody's: files, folders and Hub datasets become samples, or one clear line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenken.errors import CardError, InputError, TenkenError
from tenken.io.canonical import sha256_bytes
from tenken.tasks.card.card import read_card
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import load_task
from tenken.tasks.sources.table import read_table

REVISION = "0123456789abcdef0123456789abcdef01234567"
COLUMNS = {"input": "question", "target": "gold", "choices": ["a", "b"], "tags": ["topic"]}
ROWS: list[dict[str, Any]] = [
    {"question": "東京は首都ですか。", "gold": "はい", "a": "はい", "b": "いいえ", "topic": "地理"},
    {"question": "Is 7 even; or odd?", "gold": "odd", "a": "even", "b": "odd", "topic": "math"},
]
TEXT = "question;gold;a;b;topic\n" + "".join(
    ";".join(f'"{cell}"' for cell in row.values()) + "\n" for row in ROWS
)

LayOut = Callable[..., Path]
Read = Callable[..., tuple[TaskSample, ...]]


@pytest.fixture
def place(lay_out: LayOut) -> Callable[..., Path]:
    """Return a function that lays out a task with that `dataset` and returns its folder."""

    def make(**dataset: Any) -> Path:
        folder = lay_out(dataset={"sha256": "", **dataset}, languages=["ja"], paired=False)
        (folder / "samples.jsonl").unlink()
        return folder

    return make


def _read(folder: Path) -> tuple[TaskSample, ...]:
    return read_table(read_card(folder), folder)[0]


def _line(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        _read(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _check(samples: tuple[TaskSample, ...]) -> None:
    assert [sample.input for sample in samples] == [row["question"] for row in ROWS]
    assert [sample.target for sample in samples] == ["A", "B"]
    assert [sample.choices for sample in samples] == [("はい", "いいえ"), ("even", "odd")]
    assert [sample.tags["topic"] for sample in samples] == ["地理", "math"]
    assert len({sample.id for sample in samples}) == 2


@pytest.mark.parametrize(
    ("name", "data", "encoding"),
    [
        ("UPPER.CSV", TEXT.encode(), ""),
        ("bom.csv", TEXT.encode("utf-8-sig"), ""),
        ("utf16.csv", TEXT.encode("utf-16"), ""),
        ("excel.csv", TEXT.replace("\n", "\r\n").encode("cp932"), "cp932"),
        ("commas.csv", TEXT.replace('";"', '","').replace(";", ",", 4).encode(), ""),
        ("tabs.tsv", TEXT.replace('";"', '"\t"').replace(";", "\t", 4).encode(), ""),
        ("rows.jsonl", "\n".join(json.dumps(row) for row in ROWS).encode(), ""),
        ("LIST.JSON", json.dumps(ROWS, ensure_ascii=False).encode(), ""),
    ],
)
def test_a_file_of_any_kind_gives_the_same_samples(
    place: Callable[..., Path], name: str, data: bytes, encoding: str
) -> None:
    folder = place(file=name, columns=COLUMNS, encoding=encoding)
    (folder / name).write_bytes(data)
    _check(_read(folder))


def test_parquet_and_a_folder_in_the_hubs_layout(place: Callable[..., Path]) -> None:
    folder = place(file="data", split="test", columns=COLUMNS)
    (folder / "data" / "data").mkdir(parents=True)
    for split, rows in (("train", ROWS[:1]), ("test", ROWS)):
        path = folder / "data" / "data" / f"{split}-00000-of-00001.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path)  # type: ignore[no-untyped-call]
    _check(_read(folder))
    one = place(file=str(path), columns=COLUMNS)
    _check(_read(one))
    wrong = place(file="data", split="tset", columns=COLUMNS)
    assert "unknown split 'tset'. Did you mean 'test'? Known: test, train." in _line(wrong)


def _on_the_hub(cache: Path, rows: list[dict[str, Any]]) -> None:
    """Lay out a dataset as the Hub's client keeps what it has downloaded."""
    snapshot = cache / "datasets--org--set" / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (snapshot / "test.jsonl").write_text(lines, "utf-8")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the Hub's cache in a place of the test's own, with no network."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def test_a_hub_dataset_is_read_from_the_cache_at_its_revision(
    place: Callable[..., Path], hub: Path
) -> None:
    _on_the_hub(hub, ROWS)
    folder = place(hub="org/set", revision=REVISION, split="test", columns=COLUMNS)
    samples, about = read_table(read_card(folder), folder)
    _check(samples)
    assert about["set"]["pinned"] and len(about["set"]["sha256"]) == 64
    pinned = place(
        hub="org/set", revision=REVISION, split="test", columns=COLUMNS,
        sha256=about["set"]["sha256"],
    )  # fmt: skip
    _check(_read(pinned))


def test_a_hub_dataset_that_is_not_what_the_card_says_is_one_line(
    place: Callable[..., Path], hub: Path
) -> None:
    _on_the_hub(hub, ROWS)
    known = {"hub": "org/set", "revision": REVISION, "split": "test"}
    gone = _line(place(**{**known, "revision": "f" * 40}, columns=COLUMNS))
    assert gone.startswith("org/set@ffffffffffff: this revision is not in the cache")
    split = _line(place(**{**known, "split": "validation"}, columns=COLUMNS))
    assert "dataset.split: unknown split 'validation'." in split and "Known: test." in split
    column = _line(place(**known, columns={**COLUMNS, "input": "questoin"}))
    assert "unknown column 'questoin'. Did you mean 'question'?" in column
    digest = _line(place(**known, columns=COLUMNS, sha256="0" * 64))
    assert "the card says 0000" in digest


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("質問;gold\nx;y\n".encode("cp932"), "q.csv:1: not UTF-8 text"),
        (b"question,gold,a,b,topic\nx,y\n", "q.csv:2: the row has 2 cells, the header 5"),
        (b"question,question\nx,y\n", "q.csv:1: two columns are named 'question'"),
        (b"question,gold,a,b\nx,y,y,z\n", "unknown column 'topic'"),
        (b"question,gold,a,b,topic\n,y,y,z,t\n", "row 1 has no text in the column 'question'"),
        (b"question,gold,a,b,topic\nx,w,y,z,t\n", "target is 'W', not one of A, B"),
        (b"question,gold,a,b,topic\n", "the table is empty"),
        (b"", "q.csv: not a readable table"),
    ],
)
def test_a_wrong_table_is_one_line_with_its_place(
    place: Callable[..., Path], data: bytes, message: str
) -> None:
    folder = place(file="q.csv", columns=COLUMNS)
    (folder / "q.csv").write_bytes(data)
    assert message in _line(folder)


def test_a_file_that_cannot_be_a_table(place: Callable[..., Path]) -> None:
    folder = place(file="q.xlsx", columns=COLUMNS)
    assert "no such file or folder" in _line(folder)
    (folder / "q.xlsx").write_bytes(b"PK")
    assert "unsupported file type '.xlsx'; supported: .csv" in _line(folder)
    assert "remove split" in _line(place(file="q.xlsx", split="test", columns=COLUMNS))


def test_a_private_place_is_named_by_an_environment_variable(
    place: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = place(file="${CLOSED_SETS}/q.csv", columns=COLUMNS, private=True)
    monkeypatch.delenv("CLOSED_SETS", raising=False)
    assert "the environment variable CLOSED_SETS is not set" in _line(folder)
    monkeypatch.setenv("CLOSED_SETS", str(tmp_path))
    (tmp_path / "q.csv").write_text(TEXT, "utf-8")
    _check(_read(folder))


def test_the_digest_of_a_file_is_held_to_and_else_taken_down(
    place: Callable[..., Path], installed: Callable[[Path], str]
) -> None:
    folder = place(file="q.csv", columns=COLUMNS)
    (folder / "q.csv").write_text(TEXT, "utf-8")
    found = sha256_bytes(TEXT.encode())
    loaded = load_task(installed(folder))
    assert loaded.data == {"files": {"q.csv": {"sha256": found, "pinned": False}}}
    place(file="q.csv", columns=COLUMNS, sha256=found)
    (folder / "q.csv").write_text(TEXT.replace("even", "EVEN"), "utf-8")
    assert f"the card says {found}" in _line(folder)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ({"hub": "org/set", "split": "test"}, "needs revision"),
        ({"hub": "org/set", "revision": "main", "split": "test"}, "dataset.revision"),
        ({"hub": "org/set", "file": "q.csv"}, "file and hub are both given; keep one"),
        ({"columns": {"question": "x"}}, "unknown key 'dataset.columns.question'"),
    ],
)
def test_a_card_that_cannot_mean_one_table_is_refused(
    place: Callable[..., Path], dataset: dict[str, Any], message: str
) -> None:
    folder = place(**{"file": None, **dataset} if "file" in dataset else dataset)
    with pytest.raises(CardError, match=message):
        read_card(folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(cells=st.lists(st.text(max_size=12), min_size=1, max_size=4), junk=st.binary(max_size=60))
def test_no_bytes_end_in_a_traceback(
    place: Callable[..., Path], cells: list[str], junk: bytes
) -> None:
    folder = place(file="q.csv", columns={"input": "question"})
    for data in (junk, ("question\n" + "\n".join(cells)).encode("utf-8", "replace")):
        (folder / "q.csv").write_bytes(data)
        try:
            samples = _read(folder)
        except TenkenError as error:
            assert "\n" not in str(error)
        else:
            assert all(sample.input for sample in samples)


def test_numbered_classes_are_named_and_a_numbered_answer_is_a_letter(
    place: Callable[..., Path],
) -> None:
    from datasets import ClassLabel, Dataset, Features, List, Value

    kinds = Features(
        {
            "input": Value("string"), "choices": List(Value("string")), "target": Value("int64"),
            "subject": ClassLabel(names=["law", "medicine"]),
        }
    )  # fmt: skip
    rows = [
        {"input": "Which?", "choices": ["a", "b", "c"], "target": 2, "subject": 1},
        {"input": "Who?", "choices": ["a", "b", "c"], "target": 0, "subject": -1},
    ]
    folder = place(file="data", columns={"tags": ["subject"]})
    Dataset.from_list(rows, features=kinds).to_parquet(folder / "data" / "test.parquet")
    first, second = _read(folder)
    assert (first.target, first.tags) == ("C", {"subject": "medicine"})
    assert (second.target, second.tags) == ("A", {})
