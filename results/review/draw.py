"""Drawing what people look at: half by chance, half where it matters, each with its probability.

Systematic sampling with unequal probabilities (Madow 1949, Annals of Mathematical Statistics
20:333-354) over the items sorted by task, measure, language and reason: every item has a chance
above 0 that is known exactly, and each group gets its share.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenken.errors import BundleError, InputError
from tenken.io.canonical import pretty_json, sha256_bytes
from tenken.io.faults import explain
from tenken.results.review.items import WHYS, Item, Key, Why
from tenken.results.review.wanted import Group, LabelsNeeded, group_of
from tenken.results.review.wanted import chances as chances_of
from tenken.results.seal.folder import read_plain
from tenken.schema.plan import Plan

REVIEWS: Final = "reviews"
DRAW_SCHEMA: Final = "https://tenken.dev/schema/review-draw/1"
"""A name, not an address."""

_RANDOM_SHARE: Final = 0.5
_FIRST: Final[frozenset[Why]] = frozenset({"judges_disagree", "near_threshold"})

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class DrawnItem(_Frozen):
    """An item that was drawn.

    Attributes:
        item: Its digest.
        probability: The chance that it had of being drawn, in (0, 1].
        why: What made it worth a look besides chance.
        labels: What people may write.
        stands_for: The label that something written means, where it is not the label.
    """

    item: Sha256
    task: str
    sample_id: str
    epoch: int = Field(ge=1)
    probability: float = Field(gt=0, le=1)
    why: list[Why]
    labels: list[str]
    stands_for: dict[str, str] = {}

    @property
    def key(self) -> Key:
        """Task, sample's id and epoch."""
        return self.task, self.sample_id, self.epoch


class Draw(_Frozen):
    """A draw as the bundle holds it, made before anybody gave a label.

    Attributes:
        sample: How many items were asked for.
        population: How many there were to draw from.
        tasks: The tasks that were drawn from.
        items: What was drawn, in the order in which it is shown.
    """

    schema_id: Literal["https://tenken.dev/schema/review-draw/1"] = Field(
        DRAW_SCHEMA, alias="schema"
    )
    run: str
    sample: int = Field(ge=1)
    seed: int
    population: int
    tasks: list[str]
    items: list[DrawnItem]

    model_config = ConfigDict(populate_by_name=True)

    def to_bytes(self) -> bytes:
        """Return the bytes of the draw's file."""
        return pretty_json(self.model_dump(mode="json", by_alias=True))

    @property
    def sha256(self) -> str:
        """Digest of the draw's file, by which labels name it."""
        return sha256_bytes(self.to_bytes())

    @property
    def file_name(self) -> str:
        """Name of the draw's file in the bundle."""
        return f"{REVIEWS}/draw-{self.sha256}.json"


def draw(
    plan: Plan,
    items: Sequence[Item],
    sample: int,
    seed: int,
    takes: Mapping[Group, LabelsNeeded] | None = None,
) -> Draw:
    """Draw items for review.

    Args:
        plan: The run's plan.
        items: What there is to draw from.
        sample: How many to draw; all of them where there are no more.
        seed: Decides what is drawn and in which order it is shown.
        takes: How many answers of which groups; then nothing else is drawn, all answers of a group
            have the same chance, and `sample` is their sum.

    Raises:
        InputError: There is nothing to draw from.
    """
    if not items:
        raise InputError("there is no answer to look at: the scorers decided none.")
    if takes is not None:
        items = [item for item in items if group_of(item) in takes]
    groups = sorted(items, key=lambda item: _place(item, seed, parted=takes is None))
    if takes is None:
        chances = probabilities([item.why for item in groups], sample)
    else:
        chances = chances_of(groups, takes)
    chosen = [(groups[place], chances[place]) for place in systematic(chances, sample, seed)]
    chosen.sort(key=lambda each: _lot(seed, "show", each[0].digest))
    return Draw(
        schema=DRAW_SCHEMA,
        run=plan.run,
        sample=sample,
        seed=seed,
        population=len(items),
        tasks=sorted({item.record.task for item in items}),
        items=[
            DrawnItem(
                item=item.digest,
                task=item.record.task,
                sample_id=item.record.sample_id,
                epoch=item.record.epoch,
                probability=float(f"{chance:.10g}"),
                why=list(item.why),
                labels=sorted({option.written for option in item.options}),
                stands_for={each.mark: each.label for each in item.options if each.mark},
            )
            for item, chance in chosen
        ],
    )


