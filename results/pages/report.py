"""The report as one page for people: no network, no script, and nothing of a model's text trusted.

All text goes through `visible` and is then escaped, wherever it comes from. The content security
policy allows the one style block, by its digest, and pictures that are in the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from tenken.frameworks.coverage import in_words
from tenken.results.pages.charts import bias_axes, forest, outcome_bars, severities
from tenken.results.pages.director import (
    MOST,
    by_labels,
    director,
    gate_use,
    unmeasured,
    warning_words,
)
from tenken.results.pages.environment import TEMPLATES, csp_sha256, page_environment
from tenken.results.pages.fairness import fair_rows, judges_of_signs
from tenken.results.pages.grades import known_grades
from tenken.results.pages.turns import by_turn
from tenken.results.pages.words import Words
from tenken.results.report.warnings import SIGNS
from tenken.schema.attacks import (
    AttackIncrease,
    AttackIncreases,
    AttackRates,
    Attacks,
    ConditionChange,
    HeldOut,
    HeldOutFigure,
)
from tenken.schema.figures import (
    Bias,
    BiasScores,
    CorrectedFigure,
    GroupFigure,
    RateFigure,
    SeverityWeighted,
)
from tenken.schema.plan import Bilingual
from tenken.schema.record import LANGUAGES, OUTCOMES, Decision, Language, in_order
from tenken.schema.report import AreaResult, MeasureResult, Report, TaskResult
from tenken.schema.scorers import RescoredMeasure

MOST_CHARACTERS: Final = 4000
"""A longer prompt or answer is cut in the page; the log holds it whole."""

_NOTHING: Final = RateFigure(
    value=None, low=None, high=None, method=None, n=0, clusters=0, best=None, worst=None,
    outcomes={},
)  # fmt: skip
"""Shown where a language has no figure."""
_SYMBOLS: Final[dict[Decision, str]] = {
    "PASS": "✓",
    "FAIL": "✕",
    "INCONCLUSIVE": "?",
    "INCOMPLETE": "…",
    "NO_GATES": "–",
}


@dataclass(frozen=True)
class Example:
    """One sample to show. A prompt or answer of None is withheld.

    Attributes:
        pictures: Images that were asked with it, as `data:` addresses; none of a withheld one.
    """

    sample_id: str
    language: str
    outcome: str
    label: str
    reason: str
    prompt: str | None
    answer: str | None
    pictures: tuple[str, ...] = ()


def render_html(report: Report, examples: Mapping[str, Sequence[Example]]) -> bytes:
    """Return the page of a report; the same input gives the same bytes.

    Args:
        report: The report. The page is in the language of its presentation.
        examples: Samples to show, by full name of the task.
    """
    words = Words(
        "ja" if report.presentation.language == "ja" else "en",
        {f"risk:{area.risk}": area.title for area in report.areas if area.title},
    )
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    missing = _not_measured(report, words)
    page = (
        _environment()
        .get_template("report.html")
        .render(
            r=report,
            w=words,
            style=Markup(style),  # noqa: S704 - our own file
            style_sha256=csp_sha256(style),
            examples=examples,
            charts={
                "forest": forest(report, words),
                "severities": severities(report, words),
                "bars": outcome_bars(report, words),
            },
            bias_charts={
                task.name: bias_axes(task.bias, words) for task in report.tasks if task.bias
            },
            turn_charts={
                task.name: drawn
                for task in report.tasks
                if task.attacks and (drawn := by_turn(task.attacks, words)) is not None
            },
            totals=_totals(report),
            missing=missing,
            d=director(report, words, missing),
            cautions=[warning_words(each, report, words) for each in report.warnings[MOST:]],
            fair=fair_rows(report, words),
            fair_judged=judges_of_signs(report),
            grades=known_grades(report, words),
            methods=_methods(report.contents()),
            gate_counts=_gate_counts(report, words),
            uncovered=in_words(report.coverage, words.language),
            languages=LANGUAGES,
            level=f"{report.statistics.level * 100:g}%",
            symbols=_SYMBOLS,
            outcomes=OUTCOMES,
        )
    )
    return page.lstrip().encode()


@cache
def _environment() -> Environment:
    environment = page_environment()
    environment.filters["shortened"] = lambda text: text[:MOST_CHARACTERS]
    environment.globals["most_characters"] = MOST_CHARACTERS
    for function in (
        _figure_rows, _group_rows, _bias_rows, _axis_rows, _withheld, _attack_rows,
        _held_out_rows, _condition_said, _weights_said,
    ):  # fmt: skip
        environment.globals[function.__name__[1:]] = function
    environment.globals["asked_of"] = _asked
    environment.filters["in_order"] = in_order
    environment.globals["unmeasured"] = unmeasured
    environment.globals["gate_use"] = gate_use
    environment.globals["signs"] = SIGNS
    environment.globals["anchor"] = lambda name: "task-" + name.replace("/", "-").replace("_", "-")
    return environment


def _asked(task: TaskResult) -> int:
    return int(sum(task.outcomes.values()) // task.epochs)


def _totals(report: Report) -> dict[str, int]:
    """Return how many samples were asked, how many there are, and what their answers came to."""
    tasks = report.tasks
    attacked = [task.attacks.decided for task in tasks if task.attacks]
    figures = [measure.overall for task in tasks if not task.attacks for measure in task.measures]
    return {
        "asked": sum(map(_asked, tasks)),
        "available": sum(task.available for task in tasks),
        "answers": sum(report.outcomes.values()),
        "decided": sum(figure.n for figure in figures) + sum(attacked),
    }


def _gate_counts(report: Report, words: Words) -> str:
    """Return how many gates came to what; an incomplete run speaks of no passed ones."""
    found = Counter(gate.decision for gate in report.gates)
    if report.decision == "INCOMPLETE":
        del found["PASS"]
    counts = [
        words("gate_count_one", n=found[name], decision=words.term("decision", name))
        for name in _SYMBOLS
        if found[name]
    ]
    if not counts:
        return ""
    return words("gate_counts", n=len(report.gates), counts=words("comma").join(counts))


def _figure_rows(
    measure: MeasureResult | RescoredMeasure, words: Words
) -> list[tuple[str, CorrectedFigure]]:
    """Return a measure's figures with their names: overall, then each language."""
    parts = [(words.term("language", name), part) for name, part in measure.languages.items()]
    return [(words("overall"), measure.overall), *parts]


