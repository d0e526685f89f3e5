"""Samples from a table of anybody's, through `datasets`: a file, a folder, a dataset of the Hub."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import (
    CardError,
    InputError,
    Sentence,
    UnknownNameError,
    Words,
    in_a_line,
    said_by,
)
from tenken.io.canonical import digest, sha256_bytes
from tenken.io.rows import decode_text, delimiter_of, is_csv
from tenken.tasks.card.card import CARD_FILE, Card, Dataset
from tenken.tasks.card.table import Columns
from tenken.tasks.dataset.read import samples_from_rows
from tenken.tasks.dataset.sample import TaskSample

if TYPE_CHECKING:
    from datasets import Dataset as Rows

_JSON: Final = (".json", ".jsonl", ".ndjson")
_PARQUET: Final = (".parquet", ".pq")
_SUPPORTED: Final = ".csv, .tsv, .json, .jsonl, .parquet, or a folder"
_TOO_RARE: Final = 0.01
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Row = dict[str, Any]


def read_table(card: Card, folder: Path) -> tuple[tuple[TaskSample, ...], dict[str, Any]]:
    """Return the samples that a table holds, and the digest that was found of it.

    Args:
        card: A card whose dataset is a table (`Dataset.is_table`).
        folder: The card's folder, from which relative paths are read.

    Returns:
        The samples in the table's order; by the table's name, its `sha256` and whether the card
        `pinned` it.

    Raises:
        CardError: The table has other bytes than the card says, lacks a column, or holds a row
            that breaks a rule.
        InputError: The table cannot be had or read.
        UnknownNameError: There is no such column, configuration or split.
    """
    dataset = card.dataset
    place = dataset.hub or str(table_path(dataset, folder))
    rows, found = _rows(dataset, folder, place)
    if dataset.sha256 and found != dataset.sha256:
        raise CardError(
            place,
            "the SHA-256 is {found}, the card says {sha256}. If the change is meant, put "
            "the new one into the card and raise its version.",
            found=found,
            sha256=dataset.sha256,
        )
    samples = samples_from_rows(card, Path(place), list(_samples(card, folder, place, rows)))
    about = {"sha256": found, "pinned": bool(dataset.sha256 or dataset.hub)}
    return tuple(samples), {Path(place).name: about}


def table_path(dataset: Dataset, folder: Path) -> Path:
    """Return where a card's table is, with environment variables and `~` filled in.

    Args:
        dataset: The card's dataset; its file may be absolute or below the task's folder.
        folder: The task's folder.

    Raises:
        CardError: An environment variable is not set.
    """
    place = os.path.expanduser(os.path.expandvars(dataset.file))
    unset = re.search(r"\$(\w+|\{\w+\})", place)
    if unset:
        name = unset[1].strip("{}")
        raise CardError(
            folder / CARD_FILE,
            "dataset.file: the environment variable {name} is not set.",
            name=name,
        )
    return folder / place


def _rows(dataset: Dataset, folder: Path, place: str) -> tuple[list[Row], str]:
    """Return the rows with the columns that are used, and the digest that the card may pin."""
    columns = dataset.columns or Columns()
    if dataset.hub is None and (path := Path(place)).is_file():
        for key in ("split", "config"):
            if getattr(dataset, key):
                raise CardError(
                    folder / CARD_FILE,
                    "dataset.{key}: '{name}' is one file; remove {key}.",
                    key=key,
                    name=path.name,
                )
        data = path.read_bytes()
        return _used(_load_file(path, data, dataset.encoding), columns, place), sha256_bytes(data)
    if dataset.hub is not None:
        source = _snapshot(dataset.hub, dataset.revision or "")
    elif Path(place).is_dir():
        source = Path(place)
    else:
        raise CardError(place, "there is no such file or folder.")
    rows = _used(_load_folder(source, place, dataset), columns, place)
    return rows, digest(rows)


def _load_file(path: Path, data: bytes, encoding: str) -> Rows:
    suffix = path.suffix.lower()
    if is_csv(path):
        text = decode_text(path, data, encoding)
        header, delimiter = _header(path, text), delimiter_of(text)
        return _load(
            str(path), "csv", {"t": str(path)}, sep=delimiter, quotechar='"',
            encoding=encoding or ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else
                                  "utf-8-sig"),
            keep_default_na=False, text_columns=header,
        )  # fmt: skip
    if suffix in _JSON:
        decode_text(path, data)
        return _load(str(path), "json", {"t": str(path)})
    if suffix in _PARQUET:
        return _load(str(path), "parquet", {"t": str(path)})
    raise InputError(
        "{path}: unsupported file type '{suffix}'; supported: {supported}.",
        path=path,
        suffix=path.suffix,
        supported=Sentence(_SUPPORTED),
    )


def _header(path: Path, text: str) -> list[str]:
    """Return a CSV table's columns, having seen that every row has as many cells."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    header = next(table, [])
    doubled = [name for name, count in Counter(header).items() if count > 1]
    if doubled:
        raise InputError(
            "{path}:1: two columns are named '{doubled}'; rename one.",
            path=path,
            doubled=doubled[0],
        )
    for cells in table:
        if cells and len(cells) != len(header):
            raise InputError(
                "{path}:{line_num}: the row has {n} cells, the header {n2}; put text with "
                "'{delimiter_of}' in it into quotes.",
                path=path,
                line_num=table.line_num,
                n=len(cells),
                n2=len(header),
                delimiter_of=delimiter_of(text),
            )
    return header


