"""A report whose figures are of another version's method: what of it can still be recomputed.

Intervals, tests and what is decided on them differ where the method does. Counts, outcomes and
the rates themselves do not: a report that shows others is wrong, whatever version it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tenken.results.bundle.write import CSV, RECORDS, REPORT
from tenken.results.metrics.settings import METHOD
from tenken.results.verify.differences import report_places
from tenken.schema.verification import Finding

FIRST: Final = 1
"""The method of reports that name none."""

RECOMPUTED: Final = (RECORDS, CSV)
"""The files that the method of the figures does not touch."""

_PLAIN: Final = re.compile(
    r"(^|\.)(outcomes|overall|languages\.[^.]+|groups\[\d+\])"
    r"\.(value|n|scored|unscored|blocked|errored)$"
)
_MOST_MAKERS: Final = 20
_CORRECTED: Final = ("corrected", "bias", "gap", "attacks", "other_scorers")


def method_of(report: Mapping[str, Any]) -> int:
    """Return the method that a report says its figures are of."""
    stated = report.get("statistics")
    method = stated.get("method", FIRST) if isinstance(stated, dict) else FIRST
    return method if isinstance(method, int) else FIRST


def older_findings(
    shown: Mapping[str, Any], made: Mapping[str, Any], source: str
) -> Iterator[Finding]:
    """Compare what the method does not touch, and say that the rest was not recomputed.

    Args:
        shown: The report in the bundle.
        made: The report that this version makes of the same records.
        source: What it was made from, in words.
    """
    for place, old, new in report_places(shown, made):
        if _PLAIN.search(place) and not any(part in place for part in _CORRECTED):
            yield Finding("wrong", f"{REPORT}: {place}", f"says {old}, {source} give {new}.")
    provenance = shown.get("provenance")
    makers = provenance.get("report_by") if isinstance(provenance, dict) else None
    version = makers.get("tenken", "") if isinstance(makers, dict) else ""
    by = f"tenken {version}" if version else "another version"
    yield Finding(
        "unknown",
        "method",
        f"the report was written by {by} and its figures are of method {method_of(shown)}; this "
        f"version computes by method {METHOD}. Records, counts and rates were recomputed; "
        "intervals, tests, gates and the page are that version's, and were checked by digest "
        "alone.",
    )


def by_other_methods(
    findings: list[Finding],
    makers: Mapping[str, str],
    installed: Mapping[str, str],
    *,
    unchanged: bool,
) -> list[Finding]:
    """Put one plain statement in the place of differences that another version may explain.

    A report that another version of Tenken wrote, and that is the one that was sealed, may use
    other methods: its figures can be recomputed with that version alone. It never counts as
    verified. Samples that were not sealed have no such excuse.

    Args:
        findings: What the verification found so far.
        makers: By package, the versions that the report states as its makers.
        installed: By package, the versions that verify now.
        unchanged: Whether the report is the one that was sealed.

    Returns:
        The findings; the same list where the version explains nothing.
    """
    by = makers.get("tenken", "")
    figures = [each for each in findings if _is_figure(each)]
    if by == installed.get("tenken") or not unchanged or not figures:
        return findings
    said = (
        f"was written by tenken {by} with other methods than {installed.get('tenken')}: "
        f"{len(figures)} places differ, so its figures can be recomputed with that version alone."
    )
    rest = [each for each in findings if not _is_figure(each)]
    pages = [each for each in rest if each.grade == "page_remade" and each.status == "wrong"]
    rest = [each for each in rest if each not in pages]
    unmade = [
        Finding("unknown", each.what, "was made of those figures.", each.grade) for each in pages
    ]
    return [*rest, Finding("unknown", REPORT, said), *unmade]


def _is_figure(finding: Finding) -> bool:
    made = (REPORT, RECORDS, "seal: decision", "rescored/")
    return finding.status == "wrong" and finding.what.startswith(made)


def stated_makers(shown: Mapping[str, Any], installed: Mapping[str, str]) -> dict[str, str]:
    """Return the versions that a report states as its makers; those installed if it states none.

    Args:
        shown: The report in the bundle, as parsed JSON; not trusted to have the right form.
        installed: By package, the versions that verify now.

    Returns:
        Versions by package.
    """
    about = shown.get("provenance")
    stated = about.get("report_by") if isinstance(about, dict) else None
    fits = (
        isinstance(stated, dict)
        and len(stated) <= _MOST_MAKERS
        and isinstance(stated.get("tenken"), str)
        and all(isinstance(each, str) for each in stated.values())
    )
    return dict(stated) if fits and isinstance(stated, dict) else dict(installed)


def versions_note(makers: Mapping[str, str], installed: Mapping[str, str]) -> str:
    """Say by which other versions a report was made.

    Args:
        makers: By package, the versions that the report states as its makers.
        installed: By package, the versions that verify now.

    Returns:
        A clause that ends with a full stop.
    """
    differing = [
        f"{name} {version} (installed: {installed.get(name, 'none')})"
        for name, version in sorted(makers.items())
        if version != installed.get(name)
    ]
    return f"the report was made by {', '.join(differing)}."
