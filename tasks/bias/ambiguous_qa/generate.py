"""Writes samples.jsonl of ambiguous_qa from the scenarios in templates.yaml.

    python generate.py           writes samples.jsonl
    python generate.py --check   writes nothing; exits 1 if samples.jsonl would change

The form of the questions (ambiguous and disambiguated contexts, negative and non-negative
questions, an answer "unknown") follows BBQ (Parrish et al., 2022,
https://doi.org/10.18653/v1/2022.findings-acl.165). Every scenario and every word is Tenken's own.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict, Field

Language: TypeAlias = Literal["en", "ja"]
Polarity: TypeAlias = Literal["negative", "non_negative"]
Role: TypeAlias = Literal["stereotyped", "counter", "unknown"]
NonEmpty: TypeAlias = Annotated[str, Field(min_length=1)]

_HERE = Path(__file__).parent
TEMPLATES_PATH = _HERE / "templates.yaml"
SAMPLES_PATH = _HERE / "samples.jsonl"

_LANGUAGES: tuple[Language, ...] = ("en", "ja")
_POLARITIES: tuple[Polarity, ...] = ("negative", "non_negative")
_LETTERS = "ABC"
# All six orders of the three answers, cyclic shifts first, so that neighbours in the list never
# put the same role in the same place.
_ORDERS: tuple[tuple[Role, Role, Role], ...] = (
    ("stereotyped", "counter", "unknown"),
    ("unknown", "stereotyped", "counter"),
    ("counter", "unknown", "stereotyped"),
    ("counter", "stereotyped", "unknown"),
    ("unknown", "counter", "stereotyped"),
    ("stereotyped", "unknown", "counter"),
)
_LEADING_ARTICLE = re.compile(r"^(a|an) ")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Strict):
    """Where a stereotype is documented, and by when to look at the page again."""

    title: NonEmpty
    url: Annotated[str, Field(pattern=r"^https?://")]
    date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}){0,2}$")]
    review_by: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    archived: None = None


class Wording(_Strict):
    """A scenario in one language, with placeholders for the two people."""

    ambiguous: NonEmpty
    disambiguated: NonEmpty
    negative: NonEmpty
    non_negative: NonEmpty
    unknown: NonEmpty


class Persons(_Strict):
    """The two people of a group pair in one language, and the key of the stereotyped group.

    A scenario says `{their}` where it speaks of what is one of theirs.
    """

    group: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    stereotyped: NonEmpty
    counter: NonEmpty
    their: NonEmpty = "their"


class GroupPair(_Strict):
    """Two people who differ in one attribute; the slot fixes how their answers are ordered."""

    key: Annotated[str, Field(pattern=r"^g\d+$")]
    slot: Annotated[int, Field(ge=0)]
    en: Persons
    ja: Persons


class Template(_Strict):
    """A scenario in both languages, the stereotype that it touches, and its group pairs."""

    key: Annotated[str, Field(pattern=r"^[a-z]+-\d{2}$")]
    axis: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    stereotype: NonEmpty
    source: Annotated[tuple[str, ...], Field(min_length=1)]
    en: Wording
    ja: Wording
    groups: Annotated[tuple[GroupPair, ...], Field(min_length=1)]


class Library(_Strict):
    """All of templates.yaml."""

    sources: dict[str, Source]
    templates: tuple[Template, ...]


@dataclass(frozen=True)
class _Cell:
    """One variant of a group pair: what is told, what is asked, and in which order."""

    ambiguous: bool
    polarity: Polarity
    number: int
    stereotyped_first: bool
    # Whether the disambiguating text bears the stereotype out; None when there is no such text.
    follows: bool | None
    order: tuple[Role, Role, Role]

    @property
    def suffix(self) -> str:
        context = "amb" if self.ambiguous else "dis"
        return f"{context}-{'neg' if self.polarity == 'negative' else 'non'}-{self.number}"

    @property
    def answer(self) -> Role:
        if self.follows is None:
            return "unknown"
        return "stereotyped" if self.follows else "counter"


def load_library(path: Path = TEMPLATES_PATH) -> Library:
    """Reads the scenarios and checks what the schema cannot say.

    Args:
        path: A YAML file of the form of templates.yaml.

    Returns:
        The scenarios and their sources.

    Raises:
        ValueError: A key is used twice, a source is unknown, or the slots have gaps or doubles.
    """
    library = Library.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    keys = [template.key for template in library.templates]
    if doubled := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"{path}: template keys used twice: {', '.join(doubled)}")
    for template in library.templates:
        if missing := [name for name in template.source if name not in library.sources]:
            raise ValueError(f"{path}: {template.key}: no such source: {', '.join(missing)}")
        group_keys = [group.key for group in template.groups]
        if len(set(group_keys)) != len(group_keys):
            raise ValueError(f"{path}: {template.key}: a group key is used twice")
    slots = sorted(group.slot for template in library.templates for group in template.groups)
    if slots != list(range(len(slots))):
        raise ValueError(f"{path}: slots must be 0 to {len(slots) - 1}, each once; got {slots}")
    return library


def samples(library: Library) -> list[dict[str, object]]:
    """Builds every sample, in the order of the templates.

    The sources of a scenario take turns over its variants, so that each is named.

    Args:
        library: The scenarios.

    Returns:
        The samples, each a JSON object in the key order of samples.jsonl.
    """
    return [
        _sample(template, group, cell, language)
        | {"source": library.sources[template.source[number % len(template.source)]].model_dump()}
        for template in library.templates
        for group in template.groups
        for number, cell in enumerate(_cells(group.slot))
        for language in _LANGUAGES
    ]


def render(library: Library) -> str:
    """Renders the text of samples.jsonl, one sample a line."""
    canary = yaml.safe_load((_HERE / "card.yaml").read_text("utf-8"))["canary"]
    rows = ({**sample, "canary": canary} for sample in samples(library))
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _cells(slot: int) -> Iterator[_Cell]:
    """Yields the 8 variants of the group pair in this slot.

    Ambiguous variants cross polarity with the order of mention; disambiguated ones cross polarity
    with the direction of the disambiguating text. The order of the answers rotates with the slot:
    6 slots run through all orders in each variant. In disambiguated variants the order of mention
    turns after 6 slots and differs between neighbours, so 12 slots cross it with everything else.
    """
    variants: list[tuple[Polarity, int]] = [
        (polarity, number) for polarity in _POLARITIES for number in (1, 2)
    ]
    for index, (polarity, number) in enumerate(variants):
        order = _ORDERS[(slot + index) % 6]
        yield _Cell(True, polarity, number, number == 1, None, order)
    for index, (polarity, number) in enumerate(variants):
        order = _ORDERS[(slot + index + 3) % 6]
        stereotyped_first = (slot // 6 + slot + index // 2 + index) % 2 == 0
        yield _Cell(False, polarity, number, stereotyped_first, number == 1, order)


def _sample(
    template: Template, group: GroupPair, cell: _Cell, language: Language
) -> dict[str, object]:
    wording, persons = _in(language, template, group)
    pair_id = f"aq-{template.key}-{group.key}-{cell.suffix}"
    answers = _answers(wording, persons, cell.polarity, language)
    question = wording.negative if cell.polarity == "negative" else wording.non_negative
    tags = {
        "axis": template.axis,
        "context": "ambiguous" if cell.ambiguous else "disambiguated",
        "polarity": cell.polarity,
        "group": persons.group,
        "template": template.key,
    }
    if cell.follows is not None:
        tags["alignment"] = cell.answer
    return {
        "id": f"{pair_id}-{language}",
        "language": language,
        "pair_id": pair_id,
        "cluster": template.key,
        "input": f"{_context(wording, persons, cell, language)}\n\n{question}",
        "choices": [answers[role] for role in cell.order],
        "target": _LETTERS[cell.order.index(cell.answer)],
        "roles": list(cell.order),
        "tags": tags,
    }


def _in(language: Language, template: Template, group: GroupPair) -> tuple[Wording, Persons]:
    return (template.en, group.en) if language == "en" else (template.ja, group.ja)


def _answers(
    wording: Wording, persons: Persons, polarity: Polarity, language: Language
) -> dict[Role, str]:
    """Gives each role its answer: asked who did well, the stereotype points at the other one."""
    ones = _definite(persons.stereotyped, language), _definite(persons.counter, language)
    by_stereotype, against = ones if polarity == "negative" else ones[::-1]
    return {
        "stereotyped": _capitalised(by_stereotype),
        "counter": _capitalised(against),
        "unknown": wording.unknown,
    }


def _context(wording: Wording, persons: Persons, cell: _Cell, language: Language) -> str:
    people = persons.stereotyped, persons.counter
    p1, p2 = people if cell.stereotyped_first else people[::-1]
    if cell.follows is None:
        return _fill(wording.ambiguous, p1=p1, p2=p2, their=persons.their)
    bad, good = (_definite(name, language) for name in (people if cell.follows else people[::-1]))
    gap = " " if language == "en" else ""
    text = f"{wording.ambiguous}{gap}{wording.disambiguated}"
    return _fill(text, p1=p1, p2=p2, bad=bad, good=good, their=persons.their)


def _fill(text: str, **names: str) -> str:
    capitals = {key.capitalize(): _capitalised(name) for key, name in names.items()}
    return text.format(**names, **capitals)


def _definite(name: str, language: Language) -> str:
    return _LEADING_ARTICLE.sub("the ", name) if language == "en" else name


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: The arguments after the program's name; by default those of the process.

    Returns:
        The exit status: 1 if --check finds a difference, else 0.
    """
    parser = argparse.ArgumentParser(description="Writes samples.jsonl from templates.yaml.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if different")
    options = parser.parse_args(arguments)
    text = render(load_library())
    if not options.check:
        SAMPLES_PATH.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if SAMPLES_PATH.is_file() and SAMPLES_PATH.read_bytes() == text.encode("utf-8"):
        return 0
    sys.stderr.write(f"{SAMPLES_PATH} is not what templates.yaml gives; run generate.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
