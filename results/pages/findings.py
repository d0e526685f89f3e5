"""What a verification found, in words: sentences of the catalogues for codes with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tenken.results.pages.words import Words
from tenken.schema.comparison import RunSummary
from tenken.schema.verification import Finding, Grade, Said, Verification, verdict_of

_KIND: Final = "verified"
_TERMS: Final = {
    "attester": "attester",
    "grade": "grade",
    "grades": "grade",
    "holds": "holds",
    "outcome": "outcome",
}
"""Parameters that are names in the code, with the list of terms that has words for them."""


def in_english(found: Verification) -> Verification:
    """Return a verification with the English sentences that files keep beside the codes."""
    words = Words("en")
    verdict = verdict_of(found)
    grades = {
        name: each.model_copy(update={"message": grade_said(each, words)})
        for name, each in found.grades.items()
    }
    return found.model_copy(
        update={
            "findings": tuple(map(finding_in_english, found.findings)),
            "grades": grades,
            "verdict": verdict_said(verdict, words),
            "verdict_codes": verdict,
        }
    )


def finding_in_english(finding: Finding) -> Finding:
    """Return a finding with its English sentence."""
    return replace(finding, message=sentence(Words("en"), finding.code, finding.values))


def finding_said(finding: Any, words: Words) -> str:
    """Return what a finding says, without its place.

    Args:
        finding: The finding, or the part of a JSON file that holds one; without a code, as in
            files of earlier versions, its English message.
        words: The language.
    """
    code, values, message = (_part(finding, name) for name in ("code", "values", "message"))
    return sentence(words, str(code or ""), values or {}) or str(message or "")


def place_said(what: str, words: Words) -> str:
    """Return the place of a finding: its name in words, where it is no file's.

    Args:
        what: The place, as the finding has it.
        words: The words of the reader's language.
    """
    name, colon, rest = what.partition(": ")
    said = words.term("verified_place", name) if words.knows("verified_place", name) else name
    return f"{said}{colon}{rest}"


def grade_said(grade: Grade | Mapping[str, Any], words: Words) -> str:
    """Return why a grade holds, does not hold, or is not known.

    Args:
        grade: The grade, or the part of a JSON file that holds one.
        words: The language.
    """
    code, what, values, more = (_part(grade, key) for key in ("code", "what", "values", "more"))
    said = sentence(words, str(code or ""), values or {})
    if not said:
        return str(_part(grade, "message") or "")
    if what:
        said = words("finding_at", what=place_said(str(what), words), said=said)
    return said + words("findings_more", n=words.count(int(more))) if more else said


def verdict_said(verdict: Any, words: Words, otherwise: str = "") -> str:
    """Return the verdict, as one line in capitals where the language has any.

    Args:
        verdict: Its codes, or the part of a JSON file that holds them.
        words: The language.
        otherwise: What a file says that has no codes.
    """
    said = [sentence(words, str(_part(each, "code")), _part(each, "values")) for each in verdict]
    return words("comma").join(said) if said and all(said) else otherwise


def seal_said(run: RunSummary, words: Words) -> str:
    """Return how far a compared run's bundle was checked.

    Args:
        run: The run.
        words: The language.
    """
    if run.intact:
        return words.term("seal", run.signature)
    first, more = run.findings[0], len(run.findings) - 1
    what, said = place_said(first.what, words), finding_said(first, words)
    said = words("finding_at", what=what, said=said)
    return words.term("seal", "unverified", said=said + (words("and_more", n=more) if more else ""))


def sentence(words: Words, code: str, values: Mapping[str, Any]) -> str:
    """Return the sentence of a code with its blanks filled; empty for one that is not known.

    Args:
        words: The language.
        code: The code, as `verified` in the message catalogues lists it.
        values: Its parameters.
    """
    if not words.knows(_KIND, code):
        return ""
    shown = {name: _shown(words, name, value) for name, value in values.items()}
    try:
        return words.term(_KIND, code).format(**shown)
    except (KeyError, IndexError, ValueError):  # a file of another version with other parameters
        return ""


def _shown(words: Words, name: str, value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return words("comma").join(_shown(words, name, each) for each in value)
    if isinstance(value, (Said, Mapping)):
        return sentence(words, str(_part(value, "code") or ""), _part(value, "values") or {})
    if isinstance(value, int) and not isinstance(value, bool):
        return words.count(value)
    return words.term(_TERMS[name], str(value)) if name in _TERMS else str(value)


def _part(of: Any, name: str) -> Any:
    return of.get(name) if isinstance(of, Mapping) else getattr(of, name, None)
