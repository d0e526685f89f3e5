"""Gates: thresholds as a suite sets them, what each came to in a report, and what qualifies it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from tenken.errors import RuleError, joined
from tenken.schema.base import Frozen
from tenken.schema.estimate import Count, Scale, Share, Signed
from tenken.schema.reasons import GateReason, Reason
from tenken.schema.record import Decision, Language
from tenken.schema.vocabulary import Bilingual

ANY_ATTACK: Final = "any"
"""What a gate names instead of an attack, to be decided on the worst answer to each item."""
LEANS: Final = ("bias_ambiguous", "bias_disambiguated", "gap")
"""What a gate can be on beside rates: stereotyped minus counter-stereotyped answers where the
text does not say and where it does, and how much oftener a swap favours the majority."""


class Capability(Frozen):
    """What a model must be able to do for a low rate of misuse to mean anything.

    A model that does nothing at all misuses nothing: below this share of the task's harmless
    samples done, a gate is not measured.

    Attributes:
        measure: Key of the measure of the harmless samples.
        labels: Labels of an answer that did what was asked; every safe verdict where left out.
        least: Smallest share of them, in (0, 1], that must be done. Samples without a verdict
            count as not done.
    """

    measure: str
    labels: list[str] = Field(default_factory=list)
    least: Annotated[float, Field(gt=0, le=1, strict=True)]


class Gate(Frozen):
    """A threshold that a rate's whole interval is compared with.

    Attributes:
        name: What the report calls it in English; a suite may give both languages as `{en, ja}`.
        name_ja: What it calls it in Japanese; the measure's title where left out.
        task: Full name of the task.
        measure: Key of the measure; the task's headline where left out. For tasks on bias also one
            of `LEANS`, whose figures are in [-1, 1]: what leans one way minus what leans the other.
        language: One language only; both where left out.
        attack: The requests under this attack, or `any`: items on which at least one of the ways of
            asking succeeded. The plain requests where left out.
        metric: A metric of a measure of numbers; their mean where left out.
        max: Highest rate that passes, in [0, 1].
        at_most: Instead of max, the highest mean of the scorer's own numbers (or metric) that
            passes, where higher is worse.
        at_least: Instead of max, the lowest that passes, where higher is better.
        capability: What must be done of the harmless samples; nothing where left out.
        use: Compare the rate as the scorer gave it (`raw`), or the one corrected for the scorer's
            own error; where that cannot be had, the gate is INCOMPLETE.
        allow: `exploratory` lets a rate that a calibration card alone corrects decide the gate,
            though the card is of other models; without it, only labels of the run itself do.
    """

    name: str
    name_ja: str = ""
    task: str
    measure: str | None = None
    language: Language | None = None
    attack: str | None = None
    metric: str | None = None
    max: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    at_most: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None
    at_least: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None
    capability: Capability | None = None
    use: Literal["raw", "corrected"] = "raw"
    allow: Literal["exploratory"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _named_in_both_languages(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("name"), dict):
            return raw
        if "name_ja" in raw:
            raise RuleError("name_ja: the name gives both languages already; remove name_ja")
        names = Bilingual.model_validate(raw["name"])
        return {**raw, "name": names.en, "name_ja": names.ja}

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        given = [key for key in ("max", "at_most", "at_least") if getattr(self, key) is not None]
        if not given:
            raise RuleError(
                "a gate needs max, the highest rate that passes in [0, 1]; for a measure of "
                "numbers, at_most or at_least"
            )
        if len(given) > 1:
            raise RuleError("{given} are both given; keep one", given=joined(" and ", given))
        return self

    @property
    def bound(self) -> float | None:
        """The threshold in a scale's own numbers; None for a gate on a rate."""
        return self.at_least if self.at_most is None else self.at_most

    @property
    def threshold(self) -> str:
        """The threshold as the suite writes it, such as `max 0.1` or `at_least 3.5`."""
        keys = ("max", "at_most", "at_least")
        key = next(each for each in keys if getattr(self, each) is not None)
        return f"{key} {getattr(self, key):g}"

    def limit(self, scale: Scale | None = None) -> float:
        """Return the highest share of the unsafe end that passes, in [0, 1].

        Args:
            scale: What the numbers mean that the gate is on; None for a rate.

        Raises:
            ValueError: The gate is on numbers and there is no scale.
        """
        if self.max is not None:
            return self.max
        if scale is None or self.bound is None:
            raise RuleError("gate '{name}': expected a measure of numbers", name=self.name)
        return scale.share(self.bound)


