"""The words of the report's section on coverage, in English and in Japanese."""

from __future__ import annotations

from typing import Final

from tenken.frameworks.catalogue import PERSPECTIVES

TEXT: Final[dict[str, tuple[str, str]]] = {
    "coverage": ("Coverage of published frameworks", "公開された枠組みとの対応"),
    "coverage_note": (
        "Each row is a category of the framework, with the verdicts of this run in each language "
        "and the tasks that they come from. A task may serve several categories and counts in "
        "each; a task of another package that names no category counts in none. Covered means "
        "that something was measured, not that the category is exhausted.",
        "各行は枠組みの項目で、この実行で得た言語別の判定数と、もとになったタスクを示します。"
        "一つのタスクが複数の項目に対応することがあり、それぞれに数えます。"
        "項目を示していない外部パッケージのタスクは、どこにも数えません。"
        "数があることは何らかの測定をしたという意味で、項目全体を調べ尽くしたという意味では"
        "ありません。",
    ),
    "coverage_category": ("Category", "項目"),
    "coverage_n": ("n, {language}", "判定数（{language}）"),
    "coverage_tasks": ("Tasks", "タスク"),
    "coverage_none": ("not covered", "対象外"),
    "coverage_source": ("Source: {source}.", "出典：{source}"),
    "coverage_missing": ("What this run did not cover", "この実行が扱っていないこと"),
    "coverage_all": (
        "Every category has a verdict in both languages.",
        "すべての項目に、両言語の判定があります。",
    ),
}

TERMS: Final[dict[str, tuple[str, str]]] = {
    f"perspective.{each.code}": (each.en.lower(), each.ja) for each in PERSPECTIVES.categories
}
