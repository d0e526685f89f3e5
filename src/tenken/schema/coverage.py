"""Which categories of the frameworks a run covered, as a report holds it."""

from __future__ import annotations

from typing import Literal

from tenken.schema.base import Frozen
from tenken.schema.estimate import LanguageCounts
from tenken.schema.plan import Bilingual

FrameworkKey = Literal["perspectives", "hazards", "trustworthiness"]
"""Keys of the cards that name categories of a framework."""


class CoveringTask(Frozen):
    """A task that serves a category.

    Attributes:
        name: Full name of the task.
        asked: Its samples.
        n: Its verdicts.
    """

    name: str
    asked: LanguageCounts
    n: LanguageCounts


class CoveredCategory(Frozen):
    """A category of a framework and what the run measured of it.

    A task counts in every category that it serves.

    Attributes:
        code: Its code in the cards.
        title: Its name.
        tasks: The tasks of the run that serve it.
        asked: Samples of these tasks, whatever became of them.
        n: Verdicts of these tasks.
        gap: What to know of the category where nothing covers it; empty where there is nothing
            special.
    """

    code: str
    title: Bilingual
    tasks: tuple[CoveringTask, ...]
    asked: LanguageCounts
    n: LanguageCounts
    gap: Bilingual


class CoveredFramework(Frozen):
    """A published framework with all of its categories.

    Attributes:
        framework: Key of the cards that names its categories.
        title: What people call it.
        source: The document that it comes from.
        url: Where the document can be found.
        categories: Every category, in the document's order, covered or not.
    """

    framework: FrameworkKey
    title: Bilingual
    source: str
    url: str
    categories: tuple[CoveredCategory, ...]
