"""A chart of attacks that adapt: the share of requests that had been broken by each turn."""

from __future__ import annotations

from typing import Final

from tenken.results.pages.sheet import WIDTH, Chart, Sheet, fitting
from tenken.results.pages.words import Words
from tenken.schema.attacks import AttackFigures, Attacks

_LEFT, _RIGHT, _TOP, _HIGH = 48.0, WIDTH - 16.0, 14.0, 150.0
_GRID, _MUTED = "#dde2e7", "#56616d"
_LINE: Final = 18.0
_LOOKS: Final = (("#1d6fa5", "circle"), ("#b4531a", "diamond"), ("#3c7a4e", "square"))
"""Colour and shape of each attack, in their order; a fourth begins anew."""


def by_turn(attacks: Attacks, words: Words) -> Chart | None:
    """Draw how the share of broken requests grows, turn by turn, with its interval.

    Args:
        attacks: What attacks did to a task.
        words: The words of the reader's language.

    Returns:
        None where no attack adapts.
    """
    shown = [each for each in attacks.attacks if each.adaptive is not None]
    if not shown:
        return None
    most = max(len(each.adaptive.by_turn) for each in shown if each.adaptive)
    sheet, spoken = Sheet(), []
    for quarter in range(5):
        y = _up(quarter / 4)
        sheet.rule(_LEFT, y, _RIGHT, y, _GRID)
        sheet.text(_LEFT - 6, y, f"{quarter * 25}%", _MUTED, "right")
    for turn in range(1, most + 1):
        x = _along(turn, most)
        sheet.text(x, _TOP + _HIGH + 12, words.count(turn), _MUTED, "center")
    sheet.text(_RIGHT, _TOP + _HIGH + 12 + _LINE, words("attack_turn_axis"), _MUTED, "right")
    for place, each in enumerate(shown):
        spoken.append(_curve(sheet, each, place, len(shown), most, words))
        y = _TOP + _HIGH + 12 + _LINE * (place + 2)
        colour, shape = _LOOKS[place % len(_LOOKS)]
        sheet.point(_LEFT, y, colour, shape)
        sheet.text(_LEFT + 10, y, fitting(words.own(each.title), 50))
    height = _TOP + _HIGH + 12 + _LINE * (len(shown) + 2)
    alt = words("attack_turns_alt", figures=words("alt_sep").join(spoken))
    return Chart(sheet.svg(round(height)), round(height), alt)


def _curve(
    sheet: Sheet, attack: AttackFigures, place: int, of: int, most: int, words: Words
) -> str:
    """Draw an attack's points with their intervals, and return them as words."""
    colour, shape = _LOOKS[place % len(_LOOKS)]
    points, said = [], []
    for each in attack.adaptive.by_turn if attack.adaptive else ():
        figure = each.success.overall
        name = words("attack_turn", n=each.turn)
        said.append(words("alt_figure", name=name, value=words.rate(figure)))
        if figure.value is None:
            continue
        x = _along(each.turn, most) + 5 * (place - (of - 1) / 2)  # side by side, not on each other
        if figure.low is not None and figure.high is not None:
            sheet.rule(x, _up(figure.low), x, _up(figure.high), colour)
        points.append((x, _up(figure.value)))
    if len(points) > 1:
        sheet.curve(points, colour)
    for x, y in points:
        sheet.point(x, y, colour, shape)
    figures = words("alt_join").join(said)
    return words("alt_task", task=words.own(attack.title), figures=figures)


def _along(turn: int, most: int) -> float:
    return _LEFT + 20 + (_RIGHT - _LEFT - 40) * (turn - 1) / max(most - 1, 1)


def _up(share: float) -> float:
    return _TOP + _HIGH * (1 - share)
