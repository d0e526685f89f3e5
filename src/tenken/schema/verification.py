"""What was found when a bundle was verified: a grade for each question, and every finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

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


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked.

    Both texts are one line of visible characters, whatever a bundle has put into them.

    Attributes:
        status: `ok`; `wrong`; `unknown`, where it could not be checked; or `note`.
        what: Which file, place or sample.
        message: What was found.
        grade: The grade that it counts for.
    """

    status: Literal["ok", "wrong", "unknown", "note"]
    what: str
    message: str
    grade: GradeName = "consistent"

    def __post_init__(self) -> None:
        """Make the texts fit for a terminal."""
        object.__setattr__(self, "what", _line(self.what))
        object.__setattr__(self, "message", _line(self.message))


class Grade(_Frozen):
    """Whether one of the five questions is answered with yes, and why."""

    holds: Holds
    message: str


class Signer(_Frozen):
    """A key that a signature of the seal claims to be by.

    Attributes:
        keyid: Id of the key.
        name: File of the trusted key that the signature was checked with; empty for none.
    """

    keyid: str
    name: str = ""


class Policy(_Frozen):
    """What somebody who relies on a bundle requires of it.

    Attributes:
        require: Grades that must hold.
        keys: Files or folders of the public keys that are trusted.
        max_attempts: Most attempts at the same plan that the register may show.
    """

    require: tuple[GradeName, ...] = ("consistent", "authentic", "page_remade")
    keys: tuple[str, ...] = ()
    max_attempts: int | None = None


class Verification(_Frozen):
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

    @property
    def verdict(self) -> str:
        """The verdict in capitals, as the first line says it."""
        return _verdict(self)

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


def graded(name: GradeName, findings: Sequence[Finding], otherwise: str) -> Grade:
    """Return a grade from the findings that count for it: what is wrong decides, then doubt.

    Args:
        name: The grade.
        findings: All findings.
        otherwise: What is said where nothing was found at all.
    """
    own = [each for each in findings if each.grade == name]
    wrong = [each for each in own if each.status == "wrong"]
    unknown = [each for each in own if each.status == "unknown"]
    fine = [each for each in own if each.status == "ok"]
    if decisive := wrong or unknown:
        more = f" ({len(decisive) - 1} more)" if len(decisive) > 1 else ""
        message = f"{decisive[0].what}: {decisive[0].message}{more}"
        return Grade(holds="no" if wrong else "unknown", message=message)
    if fine:
        return Grade(holds="yes", message=fine[-1].message)
    return Grade(holds="unknown", message=otherwise)


def _verdict(found: Verification) -> str:
    holds = {name: grade.holds for name, grade in found.grades.items()}
    wrong = sum(each.status == "wrong" for each in found.findings)
    if wrong:
        return f"NOT VERIFIED: {'1 finding is' if wrong == 1 else f'{wrong} findings are'} wrong"
    missing = [name for name in found.required or () if holds[name] != "yes"]
    if missing:
        return f"NOT VERIFIED: the policy requires {', '.join(missing)}"
    if holds["consistent"] != "yes":
        return "NOT VERIFIED: the figures cannot be recomputed here"
    doubts = []
    if holds["authentic"] != "yes":
        doubts.append("SIGNER NOT CHECKED" if found.signers else "UNSIGNED")
    if holds["page_remade"] != "yes":
        doubts.append("PAGE NOT REMADE")
    return ", ".join(["CONSISTENT", *doubts]) if doubts else "VERIFIED"


def _line(text: str) -> str:
    """Return a text as one line in which nothing moves a terminal's cursor or hides."""
    seen = "".join(each if each.isprintable() else f"[U+{ord(each):04X}]" for each in text)
    return seen if len(seen) <= _MOST_LETTERS else seen[: _MOST_LETTERS - 3] + "..."
