"""The report as one page for people: no network, no script, and nothing of a model's text trusted.

All text goes through `visible` and is then escaped, wherever it comes from. The content security
policy allows the one style block, by its digest, and pictures that lie in the page.
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
from tenken.results.pages.charts import bias_axes, forest, outcome_bars
from tenken.results.pages.environment import TEMPLATES, csp_sha256, page_environment
from tenken.results.pages.words import Words
from tenken.schema.record import LANGUAGES, OUTCOMES

MOST_CHARACTERS: Final = 4000
"""A longer prompt or answer is cut in the page; the log holds it whole."""

_NOTHING: Final[dict[str, Any]] = {"value": None, "n": 0, "outcomes": {}}
"""Shown where a language has no figure."""
_SYMBOLS: Final = {"PASS": "✓", "FAIL": "✕", "INCONCLUSIVE": "?", "INCOMPLETE": "…"}


@dataclass(frozen=True)
class Example:
    """One sample to show. A prompt or answer of None is withheld."""

    sample_id: str
    language: str
    outcome: str
    label: str
    reason: str
    prompt: str | None
    answer: str | None


def render_html(report: Mapping[str, Any], examples: Mapping[str, Sequence[Example]]) -> bytes:
    """Return the page of a report; the same input gives the same bytes.

    Args:
        report: The contents of `report.json`. The page is in `report["presentation"]["language"]`.
        examples: Samples to show, by full name of the task.
    """
    words = Words("ja" if report["presentation"]["language"] == "ja" else "en")
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    page = (
        _environment()
        .get_template("report.html")
        .render(
            r=report,
            w=words,
            style=Markup(style),  # noqa: S704 - our own file
            style_sha256=csp_sha256(style),
            examples=examples,
            charts={"forest": forest(report, words), "bars": outcome_bars(report, words)},
            bias_charts={
                task["name"]: bias_axes(task["bias"], words)
                for task in report["tasks"]
                if task["bias"]
            },
            totals=_totals(report),
            missing=_not_measured(report, words),
            methods=_methods(report),
            gate_counts=_gate_counts(report, words),
            uncovered=in_words(report.get("coverage", ()), words.language),
            languages=LANGUAGES,
            level=f"{report['statistics']['level'] * 100:g}%",
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
        _figure_rows, _group_rows, _bias_rows, _axis_rows, _withheld, _attack_rows
    ):  # fmt: skip
        environment.globals[function.__name__[1:]] = function
    environment.globals["asked_of"] = _asked
    environment.globals["anchor"] = lambda name: "task-" + name.replace("/", "-").replace("_", "-")
    return environment


def _asked(task: Mapping[str, Any]) -> int:
    return int(sum(task["outcomes"].values()) // task["epochs"])


def _totals(report: Mapping[str, Any]) -> dict[str, int]:
    """Return how many samples were asked, how many there are, and what their answers came to."""
    tasks = report["tasks"]
    attacked = [task["attacks"]["decided"] for task in tasks if task.get("attacks")]
    figures = [
        measure["overall"]
        for task in tasks
        if not task.get("attacks")
        for measure in task["measures"]
    ]
    return {
        "asked": sum(map(_asked, tasks)),
        "available": sum(task["available"] for task in tasks),
        "answers": sum(report["outcomes"].values()),
        "decided": sum(figure["n"] for figure in figures) + sum(attacked),
    }


def _gate_counts(report: Mapping[str, Any], words: Words) -> str:
    """Return how many gates came to what; an incomplete run speaks of no passed ones."""
    found = Counter(gate["decision"] for gate in report["gates"])
    if report["decision"] == "INCOMPLETE":
        del found["PASS"]
    counts = [
        words("gate_count_one", n=found[name], decision=words.term("decision", name))
        for name in _SYMBOLS
        if found[name]
    ]
    if not counts:
        return ""
    return words("gate_counts", n=len(report["gates"]), counts=words("comma").join(counts))


def _figure_rows(measure: Mapping[str, Any], words: Words) -> list[tuple[str, Any]]:
    """Return a measure's figures with their names: overall, then each language."""
    parts = [(words.term("language", name), part) for name, part in measure["languages"].items()]
    return [(words("overall"), measure["overall"]), *parts]


