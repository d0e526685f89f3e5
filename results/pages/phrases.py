"""One language of the pages: messages with their blanks filled, and how figures are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from tenken.results.pages import numbers
from tenken.results.pages.messages import catalogue
from tenken.schema.comparison import CorrectedPairs
from tenken.schema.estimate import Interval, Scale
from tenken.schema.plan import Bilingual
from tenken.terms.known import built_in


@dataclass(frozen=True)
class Phrases:
    """The words and the number formats of one language, `en` or `ja`.

    Figures are rates in [0, 1]; a `scale` shows them in a scorer's own numbers instead of per cent.
    A `kind` is a list of terms of the message catalogue, and a `name` is a code in it.

    Attributes:
        language: The language.
        own_terms: Titles that a run brings along, by `kind:name`.
    """

    language: str
    own_terms: Mapping[str, Bilingual] = field(default_factory=dict, compare=False)

    def __call__(self, key: str, **values: object) -> str:
        """Return the message of that key with its blanks filled.

        Raises:
            KeyError: The message is unknown, or a blank is not given.
        """
        return self.raw(key).format(**values)

    def raw(self, key: str) -> str:
        """Return the message of that key with its blanks open."""
        return catalogue(self.language).text[key]

    def term(self, kind: str, name: str, **values: object) -> str:
        """Return the word for a tag, label, reason or method; the name itself if it has none.

        Args:
            kind: A list of terms of the message catalogue.
            name: A code in it.
            **values: What fills the blanks of the word.
        """
        found = catalogue(self.language).term.get(kind, {}).get(name)
        if found is None:
            known = built_in().languages.get(name) if kind == "language" else None
            title = known.title if known else self.own_terms.get(f"{kind}:{name}")
            return self.own(title) if title else name.replace("_", " ")
        return found.format(**values) if values else found

    def knows(self, kind: str, name: str) -> bool:
        """Whether there is a word for a name of that kind.

        Args:
            kind: A list of terms of the message catalogue.
            name: A code.
        """
        return name in catalogue(self.language).term.get(kind, {})

    def terms(self, kind: str, names: Iterable[str]) -> str:
        """Return the words for several names, in a row.

        Args:
            kind: A list of terms of the message catalogue.
            names: Codes in it.
        """
        return self("comma").join(self.term(kind, name) for name in names)

    def own(self, text: Bilingual | str) -> str:
        """Return the side of a bilingual text in this language, a plain text as it is."""
        return text if isinstance(text, str) else text.of(self.language)

    def owns(self, texts: Sequence[Any]) -> str:
        """Return several texts in this language, one after the other."""
        return self("comma").join(map(self.own, texts))

    def percent(self, value: float | None, scale: Scale | None = None) -> str:
        """Return a share in [0, 1] in per cent, or as a number; None is "not measured".

        Args:
            value: The share; None where nothing was measured.
            scale: Shows it in a scorer's own numbers; None for per cent.
        """
        if value is None:
            return self("none")
        return f"{value * 100:z.1f}%" if scale is None else self.number(scale.number(value))

    def rate(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a rate with its interval, in a scale's own numbers where there is one.

        Args:
            figure: A rate in [0, 1].
            scale: Shows it in a scorer's own numbers; None for per cent.
        """
        if figure.value is None:
            return self("none")
        value, span = self.percent(figure.value, scale), self.span(figure, scale)
        return self("with_interval", value=value, span=span)

    def span(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a rate's interval alone, in a scale's own numbers where there is one.

        Args:
            figure: A rate in [0, 1].
            scale: Shows it in a scorer's own numbers; None for per cent.
        """
        if scale is None:
            return self._span(figure, self.percent)
        return self._span(scale.numbers(figure), self.number)

    def number(self, value: float | None) -> str:
        """Return a number of a scorer's own range."""
        return self("none") if value is None else f"{value:z.2f}".replace("-", "−")

    def points(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a difference of two rates, in points or in a scale's numbers, with interval.

        Args:
            figure: A difference in [-1, 1].
            scale: Shows it in a scorer's own numbers; None for points of per cent.
        """
        if figure.value is None:
            return self("none")
        if scale is not None:
            return self.points_only(figure, scale)
        value, span = numbers.signed(figure.value * 100, 1), self._span(figure, numbers.points)
        return self("points", value=value, span=span)

    def score(self, figure: Interval) -> str:
        """Return a bias score in [-1, 1] with its sign and interval."""
        if figure.value is None:
            return self("none")
        return self(
            "with_interval",
            value=numbers.score(figure.value),
            span=self._span(figure, numbers.score),
        )

    def p(self, value: float | None) -> str:
        """Return a p value."""
        if value is None:
            return self("none")
        return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"

    def count(self, number: int | None) -> str:
        """Return a whole number with its thousands set apart."""
        return self("none") if number is None else f"{number:,}"

    def time(self, iso: str) -> str:
        """Return a time in UTC to the minute; anything else is returned as it is."""
        try:
            moment = datetime.fromisoformat(iso)
        except ValueError:
            return iso or self("never")
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
        month = _MONTHS[moment.month - 1] if self.language == "en" else moment.month
        clock = f"{moment.hour:02}:{moment.minute:02}"
        return self("time", year=moment.year, month=month, day=moment.day, clock=clock)

    def prose(self, text: Bilingual | str) -> str:
        """Return a bilingual text without the blanks that folded lines leave in Japanese."""
        own = self.own(text)
        return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", own)

    def kappa(self, figure: Interval) -> str:
        """Return a coefficient of agreement with its interval."""
        if figure.value is None:
            return self("none")
        span = self._span(figure, numbers.coefficient)
        return self("with_interval", value=numbers.coefficient(figure.value), span=span)

    def points_only(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a difference of two rates in points, or numbers, without the unit.

        Args:
            figure: A difference in [-1, 1].
            scale: Shows it in a scorer's own numbers; None for points of per cent.
        """
        if figure.value is None:
            return self("not_corrected" if isinstance(figure, CorrectedPairs) else "none")
        if scale is not None:
            own = scale.differences(figure)
            value = numbers.score(own.value or 0.0)
            return self("with_interval", value=value, span=self._span(own, numbers.score))
        span = self._span(figure, self.points_mark)
        return self("with_interval", value=self.points_mark(figure.value), span=span)

    def points_mark(self, value: float) -> str:
        """Return a difference in points with its sign."""
        text = f"{value * 100:+.1f}"
        return "0.0" if float(text) == 0 else text.replace("-", "−")

    def _span(self, figure: Interval, form: Callable[[float], str]) -> str:
        if figure.low is None or figure.high is None:
            return self("no_interval")
        return self("span", low=form(figure.low), high=form(figure.high))

    def about(self, method: str, kind: str = "about", **values: object) -> str:
        """Return what an interval method does; a dash for one that is not known.

        Args:
            method: Code of the method.
            kind: A list of terms of the message catalogue.
            **values: What fills the blanks of the sentence.
        """
        return self.term(kind, method, **values) if self.knows(kind, method) else "–"


def visible(text: str) -> str:
    """Return a text with every control, bidirectional and other unseen character as its code.

    Line ends and tabs stay.
    """
    if text.isascii() and text.isprintable():  # nearly all, and none of it is hidden
        return text
    return "".join(map(_seen, text.replace("\r\n", "\n")))


def _seen(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return f"[U+{ord(letter):04X}]"


_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