def _group_rows(groups: Sequence[GroupFigure], words: Words) -> list[tuple[str, GroupFigure]]:
    return [(words.term(each.tag, each.tag_value), each) for each in groups]


def _bias_rows(bias: Bias, words: Words) -> list[tuple[str, BiasScores]]:
    parts = [(words.term("language", name), part) for name, part in bias.languages.items()]
    return [(words("overall"), bias.overall), *parts]


def _axis_rows(bias: Bias, words: Words) -> list[tuple[str, BiasScores]]:
    return [(words.term("axis", name), part) for name, part in bias.axes.items()]


def _held_out_rows(half: HeldOut, words: Words) -> list[tuple[str, HeldOutFigure]]:
    parts = [(words.term("language", name), part) for name, part in half.languages.items()]
    return [(words("overall"), half.overall), *parts]


def _condition_said(figure: ConditionChange, words: Words) -> str:
    """Return what a condition does to a rate, with what it rests on."""
    if figure.value is None:
        return words("none")
    return words(
        "condition_left_out" if figure.pairs_left_out else "condition_figure",
        present=words.percent(figure.present),
        absent=words.percent(figure.absent),
        points=words.points(figure),
        n=words.count(figure.n_pairs),
        clusters=words.count(figure.clusters),
        more=words.count(figure.present_alone),
        less=words.count(figure.absent_alone),
        p=words.p(figure.p_value),
        left_out=words.count(figure.pairs_left_out),
    )


def _weights_said(figure: SeverityWeighted, words: Words) -> str:
    """Return the weight of each severity, with the number of verdicts that have it."""
    told = (
        words(
            "severity_weight",
            name=words.term("severity", name),
            weight=f"{weight:g}",
            n=words.count(figure.verdicts.get(name, 0)),
        )
        for name, weight in figure.weights.items()
    )
    return words("comma").join(told)


@dataclass(frozen=True)
class AttackRow:
    """An attack's figures in one language, or over both."""

    title: Bilingual
    success: RateFigure
    increase: AttackIncrease | None
    over_refusal: RateFigure | None


