"""The five grades of a bundle as far as they are known when its page is made."""

from __future__ import annotations

from dataclasses import dataclass

from tenken.results.pages.words import Words
from tenken.schema.evidence import Committed
from tenken.schema.report import Report
from tenken.schema.verification import GRADES, GradeName, Holds


@dataclass(frozen=True)
class KnownGrade:
    """What a page knows of one grade.

    Attributes:
        name: The grade.
        holds: Whether it holds; `unknown` for what no page can say of itself.
        said: Why, in a few words.
    """

    name: GradeName
    holds: Holds
    said: str


def known_grades(report: Report, words: Words) -> list[KnownGrade]:
    """Return the five grades, in the order in which `tenken verify` says them.

    Args:
        report: The report.
        words: The language of the page.
    """
    committed = report.evidence.committed if report.evidence is not None else None
    known: dict[GradeName, tuple[Holds, str]] = {
        "consistent": ("yes", words("known_consistent")),
        "authentic": ("unknown", _signer(committed, words)),
        "preregistered": _commitment(committed, words),
        "rescored": ("unknown", words("known_rescored")),
        "page_remade": ("unknown", words("known_page_remade")),
    }
    return [KnownGrade(name, *known[name]) for name in GRADES]


def _signer(committed: Committed | None, words: Words) -> str:
    if committed is None or not committed.keys:
        return words("known_authentic")
    keys = words("comma").join(f"{key[:12]}…" for key in committed.keys)
    return words("known_claimed", keys=keys)


def _commitment(committed: Committed | None, words: Words) -> tuple[Holds, str]:
    if committed is None:
        return "no", words("known_not_committed")
    if not committed.before_first_log:
        return "no", words("known_late", at=words.time(committed.at))
    if committed.stamped:
        return "yes", words("known_stamped", at=words.time(committed.stamped))
    return "yes", words("known_committed", at=words.time(committed.at))
