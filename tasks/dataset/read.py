"""A task's samples, read from its file and checked against its card and one another."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tenken.errors import CardError, Sentence, Words
from tenken.io.canonical import sha256_bytes
from tenken.tasks.card.card import Card
from tenken.tasks.dataset.line import parse_lines
from tenken.tasks.dataset.sample import TaskSample, measure_of

_LANGUAGE = re.compile(rb'"language"\s*:\s*"(\w+)"')


def read_samples(card: Card, folder: Path) -> list[TaskSample]:
    """Read a task's samples and check them against its card and one another.

    Args:
        card: The task's card; names the file, its digest, and what samples may hold.
        folder: The task's folder.

    Returns:
        The samples in the file's order.

    Raises:
        CardError: The file is missing or empty, its bytes are not those that the card names, or a
            line breaks a rule; the message names file and line.
    """
    path = folder / card.dataset.file
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise CardError(path, "the samples cannot be read: {error}.", error=error) from None
    samples = _parse(path, data)
    found = sha256_bytes(data)
    if card.dataset.sha256 and found != card.dataset.sha256:
        raise CardError(
            path,
            "the file's SHA-256 is {found}, the card says {sha256}. If the change is "
            "meant, put the new one into the card and raise its version.",
            found=found,
            sha256=card.dataset.sha256,
        )
    return _checked(card, path, samples)


def samples_from_rows(card: Card, path: Path, rows: Iterable[dict[str, Any]]) -> list[TaskSample]:
    """Check samples that a reader has made of other data, as those of a file are checked.

    Args:
        card: The task's card.
        path: Where the data come from, for the messages.
        rows: The samples, with the keys of `samples.jsonl`.

    Raises:
        CardError: There are none, or one breaks a rule; the message names its number.
    """
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return _checked(card, path, _parse(path, lines.encode()))


def _checked(card: Card, path: Path, samples: list[tuple[int, TaskSample]]) -> list[TaskSample]:
    if not samples:
        raise CardError(path, "the dataset is empty: there is nothing to ask.")
    lines = {sample.id: number for number, sample in samples}
    plain = [sample for _, sample in samples]
    _check_against_card(card, path, plain, lines)
    if card.paired:
        _check_pairs(card, path, plain, lines)
    return plain


def count_samples(card: Card, folder: Path) -> Counter[str]:
    """Count a task's samples by language, without checking each of them.

    The bytes must be those that the card names; a file of other bytes, or one that cannot be
    counted, is read and checked in full, so that the error names the line.

    Args:
        card: The task's card; names the file and its digest.
        folder: The task's folder.

    Returns:
        Number of samples by language.

    Raises:
        CardError: As `read_samples` does.
    """
    counted = count_pinned(folder / card.dataset.file, card.dataset.sha256)
    if counted is not None:
        return counted
    return Counter(sample.language for sample in read_samples(card, folder))


def count_pinned(path: Path, sha256: str) -> Counter[str] | None:
    """Count the samples of a file by language, if it has exactly the expected bytes.

    Args:
        path: The file of samples, JSON Lines.
        sha256: The digest that its bytes should have; an empty one never fits.

    Returns:
        Number of samples by language; None where the bytes differ or cannot be read.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = path.read_bytes()
        if sha256_bytes(data) == sha256:
            # Decoding all of it would take longer than everything else that a listing does.
            found = [each.decode() for each in _LANGUAGE.findall(data)]
            lines = [line for line in data.split(b"\n") if line.strip()]
            if len(found) == len(lines):
                return Counter(found)
            return Counter(json.loads(line)["language"] for line in lines)
    return None


def _parse(path: Path, data: bytes) -> list[tuple[int, TaskSample]]:
    found: list[tuple[int, TaskSample]] = []
    seen: dict[str, int] = {}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = data[: error.start].count(b"\n") + 1
        raise CardError(path, "not UTF-8 text.", bad_line) from None
    for number, sample in parse_lines(text):
        if isinstance(sample, Sentence):
            raise CardError(path, sample, number)
        if sample.id in seen:
            message = Sentence(
                "the id '{id}' is already used on line {seen}.", id=sample.id, seen=seen[sample.id]
            )
            raise CardError(path, message, number)
        seen[sample.id] = number
        found.append((number, sample))
    return found


def _check_pairs(
    card: Card, path: Path, samples: Sequence[TaskSample], lines: dict[str, int]
) -> None:
    by_pair: dict[str, list[TaskSample]] = defaultdict(list)
    for sample in samples:
        by_pair[sample.pair_id].append(sample)
    for pair_id, pair in by_pair.items():
        counts = Counter(sample.language for sample in pair)
        line = lines[pair[0].id]
        for language in card.languages:
            if counts[language] == 0:
                raise CardError(
                    path,
                    "the pair '{pair_id}' has no {language} sample.",
                    line,
                    pair_id=pair_id,
                    language=language,
                )
            if counts[language] > 1:
                raise CardError(
                    path,
                    "the pair '{pair_id}' has two {language} samples.",
                    line,
                    pair_id=pair_id,
                    language=language,
                )
        if len({sample.cluster for sample in pair}) > 1:
            raise CardError(path, "the pair '{pair_id}' is in two clusters.", line, pair_id=pair_id)


def _check_against_card(
    card: Card, path: Path, samples: Sequence[TaskSample], lines: dict[str, int]
) -> None:
    ids = {sample.id for sample in samples}
    for sample in samples:
        flaw = misfit(card, sample, ids)
        if flaw:
            raise CardError(path, flaw, lines[sample.id])


def misfit(card: Card, sample: TaskSample, ids: set[str]) -> Words:
    """Return how a sample contradicts its card or the other samples; empty if it does not.

    Args:
        card: The task's card.
        sample: The sample to check.
        ids: Ids of all samples of the task, for references to a twin.

    Returns:
        One sentence.
    """
    if sample.language not in card.languages:
        return Sentence("'{language}' is not among the card's languages.", language=sample.language)
    if measure_of(card, sample) is None:
        return "the sample belongs to none of the card's measures."
    if sample.benign_twin is not None and sample.benign_twin not in ids:
        return Sentence(
            "benign_twin names '{benign_twin}', which is not here.", benign_twin=sample.benign_twin
        )
    if sample.benign_twin == sample.id:
        return "benign_twin names the sample itself; name the harmful sample that it resembles."
    template = card.prompt.of(sample.language)
    if sample.choices and isinstance(sample.input, str) and "{choices}" not in template:
        return Sentence(
            "the sample has choices, and the card's prompt.{language} no {{choices}}.",
            language=sample.language,
        )
    return ""
