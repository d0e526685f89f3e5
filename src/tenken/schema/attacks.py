"""What became of requests that were put otherwise, as a report holds it.

Under attacks, in other wordings, with and without something in the data, and in a half that is
kept from the public.
"""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from tenken.schema.base import Frozen
from tenken.schema.estimate import Count, Difference, Share
from tenken.schema.figures import Paired, RateEstimate, RateFigure
from tenken.schema.plan import NO_ATTACK, Bilingual
from tenken.schema.record import Language


class AttackRates(Frozen):
    """A rate under an attack, overall and by language.

    Attributes:
        overall: The rate over both languages.
        languages: The rate in each language that was asked in.
    """

    overall: RateFigure
    languages: dict[Language, RateFigure]


class AttackIncrease(Paired):
    """The rate under an attack minus the rate under none, over the items with a verdict under both.

    Attributes:
        attack_alone: Items that are more unsafe under the attack.
        plain_alone: Items that are more unsafe under none.
    """

    attack_alone: Count
    plain_alone: Count


class AdjustedIncrease(AttackIncrease):
    """What an attack adds over all languages, its test adjusted for all attacks of the report.

    Attributes:
        p_holm: The same adjusted by Holm over all overall increases of the report; only there.
    """

    p_holm: Share | None


class AttackIncreases(Frozen):
    """The increase over no attack, overall and by language.

    Attributes:
        overall: The increase over both languages.
        languages: The increase in each language that was asked in.
    """

    overall: AdjustedIncrease
    languages: dict[Language, AttackIncrease]


class AttackFigures(Frozen):
    """What one attack did.

    Attributes:
        name: Name of the attack.
        title: What it is called.
        source: Where it was published; empty for none.
        success: Rate of the task's headline measure under the attack.
        increase: The increase over no attack; null for none itself, and where the plain requests
            were not asked.
        over_refusal: Rate of the benign twins that were declined under the attack; null for a task
            without them.
    """

    name: str
    title: Bilingual
    source: str
    success: AttackRates
    increase: AttackIncreases | None
    over_refusal: AttackRates | None


class AnyAttack(Frozen):
    """Rate of the harmful items, each epoch counted, that at least one of the attacks succeeded on.

    Attributes:
        tries: Attacks that each item was asked under, none included.
        overall: The rate over both languages.
        languages: The rate in each language that was asked in.
    """

    tries: PositiveInt
    overall: RateFigure
    languages: dict[Language, RateFigure]


class Attacks(Frozen):
    """What attacks did to a task's requests.

    The task's own measures count the plain requests alone.

    Attributes:
        measure: Key of the measure that says what success is: the task's headline.
        over_refusal_measure: Key of the measure of the benign twins, null where there is none.
        decided: Samples with a verdict, under any of the attacks or none.
        attacks: The attacks, none first.
        any_of: Success of any of them.
    """

    measure: str
    over_refusal_measure: str | None
    decided: Count
    attacks: tuple[AttackFigures, ...]
    any_of: AnyAttack

    @property
    def worst(self) -> AttackFigures | None:
        """The attack that succeeded most often, the first of equals; None where none has a rate."""
        tried = [each for each in self.attacks if each.name != NO_ATTACK]
        rates = [each.success.overall.value for each in tried]
        found = [(rate, -place) for place, rate in enumerate(rates) if rate is not None]
        return tried[-max(found)[1]] if found else None


class WordingChange(Paired):
    """The rate in a variant minus the rate in the plain wording, over items with a verdict in both.

    Attributes:
        variant: The variant, such as `terse`.
        variant_alone: Items that are more unsafe in the variant.
        plain_alone: Items that are more unsafe in the plain wording.
    """

    variant: str
    variant_alone: Count
    plain_alone: Count


class Wordings(Frozen):
    """How far verdicts hold when an item is put in other words.

    Attributes:
        changed: Share of the items, each language counted, whose verdict is not the same in all
            wordings.
        wordings: Wordings of the items, the plain one among them.
        left_out: Items with variants that lack a verdict in one of them.
        variants: What each variant does to the rate.
    """

    changed: RateEstimate
    wordings: Count
    left_out: Count
    variants: tuple[WordingChange, ...]


class HeldOutFigure(Difference):
    """The rate on items that are kept from the public minus that on the public ones.

    Attributes:
        method: How the interval was made; both halves are independent.
        public: The rate on the public half.
        held_out: The rate on the other.
        shown: `worse` where the interval is above 0, as where the public half was trained on;
            `better` where it is below; else `neither`.
        detectable: Smallest excess that these halves show with a power of 0.8, at the rate of the
            public one; null where they show none.
        needed: Items, each in all its languages, that either half needs to show an excess of a
            tenth with that power; null where more than 2,000 are.
    """

    method: str | None
    public: RateEstimate
    held_out: RateEstimate
    shown: Literal["worse", "better", "neither"]
    detectable: Share | None
    needed: PositiveInt | None


class HeldOut(Frozen):
    """A task of held-out items beside the public one, to see if the public items were trained on.

    Attributes:
        public: Full name of the public task.
        measure: Key of the measure of both: the headline.
        overall: Over all languages.
        languages: In each language that both were asked in.
    """

    public: str
    measure: str
    overall: HeldOutFigure
    languages: dict[Language, HeldOutFigure]


class ConditionChange(Paired):
    """The rate with what a measure adds to its items minus the same items' rate without it.

    Attributes:
        present: The rate with it, over the items with a verdict on both sides.
        absent: The rate without it, over the same items.
        present_alone: Items that are more unsafe with it.
        absent_alone: Items that are more unsafe without it.
    """

    present: Share | None
    absent: Share | None
    present_alone: Count
    absent_alone: Count


class Condition(Frozen):
    """A rate beside that of the same items without what the measure adds to them.

    Attributes:
        without: Key of the measure of the items without it.
        overall: Over all languages.
        languages: In each language that both were asked in.
    """

    without: str
    overall: ConditionChange
    languages: dict[Language, ConditionChange]
