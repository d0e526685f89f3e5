"""Whether the records of `reviews.jsonl` can be read and are of the task's items."""

from __future__ import annotations

from collections.abc import Iterator

from tenken.errors import Sentence
from tenken.tasks.dataset.reviews import REVIEWS_FILE, item_digest, review_lines
from tenken.tasks.lint.subject import Finding, Subject


def reviews(subject: Subject) -> Iterator[Finding]:
    """Find records that cannot be read, are listed twice, or are of no sample as it is now."""
    path = subject.folder / REVIEWS_FILE
    known = {item.sample.id: item.sample for item in subject.items}
    first: dict[tuple[str, str, str, str], int] = {}
    for number, review in review_lines(subject.folder):
        if isinstance(review, Sentence):
            yield subject.on_page(path, number, "error", "review", review)
            continue
        key = (review.id, review.item, review.by, review.reader)
        if first.setdefault(key, number) != number:
            said = "'{reader}' has read '{id}' on line {line} already."
            about = {"reader": review.reader, "id": review.id, "line": first[key]}
            yield subject.on_page(path, number, "error", "review", said, **about)
        if subject.data is None:
            continue
        if review.id not in known:
            said = "the review is of '{id}', which is not among the samples."
            yield subject.on_page(path, number, "error", "review", said, id=review.id)
        elif review.item != item_digest(known[review.id]):
            said = "'{id}' has changed since it was read; the record counts nowhere."
            yield subject.on_page(path, number, "warning", "review", said, id=review.id)
