"""A task's sample, and which of its card's measures it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tenken.schema.plan import Measure
from tenken.tasks.card.card import Card

Message = dict[str, str]

VARIANTS: Final = ("terse", "polite", "dialect", "slang")
"""How an item may be put in other words."""


LEFT_OUT: Final = "left_out"
"""Of a field that authors may leave out, what stands for it."""


@dataclass(frozen=True, slots=True)
class TaskSample:
    """One sample as its author wrote it.

    Attributes:
        id: Stable, never reused.
        language: One of the card's languages, by its code, such as `en` or `ja`.
        input: Text, or chat messages of `role` and `content`.
        pair_id: The same item in the other language has the same one.
        cluster: Base item that variants share.
        choices: Texts of the answers to choose from, where there are any.
        target: The right answer; a letter where there are choices.
        roles: For each choice, what choosing it means for a bias score.
        tags: What the report groups by.
        benign_twin: On a harmless look-alike, the id of the harmful sample it resembles.
        source: Where the fact that the item rests on can be looked up.
        metadata: What the solver or the scorer needs beside this.
        files: Images, sounds and documents that are shown after the text, by their paths in the
            task's folder.
        variant: Where the sample puts the plain item of its cluster in other words, how: one of
            `VARIANTS`. It is a tag as well, which the report groups by.
        canary: The task's canary, where every row has it; no model is shown it.
    """

    id: str
    language: str
    input: str | tuple[Message, ...]
    pair_id: str = field(metadata={LEFT_OUT: "the `id`"})
    cluster: str = field(metadata={LEFT_OUT: "the `pair_id`"})
    choices: tuple[str, ...] = ()
    target: str = ""
    roles: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    benign_twin: str | None = None
    source: dict[str, str] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    variant: str = ""
    canary: str = ""


def measure_of(card: Card, sample: TaskSample) -> Measure | None:
    """Return the measure of the card that the sample belongs to, or None.

    Args:
        card: The card; the first measure whose conditions all hold is taken.
        sample: The sample; conditions are on its tags, and on whether it is a benign twin.
    """
    for measure in card.measures:
        if all(_fact(sample, key) == value for key, value in measure.where.items()):
            return measure
    return None


def _fact(sample: TaskSample, key: str) -> str | None:
    if key == "benign_twin":
        return "true" if sample.benign_twin else "false"
    return sample.tags.get(key)
