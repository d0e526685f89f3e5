"""Held-out items beside public ones, and the same items in other words."""

from __future__ import annotations

import numpy as np
import pytest

from tenken.results.metrics.settings import Statistics
from tenken.results.report.held_out import fall_block, held_out_block
from tenken.results.report.wordings import wordings_block
from tenken.schema.plan import Bilingual, Measure, PlannedTask, ScorerBinding
from tenken.schema.record import SampleRecord

HOW = Statistics()
WORDS = Bilingual(en="Violations", ja="違反")


def planned(name: str, held_out_of: str | None = None, key: str = "rate") -> PlannedTask:
    return PlannedTask(
        name=name, log_name="t", risk="criminal_misuse", title=WORDS, description=WORDS,
        version="1-A", dataset={}, prompt_sha256="", reuse_key="", available=100,
        scorer=ScorerBinding(name="tenken/refusal", args={}, version="1", source_sha256="0" * 64),
        measures=[Measure(key=key, title=WORDS, headline=True, unsafe_labels=["compliance"])],
        samples=[], held_out_of=held_out_of,
    )  # fmt: skip


def record(
    number: int, verdict: float | None, language: str = "en", variant: str = "", epoch: int = 1
) -> SampleRecord:
    return SampleRecord(
        task="t", sample_id=f"s{number}-{variant}-{language}", epoch=epoch, scorer="s",
        language=language, pair_id=f"s{number}{variant}", cluster=f"s{number}", measure="rate",
        outcome="unscored" if verdict is None else "scored", verdict=verdict,
        tags={"variant": variant} if variant else {},
    )  # fmt: skip


def answers(unsafe: int, of: int) -> list[SampleRecord]:
    return [record(n, float(n < unsafe)) for n in range(of)]


PUBLIC, OURS = planned("a/t"), planned("a/t_held_out", "a/t")


def test_a_rate_that_is_worse_on_held_out_items_is_shown() -> None:
    block = held_out_block(
        OURS, [PUBLIC, OURS], {"a/t": answers(5, 100), "a/t_held_out": answers(40, 100)}, HOW
    )
    assert block is not None
    found = block.overall
    assert (block.public, block.measure, found.shown) == ("a/t", "rate", "worse")
    assert found.value == pytest.approx(0.35)
    assert found.low is not None and found.high is not None and 0 < found.low < 0.35 < found.high
    assert (found.public.value, found.held_out.value) == (0.05, 0.4)
    assert found.detectable is not None and found.needed is not None
    assert found.detectable < 0.35 and found.needed > 100


def test_few_items_show_nothing_and_say_how_many_are_needed() -> None:
    block = held_out_block(
        OURS, [OURS, PUBLIC], {"a/t": answers(1, 10), "a/t_held_out": answers(2, 10)}, HOW
    )
    assert block is not None
    assert block.overall.shown == "neither"
    assert block.overall.needed == 210  # at a rate of 0.1, as tests/results/metrics has it


def test_halves_are_compared_in_the_languages_that_both_have() -> None:
    both = {"a/t": [*answers(1, 10), record(3, 1.0, "ja")], "a/t_held_out": answers(1, 10)}
    block = held_out_block(OURS, [OURS, PUBLIC], both, HOW)
    assert block is not None
    assert list(block.languages) == ["en"]
    assert block.overall.public.n == 10


def test_a_half_without_its_public_one_or_without_answers_shows_nothing() -> None:
    assert held_out_block(OURS, [OURS], {"a/t_held_out": answers(1, 9)}, HOW) is None
    assert held_out_block(PUBLIC, [OURS, PUBLIC], {}, HOW) is None
    other = planned("a/t", key="another")
    assert held_out_block(OURS, [OURS, other], {"a/t": answers(1, 9)}, HOW) is None
    block = held_out_block(OURS, [OURS, PUBLIC], {"a/t_held_out": answers(1, 9)}, HOW)
    assert block is not None
    assert (block.overall.value, block.overall.shown, block.overall.needed) == (
        None, "neither", None,
    )  # fmt: skip


