"""Which categories of the frameworks are covered, by which tasks, in which languages, how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenken.frameworks.catalogue import FRAMEWORKS, Category, Framework
from tenken.schema.coverage import CoveredCategory, CoveredFramework, CoveringTask
from tenken.schema.plan import Bilingual, PlannedTask
from tenken.schema.record import LANGUAGES, SampleRecord


def covered_by(
    tasks: Sequence[PlannedTask], records: Mapping[str, Sequence[SampleRecord]]
) -> tuple[CoveredFramework, ...]:
    """Return the matrix of a run.

    Args:
        tasks: The plan's tasks.
        records: What became of the samples, by full name of the task.
    """
    return coverage([_covering(task, records.get(task.name, ())) for task in tasks])


def _covering(task: PlannedTask, records: Sequence[SampleRecord]) -> Covering:
    return Covering(
        task=task.name,
        codes={
            "perspectives": [str(number) for number in task.perspectives],
            "hazards": task.hazards,
            "trustworthiness": task.trustworthiness,
        },
        asked=Counter(record.language for record in records),
        n=Counter(record.language for record in records if record.verdict is not None),
    )


@dataclass(frozen=True, slots=True)
class Covering:
    """What one task brings to the matrix.

    Attributes:
        task: Full name of the task.
        codes: The categories that it serves, by key of the framework.
        asked: Samples by language.
        n: Verdicts by language; where nothing was run yet, the samples themselves.
    """

    task: str
    codes: Mapping[str, Sequence[str]]
    asked: Mapping[str, int]
    n: Mapping[str, int]


def coverage(tasks: Sequence[Covering]) -> tuple[CoveredFramework, ...]:
    """Return the matrix: every category of every framework, covered or not.

    A task that serves several categories counts in each of them, so rows do not add up.

    Args:
        tasks: What each task brings.

    Returns:
        One entry a framework.
    """
    return tuple(
        CoveredFramework(
            framework=framework.key,
            title=Bilingual(en=framework.en, ja=framework.ja),
            source=framework.source,
            url=framework.url,
            categories=tuple(_row(framework, each, tasks) for each in framework.categories),
        )
        for framework in FRAMEWORKS
    )


def _row(framework: Framework, category: Category, tasks: Sequence[Covering]) -> CoveredCategory:
    serving = [
        each
        for each in tasks
        if category.code in each.codes.get(framework.key, ()) and any(each.asked.values())
    ]
    return CoveredCategory(
        code=category.code,
        title=Bilingual(en=category.en, ja=category.ja),
        tasks=tuple(
            CoveringTask(
                name=each.task,
                asked={name: each.asked.get(name, 0) for name in LANGUAGES},
                n={name: each.n.get(name, 0) for name in LANGUAGES},
            )
            for each in serving
        ),
        asked={name: sum(each.asked.get(name, 0) for each in serving) for name in LANGUAGES},
        n={name: sum(each.n.get(name, 0) for each in serving) for name in LANGUAGES},
        gap=Bilingual(en=category.gap_en, ja=category.gap_ja),
    )


def in_words(blocks: Sequence[CoveredFramework], language: str) -> list[str]:
    """Say what is not covered, a sentence or two a category.

    Args:
        blocks: What `coverage` returned.
        language: `en` or `ja`.
    """
    return [
        words
        for block in blocks
        for row in block.categories
        if (words := _gap(block.framework, row, language))
    ]


def _gap(framework: str, row: CoveredCategory, language: str) -> str:
    """Return what is missing of one category; empty where nothing is."""
    title = row.title.of(language)
    if framework != "trustworthiness":  # its codes are its names
        title = f"{row.code} {title}"
    missing = [name for name in LANGUAGES if not row.n[name]]
    if not missing:
        return ""
    names = _LANGUAGE_NAMES[language]
    if not row.tasks:
        kind, why = "none", row.gap.of(language)
    elif len(missing) == len(LANGUAGES):
        kind, why = "no_verdict", ""
    else:
        kind, why = "language", ""
    said = _WORDS[language][kind].format(title=title, languages=names[missing[0]])
    return said + (_JOINT[language] + why if why else "")


_JOINT = {"en": " ", "ja": ""}
_LANGUAGE_NAMES = {
    "en": {"en": "English", "ja": "Japanese"},
    "ja": {"en": "英語", "ja": "日本語"},
}
_WORDS = {
    "en": {
        "none": "{title}: no task covers it.",
        "no_verdict": "{title}: asked, but no answer has a verdict.",
        "language": "{title}: nothing in {languages}.",
    },
    "ja": {
        "none": "{title}：扱うタスクがありません。",
        "no_verdict": "{title}：尋ねましたが、判定のある回答がありません。",
        "language": "{title}：{languages}では測っていません。",
    },
}
