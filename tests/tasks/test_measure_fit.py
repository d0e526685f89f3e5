"""A measure that a scorer cannot give is refused before anything is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tenken.schema.estimate import Scale
from tenken.schema.plan import Measure
from tenken.schema.vocabulary import Bilingual
from tenken.tasks.card.card import Scoring
from tenken.tasks.measure_fit import measure_misfit

STARS = Scale(range=[1, 5], higher_is="better")
BRIER = Scale(range=[0, 1], higher_is="worse", key="squared_error")


@pytest.mark.parametrize(
    ("name", "args", "value", "said"),
    [
        ("tenken/rating", {"criterion": "candour"}, STARS, "made of the numbers confidence, corr"),
        ("inspect_ai/f1", {}, Scale(range=[0, 1], higher_is="better"), "'inspect_ai/f1' gives one"),
        ("tenken/confidence", {}, BRIER, ""),
    ],
)
def test_a_metric_of_numbers_that_the_scorer_does_not_give(
    name: str, args: dict[str, Any], value: Scale, said: str
) -> None:
    title = Bilingual(en="T", ja="T")
    measure = Measure(
        key="m", title=title, value=value, metrics=["calibration_error"], headline=True
    )
    found = str(measure_misfit(measure, Scoring(name=name, args=args), None, own=True))
    assert said in found and bool(found) == bool(said)