def _load_folder(source: Path, place: str, dataset: Dataset) -> Rows:
    """Return one split of a folder in the Hub's layout.

    Raises:
        UnknownNameError: It has no such configuration or split, or several and none is named.
    """
    from datasets import get_dataset_config_names, get_dataset_split_names

    with _readable(place):
        configs = get_dataset_config_names(str(source))
    config = dataset.config or (configs[0] if len(configs) == 1 else "")
    if config not in configs:
        raise UnknownNameError("config", config, configs, f"{place}: dataset.config")
    with _readable(place):
        splits = list(get_dataset_split_names(str(source), config))
    split = dataset.split or (splits[0] if len(splits) == 1 else "")
    if split not in splits:
        raise UnknownNameError("split", split, splits, f"{place}: dataset.split")
    return _load(place, str(source), None, name=config, split=split)


def _load(
    place: str, builder: str, files: dict[str, str] | None, split: str = "t",
    text_columns: Sequence[str] = (), **options: Any,
) -> Rows:  # fmt: skip
    """Load a table into memory; nothing of it stays in a cache."""
    import datasets
    from datasets import config as settings

    settings.HF_UPDATE_DOWNLOAD_COUNTS = False  # else it says so to the Hub
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    if text_columns:
        columns = {name: datasets.Value("string") for name in text_columns}
        options["features"] = datasets.Features(columns)
    with TemporaryDirectory() as cache, _readable(place):
        return datasets.load_dataset(
            builder, data_files=files, split=split, cache_dir=cache, keep_in_memory=True, **options
        )


