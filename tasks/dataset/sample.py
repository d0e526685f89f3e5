"""A task's samples: read from JSON Lines, checked line by line, chosen in balance."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenken.errors import CardError
from tenken.io.canonical import sha256_bytes
from tenken.io.documents import unknown_key
from tenken.schema.plan import Measure
from tenken.schema.record import LANGUAGES
from tenken.tasks.card.card import Card

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class TaskSample:
    """One sample as its author wrote it.

    Attributes:
        id: Stable, never reused.
        language: `en` or `ja`.
        input: Text, or chat messages of `role` and `content`.
        pair_id: The same item in the other language has the same one.
        cluster: Base item that variants share.
        choices: Texts of the answers to choose from, where there are any.
        target: The right answer; a letter where there are choices.
        roles: For each choice, what choosing it means for a bias score.
        tags: What the report groups by.
        benign_twin: On a harmless look-alike, the id of the harmful sample it resembles.
        source: Where the fact that the item rests on can be looked up.
        metadata: What the solver or the scorer needs beside this.
    """

    id: str
    language: str
    input: str | tuple[Message, ...]
    pair_id: str
    cluster: str
    choices: tuple[str, ...] = ()
    target: str = ""
    roles: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    benign_twin: str | None = None
    source: dict[str, str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


_KEYS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "language": str,
    "input": (str, list),
    "pair_id": str,
    "cluster": str,
    "choices": list,
    "target": str,
    "roles": list,
    "tags": dict,
    "benign_twin": str,
    "source": dict,
    "metadata": dict,
}
_NEEDED = ("id", "language", "input")
_LANGUAGE = re.compile(rb'"language"\s*:\s*"(\w+)"')
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_SPEAKERS = ("system", "user", "assistant")
_ROLES = ("stereotyped", "counter", "unknown")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Flaw(Exception):  # noqa: N818 - becomes a CardError as soon as the line is known
    """What is wrong with one sample."""


def read_samples(card: Card, folder: Path) -> list[TaskSample]:
    """Read a task's samples and check them against its card and one another.

    Returns:
        The samples in the file's order.

    Raises:
        CardError: The file is missing, empty, has other bytes than the card says, or holds a
            line that breaks a rule; the message names file and line.
    """
    path = folder / card.dataset.file
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CardError(path, f"the samples cannot be read: {reason}.") from None
    samples = _parse(path, data)
    found = sha256_bytes(data)
    if card.dataset.sha256 and found != card.dataset.sha256:
        raise CardError(
            path,
            f"the file's SHA-256 is {found}, the card says {card.dataset.sha256}. If the change "
            "is meant, put the new one into the card and raise its version.",
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

    Raises:
        CardError: As `read_samples` does.
    """
    counted = count_pinned(folder / card.dataset.file, card.dataset.sha256)
    if counted is not None:
        return counted
    return Counter(sample.language for sample in read_samples(card, folder))


def count_pinned(path: Path, sha256: str) -> Counter[str] | None:
    """Count the samples of a file by language; None unless it has just these bytes."""
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


def measure_of(card: Card, sample: TaskSample) -> Measure | None:
    """Return the measure of the card that the sample belongs to, or None."""
    for measure in card.measures:
        if all(_fact(sample, key) == value for key, value in measure.where.items()):
            return measure
    return None


def _fact(sample: TaskSample, key: str) -> str | None:
    if key == "benign_twin":
        return "true" if sample.benign_twin else "false"
    return sample.tags.get(key)


