"""The first screen says of each grade what a page can know, and no more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tenken.results.pages.grades import known_grades
from tenken.results.pages.words import Words
from tenken.schema.evidence import Committed
from tenken.schema.report import Report
from tenken.schema.verification import GRADES

AT, STAMPED = "2026-04-01T10:00:00+00:00", "2026-04-01T09:30:00+00:00"


def committed(**more: Any) -> Committed:
    facts = {"at": AT, "sha256": "a" * 64, "keys": (), "before_first_log": True, **more}
    return Committed(**facts)


def grades(about: Committed | None, language: str = "en") -> dict[str, tuple[str, str]]:
    report = SimpleNamespace(evidence=SimpleNamespace(committed=about) if about else None)
    found = known_grades(cast("Report", report), Words(language))  # type: ignore[arg-type]
    assert [each.name for each in found] == list(GRADES)
    return {each.name: (each.holds, each.said) for each in found}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_page_claims_nothing_that_only_verify_can_see(language: str) -> None:
    for about in (None, committed(), committed(keys=("b" * 64,), stamped=STAMPED)):
        found = grades(about, language)
        for name in ("authentic", "rescored", "page_remade"):
            assert found[name][0] == "unknown" and "tenken verify" in found[name][1]
    assert "bbbbbbbbbbbb…" in grades(committed(keys=("b" * 64,)), language)["authentic"][1]


def test_the_commitment_decides_what_is_preregistered() -> None:
    assert grades(None)["preregistered"][0] == "no"
    assert grades(committed(before_first_log=False))["preregistered"] == (
        "no",
        "plan committed 1 April 2026, 10:00 UTC, after the first answer",
    )
    assert grades(committed())["preregistered"][0] == "yes"
    assert (
        "time-stamped 1 April 2026, 09:30" in grades(committed(stamped=STAMPED))["preregistered"][1]
    )