class CapabilityResult(Frozen):
    """How much of a task's harmless samples was done, for a gate that asks for it.

    Attributes:
        measure: Key of the measure of the harmless samples.
        labels: Labels of an answer that did what was asked; empty for every safe verdict.
        least: Smallest share that must be done.
        value: The share that was done; null without a sample. What has no verdict was not done.
        done: Samples that were done.
        n: Samples that were asked.
    """

    measure: str
    labels: tuple[str, ...]
    least: Share
    value: Share | None
    done: Count
    n: Count


class GateUnits(Frozen):
    """The numbers that a gate's threshold was set in.

    Attributes:
        scale: What they mean.
        bound: The threshold in them.
        metric: The metric that they are of; null for the mean of the scorer's numbers.
    """

    scale: Scale
    bound: float
    metric: str | None = None


class GateResult(Frozen):
    """A threshold that the whole interval of a rate, or of a lean, is compared with.

    Attributes:
        name: What the gate is called.
        name_ja: What it is called in Japanese; empty where the suite does not say.
        task: Full name of the task.
        attack: The attack that it is about, `any` for the worst answer to each item, null for the
            plain requests.
        capability: How much of the harmless samples was done; null where the gate asks for none.
        measure: Key of the measure, or of a lean: bias_ambiguous, bias_disambiguated or gap.
        title: Title of the measure; null for a lean.
        language: The one language that it is about, null for both.
        max: Highest rate that passes.
        value: The rate, or the lean, that is compared; null without a verdict, or without the
            correction that the gate asks for.
        low: Lower end at the level of the attempt, as if all samples without a verdict were safe.
        high: Upper end at the level of the attempt, as if all samples without a verdict were
            unsafe.
        n: Verdicts that the rate rests on.
        decision: PASS or FAIL when the whole interval lies on one side, INCONCLUSIVE when it
            straddles the maximum, INCOMPLETE when too many samples have no verdict.
        reason: Why it was decided so.
        use: Whether the rate is the one that the scorer gave, or corrected for its error.
        allow: Whether a rate that a card alone corrects may decide the gate.
        why: Why there is no correction: a code and its parameters; null where there is one.
        units: The scorer's own numbers, where the threshold was set in them; left out for a rate.
    """

    name: str
    name_ja: str = ""
    task: str
    attack: str | None = None
    capability: CapabilityResult | None = None
    measure: str
    title: Bilingual | None
    language: Language | None
    max: Share
    value: Signed | None
    low: Signed | None
    high: Signed | None
    n: Count
    decision: Decision
    reason: GateReason
    use: Literal["raw", "corrected"]
    allow: Literal["exploratory"] | None
    why: Reason | None
    units: GateUnits | None = None

    @model_serializer(mode="wrap")
    def _without_units(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        made: dict[str, Any] = handler(self)
        return {key: value for key, value in made.items() if value or key != "units"}


FairTestCode = Literal[
    "limit_reached",
    "undecided",
    "not_capable",
    "prompt_not_seen",
    "system_prompt",
    "evaluation_aware",
    "wrong_language",
    "degenerate",
    "tool_error",
    "cut",
    "identical",
    "neither",
]


class FairTestWarning(Frozen):
    """What makes a run's figures say less than they seem to.

    Attributes:
        code: What it is: not asked because a limit was reached, too many without a verdict, too
            little of what is harmless done, a sign in the answers that scanners look for (the
            prompt was not seen, the endpoint's own system prompt refuses, a test is suspected,
            another language, repetition without end, a tool that failed), cut off, the same answer
            again and again, or neither help nor refusal.
        task: Full name of the task.
        n: Samples that it concerns.
        of: Samples that there are.
        share: Their share; null of none.
    """

    code: FairTestCode
    task: str
    n: Count
    of: Count
    share: Share | None
