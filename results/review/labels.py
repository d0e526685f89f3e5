"""Label files: what reviewers send back, checked line by line, and what is in the bundle.

A label is bound to its answer: it names the draw and the item, whose digest is over the run, the
sample, the prompt and the answer. In the bundle a file of labels has the digest of its bytes as
its name, so that nothing is ever written over.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenken.errors import BundleError, InputError, hint
from tenken.io.canonical import canonical_json, sha256_bytes
from tenken.io.faults import explain
from tenken.io.rows import read_rows
from tenken.results.records.read import Texts
from tenken.results.review.choices import CANNOT_SAY
from tenken.results.review.draw import REVIEWS, Draw, DrawnItem, Sha256
from tenken.results.review.items import Key, item_digest
from tenken.results.seal.folder import read_plain

Role = Literal["reviewer", "adjudicator"]

_NEEDED: Final = ("draw", "item", "label", "reviewer")
_KEPT: Final = (*_NEEDED, "role", "note")
_ALONGSIDE: Final = frozenset(
    {"number", "language", "title", "prompt", "answer", "options", "given"}
)
_SHORT: Final = 16


class Label(BaseModel):
    """One person's label of one answer.

    Attributes:
        draw: Digest of the draw.
        item: Digest of the item.
        reviewer: What the person calls themselves; a pseudonym will do.
        role: `adjudicator` settles what reviewers disagree on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    draw: Sha256
    item: Sha256
    reviewer: Annotated[str, Field(min_length=1, max_length=60)]
    role: Role = "reviewer"
    label: Annotated[str, Field(min_length=1, max_length=100)]
    note: Annotated[str, Field(max_length=2000)] = ""


class Checker:
    """Checks label files against a run's draws and answers."""

    def __init__(
        self,
        draws: Mapping[str, Draw],
        texts: Mapping[Key, Texts],
        digest_of: Mapping[Key, str],
        before: Iterable[Label],
    ) -> None:
        """Take what there is to check against.

        Args:
            draws: The run's draws by their digest.
            texts: Prompts and answers.
            digest_of: The digest of each drawn item as the logs give it now.
            before: Labels that the bundle has.
        """
        self._draws, self._texts, self._digest_of = draws, texts, digest_of
        self._items = {
            (sha256, each.item): each for sha256, made in draws.items() for each in made.items
        }
        self._before: dict[tuple[str, str, str], str] = {}
        self._names: dict[str, str] = {}
        self._roles: dict[tuple[str, str], str] = {}
        for each in before:
            self._keep(each)

    def read(self, path: Path) -> list[Label]:
        """Return the labels of a file; lines without one are left out.

        Raises:
            InputError: The file cannot be read, or a line is not a label of this run.
        """
        found: dict[tuple[str, str, str], Label] = {}
        for line, row in _rows(path):
            place = f"{path}:{line}"
            label = self._label(place, row)
            if label is None:
                continue
            mark = (label.item, label.reviewer, label.role)
            short = label.item[:_SHORT]
            if mark in found:
                who = label.reviewer
                raise InputError(
                    "{place}: the item {short} is listed twice for '{who}'; remove one.",
                    place=place,
                    short=short,
                    who=who,
                )
            old = self._before.get(mark, label.label)
            if old != label.label:
                raise InputError(
                    "{place}: '{reviewer}' has labelled the item {short} '{old}' in the run "
                    "already; labels are never overwritten. An adjudicator can settle it.",
                    place=place,
                    reviewer=label.reviewer,
                    short=short,
                    old=old,
                )
            self._check_person(place, label)
            found[mark] = label
            self._keep(label)
        return list(found.values())

    def _keep(self, label: Label) -> None:
        self._before[label.item, label.reviewer, label.role] = label.label
        self._names.setdefault(_same(label.reviewer), label.reviewer)
        self._roles[label.item, label.reviewer] = label.role

    def _check_person(self, place: str, label: Label) -> None:
        known = self._names.get(_same(label.reviewer), label.reviewer)
        if known != label.reviewer:
            raise InputError(
                "{place}: '{reviewer}' and '{known}' would count as two people; write the name "
                "as before, or a name that is not so like it.",
                place=place,
                reviewer=label.reviewer,
                known=known,
            )
        role = self._roles.get((label.item, label.reviewer), label.role)
        if role != label.role:
            raise InputError(
                "{place}: '{reviewer}' has labelled the item {item} as {role}: who settles it "
                "is somebody else. Where reviewers settled it together, write 'consensus' as "
                "the name.",
                place=place,
                reviewer=label.reviewer,
                item=label.item[:_SHORT],
                role=role,
            )

    def _label(self, place: str, row: Mapping[str, Any]) -> Label | None:
        for key in row:
            if key not in _KEPT and key not in _ALONGSIDE:
                near = hint(key, _KEPT)
                raise InputError(
                    "{place}: unknown key '{key}'.{hint}", place=place, key=key, hint=near
                )
        for key in _NEEDED:
            if key not in row:
                raise InputError("{place}: the key '{key}' is missing.", place=place, key=key)
        if row["label"] in (None, ""):
            return None
        try:
            label = Label.model_validate({k: row[k] for k in _KEPT if row.get(k)})
        except ValidationError as error:
            raise InputError("{place}: {why}", place=place, why=explain(error, Label)) from None
        if not label.reviewer.isprintable() or not label.reviewer.strip():
            raise InputError(
                "{place}: reviewer: write a name or a pseudonym in plain characters.", place=place
            )
        item = self._check(place, label, row)
        meant = item.stands_for.get(label.label, label.label)
        return label.model_copy(update={"label": meant, "reviewer": label.reviewer.strip()})

    def _check(self, place: str, label: Label, row: Mapping[str, Any]) -> DrawnItem:
        if label.draw not in self._draws:
            raise InputError(
                "{place}: this label belongs to another run: no draw of this one is {draw}.",
                place=place,
                draw=label.draw[:_SHORT],
            )
        item = self._items.get((label.draw, label.item))
        if item is None:
            raise InputError(
                "{place}: the item {item} is not in the draw.",
                place=place,
                item=label.item[:_SHORT],
            )
        if self._digest_of.get(item.key) != item.item:
            raise InputError(
                "{place}: the run's answer to the item {item} is not the one that was drawn; "
                "draw again.",
                place=place,
                item=label.item[:_SHORT],
            )
        text = self._texts[item.key]
        for key, own in (("prompt", text.prompt), ("answer", text.answer)):
            if key in row and row[key] != own:
                raise InputError(
                    "{place}: the item {item} has another {key}.",
                    place=place,
                    item=label.item[:_SHORT],
                    key=key,
                )
        if label.label not in item.labels and label.label != CANNOT_SAY:
            near = hint(label.label, item.labels)
            known = ", ".join((*item.labels, CANNOT_SAY))
            raise InputError(
                "{place}: unknown label '{label}'.{hint} Known: {known}.",
                place=place,
                label=label.label,
                hint=near,
                known=known,
            )
        return item


