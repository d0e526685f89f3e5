"""What the pages say of the parts of reports and comparisons: gates, reasons, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tenken.frameworks.catalogue import PERSPECTIVES
from tenken.results.pages import numbers
from tenken.results.pages.phrases import Phrases
from tenken.schema.comparison import (
    ComparedTask,
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


@dataclass(frozen=True)
class Words(Phrases):
    """What the pages say of the parts of reports and comparisons, in one language."""

    def bounds(self, figure: RateFigure, scale: Scale | None = None) -> str:
        """Return what a rate would be if all samples without a verdict had gone one way.

        Args:
            figure: A rate in [0, 1].
            scale: Shows it in a scorer's own numbers; None for per cent.
        """
        ends = Interval(value=figure.best, low=figure.best, high=figure.worst)
        return self("none") if figure.best is None else self.span(ends, scale)

    def threshold(self, gate: GateResult) -> str:
        """Return what a gate's figure must keep to, in the numbers that it was set in."""
        if gate.units is None:
            return self("at_most", value=self.percent(gate.max))
        better = gate.units.scale.higher_is == "better"
        return self("at_least" if better else "at_most", value=self.number(gate.units.bound))

    def scale(self, scale: Scale, of: str = "mean") -> str:
        """Return what the mean of a scorer's numbers means, or a metric.

        Args:
            scale: What the numbers mean.
            of: `mean` or `metric`.
        """
        low, high = map(numbers.plain, scale.range)
        return self(_SCALES[of, scale.higher_is], low=low, high=high)

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

    def gate(self, gate: GateResult, measure: Bilingual) -> str:
        """Return what a gate is called; its measure where it has no name in this language.

        Args:
            gate: What the gate came to.
            measure: Title of its measure.
        """
        if self.language == "en":
            return gate.name
        return gate.name_ja or self.own(measure)

    def gate_attack(self, gate: GateResult, task: TaskResult) -> str:
        """Return under which attack a gate's requests were asked.

        Args:
            gate: What the gate came to.
            task: The task that it is on.
        """
        attacks = task.attacks.attacks if task.attacks else ()
        title = next((each.title for each in attacks if each.name == gate.attack), None)
        return self.own(title) if title else self("attack_any_short")

    def gate_metric(self, gate: GateResult, task: TaskResult) -> str:
        """Return which metric a gate is on.

        Args:
            gate: What the gate came to.
            task: The task that it is on.
        """
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
        """Return which measure, language and task a gate is about, without what its name says.

        Args:
            gate: What the gate came to.
            measure: Title of its measure.
            task: Title of its task.
        """
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

    def why(self, reason: Reason) -> str:
        """Return why a rate has no correction."""
        values = {name: self._parameter(name, value) for name, value in reason.values.items()}
        return self.term("why", reason.code, **values)

    def perspective(self, code: str) -> str:
        """Return the name of a perspective of J-AISI."""
        found = next((each for each in PERSPECTIVES.categories if each.code == code), None)
        if found is None:
            return code
        return found.ja if self.language == "ja" else found.en.lower()

    def finding(self, figure: PairedFigures, comparison: RunComparison) -> str:
        """Return in words which of the two runs is safer.

        Args:
            figure: The paired difference, with what it shows.
            comparison: The comparison, which names both runs.
        """
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
        """Return why matched samples were not compared; empty where all were.

        Args:
            figure: The paired difference.
            comparison: The comparison, which names both runs.
        """
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


_SCALES: Final = {
    ("mean", "better"): "scale_better",
    ("mean", "worse"): "scale_worse",
    ("metric", "better"): "metric_better",
    ("metric", "worse"): "metric_worse",
}


_COUNTS: Final = frozenset({"n", "least"})
"""Parameters of a reason that are whole numbers."""
