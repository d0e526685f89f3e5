"""A task's samples: read from JSON Lines, checked line by line, chosen in balance."""

from __future__ import annotations

import json
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenken.canonical import sha256_bytes
from tenken.errors import CardError, nearest
from tenken.plan import Measure
from tenken.tasks.card import Card

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


_KEYS = {
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
    except OSError as error:
        raise CardError(path, f"the samples cannot be read: {error.strerror}.") from None
    samples = _parse(path, data)
    found = sha256_bytes(data)
    if found != card.dataset.sha256:
        raise CardError(
            path,
            f"the file's SHA-256 is {found}, the card says {card.dataset.sha256}. If the change "
            "is meant, put the new one into the card and raise its version.",
        )
    if not samples:
        raise CardError(path, "the dataset is empty: there is nothing to ask.")
    lines = {sample.id: number for number, sample in samples}
    plain = [sample for _, sample in samples]
    _check_pairs(card, path, plain, lines)
    _check_measures(card, path, plain, lines)
    return plain


def measure_of(card: Card, sample: TaskSample) -> Measure | None:
    """Return the measure of the card that the sample belongs to, or None."""
    facts = {**sample.tags, "benign_twin": "true" if sample.benign_twin else "false"}
    for measure in card.measures:
        if all(facts.get(key) == value for key, value in measure.where.items()):
            return measure
    return None


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
        line = data[: error.start].count(b"\n") + 1
        raise CardError(path, "not UTF-8 text.", line) from None
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        sample = _sample(path, number, line)
        if sample.id in seen:
            raise CardError(
                path, f"the id '{sample.id}' stands on line {seen[sample.id]} already.", number
            )
        seen[sample.id] = number
        found.append((number, sample))
    return found


def _sample(path: Path, number: int, line: str) -> TaskSample:
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as error:
        raise CardError(path, f"not JSON: {error.msg} at column {error.colno}.", number) from None
    except RecursionError:
        raise CardError(path, "not a sample: nested too deeply.", number) from None
    if not isinstance(raw, dict):
        raise CardError(path, "a sample is a JSON object.", number)
    _check_keys(path, number, raw)
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


def _check_keys(path: Path, number: int, raw: dict[str, Any]) -> None:
    for key, value in raw.items():
        if key not in _KEYS:
            near = nearest(key, _KEYS)
            hint = f" Did you mean '{near}'?" if near else ""
            raise CardError(path, f"unknown key '{key}'.{hint}", number)
        if not isinstance(value, _KEYS[key]):  # type: ignore[arg-type]
            raise CardError(path, f"the value of '{key}' has the wrong type.", number)
    for key in _NEEDED:
        if not raw.get(key):
            raise CardError(path, f"the key '{key}' is missing or empty.", number)
    if raw["language"] not in ("en", "ja"):
        raise CardError(path, f"language is '{raw['language']}', not 'en' or 'ja'.", number)
    if not all(isinstance(v, str) for v in raw.get("tags", {}).values()):
        raise CardError(path, "every tag's value is a string.", number)
    _check_choices(path, number, raw)
    if isinstance(raw["input"], list):
        for message in raw["input"]:
            if not isinstance(message, dict) or set(message) != {"role", "content"}:
                raise CardError(path, "a message has 'role' and 'content'.", number)


def _check_choices(path: Path, number: int, raw: dict[str, Any]) -> None:
    choices = raw.get("choices")
    if not choices:
        return
    if not all(isinstance(choice, str) and choice for choice in choices):
        raise CardError(path, "every choice is a text.", number)
    if len(set(choices)) != len(choices):
        raise CardError(path, "two choices are the same.", number)
    letters = [chr(ord("A") + index) for index in range(len(choices))]
    target = raw.get("target")
    if target is not None and target not in letters:
        raise CardError(path, f"target is '{target}', not one of {', '.join(letters)}.", number)
    if raw.get("roles") and len(raw["roles"]) != len(choices):
        raise CardError(path, "roles and choices differ in number.", number)


def _check_pairs(
    card: Card, path: Path, samples: Sequence[TaskSample], lines: dict[str, int]
) -> None:
    if not card.paired:
        return
    by_pair: dict[str, list[TaskSample]] = defaultdict(list)
    for sample in samples:
        if sample.language not in card.languages:
            raise CardError(
                path, f"'{sample.language}' is not among the card's languages.", lines[sample.id]
            )
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


def _check_measures(
    card: Card, path: Path, samples: Sequence[TaskSample], lines: dict[str, int]
) -> None:
    ids = {sample.id for sample in samples}
    for sample in samples:
        if measure_of(card, sample) is None:
            raise CardError(
                path, "the sample belongs to none of the card's measures.", lines[sample.id]
            )
        if sample.benign_twin is not None and sample.benign_twin not in ids:
            raise CardError(
                path, f"benign_twin names '{sample.benign_twin}', which is not here.",
                lines[sample.id],
            )
