"""`tenken check --sources`: the pages that facts rest on, and which have no copy in an archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tenken.evals.cli._output import table_lines
from tenken.evals.words import listed, phrase

if TYPE_CHECKING:
    from tenken.tasks.lint.sources import Cited


def source_lines(pages: Sequence[Cited]) -> Iterator[str]:
    """Yield a table of the pages, what is due first in front."""
    heads = ("look again by", "archived", "samples", "tasks", "page")
    rows = [
        (
            phrase("source_overdue", day=page.review_by)
            if page.overdue
            else page.review_by or phrase("source_no_day"),
            page.archived or phrase("source_no_copy"),
            page.samples,
            ", ".join(name.rsplit("/", 1)[-1] for name in page.tasks),
            page.url,
        )
        for page in pages
    ]
    yield ""
    yield from table_lines(heads, rows, right=("samples",))
    yield ""


def source_counts(pages: Sequence[Cited]) -> str:
    """Return in a line how many pages there are, and what is known of them."""
    due = min((page.review_by for page in pages if page.review_by), default="")
    archived = sum(bool(page.archived) for page in pages)
    unplanned = sum(not page.review_by for page in pages)
    overdue = sum(page.overdue for page in pages)
    said = [phrase("sources_pages", n=len(pages)), phrase("sources_archived", n=archived)]
    said += [phrase("sources_overdue", n=overdue)] if overdue else []
    said += [phrase("sources_unplanned", n=unplanned)] if unplanned else []
    said += [phrase("sources_due", day=due) if due else phrase("sources_never_due")]
    return listed(said)
