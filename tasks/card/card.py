"""A task's card: what it measures, on which samples, how it asks and how it is scored."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from tenken.errors import CardError, RuleError, Sentence, UnknownNameError, joined, said_by
from tenken.frameworks.catalogue import FRAMEWORKS
from tenken.io.documents import DocumentError, read_mapping
from tenken.io.faults import explain
from tenken.schema.plan import Bilingual, Measure, Weight
from tenken.schema.record import Language, Risk
from tenken.tasks.card.remote import Remote
from tenken.tasks.card.table import Columns
from tenken.terms.known import TERMS_FILE, areas, declare, languages

CARD_FILE = "card.yaml"
SAMPLES_FILE = "samples.jsonl"
_INPUT = "{input}"
_NAMED: Final = "{key} is '{own}' but the folder is '{place}'."
_NO_BASE: Final = (
    "extends: there is no task '{name}'; write RISK/NAME of a built-in task, or the place of a "
    "task's folder, such as ../fraud."
)
Figure = Literal[
    "surface", "length", "constants", "doubles", "design", "sources", "wordings", "reviews"
]  # fmt: skip
"""The figures of a deep check that have a target."""
VERSIONS = "versions"
"""Folder of a task in which its earlier versions are kept, each in a folder of its number."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, strict=True)


class Dataset(_Strict):
    """Where the samples are and what their bytes must be.

    Attributes:
        file: Path of the samples, relative to the card's folder or absolute; `$NAME` stands for
            an environment variable. JSON Lines in the form of `samples.jsonl`; a table (CSV, TSV,
            JSON, JSON Lines, parquet); or a folder of tables as the Hugging Face Hub lays them
            out.
        hub: Instead of a file, the id of a dataset on the Hub, `ORG/NAME`.
        revision: The commit of the Hub's dataset that is pinned, 40 hexadecimal digits.
        config: The configuration (subset) of a Hub dataset or folder that has several.
        split: The split to read, such as `test`, of a Hub dataset or folder.
        columns: Which column of a table holds which part of a sample.
        encoding: Encoding of a table that is not UTF-8, such as `cp932`.
        sha256: Digest of the file's bytes; of a folder or a Hub dataset, of the canonical JSON of
            the rows that were read. Without it, the plan has the digest that is found.
        licence: SPDX name of the samples' licence.
        source: Where they come from.
        private: Whether their text must stay out of every report.
        remote: Instead of a file, the public data that the samples are read from by a reader.
    """

    file: str = SAMPLES_FILE
    hub: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    config: str | None = None
    split: str | None = None
    columns: Columns | None = None
    encoding: str = ""
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    licence: str = "Apache-2.0"
    source: str = ""
    private: bool = False
    remote: Remote | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        places = ["file"] if "file" in self.model_fields_set else []
        places += [name for name in ("hub", "remote") if getattr(self, name) is not None]
        if len(places) > 1:
            raise RuleError("{places} are both given; keep one", places=joined(" and ", places))
        if self.hub and not (self.revision and self.split):
            raise RuleError("a Hub dataset needs revision (the commit, 40 hex digits) and split")
        if self.remote is not None and (self.sha256 or self.columns):
            raise RuleError("remote has a digest for each file and a reader; remove the others")
        return self

    @property
    def is_table(self) -> bool:
        """Whether the samples are rows of a table, and not lines in our own form."""
        if self.remote is not None:
            return False
        return bool(self.hub or self.columns or not self.file.lower().endswith(".jsonl"))

    def facts(self) -> dict[str, Any]:
        """Return what a plan says of where the samples come from; never where a file is."""
        kept = {"sha256", "licence", "source", "private", "remote"}
        if self.is_table:
            kept |= {"hub", "revision", "config", "split", "columns"}
        return self.model_dump(include=kept)


class Asking(_Strict):
    """The registry name of a solver or a scorer, and its arguments.

    Attributes:
        name: Registry name, such as `tenken/refusal`.
        args: Its arguments.
    """

    name: str
    args: dict[str, Any] = {}


class Scoring(Asking):
    """The scorer of a task.

    Attributes:
        labels: For a scorer that declares none of its own, the label of each of its values, such
            as `{C: correct, I: incorrect}`. A value without one leaves the sample unscored.
    """

    labels: dict[str, str] = {}