def choose(
    card: Card, samples: Sequence[TaskSample], languages: Iterable[str], limit: int | None
) -> list[TaskSample]:
    """Return the samples to ask: whole pairs, spread evenly over measures and tags.

    The limit counts samples of one task, over both languages. The card's `balance` names the
    tags whose combinations are taken in turn, so that a small number is still balanced.

    Args:
        card: The task's card.
        samples: All of its samples.
        languages: The languages to ask in.
        limit: Most samples to take, at least 1; None for all of them.
    """
    wanted = set(languages)
    kept = [sample for sample in samples if sample.language in wanted]
    if limit is None or limit >= len(kept):
        return kept
    pairs: dict[str, list[TaskSample]] = defaultdict(list)
    for sample in kept:
        pairs[sample.pair_id].append(sample)
    taken: set[str] = set()
    for pair in _balanced(card, list(pairs.values())):
        room = limit - len(taken)
        if len(pair) > room and taken:
            break
        taken.update(sample.id for sample in pair[:room])
    return [sample for sample in kept if sample.id in taken]


def _balanced(card: Card, pairs: list[list[TaskSample]]) -> Iterator[list[TaskSample]]:
    """Yield the pairs so that every beginning of the sequence is spread like the whole.

    Each step takes a pair of the kind whose features (measure, the card's `balance` tags, right
    answer) are the furthest behind their share.
    """
    strata: dict[tuple[str, ...], deque[list[TaskSample]]] = defaultdict(deque)
    for pair in pairs:
        strata[_features(card, pair[0])].append(pair)
    share: Counter[tuple[int, str]] = Counter()
    for features, stratum in strata.items():
        share.update({place: len(stratum) for place in enumerate(features)})
    taken: Counter[tuple[int, str]] = Counter()
    while strata:
        behind = min(
            strata,
            key=lambda features: (sum(taken[f] / share[f] for f in enumerate(features)), features),
        )
        yield strata[behind].popleft()
        taken.update(enumerate(behind))
        if not strata[behind]:
            del strata[behind]


def _features(card: Card, sample: TaskSample) -> tuple[str, ...]:
    measure = measure_of(card, sample)
    tags = (sample.tags.get(key, "") for key in card.balance)
    return (measure.key if measure else "", sample.target, *tags)


def _parse(path: Path, data: bytes) -> list[tuple[int, TaskSample]]:
    found: list[tuple[int, TaskSample]] = []
    seen: dict[str, int] = {}
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        bad_line = data[: error.start].count(b"\n") + 1
        raise CardError(path, "not UTF-8 text.", bad_line) from None
    for number, sample in parse_lines(text):
        if isinstance(sample, str):
            raise CardError(path, sample, number)
        if sample.id in seen:
            message = f"the id '{sample.id}' stands on line {seen[sample.id]} already."
            raise CardError(path, message, number)
        seen[sample.id] = number
        found.append((number, sample))
    return found