def _attack_rows(attacks: Attacks, language: Language | None) -> list[AttackRow]:
    """Return a row for each attack: its figures in a language, or over both for None."""
    return [
        AttackRow(
            title=each.title,
            success=_rate_in(each.success, language),
            increase=_increase_in(each.increase, language),
            over_refusal=_rate_in(each.over_refusal, language) if each.over_refusal else None,
        )
        for each in attacks.attacks
    ]


def _rate_in(rates: AttackRates, language: Language | None) -> RateFigure:
    return rates.languages.get(language, _NOTHING) if language else rates.overall


def _increase_in(
    increases: AttackIncreases | None, language: Language | None
) -> AttackIncrease | None:
    if increases is None:
        return None
    return increases.languages.get(language) if language else increases.overall


def _withheld(examples: Iterable[Example]) -> bool:
    return any(example.prompt is None or example.answer is None for example in examples)


def _not_measured(report: Report, words: Words) -> list[str]:
    """Return all that this run says nothing about: found in it first, then what the suite names."""
    found: list[str] = []
    for area in report.areas:
        if not area.measured:
            found += _why_no_rate(area, report.tasks, words)
    for task in report.tasks:
        found += _missing_of(task, words)
    for state, key in (("uncalibrated", "nm_scorer_error"), ("partly", "nm_scorer_partly")):
        if tasks := _calibrated_as(state, report, words):
            found.append(words(key, tasks=tasks))
    found += [words.own(text) for text in report.not_measured]
    return found


def _why_no_rate(area: AreaResult, results: Iterable[TaskResult], words: Words) -> Iterable[str]:
    title = words.term("risk", area.risk)
    if not area.tasks:
        yield words("nm_area_no_task", area=title)
    ours = [task for task in results if task.name in area.tasks]
    silent = [task for task in ours if task.headline.overall.value is None]
    small = [task for task in ours if task.name in area.too_few and task not in silent]
    for key, tasks in (("nm_area_no_verdict", silent), ("nm_area_too_few", small)):
        if tasks:
            yield words(
                key, area=title, tasks=words("comma").join(words.own(task.title) for task in tasks)
            )


def _missing_of(task: TaskResult, words: Words) -> Iterable[str]:
    title, whole = words.own(task.title), task.outcomes
    for each in task.unanswered:
        if each.too_many:
            yield words("unanswered_task", task=title, said=words.unanswered(each))
    if not task.complete and not task.unanswered:
        yield words("nm_task", task=title, share=words.percent(task.unscored_share))
    if _asked(task) < task.available:
        asked, available = words.count(_asked(task)), words.count(task.available)
        yield words("nm_limited", task=title, asked=asked, available=available)
    if task.attacks and _only_attacked(task):
        yield words("nm_attacks_only", task=title)
        return
    present = {name for measure in task.measures for name in measure.languages}
    for language in LANGUAGES:
        ours = present & {*LANGUAGES}
        if sum(whole.values()) and ours and language not in present:
            yield words("nm_language", task=title, language=words.term("language", language))
    for measure in task.measures:
        if measure.overall.value is None and task.complete:
            yield words("nm_measure", measure=words.own(measure.title), task=title)


def _only_attacked(task: TaskResult) -> bool:
    return not any(sum(m.overall.outcomes.values()) for m in task.measures)


def _calibrated_as(state: str, report: Report, words: Words) -> str:
    """Return the titles of the tasks whose scorer is calibrated so far; empty for none."""
    names = [
        words.own(task.title)
        for task in report.tasks
        if task.scorer.calibration == state and not by_labels(task)
    ]
    whole = len(names) == len(report.tasks)
    return words("all_tasks") if names and whole else words("comma").join(names)


def _methods(value: Any) -> list[str]:
    """Return the name of every interval method in the report, sorted."""
    found: set[str] = set()
    if isinstance(value, Mapping):
        own = (value.get(key) for key in ("method", "interval_method"))
        found.update(name for name in own if isinstance(name, str))
        for part in value.values():
            found.update(_methods(part))
    elif isinstance(value, (list, tuple)):
        for part in value:
            found.update(_methods(part))
    return sorted(found)
