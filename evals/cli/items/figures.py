"""`tenken check --deep`: what the items of a task can tell, and which targets are missed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tenken.errors import Sentence
from tenken.evals.cli.items.sources import source_counts
from tenken.evals.words import listed, phrase, term

if TYPE_CHECKING:
    from tenken.schema.reviews import ItemsRead
    from tenken.tasks.lint.deep import Deep, Depth
    from tenken.tasks.lint.surface import Surface

_OWN_REASON: Final = ("reviews", "sources")
"""Figures whose miss is its own reason: nobody has read the items, or archived the pages."""


def figure_lines(deep: Deep) -> Iterator[str]:
    """Yield the figures of a deep check, a block a task, and then the targets.

    Args:
        deep: The figures.
    """
    for depth in deep.tasks:
        yield ""
        yield phrase("figure_head", task=depth.task, samples=depth.samples, doubles=depth.doubles)
        yield from (f"  {line}" for line in _of_task(depth))
        for miss in deep.misses:
            if miss.task == depth.task:
                figure = term("figure", miss.figure)
                yield "  " + phrase("figure_missed", figure=figure, told=miss.told)
    if deep.pooled:
        yield ""
        yield phrase("figure_all")
        yield from (f"  {_surface(each)}" for each in deep.pooled)
    yield from _targets(deep)


def _of_task(depth: Depth) -> Iterator[str]:
    yield from map(_surface, depth.surfaces)
    for language in sorted({each.language for each in depth.strategies}):
        found = [each for each in depth.strategies if each.language == language]
        rates = listed(
            phrase("figure_rate", name=Sentence(each.name), rate=each.rate) for each in found
        )
        yield phrase("figure_headline", language=language, rates=rates, chance=found[0].chance)
    for each in depth.lengths:
        about = {"language": each.language, "low": each.low, "high": each.high}
        yield phrase("figure_lengths", **about, crowded=each.crowded)
    for key, counts in depth.tags.items():
        values = listed(f"{value} {n}" for value, n in counts.items())
        yield phrase("figure_tag", key=key, counts=values)
    having, items = depth.in_other_words
    yield phrase("figure_wordings", n=having, items=items)
    if depth.sources:
        yield source_counts(depth.sources)
    yield _reading(depth.read)


def _targets(deep: Deep) -> Iterator[str]:
    """Yield each figure's target, and which tasks miss it, with the reason where one is known."""
    from tenken.tasks.lint.deep import ALL, TARGETS

    yield ""
    yield phrase("figure_targets")
    for figure, target in TARGETS.items():
        missed = {each.task: each.reason for each in deep.misses if each.figure == figure}
        over_all = missed.pop(ALL, None) is not None
        said = phrase("figure_met")
        if missed:
            said = phrase("figure_missed_by", n=len(missed), tasks=len(deep.tasks))
        said += phrase("figure_over_all") if over_all else ""
        unexplained = [name for name, reason in missed.items() if not reason]
        if unexplained and figure not in _OWN_REASON:
            said += phrase("figure_no_reason", names=", ".join(unexplained))
        name = term("figure", figure)
        yield "  " + phrase("figure_target", figure=name, target=target, said=said)
    yield ""


def _reading(read: ItemsRead) -> str:
    if not read.records:
        return phrase("read_by_nobody", samples=read.samples)
    said = [
        phrase("read_by_people", n=read.by_people, samples=read.samples),
        phrase("read_by_models", n=read.by_models_alone),
        phrase("read_natural", mean=read.naturalness),
        *(
            phrase("read_share", what=term("read_share", name), n=share.count, of=share.of)
            for name in ("as_labelled", "readers_agree", "equal", "kept")
            if (share := getattr(read, name)).of
        ),
    ]
    return listed(said) + (phrase("read_stale", n=read.stale) if read.stale else "")


def _surface(each: Surface) -> str:
    from tenken.results.metrics.rates import wilson_interval

    picked = round(each.ngrams * each.pairs)
    ends = wilson_interval(picked, each.pairs, level=0.95)
    return phrase(
        "figure_surface",
        language=each.language,
        pairs=each.pairs,
        ngrams=each.ngrams,
        low=ends.low,
        high=ends.high,
        shuffled=each.shuffled,
        shorter=each.shorter,
    )
