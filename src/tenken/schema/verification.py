"""What was found when a bundle was verified: a grade for each question, and every finding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias

from pydantic import Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from tenken.schema.base import Frozen, described

VERIFICATION_SCHEMA: Final = "https://tenken.dev/schema/verification/1"
"""A name, not an address."""

GradeName = Literal["consistent", "authentic", "preregistered", "rescored", "page_remade"]
GRADES: Final[tuple[GradeName, ...]] = (
    "consistent",
    "authentic",
    "preregistered",
    "rescored",
    "page_remade",
)
"""In the order in which they are said."""

Holds = Literal["yes", "no", "unknown"]

EXIT_BITS: Final[dict[GradeName, int]] = {
    "consistent": 2,
    "authentic": 8,
    "preregistered": 16,
    "rescored": 32,
    "page_remade": 64,
}
"""What each grade adds to the exit status."""

_ALWAYS_OWED: Final[tuple[GradeName, ...]] = ("consistent", "authentic", "page_remade")
"""Grades that add to the exit status not only when they fail, but when they are unknown too."""

_MOST_LETTERS: Final = 400


@dataclass(frozen=True, slots=True)
class Said:
    """Something that the pages' message catalogues have a sentence for, in each language.

    Attributes:
        code: The sentence, as `verified` in the catalogues lists them.
        values: What goes into its blanks. Texts are one line of visible characters.
    """

    code: str
    values: Mapping[str, str | int | float | Said | tuple[str | Said, ...]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        """Make the texts fit for a terminal."""
        object.__setattr__(self, "values", {k: _fit(v) for k, v in self.values.items()})

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the descriptions of the properties."""
        return described(cls, {"code": "code", "values": "values"}, core, handler)


Value: TypeAlias = str | int | float | Said | tuple[str | Said, ...]
"""What a blank of a sentence is filled with; texts are names, places and figures."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: a code with parameters, and what it says in English.

    All texts are one line of visible characters, whatever a bundle has put into them.

    Attributes:
        status: `ok`; `wrong`; `unknown`, where it could not be checked; or `note`.
        what: Which file, place or sample: a name, or a name, a colon and a place in it.
        message: What was found, in English; empty until it is put into words, and whole in a file
            of an earlier version, which has no code.
        grade: The grade that it counts for.
        code: What was found, as `verified` in the pages' message catalogues lists it.
        values: What goes into the blanks of its sentence.
    """

    status: Literal["ok", "wrong", "unknown", "note"]
    what: str
    message: str = ""
    grade: GradeName = "consistent"
    code: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the texts fit for a terminal."""
        object.__setattr__(self, "what", _line(self.what))
        object.__setattr__(self, "message", _line(self.message))
        object.__setattr__(self, "values", {k: _fit(v) for k, v in self.values.items()})

    @classmethod
    def of(
        cls,
        status: Literal["ok", "wrong", "unknown", "note"],
        what: str,
        said: str | Said,
        grade: GradeName = "consistent",
        /,
        **values: Value,
    ) -> Self:
        """Return a finding that has no words yet.

        Args:
            status: Whether it is fine, wrong, open, or worth knowing.
            what: Which file, place or sample.
            said: The code of what was found, or the code with its values.
            grade: The grade that it counts for.
            **values: What goes into the blanks of the code's sentence.
        """
        about = Said(said, values) if isinstance(said, str) else said
        return cls(status, what, "", grade, about.code, about.values)


class Grade(Frozen):
    """Whether one of the five questions is answered with yes, and why.

    Attributes:
        holds: The answer.
        message: Why, in English; empty until it is put into words.
        what: Which file, place or sample decides it; empty where all of them do.
        code: Why, as `verified` in the pages' message catalogues lists it.
        values: What goes into the blanks of its sentence.
        more: How many further findings of the kind there are.
    """

    holds: Holds
    message: str = ""
    what: str = ""
    code: str = ""
    values: Mapping[str, Value] = Field(default_factory=dict)
    more: int = 0


class FindingText(Frozen):
    """One thing in which a bundle does not fit its seal.

    Attributes:
        what: The file or sample.
        message: What is wrong with it, in English.
        code: What is wrong with it, as `verified` in the pages' message catalogues lists it.
        values: What goes into the blanks of its sentence.
    """

    what: str
    message: str
    code: str = ""
    values: Mapping[str, Value] = Field(default_factory=dict)


class Signer(Frozen):
    """A key that a signature of the seal claims to be by.

    Attributes:
        keyid: Id of the key.
        name: File of the trusted key that the signature was checked with; empty for none.
    """

    keyid: str
    name: str = ""


class Policy(Frozen):
    """What somebody who relies on a bundle requires of it.

    Attributes:
        require: Grades that must hold.
        keys: Files or folders of the public keys that are trusted.
        max_attempts: Most attempts at the same plan that the register may show.
    """

    require: tuple[GradeName, ...] = ("consistent", "authentic", "page_remade")
    keys: tuple[str, ...] = ()
    max_attempts: int | None = None


class Verification(Frozen):
    """What was found in a bundle.

    Attributes:
        run: Name of the run.
        model: Model under test.
        decision: What the run came to.
        finished: Time of the last sample's end, ISO 8601.
        signers: Whose signatures the seal claims.
        grades: By name, each of the five.
        findings: All that was checked.
        required: Grades that a policy requires; None where there is no policy.
        verdict: What it comes to, in English and in capitals, as the first line says it.
        verdict_codes: The verdict's parts, as codes.
    """

    schema_id: str = VERIFICATION_SCHEMA
    run: str
    model: str
    decision: str
    finished: str
    signers: tuple[Signer, ...] = ()
    grades: dict[GradeName, Grade]
    findings: tuple[Finding, ...]
    required: tuple[GradeName, ...] | None = None
    verdict: str = ""
    verdict_codes: tuple[Said, ...] = ()

    @property
    def exit_status(self) -> int:
        """0 when all that is owed holds; else 2, or the sum of the grades' bits."""
        if self.required is not None:
            return 0 if all(self.grades[name].holds == "yes" for name in self.required) else 2
        if self.grades["consistent"].holds != "yes":
            return EXIT_BITS["consistent"]
        return sum(
            EXIT_BITS[name]
            for name, grade in self.grades.items()
            if grade.holds == "no" or (grade.holds == "unknown" and name in _ALWAYS_OWED)
        )


