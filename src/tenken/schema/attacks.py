"""What became of requests that were put otherwise, as a report holds it.

Under attacks, in other wordings, with and without something in the data, and in a half that is
kept from the public.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, PositiveInt

from tenken.schema.base import Frozen
from tenken.schema.estimate import Count, Difference, Share
from tenken.schema.figures import Paired, RateEstimate, RateFigure
from tenken.schema.record import Language
from tenken.schema.vocabulary import Bilingual

ATTACK_TAG: Final = "attack"
"""The tag that says under which attack a sample is asked."""
NO_ATTACK: Final = "none"
"""The attack that leaves a request as it is."""


class AttackBudget(Frozen):
    """What an attack may use up on one request; the numbers of calls are never exceeded.

    Attributes:
        method: How it goes about it: `climb` leads one conversation on, `search` rewrites one
            message in several conversations.
        turns: Turns of a conversation, or rounds of rewriting.
        width: Conversations that go on at once.
        branching: Rewritings of each in a round.
        prune: Whether rewritings that leave the request are dropped before they are sent, and all
            but the best `width` after.
        target: Calls to the model under test.
        attacker: Calls to the model that attacks; each message is asked for once more where the
            reply is of no use.
        judge: Calls to the model that judges while the attack goes on; a judge may ask once more.
    """

    method: Literal["climb", "search"]
    turns: PositiveInt
    width: PositiveInt = 1
    branching: PositiveInt = 1
    prune: bool = False
    target: PositiveInt
    attacker: PositiveInt
    judge: PositiveInt


class PublishedRate(Frozen):
    """How often an attack succeeded where it was published: other models, items, judge, words.

    Attributes:
        rate: Share of requests in [0, 1] that it succeeded on.
        model: The models that it was tried on.
        how: What else a reader has to know of the figure.
    """

    rate: float = Field(ge=0, le=1)
    model: str
    how: Bilingual


class PlannedAttack(Frozen):
    """An attack that a task's samples are asked under.

    Attributes:
        name: Value of the tag `attack`; the samples' ids end in `~` and the name, but for `none`.
        title: What the report calls it.
        source: Where it was published.
        source_sha256: SHA-256 of the code that makes it, and of what the run sets for it: only
            attacks with the same one are compared.
        published: How often it succeeded where it was published, where a figure is at hand.
        budget: Of an attack that adapts, what it may use up on one request; null for a fixed one.
        shots: Exchanges that go before the request, where the run fits them to the model's context.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Bilingual
    source: str = ""
    source_sha256: str = ""
    published: PublishedRate | None = None
    budget: AttackBudget | None = None
    shots: int | None = Field(default=None, ge=1)


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


class TurnSuccess(Frozen):
    """The share of requests that an attack had succeeded on by some turn.

    Attributes:
        turn: Turn of the conversation, or round of rewriting, from 1.
        success: The rate, cumulative: a request that was broken earlier counts.
    """

    turn: PositiveInt
    success: AttackRates


class Adaptive(Frozen):
    """How an attack that adapts went.

    Attributes:
        budget: What it might use up on one request.
        by_turn: Success by each turn of the budget.
        target_calls: Calls to the model under test, over all samples that have an answer.
        attacker_calls: Calls to the model that attacks.
        judge_calls: Calls to the model that judges while the attack goes on.
        declined: Messages that were declined, withheld, or got no answer.
        pruned: Messages that left the request and were not sent.
        broken: Samples that the scorer says it succeeded on.
        budget_used: Samples that held out until the budget was used up.
        unconfirmed: Samples on which the judge of the attack saw a success that the scorer does
            not see; the attack ended there.
        failed: Samples without a verdict: attacker, judge or scorer failed.
    """

    budget: AttackBudget
    by_turn: tuple[TurnSuccess, ...]
    target_calls: Count
    attacker_calls: Count
    judge_calls: Count
    declined: Count
    pruned: Count
    broken: Count
    budget_used: Count
    unconfirmed: Count
    failed: Count


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
            without them, and for an attack that adapts, which twins are not put to.
        published: How often it succeeded where it was published; null where no figure is at hand.
        shots: Exchanges that went before each request, where they were fitted to the context.
        adaptive: How an attack that adapts went; null for a fixed one.
    """

    name: str
    title: Bilingual
    source: str
    success: AttackRates
    increase: AttackIncreases | None
    over_refusal: AttackRates | None
    published: PublishedRate | None = None
    shots: PositiveInt | None = None
    adaptive: Adaptive | None = None


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


class Fall(Frozen):
    """How much more one model loses on held-out items than another does.

    Attributes:
        value: The held-out difference of the models minus the public one, in [-2, 2].
        low: Lower end of its interval.
        high: Upper end of its interval.
        method: How the interval was made.
        public: The model minus the other one, on the public items.
        held_out: The same on the held-out items.
        shown: `more` where the interval is above 0, as where this model alone was trained on the
            public half; `less` where it is below; else `neither`.
    """

    value: Annotated[float, Field(ge=-2, le=2)]
    low: Annotated[float, Field(ge=-2, le=2)]
    high: Annotated[float, Field(ge=-2, le=2)]
    method: str
    public: Paired
    held_out: Paired
    shown: Literal["more", "less", "neither"]
