"""Gates on numbers are refused where they do not meet the measure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tenken.errors import InputError
from tenken.evals.asked import RunTask
from tenken.evals.planning.gates import check_gates, scale_of
from tenken.evals.suite import Suite
from tenken.schema.plan import Bilingual, Gate, Measure, Scale

WORDS = Bilingual(en="x", ja="x")
STARS = Scale(range=[1, 5], higher_is="better")
MEASURES = [
    Measure(key="stars", title=WORDS, value=STARS, metrics=["calibration_error"], headline=True),
    Measure(key="rate", title=WORDS, unsafe_labels=["x"]),
]


def check(**given: Any) -> Gate:
    gate = Gate(name="g", task="t", **given)
    task = SimpleNamespace(measures=MEASURES, leans=[], languages=["en"])
    suite = SimpleNamespace(name="s", gates=[gate])
    check_gates(cast(Suite, suite), {"t": cast(RunTask, task)}, {})
    return gate


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"at_most": 3.0}, "higher is better there; write at_least for at_most"),
        ({"at_least": 6.0}, "at_least is 6; write 1 to 5"),
        ({"measure": "rate", "at_most": 0.5}, "at_most is for a measure of numbers"),
        ({"metric": "calibration_eror", "at_most": 0.1}, "unknown metric .*calibration_error"),
        ({"measure": "rate", "metric": "calibration_error", "at_most": 0.1}, "unknown metric"),
        ({"metric": "calibration_error", "at_least": 0.1}, "write at_most for at_least"),
        ({"metric": "calibration_error", "max": 0.1, "use": "corrected"}, "use is for rates"),
        ({"metric": "calibration_error", "max": 0.1, "attack": "any"}, "attack is for rates"),
    ],
)
def test_a_threshold_that_does_not_meet_the_measure(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        check(**given)


def test_a_threshold_that_does() -> None:
    assert scale_of(check(at_least=3.0), MEASURES) == STARS
    assert scale_of(check(max=0.1), MEASURES) == STARS
    assert scale_of(check(measure="rate", max=0.1), MEASURES) is None
    scale = scale_of(check(metric="calibration_error", at_most=0.1), MEASURES)
    assert scale is not None and scale.range == [0.0, 1.0]
