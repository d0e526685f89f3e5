"""`tenken check --sources`: the pages that facts rest on, and which have no copy in an archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tenken.evals.cli._output import table_lines

if TYPE_CHECKING:
    from tenken.tasks.lint.sources import Cited


def source_lines(pages: Sequence[Cited]) -> Iterator[str]:
    """Yield a table of the pages, what is due first in front."""
    heads = ("look again by", "archived", "samples", "tasks", "page")
    rows = [
        (
            f"{page.review_by}, overdue" if page.overdue else page.review_by or "not said",
            page.archived or "no",
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
    return (
        f"sources: {len(pages):,} pages, {archived:,} with a copy in an archive, "
        + (f"{overdue:,} to be looked at again by now, " if overdue else "")
        + (f"{unplanned:,} without a day for it, " if unplanned else "")
        + (f"the first due by {due}" if due else "none with a day to look again")
    )