def _group_rows(groups: Sequence[Mapping[str, Any]], words: Words) -> list[tuple[str, Any]]:
    return [(words.term(each["tag"], str(each.get("tag_value", "–"))), each) for each in groups]


def _bias_rows(bias: Mapping[str, Any], words: Words) -> list[tuple[str, Any]]:
    parts = [(words.term("language", name), part) for name, part in bias["languages"].items()]
    return [(words("overall"), bias["overall"]), *parts]


def _axis_rows(bias: Mapping[str, Any], words: Words) -> list[tuple[str, Any]]:
    return [(words.term("axis", name), part) for name, part in bias["axes"].items()]


def _attack_rows(attacks: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return a row for each attack: its figures in a language, or over both for an empty one."""

    def part(figures: Mapping[str, Any] | None) -> Any:
        if figures is None:
            return None
        return figures["languages"].get(language, _NOTHING) if language else figures["overall"]

    keys = ("success", "increase", "over_refusal")
    return [
        {"title": each["title"], **{key: part(each[key]) for key in keys}}
        for each in attacks["attacks"]
    ]


def _withheld(examples: Iterable[Example]) -> bool:
    return any(example.prompt is None or example.answer is None for example in examples)


def _not_measured(report: Mapping[str, Any], words: Words) -> list[str]:
    """Return all that this run says nothing about: found in it first, then what the suite names."""
    found = []
    for area in report["areas"]:
        if not area["measured"]:
            key = "nm_area_no_verdict" if area["tasks"] else "nm_area_no_task"
            found.append(words(key, area=words.term("risk", area["risk"])))
    for task in report["tasks"]:
        found += _missing_of(task, words)
    for state, key in (("uncalibrated", "nm_scorer_error"), ("partly", "nm_scorer_partly")):
        if tasks := _calibrated_as(state, report, words):
            found.append(words(key, tasks=tasks))
    found += [words.own(text) for text in report["not_measured"]]
    return found


def _missing_of(task: Mapping[str, Any], words: Words) -> Iterable[str]:
    title, whole = words.own(task["title"]), task["outcomes"]
    if not task["complete"]:
        yield words("nm_task", task=title, share=words.percent(task["unscored_share"]))
    if _asked(task) < task["available"]:
        asked, available = words.count(_asked(task)), words.count(task["available"])
        yield words("nm_limited", task=title, asked=asked, available=available)
    if task.get("attacks") and _only_attacked(task):
        yield words("nm_attacks_only", task=title)
        return
    present = {name for measure in task["measures"] for name in measure["languages"]}
    for language in LANGUAGES:
        if sum(whole.values()) and language not in present:
            yield words("nm_language", task=title, language=words.term("language", language))
    for measure in task["measures"]:
        if measure["overall"]["value"] is None and task["complete"]:
            yield words("nm_measure", measure=words.own(measure["title"]), task=title)


def _only_attacked(task: Mapping[str, Any]) -> bool:
    return not any(sum(m["overall"]["outcomes"].values()) for m in task["measures"])


def _calibrated_as(state: str, report: Mapping[str, Any], words: Words) -> str:
    """Return the titles of the tasks whose scorer is calibrated so far; empty for none."""
    names = [
        words.own(task["title"])
        for task in report["tasks"]
        if task["scorer"]["calibration"] == state and not _by_labels(task)
    ]
    whole = len(names) == len(report["tasks"])
    return words("all_tasks") if names and whole else words("comma").join(names)


def _by_labels(task: Mapping[str, Any]) -> bool:
    """Whether people's labels correct every rate of a task."""
    blocks = [part["corrected"] for each in task["measures"] for part in each["languages"].values()]
    return bool(blocks) and all(
        block.get("basis") == "labels" and block["value"] is not None for block in blocks
    )


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
