"""A scorer is let loose on no measure that would misread what it gives."""

from __future__ import annotations

import pytest

from tenken.evals.actions.score import misfit_with
from tenken.schema.plan import Bilingual, Measure, PlannedTask, Scale, ScoreMapping, ScorerBinding
from tenken.tasks.card.card import Scoring

BETTER = Scale(range=[0, 1], higher_is="better")


def _task(mapping: ScoreMapping | None = None, **measure: object) -> PlannedTask:
    both = Bilingual(en="Rating", ja="評価")
    about = {"key": "rate", "title": both, "headline": True, **measure}
    return PlannedTask(
        name="bias/rating", log_name="tenken/rating", risk="bias", title=both, description=both,
        version="1-A", dataset={}, prompt_sha256="0" * 64, reuse_key="0" * 64, available=0,
        scorer=ScorerBinding(name="inspect_ai/f1", version="1", source_sha256="0" * 64),
        measures=[Measure.model_validate(about)], mapping=mapping,
        samples=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scorer", "measure", "said"),
    [
        ("tenken/refusal", {"value": BETTER}, "gives labels, not numbers"),
        ("inspect_ai/f1", {"value": Scale(range=[0, 1], higher_is="worse")}, "higher is better"),
        ("inspect_ai/f1", {"unsafe_labels": ["compliance"]}, "does not say which of its values"),
        ("tenken/choice", {"unsafe_labels": ["compliance"]}, "none of its unsafe_labels is among"),
        ("tenken/human", {"unsafe_labels": ["compliance"]}, ""),
        ("inspect_ai/f1", {"value": BETTER}, ""),
        ("tenken/refusal", {"unsafe_labels": ["compliance"]}, ""),
    ],
)
def test_a_scorer_meets_the_measure(scorer: str, measure: dict[str, object], said: str) -> None:
    found = misfit_with(Scoring(name=scorer), _task(**measure))
    assert said in found and bool(found) == bool(said)


@pytest.mark.parametrize(
    ("scorer", "mapping", "fits"),
    [
        ("inspect_ai/f1", ScoreMapping(higher_is="better"), True),  # the one that was planned
        ("inspect_ai/exact", ScoreMapping(higher_is="better"), False),
        ("tenken/refusal", ScoreMapping(higher_is="better"), False),
        ("tenken/refusal", ScoreMapping(higher_is="worse"), True),
        ("tenken/refusal", ScoreMapping(higher_is="worse", high=10), False),
        ("inspect_ai/exact", ScoreMapping(unsafe=["I"], safe=["C"]), True),  # others: no verdict
    ],
)
def test_numbers_of_another_packages_task_keep_their_direction(
    scorer: str, mapping: ScoreMapping, fits: bool
) -> None:
    assert bool(misfit_with(Scoring(name=scorer), _task(mapping))) is not fits