def fault_of(error: Exception, place: Path | None = None) -> Said:
    """Return what an error says of a bundle, as a part of a finding.

    Args:
        error: The error; one without a code of its own keeps its English sentence.
        place: A file that the sentence need not name, since the finding does.
    """
    return Said("fault", {"said": str(error).removeprefix(f"{place}: ")})


def graded(name: GradeName, findings: Sequence[Finding], otherwise: str) -> Grade:
    """Return a grade from the findings that count for it: what is wrong decides, then doubt.

    Args:
        name: The grade.
        findings: All findings.
        otherwise: The code of what is said where nothing was found at all.
    """
    own = [each for each in findings if each.grade == name]
    wrong = [each for each in own if each.status == "wrong"]
    unknown = [each for each in own if each.status == "unknown"]
    fine = [each for each in own if each.status == "ok"]
    if decisive := wrong or unknown:
        first = decisive[0]
        return Grade(
            holds="no" if wrong else "unknown",
            what=first.what,
            code=first.code,
            values=first.values,
            more=len(decisive) - 1,
        )
    if fine:
        return Grade(holds="yes", code=fine[-1].code, values=fine[-1].values)
    return Grade(holds="unknown", code=otherwise)


def verdict_of(found: Verification) -> tuple[Said, ...]:
    """Return what a bundle comes to: what is wrong, or else what holds and each doubt of it."""
    holds = {name: grade.holds for name, grade in found.grades.items()}
    wrong = sum(each.status == "wrong" for each in found.findings)
    if wrong:
        return (Said("verdict_wrong" if wrong > 1 else "verdict_one_wrong", {"n": wrong}),)
    missing = tuple(name for name in found.required or () if holds[name] != "yes")
    if missing:
        return (Said("verdict_policy", {"grades": missing}),)
    if holds["consistent"] != "yes":
        return (Said("verdict_not_recomputed"),)
    doubts = []
    if holds["authentic"] != "yes":
        doubts.append(Said("verdict_unchecked" if found.signers else "verdict_unsigned"))
    if holds["page_remade"] != "yes":
        doubts.append(Said("verdict_page"))
    return (Said("verdict_consistent"), *doubts) if doubts else (Said("verdict_verified"),)


def _fit(value: Value) -> Value:
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, tuple):
        return tuple(_line(each) if isinstance(each, str) else each for each in value)
    return value


def _line(text: str) -> str:
    """Return a text as one line in which nothing moves a terminal's cursor or hides."""
    seen = "".join(each if each.isprintable() else f"[U+{ord(each):04X}]" for each in text)
    return seen if len(seen) <= _MOST_LETTERS else seen[: _MOST_LETTERS - 3] + "..."