class Prompt(_Strict, extra="allow"):
    """How a sample's input is put to the model.

    The template may hold `{input}` and `{choices}`, nothing else in braces. Samples in another
    language have a key of that language's code, such as `vi`; without one, their input alone is
    asked.

    Attributes:
        en: The template of English samples.
        ja: The template of Japanese samples.
    """

    en: str = _INPUT
    ja: str = _INPUT

    @model_validator(mode="after")
    def _templates_of_languages(self) -> Self:
        for code, template in (self.model_extra or {}).items():
            if code not in languages():
                raise RuleError(UnknownNameError("language", code, languages()).sentence)
            if not isinstance(template, str):
                raise RuleError("{code}: expected a text", code=code)
            self._known_braces(template)
        return self

    @field_validator("en", "ja")
    @classmethod
    def _known_braces(cls, template: str) -> str:
        fields = [part[1:] for part in string.Formatter().parse(template) if part[1] is not None]
        for name, spec, conversion in fields:
            if name not in ("input", "choices") or spec or conversion:
                raise RuleError("only {input} and {choices} may be in braces")
        if ("input", "", None) not in fields:
            raise RuleError("{input} is missing: the sample's text would not be asked")
        return template

    def of(self, language: str) -> str:
        """Return the template for `language`."""
        own: str = getattr(self, language, _INPUT)
        return own.rstrip("\n")


class Form(_Strict):
    """Another way to put a task's samples, named after the task as `risk/task/form`.

    Its samples have no choices and no target; the right choice's text is `right` in the metadata.

    Attributes:
        title: What the report calls the form.
        prompt: In place of the card's.
        scorer: In place of the card's.
        measures: In place of the card's.
        max_tokens: In place of the card's.
    """

    title: Bilingual
    prompt: Prompt = Prompt()
    scorer: Scoring
    measures: Annotated[list[Measure], Field(min_length=1)]
    max_tokens: Annotated[int, Field(ge=1)] | None = None


