"""`tenken compare RUN... --held-out`: public items beside held-out ones: were they trained on?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tenken.evals.cli._output import print_table
from tenken.evals.words import phrase, term

if TYPE_CHECKING:
    from tenken.evals.actions.held_out import ModelHalves
    from tenken.schema.attacks import Fall, HeldOut, HeldOutFigure


def show_halves(folders: Sequence[Path], *, as_json: bool) -> None:
    """Print each model's rates on public and held-out items, and how models differ in the fall.

    A rate that is worse on the held-out items is what training on the public ones would look
    like, and what a harder half would look like; a harder half is harder for every model.

    Args:
        folders: Runs of one model or several.
        as_json: Whether to print JSON.

    Raises:
        InputError: The runs hold no public task together with its held-out half.
    """
    from tenken.evals.actions.held_out import halves_of_runs

    models = halves_of_runs(folders)
    if as_json:
        contents = [
            {
                "model": model.model,
                "tasks": {
                    name: each.model_dump(mode="json") for name, each in model.halves.items()
                },
                "falls": {name: each.model_dump(mode="json") for name, each in model.falls.items()},
            }
            for model in models
        ]
        typer.echo(json.dumps({"models": contents}, ensure_ascii=False, indent=2))
        return
    for model in models:
        _show(model, models[0].model)
    typer.echo(f"\n{phrase('held_needed')}")


def _show(model: ModelHalves, first: str) -> None:
    typer.echo(f"\n{model.model}")
    for name, each in model.halves.items():
        about = {"name": name, "public": each.public, "measure": each.measure}
        typer.echo(f"\n{phrase('held_against', **about)}")
        heads = ("", "public", "held out", "difference", "shown", "could show", "needed")
        print_table(heads, list(_rows(each)), right=heads[1:4])
        if name in model.falls:
            typer.echo(_fall(model.falls[name], first))


def _fall(fall: Fall, first: str) -> str:
    """Return in a sentence how much more a model loses than the first one."""
    ends = {key: f"{getattr(fall, key) * 100:+.1f}" for key in ("value", "low", "high")}
    pairs = {"public": fall.public.n_pairs, "held_out": fall.held_out.n_pairs}
    shown = phrase(f"held_{fall.shown}")
    return phrase("held_fall", first=first, **ends, **pairs, shown=shown)


def _rows(block: HeldOut) -> Iterator[tuple[str, ...]]:
    yield _row(term("row", "overall"), block.overall)
    for language, figure in block.languages.items():
        yield _row(term("row", language), figure)


def _row(name: str, each: HeldOutFigure) -> tuple[str, ...]:
    points = "-"
    if each.value is not None and each.low is not None and each.high is not None:
        points = phrase(
            "points_of", value=each.value * 100, low=each.low * 100, high=each.high * 100
        )
    return (
        name,
        _share(each.public.value),
        _share(each.held_out.value),
        points,
        term("shown_of_halves", each.shown),
        "-"
        if each.detectable is None
        else phrase("half_excess", points=f"{each.detectable * 100:.0f}"),
        _needed(each),
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _needed(each: HeldOutFigure) -> str:
    if each.needed is not None:
        return f"{each.needed:,}"
    return "-" if each.detectable is None else phrase("half_many")