def _snapshot(hub: str, revision: str) -> Path:
    """Return the folder of a Hub dataset at a commit: from the cache, else from the network."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    where = f"{hub}@{revision[:12]}"
    try:
        return Path(snapshot_download(hub, repo_type="dataset", revision=revision))
    except GatedRepoError:
        why: Words = "access is refused; ask for it on the dataset's page and log in to the Hub."
    except RevisionNotFoundError:
        why = "the dataset has no such revision; pin one of its commits."
    except RepositoryNotFoundError:
        why = "the Hub has no such dataset, or it is private and you are not logged in."
    except LocalEntryNotFoundError:
        why = "this revision is not in the cache, and there is no connection to the Hub."
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "?")
        why = Sentence("the Hub answered HTTP {status}.", status=status)
    except OSError as error:
        said = said_by(error) if error.strerror else type(error).__name__
        why = Sentence("the download failed: {said}.", said=said)
    raise InputError("{where}: {said}", where=where, said=Sentence(why))


@contextmanager
def _readable(place: str) -> Iterator[None]:
    """Turn what `datasets` raises for a table that it cannot read into one line."""
    try:
        yield
    except Exception as error:  # each format brings exceptions of its own
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        if "corresponds to no data" in str(cause):
            raise InputError(
                "{place}: the table is empty: there is nothing to ask.", place=place
            ) from None
        words = in_a_line(cause)
        raise InputError(
            "{place}: not a readable table: {words}.", place=place, words=words.rstrip(".")
        ) from None


def _used(table: Rows, columns: Columns, place: str) -> list[Row]:
    """Return the rows with the columns that become samples, and no others."""
    from datasets import ClassLabel

    there = list(table.column_names)
    for name in columns.named():
        if name not in there:
            raise UnknownNameError("column", name, there, f"{place}: dataset.columns")
    own = [key for key in Columns.model_fields if key in there]
    kept = table.select_columns([name for name in there if name in {*columns.named(), *own}])
    kinds = dict(kept.features)
    names = {n: kinds[n] for n in kinds if isinstance(kinds[n], ClassLabel) and n != columns.target}
    return [
        {name: _named(value, names.get(name)) for name, value in row.items()}
        for row in kept.to_list()
    ]


def _named(value: Any, names: Any) -> Any:
    """Return the name of a class, where a column holds its number; below 0 there is none."""
    if names is None or not isinstance(value, int):
        return value
    return names.int2str(value) if value >= 0 else None


def _samples(card: Card, folder: Path, place: str, rows: Sequence[Row]) -> Iterator[Row]:
    columns = card.dataset.columns or Columns()
    _check_counted_from_zero(columns, place, rows)
    seen: Counter[str] = Counter()
    for number, row in enumerate(rows, start=1):
        sample = _sample(card, columns, row)
        if "id" not in sample:
            content = [sample.get(key) for key in ("input", "choices", "language")]
            content += [sample["files"]] if "files" in sample else []
            sample["id"] = f"{card.name}-{digest(content)[:10]}"
        if not sample.get("input"):
            message = Sentence(
                "row {number} has no text in the column '{input}'.",
                number=number,
                input=columns.input,
            )
            raise CardError(place, message)
        seen[sample["id"]] += 1
        if columns.id is None and seen[sample["id"]] > 1:
            sample["id"] += f"-{seen[sample['id']]}"
        yield sample


def _sample(card: Card, columns: Columns, row: Row) -> Row:
    """Return a row in the form of a line of `samples.jsonl`."""
    sample: Row = {}
    for key in ("id", "language", "input", "target", "pair_id", "cluster", "benign_twin", "roles"):
        value = row.get(getattr(columns, key) or key)
        if value is not None and value != "":
            sample[key] = value if isinstance(value, list) else str(value).strip()
    for key in ("id", "pair_id", "cluster", "benign_twin"):
        if key in sample:
            sample[key] = _slug(sample[key])
    if "language" not in sample and len(card.languages) == 1:
        sample["language"] = card.languages[0]
    choices = _choices(columns, row)
    if choices:
        sample["choices"] = choices
        sample["target"] = _letter(row.get(columns.target or "target"), sample["choices"])
    if found := row.get(columns.files or "files"):
        sample["files"] = found if isinstance(found, list) else [str(found)]
    sample["tags"] = {name: str(row[name]) for name in columns.tags if row[name] not in (None, "")}
    sample["metadata"] = {name: row[name] for name in columns.metadata if row[name] is not None}
    return {key: value for key, value in sample.items() if value not in ({}, None)}


def _check_counted_from_zero(columns: Columns, place: str, rows: Sequence[Row]) -> None:
    """Refuse numbers of right choices that seem to count from 1: each answer would be off by one.

    They seem to where none is 0, and chance would hardly have left it out.
    """
    by_chance, numbers = 1.0, set()
    for row in rows:
        choices = _choices(columns, row)
        target = str(row.get(columns.target or "target") or "0").strip()
        if len(choices) < 2 or target in choices or not (target.isascii() and target.isdigit()):
            return
        numbers.add(int(target))
        by_chance *= 1 - 1 / len(choices)
    if numbers and 0 not in numbers and by_chance < _TOO_RARE:
        raise CardError(
            place,
            "the column '{target}' seems to count the choices from 1: none of {n} rows has "
            "0. Write the right choice's text or letter, or its number from 0.",
            target=columns.target or "target",
            n=len(rows),
        )


def _choices(columns: Columns, row: Row) -> list[str]:
    named = columns.choices or "choices"
    found = row.get(named) if isinstance(named, str) else [row[name] for name in named]
    return [str(each) for each in _texts(found)] if found else []


def _texts(found: Any) -> list[Any]:
    """Return a list of choices; several of the Hub's datasets have it below the key `text`."""
    if isinstance(found, dict):
        found = found.get("text", list(found.values()))
    return (
        [each for each in found if each not in (None, "")] if isinstance(found, list) else [found]
    )


def _letter(target: Any, choices: Sequence[str]) -> str | None:
    """Return the letter of the right choice, given as its text, its letter, or its number."""
    text = "" if target is None else str(target).strip()
    if text in choices:
        return _LETTERS[list(choices).index(text)]
    if text.isascii() and text.isdigit() and int(text) < len(choices):
        return _LETTERS[int(text)]
    return text.upper() or None


def _slug(text: str) -> str:
    """Return an id in the letters that ids are made of, the same for the same text."""
    plain = re.sub(r"[^A-Za-z0-9._:-]+", "-", text).strip("-._:")
    if plain == text:
        return text
    return f"{plain[:60] or 'id'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