class Card(_Strict):
    """A task, as data.

    Attributes:
        name: Last part of the task's name; the folder's name, and unique in the library.
        title: What the report calls the task.
        risk: The area that its rates count in.
        description: What it measures, for readers of the report.
        languages: The languages of its samples.
        dataset: Where the samples are.
        prompt: How a sample's text is put to the model.
        solver: How the model is asked: once, in several turns, with tools.
        scorer: How an answer is judged.
        measures: The rates that the task gives; exactly one is the headline.
        balance: Tags whose values a limited number of samples is spread over.
        canary: A line that is nowhere else, to find the samples in training data.
        authors: Who wrote the samples.
        licence: SPDX name of the card's licence.
        paired: Whether every item must be there in each of the languages.
        version: `N-X`: N changes when results stop being comparable, X when they do not.
        perspectives, hazards, trustworthiness: Categories that it serves of the published
            frameworks, by the codes of `tenken.frameworks.catalogue`.
        max_tokens: Most tokens of an answer, where the form of the answer sets one.
        forms: Other ways to put the same samples, by name.
        held_out_of: Full name of the public task that these non-public items are parallel to.
        severity: Weight of each value of the tag `severity` in the severity-weighted rate.
        misses: Why a figure of the deep check lies outside its target, by its name.
        hazardous: Whether the texts could do harm, so that reports withhold them; where left out,
            as in the area. A sample's tag `hazardous`, `true` or `false`, goes before it.
        as_written: Whether texts in another language than their row's, or with a place to fill in,
            are meant. A sample's tag `as_written`, `true` or `false`, goes before it.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Bilingual
    risk: Risk
    description: Bilingual
    perspectives: list[Annotated[int, Field(ge=1, le=10)]] = []
    hazards: list[str] = []
    trustworthiness: list[str] = []
    languages: Annotated[list[Language], Field(min_length=1)]
    version: Annotated[str, Field(pattern=r"^\d+-[A-Z]$")] = "1-A"
    dataset: Dataset = Dataset()
    prompt: Prompt = Prompt()
    solver: Asking = Asking(name="tenken/ask")
    scorer: Scoring
    measures: Annotated[list[Measure], Field(min_length=1)]
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    balance: list[str] = []
    canary: Annotated[str, Field(min_length=8)]
    authors: list[str] = []
    licence: str = "Apache-2.0"
    paired: bool = True
    forms: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Form] = {}
    held_out_of: str | None = None
    severity: Annotated[dict[str, Weight], Field(min_length=2)] | None = None
    misses: dict[Figure, str] = {}
    hazardous: bool | None = None
    as_written: bool = False

    @property
    def is_hazardous(self) -> bool:
        """Whether reports withhold the texts unless they are asked for."""
        if self.hazardous is not None:
            return self.hazardous
        return areas()[self.risk].hazardous

    @property
    def number(self) -> str:
        """The part of the version that changes when results stop being comparable."""
        return self.version.partition("-")[0]

    @field_validator("risk")
    @classmethod
    def _known_area(cls, risk: str) -> str:
        if risk not in areas():
            raise RuleError(UnknownNameError("risk area", risk, areas()).sentence)
        return risk

    @field_validator("languages")
    @classmethod
    def _known_languages(cls, codes: list[str]) -> list[str]:
        for code in codes:
            if code not in languages():
                raise RuleError(UnknownNameError("language", code, languages()).sentence)
        return codes

    @field_validator("hazards", "trustworthiness")
    @classmethod
    def _known_codes(cls, codes: list[str], info: ValidationInfo) -> list[str]:
        known = next(each for each in FRAMEWORKS if each.key == info.field_name)
        for code in codes:
            if code not in known.codes:
                raise RuleError(UnknownNameError("code", code, known.codes).sentence)
            if codes.count(code) > 1:
                raise RuleError("'{code}' is listed twice", code=code)
        return codes

    @model_validator(mode="after")
    def _no_doubles(self) -> Self:
        keys = [measure.key for measure in self.measures]
        for what, names in (("measures", keys), ("languages", self.languages)):
            if len(set(names)) != len(names):
                raise RuleError("{what}: listed twice: {names}", what=what, names=", ".join(names))
        return self

    @model_validator(mode="after")
    def _one_headline(self) -> Self:
        n = sum(measure.headline for measure in self.measures)
        if n != 1:
            raise RuleError("exactly one measure must have headline: true, not {n}", n=n)
        keys = {measure.key for measure in self.measures}
        for measure in self.measures:
            others = sorted(keys - {measure.key})
            for word in ("counterpart", "without"):
                if (name := getattr(measure, word)) and name not in others:
                    error = UnknownNameError("measure", name, others, f"{measure.key}.{word}")
                    raise RuleError(error.sentence)
        return self

    def in_form(self, name: str) -> Card:
        """Return the card as it is in one of its forms.

        Raises:
            UnknownNameError: It has no such form.
        """
        form = self.forms.get(name)
        if form is None:
            raise UnknownNameError("form", name, self.forms, Sentence("task {of}", of=self.name))
        changed = {key: getattr(form, key) for key in Form.model_fields}
        return self.model_copy(update={**changed, "name": f"{self.name}_{name}", "forms": {}})


EXTENDS: Final = "extends"
"""Key of a card that is a variant of another: it takes over all that it does not say itself."""

_LIBRARY: Final = Path(__file__).resolve().parents[1]


def read_card(folder: Path, *, risk_folder: bool = True) -> Card:
    """Read and check the card in a task's folder.

    Args:
        folder: The task's folder.
        risk_folder: Whether the folder is in one that is named for its risk, as in the
            library; a task in a package of its own need not.

    Raises:
        CardError: The card is missing, is not YAML, has an unknown key (the nearest known one
            is named), lacks one, or disagrees with the folder that it is in.
    """
    path = folder / CARD_FILE
    for place in (folder, folder.parent):
        declare(place / TERMS_FILE)
    raw = _extended(folder, _raw_card(path), path)
    try:
        card = Card.model_validate(raw)
    except ValidationError as error:
        raise CardError(path, explain(error, Card)) from None
    kept = folder.parent.name == VERSIONS
    home = folder.parent.parent if kept else folder
    risk = {"risk": (card.risk, home.parent.name)} if risk_folder else {}
    folders = {"name": (card.name, home.name), **risk}
    if kept:
        folders["version"] = (card.number, folder.name)
    for key, (own, found) in folders.items():
        if own != found:
            raise CardError(path, _NAMED, key=key, own=own, place=found)
    return card


def _raw_card(path: Path) -> dict[str, Any]:
    try:
        return read_mapping(path.read_bytes())
    except FileNotFoundError:
        raise CardError(path, "there is no card here.") from None
    except OSError as error:
        raise CardError(path, "the card cannot be read: {error}.", error=error) from None
    except DocumentError as error:
        raise CardError(path, said_by(error), error.line) from None


def _extended(folder: Path, raw: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return the keys of a card that `extends` another: its own, and the other's for the rest.

    Raises:
        CardError: The other card is not there, extends a third, or has code of its own.
    """
    if EXTENDS not in raw:
        return raw
    name = str(raw[EXTENDS])
    near = name.startswith(("./", "../", "/"))
    base = (folder / name if near else _LIBRARY / name).resolve()
    if not (base / CARD_FILE).is_file():
        raise CardError(path, _NO_BASE, name=name)
    other = _raw_card(base / CARD_FILE)
    if EXTENDS in other:
        raise CardError(path, "extends: '{name}' extends a task itself.", name=name)
    if (base / "task.py").exists():
        raise CardError(path, "extends: '{name}' has code of its own; copy it.", name=name)
    dataset = dict(other.get("dataset") or {})
    if not {"hub", "remote"} & set(dataset):
        dataset["file"] = str(base / str(dataset.get("file", SAMPLES_FILE)))
    own = {key: value for key, value in raw.items() if key != EXTENDS}
    return {**other, "name": folder.name, "dataset": dataset, **own}
