"""A report whose figures are of another version's method: what of it can still be recomputed.

Intervals, tests and what is decided on them differ where the method does. Counts, outcomes and
the rates themselves do not: a report that shows others is wrong, whatever version it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tenken.results.bundle.made import CSV, RECORDS, REPORT
from tenken.results.metrics.settings import METHOD
from tenken.results.verify.differences import other_versions, report_places
from tenken.schema.verification import Finding, Said, Value

FIRST: Final = 1
"""The method of reports that name none."""

RECOMPUTED: Final = (RECORDS, CSV)
"""The files that the method of the figures does not touch."""

DECISION: Final = "seal: decision"
"""The place of the decision that a seal states."""

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
    shown: Mapping[str, Any], made: Mapping[str, Any], source: Said
) -> Iterator[Finding]:
    """Compare what the method does not touch, and say that the rest was not recomputed.

    Args:
        shown: The report in the bundle.
        made: The report that this version makes of the same records.
        source: What it was made from.
    """
    for place, old, new in report_places(shown, made):
        if _PLAIN.search(place) and not any(part in place for part in _CORRECTED):
            about: dict[str, Value] = {"old": old, "new": new, "source": source}
            yield Finding.of("wrong", f"{REPORT}: {place}", "other_figure", **about)
    provenance = shown.get("provenance")
    makers = provenance.get("report_by") if isinstance(provenance, dict) else None
    version = makers.get("tenken", "") if isinstance(makers, dict) else ""
    by = Said("by_version", {"version": str(version)}) if version else Said("by_another_version")
    methods = {"method": method_of(shown), "own": METHOD}
    yield Finding.of("unknown", "method", "other_method", by=by, **methods)


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
    about: dict[str, Value] = {
        "version": by,
        "installed": installed.get("tenken", ""),
        "n": len(figures),
    }
    other = Finding.of("unknown", REPORT, "by_other_methods", **about)
    rest = [each for each in findings if not _is_figure(each)]
    pages = [each for each in rest if each.grade == "page_remade" and each.status == "wrong"]
    rest = [each for each in rest if each not in pages]
    unmade = [
        Finding.of("unknown", each.what, "made_of_those_figures", each.grade) for each in pages
    ]
    return [*rest, other, *unmade]


def _is_figure(finding: Finding) -> bool:
    made = (REPORT, RECORDS, "rescored/")
    about = finding.what.startswith(made) or finding.what == DECISION
    return finding.status == "wrong" and about


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


def versions_note(makers: Mapping[str, str], installed: Mapping[str, str]) -> Finding:
    """Return by which other versions a report was made.

    Args:
        makers: By package, the versions that the report states as its makers.
        installed: By package, the versions that verify now.
    """
    differing = other_versions(makers, installed, sorted(makers))
    return Finding.of("note", "versions", "made_by_others", makers=differing)
