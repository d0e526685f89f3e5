"""A rate read with its counterpart, and weighted by severity."""

from __future__ import annotations

from typing import Any

import pytest

from tenken.results.report.kinds import mean_of_kinds, severity_weighted
from tenken.schema.figures import MeanOfKinds, SeverityWeighted
from tenken.schema.plan import Bilingual, Measure


class Record:
    def __init__(self, verdict: float | None, severity: str | None) -> None:
        self.verdict = verdict
        self.tags = {} if severity is None else {"severity": severity}


def records(*pairs: tuple[float | None, str | None]) -> Any:
    return [Record(verdict, severity) for verdict, severity in pairs]


def test_a_grave_failure_weighs_more_than_a_petty_one() -> None:
    found = severity_weighted(records((1, "3"), (0, "1"), (0, "2"), (None, "3")))
    assert found == SeverityWeighted(value=0.5, n=3, weights={"1": 1, "2": 1, "3": 1})
    grave = severity_weighted(records((0, "3"), (1, "1")))
    assert grave is not None and grave.value == 0.25


@pytest.mark.parametrize(
    "given",
    [
        records((1, "2"), (0, "2")),
        records((1, "2"), (0, None)),
        records((1, "high"), (0, "1")),
        records((1, "0"), (0, "1")),
        records((None, "1"), (None, "2")),
        records(),
    ],
)
def test_without_severities_that_differ_there_is_no_weighted_rate(given: Any) -> None:
    assert severity_weighted(given) is None


def test_the_mean_needs_both_rates() -> None:
    head = Measure(key="a", title=Bilingual(en="A", ja="あ"), headline=True, counterpart="b")
    assert mean_of_kinds(head, {"a": 0.0, "b": 1.0}) == MeanOfKinds(counterpart="b", value=0.5)
    assert mean_of_kinds(head, {"a": 0.0, "b": None}) is None
    assert mean_of_kinds(head, {"a": 0.0}) is None
    alone = head.model_copy(update={"counterpart": None})
    assert mean_of_kinds(alone, {"a": 0.0, "b": 1.0}) is None
