"""`tenken judges`: scorers ranked by how far they agree with people, from the cards at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, LiteralString

import typer

from tenken.errors import InputError, UnknownNameError
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import interval, print_table
from tenken.evals.words import phrase, term

if TYPE_CHECKING:
    from tenken.results.calibration.judges import Judge
    from tenken.schema.calibration import CalibrationCard, Figure

_NUMBERS = slice(4, 7)  # the columns that are numbers alone


def judges(
    cards: Annotated[
        list[Path] | None,
        typer.Option(
            "--cards",
            help="Folder of calibration cards; may be repeated. Those of the package and of "
            "results/cards where left out.",
        ),
    ] = None,
    scorer: Annotated[
        str | None, typer.Option("--scorer", help="Cards of this scorer alone.")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="Cards of this language alone.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    lang: o.TerminalLanguage = None,
) -> None:
    """Rank judges by agreement with people's labels, from the calibration cards at hand.

    Beside the agreement (Cohen's kappa) are what a thousand verdicts cost, the share of verdicts
    that flip when the judge is asked twice, and the share that gaming answers move. Only cards of
    the same gold answers are ranked against each other: how hard the answers are decides more than
    the judge does. Make cards with 'tenken calibrate ... --output results/cards'.
    """
    from tenken.results.calibration.judges import ranked

    found = _cards(cards)
    asked: tuple[tuple[LiteralString, str | None, set[str]], ...] = (
        ("scorer", scorer, {card.scorer.name for card in found.values()}),
        ("language", language, {card.language for card in found.values()}),
    )
    for what, wanted, known in asked:
        if wanted is not None and not any(_is(wanted, each) for each in known):
            raise UnknownNameError(what, wanted, sorted(known), f"--{what}")
    rows = ranked(
        {
            name: card
            for name, card in found.items()
            if (scorer is None or _is(scorer, card.scorer.name))
            and (language is None or card.language == language)
        }
    )
    if as_json:
        listed = [row.contents() for row in rows]
        typer.echo(json.dumps({"judges": listed}, ensure_ascii=False, indent=2))
        return
    for (gold, spoken), members in groupby(rows, key=lambda row: (row.gold, row.language)):
        group = list(members)
        how = term("gold_kind", group[0].kind)
        typer.echo(phrase("judges_group", gold=gold, language=spoken, n=group[0].n, how=how))
        heads = tuple(phrase("judges_heads").split("|"))
        print_table(heads, _rows(group), right=heads[_NUMBERS])
        typer.echo("")


def _cards(folders: Sequence[Path] | None) -> dict[str, CalibrationCard]:
    from tenken.evals.planning.cards import known_cards
    from tenken.schema.calibration import read_cards

    if not folders:
        return known_cards()
    found: dict[str, CalibrationCard] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError("--cards {folder}: there is no such folder.", folder=folder)
        found |= read_cards(folder)
    if not found:
        raise InputError("--cards {folders}: no calibration card is in it.", folders=folders[0])
    return found


def _is(wanted: str, name: str) -> bool:
    return wanted in (name, name.rpartition("/")[2])


def _rows(judges: Sequence[Judge]) -> Iterator[tuple[object, ...]]:
    for each in judges:
        name = each.scorer
        if each.graders:
            name = phrase("judges_by", scorer=name, graders=", ".join(each.graders))
        yield (
            f"  {each.rank}. {name}",
            interval(each.kappa),
            interval(each.sensitivity),
            interval(each.specificity),
            each.undecided,
            "-" if each.cost is None else f"{each.cost:.2f}",
            "-" if each.tokens is None else f"{each.tokens:,.0f}",
            _share(each.flipped),
            _share(each.gaming),
        )


def _share(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return "-"
    return phrase("judges_share", value=figure.value, n=figure.n)