def parse_lines(text: str) -> Iterator[tuple[int, TaskSample | str]]:
    """Yield each line's number with its sample, or with what is wrong with it, in words."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, _sample(_object(line))
        except _Flaw as flaw:
            yield number, str(flaw)


def _object(line: str) -> dict[str, Any]:
    """Return the JSON object on a line."""
    try:
        raw = json.loads(line, parse_constant=_no_constant, object_pairs_hook=_no_doubles)
        if "\\u" in line:
            json.dumps(raw, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise _Flaw(f"not JSON: {error.msg} at column {error.colno}.") from None
    except UnicodeEncodeError:
        raise _Flaw("an escape (\\ud800 to \\udfff) stands for no character.") from None
    except ValueError as error:
        raise _Flaw(f"not JSON: {error}.") from None
    except RecursionError:
        raise _Flaw("not a sample: nested too deeply.") from None
    if not isinstance(raw, dict):
        raise _Flaw("a sample is a JSON object.")
    return raw


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise _Flaw(f"the key '{twice}' is listed twice.")
    return found


def _sample(raw: dict[str, Any]) -> TaskSample:
    _check_keys(raw)
    pair_id = raw.get("pair_id") or raw["id"]
    text = raw["input"]
    return TaskSample(
        id=raw["id"],
        language=raw["language"],
        input=text if isinstance(text, str) else tuple(text),
        pair_id=pair_id,
        cluster=raw.get("cluster") or pair_id,
        choices=tuple(raw.get("choices", ())),
        target=raw.get("target", ""),
        roles=tuple(raw.get("roles", ())),
        tags=raw.get("tags", {}),
        benign_twin=raw.get("benign_twin"),
        source=raw.get("source"),
        metadata=raw.get("metadata", {}),
    )


def _check_keys(raw: dict[str, Any]) -> None:
    for key, value in raw.items():
        if key not in _KEYS:
            raise _Flaw(unknown_key(key, set(_KEYS)))
        if not isinstance(value, _KEYS[key]):
            raise _Flaw(f"the value of '{key}' has the wrong type.")
    for key in _NEEDED:
        if not raw.get(key):
            raise _Flaw(f"the key '{key}' is missing or empty.")
    if not _ID.fullmatch(raw["id"]):
        raise _Flaw("an id is made of letters, digits and the signs - . _ : alone.")
    if raw["language"] not in LANGUAGES:
        raise _Flaw(f"language is '{raw['language']}', not 'en' or 'ja'.")
    for key in ("tags", "source"):
        if not all(isinstance(each, str) for each in raw.get(key, {}).values()):
            raise _Flaw(f"every value in '{key}' is a text.")
    _check_choices(raw)
    _check_input(raw["input"])


def _check_input(text: str | list[Any]) -> None:
    if isinstance(text, str):
        if not text.strip():
            raise _Flaw("the input is blank.")
        return
    for message in text:
        if not isinstance(message, dict) or set(message) != {"role", "content"}:
            raise _Flaw("a message has 'role' and 'content'.")
        if message["role"] not in _SPEAKERS:
            raise _Flaw(f"a message's role is one of {', '.join(_SPEAKERS)}.")
        if not isinstance(message["content"], str) or not message["content"].strip():
            raise _Flaw("a message's content is a text.")


def _check_choices(raw: dict[str, Any]) -> None:
    choices, roles = raw.get("choices", []), raw.get("roles", [])
    if roles and len(roles) != len(choices):
        raise _Flaw("roles and choices differ in number.")
    if not all(role in _ROLES for role in roles):
        raise _Flaw(f"a role is one of {', '.join(_ROLES)}.")
    if not choices:
        return
    if not all(isinstance(choice, str) and choice for choice in choices):
        raise _Flaw("every choice is a text.")
    if len(set(choices)) != len(choices):
        raise _Flaw("two choices are the same.")
    if len(choices) > len(_LETTERS):
        raise _Flaw(f"more than {len(_LETTERS)} choices.")
    letters = _LETTERS[: len(choices)]
    target = raw.get("target")
    if target is not None and (len(target) != 1 or target not in letters):
        raise _Flaw(f"target is '{target}', not one of {', '.join(letters)}.")


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
                raise CardError(path, f"the pair '{pair_id}' has no {language} sample.", line)
            if counts[language] > 1:
                raise CardError(path, f"the pair '{pair_id}' has two {language} samples.", line)
        if len({sample.cluster for sample in pair}) > 1:
            raise CardError(path, f"the pair '{pair_id}' lies in two clusters.", line)


def _check_against_card(
    card: Card, path: Path, samples: Sequence[TaskSample], lines: dict[str, int]
) -> None:
    ids = {sample.id for sample in samples}
    for sample in samples:
        flaw = misfit(card, sample, ids)
        if flaw:
            raise CardError(path, flaw, lines[sample.id])


def misfit(card: Card, sample: TaskSample, ids: set[str]) -> str:
    """Return how a sample contradicts its card or the other samples; empty if it does not."""
    if sample.language not in card.languages:
        return f"'{sample.language}' is not among the card's languages."
    if measure_of(card, sample) is None:
        return "the sample belongs to none of the card's measures."
    if sample.benign_twin is not None and sample.benign_twin not in ids:
        return f"benign_twin names '{sample.benign_twin}', which is not here."
    template = card.prompt.of(sample.language)
    if sample.choices and isinstance(sample.input, str) and "{choices}" not in template:
        return f"the sample has choices, and the card's prompt.{sample.language} no {{choices}}."
    return ""
