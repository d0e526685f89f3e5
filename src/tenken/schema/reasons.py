"""Why a rate is not corrected, or a gate decided as it is: codes with parameters, no sentences.

The pages' message catalogues hold the sentence for each code in each language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from tenken.schema.base import Frozen

ReasonCode = Literal[
    # Of a calibration card and a scorer.
    "other_scorer",
    "other_language",
    "stale_source",
    "stale_arguments",
    "stale_graders",
    # Of a card and a measure.
    "no_card",
    "own_values",
    "no_answer_labelled",
    "only_answers_labelled",
    # Of a trial and a raw rate.
    "raw_not_measured",
    "trial_without_unsafe",
    "trial_without_safe",
    "small_trial",
    "barely_tells_apart",
    "raw_too_low",
    "raw_too_high",
    "nothing_judged",
    # Of people's labels.
    "awaiting_adjudicator",
    "label_left_out",
    "few_labels",
    "labels_needed",
    # Of several rates together.
    "not_all_languages",
    "not_both_languages",
    "not_all_tasks",
    "no_pair",
    "two_ways",
    "not_compared",
]

GateReason = Literal[
    "not_measured",
    "not_corrected",
    "not_capable",
    "too_many_undecided",
    "at_or_below",
    "above",
    "straddles",
]
"""Why a gate is decided as it is."""

STALE: Final = ("stale_source", "stale_arguments", "stale_graders")
"""The card is of the scorer in another state."""

PARAMETERS: Final[dict[str, frozenset[str]]] = {
    "no_answer_labelled": frozenset({"labels"}),
    "only_answers_labelled": frozenset({"labels"}),
    "small_trial": frozenset({"n", "least"}),
    "barely_tells_apart": frozenset({"sensitivity", "specificity"}),
    "raw_too_low": frozenset({"raw", "limit"}),
    "raw_too_high": frozenset({"raw", "limit"}),
}
"""The parameters of the codes that have any: `labels` are labels of the scorer, `n` and `least`
counts, all others shares in [0, 1]."""


class Reason(Frozen):
    """Why there is no corrected rate.

    Attributes:
        code: The kind of reason.
        values: Its parameters, as `PARAMETERS` lists them.
    """

    code: ReasonCode
    values: Mapping[str, int | float | tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_its_parameters(self) -> Self:
        wanted = PARAMETERS.get(self.code, frozenset())
        if self.values.keys() != wanted:
            raise ValueError(
                f"reason '{self.code}' has the parameters {sorted(self.values)}, expected "
                f"{sorted(wanted)}"
            )
        return self


def shared_reason(reasons: Iterable[Reason | None], otherwise: ReasonCode) -> Reason:
    """Return the reason that all parts have, else that of the whole.

    Args:
        reasons: Why each part has no figure, None for a part that has one.
        otherwise: What to say where they differ.
    """
    first, *rest = list(reasons) or [None]
    if first is None or any(each != first for each in rest):
        return Reason(code=otherwise)
    return first
