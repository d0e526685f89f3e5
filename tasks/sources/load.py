"""Samples of a public benchmark: its files fetched, checked, read, and checked once more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenken.errors import CardError, InputError
from tenken.tasks.card.card import Card
from tenken.tasks.dataset.read import samples_from_rows
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.sources.fetch import source_files
from tenken.tasks.sources.readers.formats import read_rows


@dataclass(frozen=True, slots=True)
class PublicData:
    """What the files of a public benchmark came to.

    Attributes:
        files: SHA-256 of each file that was read, by its name, and whether the card vouches
            for it.
    """

    samples: tuple[TaskSample, ...]
    files: dict[str, Any]


def read_public(
    card: Card, folder: Path, given: Path | None = None, *, download: bool = True
) -> PublicData | None:
    """Return the samples that a card's remote data give.

    Args:
        card: A card with `dataset.remote`.
        folder: The card's folder, for the messages.
        given: The file or folder that the user named.
        download: Whether to fetch what is not here; if not, None is returned then.

    Raises:
        InputError: The data cannot be had, or are not what the card says.
        CardError: A row cannot be read.
    """
    remote = card.dataset.remote
    if remote is None:
        raise CardError(folder, "the card names no remote data.")
    files = source_files(card.name, remote, given, download=download)
    if files is None:
        return None
    try:
        rows = read_rows(remote.reader, files, remote.options)
    except TypeError as error:
        raise CardError(folder / "card.yaml", "remote.options: {error}.", error=error) from None
    samples = tuple(samples_from_rows(card, files[0].path, rows))
    _check_count(card, samples, vouched=all(file.expected for file in files))
    names = {file.path.name: {"sha256": file.sha256, "pinned": file.expected} for file in files}
    return PublicData(samples, names)


def _check_count(card: Card, samples: tuple[TaskSample, ...], *, vouched: bool) -> None:
    """Refuse another number of samples than the card says, where the bytes are those it pins."""
    remote = card.dataset.remote
    for language, wanted in (remote.samples if remote and vouched else {}).items():
        found = sum(sample.language == language for sample in samples)
        if found != wanted:
            raise InputError(
                "public/{name}: {found} {language} samples were read, the card says {wanted}.",
                name=card.name,
                found=found,
                language=language,
                wanted=wanted,
            )