def probabilities(whys: Sequence[Sequence[Why]], sample: int) -> list[float]:
    """Return the chance of each item, all of them together the sample's size.

    Half of the sample is drawn from all alike. The other half goes first to items that judges
    disagree on or that are near the threshold, then to those whose task has an interval that
    straddles a gate; what these cannot use goes to all alike.

    Args:
        whys: What makes each item worth a look.
        sample: Size of the sample.
    """
    n = len(whys)
    if sample >= n:
        return [1.0] * n
    chances = [_RANDOM_SHARE * sample / n] * n
    first = [i for i, why in enumerate(whys) if _FIRST & set(why)]
    second = [i for i, why in enumerate(whys) if why and not _FIRST & set(why)]
    left = sample - sum(chances)
    for part in (first, second, range(n)):
        left = _spread(chances, part, left)
    return chances


def _spread(chances: list[float], part: Sequence[int], left: float) -> float:
    """Raise some chances by equal amounts, none above 1; return what could not be used."""
    open_ones = sorted(part, key=lambda i: -chances[i])
    while open_ones and left > 0:
        step = left / len(open_ones)
        top = open_ones[0]
        if chances[top] + step <= 1:
            for i in open_ones:
                chances[i] += step
            return 0.0
        left -= 1 - chances[top]
        chances[top] = 1.0
        open_ones.pop(0)
    return max(left, 0.0)


def systematic(chances: Sequence[float], sample: int, seed: int) -> list[int]:
    """Return the places that points one apart, from a random start, fall on.

    Args:
        chances: The chance of each place, together the sample's size.
        sample: Size of the sample.
        seed: Decides the start.
    """
    if sample >= len(chances):
        return list(range(len(chances)))
    ends = list(accumulate(chances))
    start = _lot(seed, "start", "") / 2**256
    points = [(start + k) * ends[-1] / sample for k in range(sample)]
    return sorted({min(bisect_right(ends, point), len(ends) - 1) for point in points})


def _place(item: Item, seed: int, *, parted: bool) -> tuple[object, ...]:
    """Return where an item is in the row: versions of one base item next to each other."""
    record = item.record
    reasons = tuple(why in item.why for why in WHYS) if parted else ()
    lots = (_lot(seed, "cluster", record.cluster), _lot(seed, "order", item.digest))
    return record.task, record.measure, record.language, reasons, *lots


def _lot(seed: int, what: str, digest: str) -> int:
    return int(hashlib.sha256(f"{seed}:{what}:{digest}".encode()).hexdigest(), 16)


def read_draws(run: Path) -> dict[str, Draw]:
    """Return the draws of a bundle by their digest, sorted.

    Raises:
        BundleError: A file is no draw, or not the one that its name says.
    """
    found: dict[str, Draw] = {}
    for path in sorted((run / REVIEWS).glob("draw-*.json")):
        try:
            data = read_plain(path)
            made = Draw.model_validate_json(data)
            if made.to_bytes() != data or run / made.file_name != path:
                raise ValueError("not the draw that its name says")
        except ValidationError as error:
            raise BundleError(
                "{path}: not a readable draw: {why}", path=path, why=explain(error, Draw)
            ) from None
        except (OSError, ValueError) as error:
            raise BundleError(
                "{path}: not a readable draw: {error}.", path=path, error=error
            ) from None
        found[made.sha256] = made
    return found
