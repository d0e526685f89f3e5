"""The check of tasks: every finding of every kind, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tenken.tasks.library import TaskFolder
from tenken.tasks.lint import balance, sources, structure
from tenken.tasks.lint import files as page
from tenken.tasks.lint import text as wording
from tenken.tasks.lint.deep import Deep, deep
from tenken.tasks.lint.duplicates import doubles
from tenken.tasks.lint.reviews import reviews
from tenken.tasks.lint.sources import Cited
from tenken.tasks.lint.subject import Finding, Subject, read_subject
from tenken.tasks.lint.tongue import tongues
from tenken.tasks.lint.variants import variants

_CHECKS: Final[tuple[Callable[[Subject], Iterator[Finding]], ...]] = (
    structure.schema,
    structure.fits,
    structure.pairs,
    structure.twins,
    variants,
    structure.measures,
    structure.severities,
    sources.sources,
    wording.told,
    tongues,
    wording.lengths,
    wording.characters,
    wording.blanks,
    wording.names,
    balance.positions,
    balance.answer_lengths,
    balance.tags,
    page.digest,
    page.canary,
    page.notes,
    page.readme_page,
    reviews,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to.

    Attributes:
        tasks: Names of the tasks that were checked.
        samples: Number of their samples that could be read.
        findings: What was found, by task, file and line.
        sources: The addresses on which facts rest, what is due first in front.
        deep: The figures of a deep check.
    """

    tasks: tuple[str, ...]
    samples: int
    findings: tuple[Finding, ...]
    sources: tuple[Cited, ...] = ()
    deep: Deep | None = None

    @property
    def errors(self) -> int:
        """Number of findings that fail the check."""
        return sum(finding.level == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """Number of findings that do not."""
        return len(self.findings) - self.errors


def check(
    entries: Sequence[TaskFolder], others: Sequence[TaskFolder] = (), *, deeply: bool = False
) -> Checked:
    """Check tasks, each for itself and against all others.

    Args:
        entries: The tasks to check.
        others: Further tasks with which they are only compared.
        deeply: Measure as well what the items can tell; what lies outside the targets is found.
    """
    names = {entry.name for entry in entries}
    read = [read_subject(entry) for entry in entries]
    rest = [read_subject(entry) for entry in others if entry.name not in names]
    subjects = [each for each in read if isinstance(each, Subject)]
    neighbours = [each for each in rest if isinstance(each, Subject)]
    findings = [each for each in read if isinstance(each, Finding)]
    findings += [found for run in _CHECKS for subject in subjects for found in run(subject)]
    findings += doubles([*neighbours, *subjects], names)
    findings += [
        found for found in page.same_canaries([*neighbours, *subjects]) if found.task in names
    ]
    figures = deep(subjects, findings) if deeply else None
    findings += figures.findings if figures else ()
    return Checked(
        tasks=tuple(sorted(names)),
        samples=sum(len(subject.items) for subject in subjects),
        findings=tuple(sorted(set(findings), key=lambda each: each.sort_key)),
        sources=tuple(sources.cited(subjects)),
        deep=figures,
    )
