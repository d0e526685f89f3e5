"""How the pages say things: messages with their blanks filled, and how figures are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from tenken.frameworks.catalogue import PERSPECTIVES
from tenken.results.pages import numbers
from tenken.results.pages.messages import catalogue
from tenken.schema.comparison import (
    ComparedTask,
    CorrectedPairs,
    PairedFigures,
    RunComparison,
    RunSummary,
)
from tenken.schema.estimate import Interval, MetricFigure, Scale
from tenken.schema.figures import GapFigure, Power, RateFigure, Unanswered
from tenken.schema.gates import CapabilityResult, GateResult
from tenken.schema.plan import Bilingual
from tenken.schema.reasons import Reason
from tenken.schema.report import TaskResult
from tenken.schema.reviews import ItemsRead
from tenken.terms.known import built_in


@dataclass(frozen=True)
class Words:
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
        """Return the word for a tag, label, reason or method; the name itself if it has none."""
        found = catalogue(self.language).term.get(kind, {}).get(name)
        if found is None:
            known = built_in().languages.get(name) if kind == "language" else None
            title = known.title if known else self.own_terms.get(f"{kind}:{name}")
            return self.own(title) if title else name.replace("_", " ")
        return found.format(**values) if values else found

    def knows(self, kind: str, name: str) -> bool:
        """Whether there is a word for a name of that kind."""
        return name in catalogue(self.language).term.get(kind, {})

    def terms(self, kind: str, names: Iterable[str]) -> str:
        """Return the words for several names, in a row."""
        return self("comma").join(self.term(kind, name) for name in names)

    def own(self, text: Bilingual | str) -> str:
        """Return the side of a bilingual text in this language, a plain text as it is."""
        return text if isinstance(text, str) else text.of(self.language)

    def owns(self, texts: Sequence[Any]) -> str:
        """Return several texts in this language, one after the other."""
        return self("comma").join(map(self.own, texts))

    def percent(self, value: float | None, scale: Scale | None = None) -> str:
        """Return a share in [0, 1] in per cent, or as a number; None is "not measured"."""
        if value is None:
            return self("none")
        return f"{value * 100:z.1f}%" if scale is None else self.number(scale.number(value))

    def rate(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a rate with its interval, in a scale's own numbers where there is one."""
        if figure.value is None:
            return self("none")
        value, span = self.percent(figure.value, scale), self.span(figure, scale)
        return self("with_interval", value=value, span=span)

    def span(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a rate's interval alone, in a scale's own numbers where there is one."""
        if scale is None:
            return self._span(figure, self.percent)
        return self._span(scale.numbers(figure), self.number)

    def bounds(self, figure: RateFigure, scale: Scale | None = None) -> str:
        """Return what a rate would be if all samples without a verdict had gone one way."""
        ends = Interval(value=figure.best, low=figure.best, high=figure.worst)
        return self("none") if figure.best is None else self.span(ends, scale)

    def number(self, value: float | None) -> str:
        """Return a number of a scorer's own range."""
        return self("none") if value is None else f"{value:z.2f}".replace("-", "−")

    def threshold(self, gate: GateResult) -> str:
        """Return what a gate's figure must keep to, in the numbers that it was set in."""
        if gate.units is None:
            return self("at_most", value=self.percent(gate.max))
        better = gate.units.scale.higher_is == "better"
        return self("at_least" if better else "at_most", value=self.number(gate.units.bound))

    def scale(self, scale: Scale, of: str = "mean") -> str:
        """Return what the mean of a scorer's numbers means, or a metric."""
        low, high = map(numbers.plain, scale.range)
        return self(_SCALES[of, scale.higher_is], low=low, high=high)

    def points(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a difference of two rates, in points or in a scale's numbers, with interval."""
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

    def gap(self, figure: GapFigure) -> str:
        """Return a gap between groups with what it rests on."""
        return self(
            "gap_figure",
            points=self.points(figure),
            n=self.count(figure.n),
            majority=self.count(figure.favours_majority),
            minority=self.count(figure.favours_minority),
            p=self.p(figure.p_value),
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

    def gate(self, gate: GateResult, measure: Bilingual) -> str:
        """Return what a gate is called; its measure where it has no name in this language."""
        if self.language == "en":
            return gate.name
        return gate.name_ja or self.own(measure)

    def gate_attack(self, gate: GateResult, task: TaskResult) -> str:
        """Return under which attack a gate's requests were asked."""
        attacks = task.attacks.attacks if task.attacks else ()
        title = next((each.title for each in attacks if each.name == gate.attack), None)
        return self.own(title) if title else self("attack_any_short")

    def gate_metric(self, gate: GateResult, task: TaskResult) -> str:
        """Return which metric a gate is on."""
        found = next(each for each in task.measures if each.key == gate.measure)
        metrics = found.scaled.metrics if found.scaled else ()
        key = gate.units.metric if gate.units else None
        return next((self.own(each.title) for each in metrics if each.key == key), str(key))

    def metric(self, figure: MetricFigure) -> str:
        """Return a metric in its own numbers with its interval and what it rests on."""
        if figure.value is None:
            return self("none")
        value, span = self.number(figure.value), self._span(figure, self.number)
        said = self("with_interval", value=value, span=span)
        return self("metric_of", figure=said, n=self.count(figure.n),
                    method=self.term("method", figure.method or ""))  # fmt: skip

    def capability(self, found: CapabilityResult) -> str:
        """Return how much of the harmless samples was done, and how much had to be."""
        values = {"done": self.count(found.done), "n": self.count(found.n)}
        return self("capability", least=self.percent(found.least), **values)

    def gate_place(self, gate: GateResult, measure: Bilingual, task: Bilingual) -> str:
        """Return which measure, language and task a gate is about, without what its name says."""
        parts = [measure, task] if self.language == "en" or gate.name_ja else [task]
        first, *rest = map(self.own, parts)
        if gate.language:
            language = self.term("language", gate.language)
            first = self("in_language", what=first, language=language)
        return " · ".join((first, *rest))

    def power(self, power: Power) -> str:
        """Return the smallest detectable differences of a measure."""
        single, pair = power.detectable_above_tenth, power.detectable_between_languages
        parts = [
            self(key, points=f"{value * 100:.1f}")
            for key, value in (("power_single", single), ("power_pair", pair))
            if value is not None
        ]
        if not parts:
            return self("none")
        return self("power_all", parts=self("alt_sep_in").join(parts), how=self("power_how"))

    def kappa(self, figure: Interval) -> str:
        """Return a coefficient of agreement with its interval."""
        if figure.value is None:
            return self("none")
        span = self._span(figure, numbers.coefficient)
        return self("with_interval", value=numbers.coefficient(figure.value), span=span)

    def why(self, reason: Reason) -> str:
        """Return why a rate has no correction."""
        values = {name: self._parameter(name, value) for name, value in reason.values.items()}
        return self.term("why", reason.code, **values)

    def about(self, method: str, kind: str = "about", **values: object) -> str:
        """Return what an interval method does; a dash for one that is not known."""
        return self.term(kind, method, **values) if self.knows(kind, method) else "–"

    def perspective(self, code: str) -> str:
        """Return the name of a perspective of J-AISI."""
        found = next((each for each in PERSPECTIVES.categories if each.code == code), None)
        if found is None:
            return code
        return found.ja if self.language == "ja" else found.en.lower()

    def points_only(self, figure: Interval, scale: Scale | None = None) -> str:
        """Return a difference of two rates in points, or numbers, without the unit."""
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

    def finding(self, figure: PairedFigures, comparison: RunComparison) -> str:
        """Return in words which of the two runs is safer."""
        letters = {"run_safer": comparison.run, "baseline_safer": comparison.baseline}
        found = figure.finding
        return (
            self("is_safer", letter=letters[found])
            if found in letters
            else self.term("finding", found)
        )

    def title_of(self, task: ComparedTask) -> str:
        """Return a task's title, with the attack that its samples were asked under."""
        title, attack = self.own(task.title), task.attack
        if attack is None:
            return title
        return self("under_attack", task=title, attack=self.own(attack.title))

    def compared_of(self, figure: PairedFigures) -> str:
        """Return how many of the matched samples were compared."""
        return self("n_of", n=self.count(figure.n_pairs), of=self.count(figure.n_items))

    def left_out(self, figure: PairedFigures, comparison: RunComparison) -> str:
        """Return why matched samples were not compared; empty where all were."""
        missing = figure.undecided
        parts = [
            self(key, n=self.count(n), letter=letter)
            for key, n, letter in (
                ("missing_one", missing.baseline_only, comparison.baseline),
                ("missing_one", missing.run_only, comparison.run),
                ("missing_both", missing.both, ""),
                ("missing_apart", missing.not_counted, ""),
            )
            if n
        ]
        return self("comma").join(parts)

    def incomplete(self, run: RunSummary) -> str:
        """Return which tasks of a run are incomplete; empty for a complete one."""
        return self("comma").join(
            self(
                "incomplete_one" if not each.unanswered else "incomplete_unanswered",
                task=each.task,
                n=self.count(each.unanswered or each.undecided),
                of=self.count(each.samples),
            )
            for each in run.incomplete_tasks
        )

    def unanswered(self, each: Unanswered) -> str:
        """Return how many answers are none."""
        return self.term(
            "unanswered",
            each.kind,
            n=self.count(each.n),
            of=self.count(each.of),
            share=self.percent(each.share),
            most=self.percent(each.most),
        )

    def items_read(self, read: ItemsRead) -> str:
        """Return who has read a task's items that they did not write."""
        names = ("records", "by_people", "by_models_alone", "samples")
        counts = {name: self.count(getattr(read, name)) for name in names}
        key = "people" if read.by_people else "models" if read.by_models_alone else "none"
        agreed = read.as_labelled
        labelled = {"agreed": self.count(agreed.count), "of": self.count(agreed.of)}
        more = self("items_read_labels", **labelled) if agreed.of else ""
        return self.term("items_read", key, **counts) + more

    def _parameter(self, name: str, value: Any) -> str:
        if name == "labels":
            return self.terms("label", value)
        return f"{value}" if name in _COUNTS else f"{value:z.3f}"

    def _span(self, figure: Interval, form: Callable[[float], str]) -> str:
        if figure.low is None or figure.high is None:
            return self("no_interval")
        return self("span", low=form(figure.low), high=form(figure.high))


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


_SCALES: Final = {
    ("mean", "better"): "scale_better",
    ("mean", "worse"): "scale_worse",
    ("metric", "better"): "metric_better",
    ("metric", "worse"): "metric_worse",
}


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

_COUNTS: Final = frozenset({"n", "least"})
"""Parameters of a reason that are whole numbers."""