def test_an_item_changes_where_one_of_its_wordings_is_judged_otherwise() -> None:
    records = [
        record(1, 0.0), record(1, 0.0, variant="terse"), record(1, 1.0, variant="slang"),
        record(2, 1.0), record(2, 1.0, variant="terse"),
        record(3, 0.0), record(3, None, variant="terse"),
        record(4, 1.0),
    ]  # fmt: skip
    block = wordings_block(records, HOW)
    assert block is not None
    assert (block.changed.value, block.changed.n, block.wordings, block.left_out) == (0.5, 2, 5, 1)
    slang, terse = block.variants
    assert (slang.variant, slang.value, slang.variant_alone, slang.n_pairs) == ("slang", 1.0, 1, 1)
    assert (terse.variant, terse.value, terse.n_pairs, terse.pairs_left_out) == ("terse", 0, 2, 1)


def test_languages_are_items_of_one_cluster_and_epochs_are_averaged() -> None:
    records = [
        record(1, 0.0), record(1, 1.0, variant="terse"),
        record(1, 0.0, "ja"), record(1, 0.0, "ja", "terse"),
        record(2, 0.0, epoch=1), record(2, 1.0, epoch=2), record(2, 0.0, epoch=3),
        *(record(2, 0.0, variant="terse", epoch=epoch) for epoch in (1, 2, 3)),
    ]  # fmt: skip
    block = wordings_block(records, HOW)
    assert block is not None
    assert (block.changed.n, block.changed.clusters) == (3, 2)
    assert block.changed.value == pytest.approx(1 / 3)


def test_without_variants_there_is_no_figure_and_two_plain_samples_are_no_item() -> None:
    assert wordings_block([record(1, 0.0), record(2, 1.0)], HOW) is None
    two = [record(1, 0.0), record(1, 0.0, variant="terse")]
    twice = [*two, SampleRecord(**{**_facts(two[0]), "sample_id": "another"})]
    assert wordings_block(twice, HOW) is None


def _facts(one: SampleRecord) -> dict[str, object]:
    return {name: getattr(one, name) for name in SampleRecord.__slots__}


def test_the_share_that_changes_has_an_interval_over_clusters() -> None:
    draw = np.random.default_rng(3).random(60) < 0.3
    records = [r for n, x in enumerate(draw)
               for r in (record(n, 0.0), record(n, float(x), variant="polite"))]  # fmt: skip
    block = wordings_block(records, HOW)
    assert block is not None
    share = block.changed
    assert share.value == pytest.approx(draw.mean())
    assert share.low is not None and share.high is not None
    assert share.low < draw.mean() < share.high


def halves(public: int, held_out: int, of: int = 40) -> tuple[list[SampleRecord], ...]:
    return answers(public, of), answers(held_out, of)


def test_a_model_that_falls_alone_is_told_from_a_half_that_is_harder() -> None:
    alone = fall_block(halves(2, 30), halves(2, 4), HOW)
    assert alone is not None
    assert alone.shown == "more"
    assert alone.value == pytest.approx((30 - 4) / 40 - 0)
    assert alone.low is not None and 0 < alone.low < alone.value < alone.high <= 2
    both = fall_block(halves(2, 30), halves(4, 32), HOW)
    assert both is not None
    assert (both.shown, both.value) == ("neither", pytest.approx(0.0))
    less = fall_block(halves(2, 4), halves(2, 30), HOW)
    assert less is not None and less.shown == "less"
    assert less.value == pytest.approx(-alone.value)


def test_models_are_compared_on_items_that_both_have_a_verdict_on() -> None:
    ours = [record(1, 1.0), record(2, None), record(3, 1.0)], [record(9, 1.0), record(8, 0.0)]
    theirs = [record(1, 0.0), record(2, 0.0)], [record(9, 0.0)]
    fall = fall_block(ours, theirs, HOW)
    assert fall is not None
    assert (fall.public.n_pairs, fall.held_out.n_pairs) == (1, 1)
    assert (fall.public.value, fall.held_out.value, fall.value) == (1.0, 1.0, 0.0)
    assert fall_block(ours, ([record(7, 1.0)], theirs[1]), HOW) is None
