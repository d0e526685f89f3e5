"""Where a bundle's made files differ from what the evidence gives, as findings in plain words."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError
from tenken.results.bundle.write import CSV, HTML, RECORDS, REPORT
from tenken.results.records.table import read_parquet
from tenken.results.seal.folder import read_plain
from tenken.results.seal.seal import sample_key
from tenken.schema.verification import Finding, GradeName

_MOST_NAMED: Final = 20
_DRAWN_BY: Final = {
    HTML: ("tenken", "jinja2"),
    RECORDS: ("tenken", "pyarrow"),
    CSV: ("tenken",),
}
"""Packages whose version decides a file's bytes without a number in it changing."""


EARLIER_FORMS: Final = {
    "https://tenken.dev/schema/report/1": frozenset({"schema", "reason", "reasons", "why"}),
}
"""Forms of the report that earlier versions wrote, with the keys that say something otherwise now:
reasons were sentences."""


@dataclass(frozen=True)
class MadeFile:
    """A made file whose bytes are not the ones that were made here.

    Attributes:
        name: Its name in the bundle.
        path: Where it lies.
        wanted: The bytes that were made here.
        source: What they were made from, in words.
        excused: Whether other versions may excuse other bytes: the report agrees with the
            evidence, and the file is the one that was sealed.
        makers: Versions that the report says it was made by.
        installed: Versions that are installed here.
    """

    name: str
    path: Path
    wanted: bytes
    source: str
    excused: bool
    makers: Mapping[str, str]
    installed: Mapping[str, str]


def file_findings(made: MadeFile) -> Iterator[Finding]:
    """Say where a made file differs from what the evidence gives."""
    if made.name == REPORT:
        yield from _report_findings(made)
    elif made.name.endswith(".parquet"):
        yield from _row_findings(made)
    else:
        yield _other_bytes(made, f"differs from what {made.source} give.")


def report_places(shown: Any, right: Any) -> Iterator[tuple[str, str, str]]:
    """Yield each place where two reports differ: the place, what is shown, what is right.

    What a report of an earlier form said differently by design is passed over.

    Args:
        shown: The report in the bundle, as parsed JSON.
        right: The report computed again from the evidence, as parsed JSON.
    """
    return _places(shown, right, "", _earlier_form(shown) or frozenset())


def _earlier_form(report: Any) -> frozenset[str] | None:
    form = report.get("schema") if isinstance(report, dict) else None
    return EARLIER_FORMS.get(form) if isinstance(form, str) else None


def _places(
    shown: Any, right: Any, at: str, passed_over: frozenset[str]
) -> Iterator[tuple[str, str, str]]:
    if isinstance(shown, dict) and isinstance(right, dict):
        for key in sorted((shown.keys() | right.keys()) - passed_over):
            one, other = shown.get(key, _NOTHING), right.get(key, _NOTHING)
            yield from _places(one, other, f"{at}.{key}" if at else key, passed_over)
    elif isinstance(shown, list) and isinstance(right, list) and len(shown) == len(right):
        for index, (a, b) in enumerate(zip(shown, right, strict=True)):
            yield from _places(a, b, f"{at}[{index}]", passed_over)
    elif type(shown) is not type(right) or shown != right:  # 1, 1.0 and true are equal to Python
        yield at, _short(shown), _short(right)


def count_numbers(value: Any) -> int:
    """Return how many numbers a report holds."""
    if isinstance(value, dict):
        return sum(count_numbers(each) for each in value.values())
    if isinstance(value, list):
        return sum(count_numbers(each) for each in value)
    return int(isinstance(value, (int, float)) and not isinstance(value, bool))


_NOTHING: Final = object()


def _report_findings(made: MadeFile) -> Iterator[Finding]:
    try:
        shown = json.loads(read_plain(made.path))
    except (OSError, ValueError, RecursionError):
        yield Finding("wrong", REPORT, "not readable as JSON.")
        return
    places = list(report_places(shown, json.loads(made.wanted)))
    for place, old, new in places[:_MOST_NAMED]:
        yield Finding("wrong", f"{REPORT}: {place}", f"says {old}, {made.source} give {new}.")
    if len(places) > _MOST_NAMED:
        yield Finding("wrong", REPORT, f"{len(places) - _MOST_NAMED} more places differ.")
    if places:
        return
    if made.excused and _earlier_form(shown) is not None:
        said = f"is of an earlier form, written by tenken {made.makers['tenken']}: its figures "
        yield Finding("note", REPORT, f"{said}were recomputed, its reasons in words were not.")
    else:
        yield Finding("wrong", REPORT, "the same contents in other bytes.")


def _row_findings(made: MadeFile) -> Iterator[Finding]:
    wanted = read_parquet(io.BytesIO(made.wanted))
    try:
        rows = read_parquet(made.path, 2 * len(wanted))
    except BundleError as error:
        yield Finding("wrong", made.name, str(error))
        return
    shown = {sample_key(record): record for record in rows}
    right = {sample_key(record): record for record in wanted}
    odd = sorted(key for key in shown.keys() | right.keys() if shown.get(key) != right.get(key))
    for key in odd[:_MOST_NAMED]:
        said = f"the row differs from what {made.source} give."
        yield Finding("wrong", f"{made.name}: {key}", said)
    if len(odd) > _MOST_NAMED:
        yield Finding("wrong", made.name, f"{len(odd) - _MOST_NAMED} more rows differ.")
    if not odd and rows != wanted:
        yield Finding("wrong", made.name, "the rows are in another order, or are repeated.")
    elif not odd:
        yield _other_bytes(made, "the same rows in other bytes.")


def grade_of(name: str) -> GradeName:
    """Return the grade that a made file counts for: figures are one thing, pages another."""
    return "page_remade" if name in (HTML, CSV) else "consistent"


def _other_bytes(made: MadeFile, message: str) -> Finding:
    """Say that a made file has other bytes; other versions of what drew it leave that open.

    Packed rows that are the same in other bytes are a note: every row was compared.
    """
    other = [
        f"{name} {made.makers.get(name)} (installed: {made.installed.get(name)})"
        for name in _DRAWN_BY.get(made.name, _DRAWN_BY[RECORDS])
        if made.makers.get(name) != made.installed.get(name)
    ]
    grade = grade_of(made.name)
    if not (other and made.excused):
        return Finding("wrong", made.name, message, grade)
    said = f"was made by {', '.join(other)}, so it could not be made again byte for byte"
    if grade == "consistent":
        return Finding("note", made.name, f"{said}; its rows are the same.")
    said = f"{said}: read report.json, or make it again with 'tenken report'."
    return Finding("unknown", made.name, said, grade)


def _short(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
