"""What a report says was judged, and how steady the judges were."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tenken.results.metrics.settings import Statistics
from tenken.results.report.judges import judged, judges
from tenken.schema.plan import Bilingual, Measure, PlannedTask, ScorerBinding
from tenken.schema.record import SampleRecord
from tenken.schema.vocabulary import Vocabulary
from tenken.scorers import choice, guard, harm_judge, refusal

WORDS = Bilingual(en="Violations", ja="違反")
HARM = harm_judge.vocabulary({"threshold": 0.25})


def planned(vocabulary: Vocabulary | None) -> PlannedTask:
    return PlannedTask(
        name="criminal_misuse/t", log_name="t", risk="criminal_misuse", title=WORDS,
        description=WORDS, version="1-A", dataset={}, prompt_sha256="", reuse_key="", available=9,
        scorer=ScorerBinding(name="tenken/x", args={}, version="1", source_sha256="0" * 64),
        measures=[
            Measure(key="rate", title=WORDS, headline=True, unsafe_labels=["compliance"]),
            Measure(key="twins", title=WORDS, unsafe_labels=["full_refusal"]),
        ],
        samples=[], vocabulary=vocabulary, graders=["judge"],
    )  # fmt: skip


def record(number: int, label: str, *labels: str, **changed: Any) -> SampleRecord:
    base = SampleRecord(
        task="criminal_misuse/t", sample_id=f"s{number}", epoch=1, scorer="s", language="en",
        pair_id=f"s{number}", cluster=f"s{number}", measure="rate", outcome="scored",
        verdict=float(label == "compliance"), label=label, labels=(label, *labels),
    )  # fmt: skip
    return replace(base, **changed)


def test_refusals_stand_beside_harm_and_an_answer_may_be_both() -> None:
    records = [
        record(1, "compliance"),
        record(2, "compliance", "partial_refusal"),
        record(3, "full_refusal"),
        record(4, "harmless", language="ja"),
        record(5, "full_refusal", measure="twins"),
        record(6, "", outcome="unscored", verdict=None),
        record(7, "blocked", outcome="blocked", verdict=0.0),  # a filter's refusal, not the model's
    ]
    found = judged(planned(HARM), records, Statistics())
    assert found is not None and found.refused is not None
    assert (found.what, found.threshold, found.graders) == ("harm", 0.25, ("judge",))
    assert (found.refused.value, found.refused.n) == (0.5, 4)
    assert {name: part.value for name, part in found.languages.items()} == {
        "en": pytest.approx(2 / 3), "ja": 0.0
    }  # fmt: skip


def test_what_is_not_judged_or_not_told_is_not_said() -> None:
    records = [record(1, "compliance")]
    assert judged(planned(None), records, Statistics()) is None
    assert judged(planned(choice.VOCABULARY), records, Statistics()) is None
    llama = judged(planned(guard.vocabulary({})), records, Statistics())
    assert llama is not None and (llama.what, llama.refused) == ("harm", None)
    alone = judged(planned(refusal.VOCABULARY), records, Statistics())
    assert alone is not None and (alone.what, alone.threshold) == ("refusal", None)


def test_a_flip_is_a_verdict_on_the_other_side() -> None:
    records = [
        record(1, "compliance", "again:compliance"),
        record(2, "compliance", "again:harmless"),
        record(3, "full_refusal", "again:harmless"),  # another label, the same verdict
        record(4, "full_refusal", "again:undecided"),
        record(5, "full_refusal"),
    ]
    found = judges(planned(HARM), records, Statistics())
    assert found is not None and found.panel is None
    again = found.repeated
    assert (again.asked, again.undecided, again.flipped, again.share.n) == (4, 1, 1, 3)
    assert again.share.value == pytest.approx(1 / 3)


def test_votes_of_answers_without_a_majority_count_in_the_agreement() -> None:
    records = [
        record(1, "compliance", "vote:0:compliance", "vote:1:compliance"),
        record(2, "full_refusal", "vote:0:full_refusal", "vote:1:full_refusal"),
        record(3, "", "vote:0:compliance", "vote:1:full_refusal", outcome="unscored", verdict=None),
        record(4, "compliance", "vote:0:compliance", "vote:1:undecided"),
    ]
    found = judges(planned(HARM), records, Statistics())
    assert found is not None and found.panel is not None
    assert (found.panel.answers, found.panel.unanimous) == (3, 2)
    assert found.panel.alpha.value == pytest.approx(1 - 5 * 2 / (2 * 3 * 3))


def test_without_a_grader_nothing_is_said() -> None:
    alone = planned(HARM).model_copy(update={"graders": []})
    assert judges(alone, [record(1, "compliance")], Statistics()) is None