def digests_now(
    draws: Mapping[str, Draw], texts: Mapping[Key, Texts], salt: bytes, plan: Any
) -> dict[Key, str]:
    """Return the digest of each drawn item as the logs give it.

    Args:
        draws: By digest, the draws of the run.
        texts: By task, sample and epoch, prompt and answer as the logs have them now.
        salt: The run's secret salt.
        plan: The committed plan.

    Returns:
        By task, sample and epoch; items that the logs no longer have are left out.
    """
    keys = {each.key for made in draws.values() for each in made.items}
    return {key: item_digest(salt, plan, key, texts[key]) for key in sorted(keys) if key in texts}


def to_bytes(labels: Iterable[Label]) -> bytes:
    """Return the one form of a file of labels: a line each, sorted."""
    rows = [each.model_dump(mode="json") for each in labels]
    return b"".join(sorted(canonical_json(row) + b"\n" for row in rows))


def file_name(data: bytes) -> str:
    """Return the name that a file of labels has in a bundle."""
    return f"{REVIEWS}/{sha256_bytes(data)}.jsonl"


def read_labels(run: Path, draws: Mapping[str, Draw]) -> dict[str, list[Label]]:
    """Return the labels of a bundle by file.

    Args:
        run: The run's folder.
        draws: By digest, the draws of the run; each label has to be of one of them.

    Returns:
        By file name, the labels in the file's order.

    Raises:
        BundleError: A file's content does not fit its name, or a label is not of a draw of this
            run.
    """
    known = {(sha, each.item) for sha, made in draws.items() for each in made.items}
    found: dict[str, list[Label]] = {}
    for path in sorted((run / REVIEWS).glob("*.jsonl")):
        try:
            data = read_plain(path)
            labels = [Label.model_validate_json(line) for line in data.splitlines()]
            if to_bytes(labels) != data or run / file_name(data) != path:
                raise ValueError("not the labels that its name says")
            if any((each.draw, each.item) not in known for each in labels):
                raise ValueError("a label is of no draw of this run")
        except ValidationError as error:
            raise BundleError(
                "{path}: not readable as labels: {why}",
                path=path,
                why=explain(error, Label),
            ) from None
        except (OSError, ValueError) as error:
            raise BundleError(
                "{path}: not readable as labels: {error}.", path=path, error=error
            ) from None
        found[path.name] = labels
    return found


def items_of(draws: Mapping[str, Draw]) -> dict[str, list[tuple[str, DrawnItem]]]:
    """Return, by the item's digest, the draws that it is in."""
    found: dict[str, list[tuple[str, DrawnItem]]] = {}
    for sha256, made in sorted(draws.items()):
        for each in made.items:
            found.setdefault(each.item, []).append((sha256, each))
    return found


def _same(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        data = read_plain(path)
    except FileNotFoundError:
        raise InputError("{path}: there is no such file.", path=path) from None
    except (OSError, ValueError) as error:
        raise InputError(
            "{path}: the labels cannot be read: {error}.", path=path, error=error
        ) from None
    yield from read_rows(path, data, "a label")


__all__: Sequence[str] = (
    "Checker", "Label", "Role", "digests_now", "file_name", "items_of", "read_labels", "to_bytes",
)  # fmt: skip
