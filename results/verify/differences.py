"""Where a bundle's made files differ from what the evidence gives, as findings."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError
from tenken.results.bundle.made import CSV, HTML, RECORDS, REPORT
from tenken.results.records.table import read_parquet
from tenken.results.seal.folder import read_plain
from tenken.results.seal.seal import sample_key
from tenken.schema.verification import Finding, GradeName, Said, Value, fault_of

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
        path: Where it is.
        wanted: The bytes that were made here.
        source: What they were made from.
        excused: Whether other versions may excuse other bytes: the report agrees with the
            evidence, and the file is the one that was sealed.
        makers: Versions that the report says it was made by.
        installed: Versions that are installed here.
    """

    name: str
    path: Path
    wanted: bytes
    source: Said
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
        yield _other_bytes(made, Said("differs", {"source": made.source}))


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
        yield Finding.of("wrong", REPORT, "no_json")
        return
    places = list(report_places(shown, json.loads(made.wanted)))
    for place, old, new in places[:_MOST_NAMED]:
        about: dict[str, Value] = {"old": old, "new": new, "source": made.source}
        yield Finding.of("wrong", f"{REPORT}: {place}", "other_figure", **about)
    if len(places) > _MOST_NAMED:
        yield Finding.of("wrong", REPORT, "more_places", n=len(places) - _MOST_NAMED)
    if places:
        return
    if made.excused and _earlier_form(shown) is not None:
        yield Finding.of("note", REPORT, "earlier_form", version=made.makers["tenken"])
    else:
        yield Finding.of("wrong", REPORT, "contents_in_other_bytes")


def _row_findings(made: MadeFile) -> Iterator[Finding]:
    wanted = read_parquet(io.BytesIO(made.wanted))
    try:
        rows = read_parquet(made.path, 2 * len(wanted))
    except BundleError as error:
        yield Finding.of("wrong", made.name, fault_of(error))
        return
    shown = {sample_key(record): record for record in rows}
    right = {sample_key(record): record for record in wanted}
    odd = sorted(key for key in shown.keys() | right.keys() if shown.get(key) != right.get(key))
    for key in odd[:_MOST_NAMED]:
        yield Finding.of("wrong", f"{made.name}: {key}", "row_differs", source=made.source)
    if len(odd) > _MOST_NAMED:
        yield Finding.of("wrong", made.name, "more_rows", n=len(odd) - _MOST_NAMED)
    if not odd and rows != wanted:
        yield Finding.of("wrong", made.name, "rows_in_other_order")
    elif not odd:
        yield _other_bytes(made, Said("rows_in_other_bytes"))


def grade_of(name: str) -> GradeName:
    """Return the grade that a made file counts for: figures are one thing, pages another."""
    return "page_remade" if name in (HTML, CSV) else "consistent"


def _other_bytes(made: MadeFile, said: Said) -> Finding:
    """Say that a made file has other bytes; other versions of what drew it leave that open.

    Packed rows that are the same in other bytes are a note: every row was compared.
    """
    drawn_by = _DRAWN_BY.get(made.name, _DRAWN_BY[RECORDS])
    other = other_versions(made.makers, made.installed, drawn_by)
    grade = grade_of(made.name)
    if not (other and made.excused):
        return Finding.of("wrong", made.name, said, grade)
    if grade == "consistent":
        return Finding.of("note", made.name, "packed_by_others", makers=other)
    return Finding.of("unknown", made.name, "drawn_by_others", grade, makers=other)


def other_versions(
    makers: Mapping[str, str], installed: Mapping[str, str], names: Iterable[str]
) -> tuple[Said, ...]:
    """Return the packages of which another version made something than is installed.

    Args:
        makers: By package, the version that made it.
        installed: By package, the version that is installed here.
        names: The packages to look at.
    """
    return tuple(
        Said("version_of", {"name": name, "version": makers.get(name, "?"),
                            "installed": installed.get(name, "–")})
        for name in names
        if makers.get(name) != installed.get(name)
    )  # fmt: skip


def _short(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
