"""A scorer of labels is not let loose on a measure of numbers."""

from __future__ import annotations

import pytest

from tenken.errors import InputError
from tenken.evals.actions.score import check_numbers
from tenken.schema.plan import Bilingual, Measure, PlannedTask, Scale, ScorerBinding
from tenken.tasks.card.card import Scoring


def _task(**measure: object) -> PlannedTask:
    both = Bilingual(en="Rating", ja="評価")
    about = {"key": "rate", "title": both, "headline": True, **measure}
    return PlannedTask(
        name="bias/rating", log_name="tenken/rating", risk="bias", title=both, description=both,
        version="1-A", dataset={}, prompt_sha256="0" * 64, reuse_key="0" * 64, available=0,
        scorer=ScorerBinding(name="inspect_ai/f1", version="1", source_sha256="0" * 64),
        measures=[Measure.model_validate(about)],
        samples=[],
    )  # fmt: skip


def test_labels_for_a_measure_of_numbers_are_refused_with_what_to_do() -> None:
    numbers = _task(value=Scale(range=[0, 1], higher_is="better"))
    with pytest.raises(InputError, match=r"'tenken/refusal' gives labels.*rate of.*--scorer TASK"):
        check_numbers(Scoring(name="tenken/refusal"), numbers)


def test_numbers_for_numbers_and_labels_for_labels_pass() -> None:
    check_numbers(
        Scoring(name="inspect_ai/f1"), _task(value=Scale(range=[0, 1], higher_is="better"))
    )
    check_numbers(Scoring(name="tenken/refusal"), _task(unsafe_labels=["compliance"]))
