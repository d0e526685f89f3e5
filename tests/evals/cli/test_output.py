"""Tables of commands: columns that line up, and one line a row for programs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.cells import cell_len

from tenken.evals.cli._output import _area, print_table

ROWS = [("bias/x", 12, "短い題"), ("criminal_misuse/" + "y" * 90, None, "[b]long[/b] " * 20)]


def test_a_table_for_programs_has_one_plain_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("task", "件数", "title"), ROWS, right=("件数",))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and "\x1b" not in "".join(lines)
    assert all(line == line.rstrip() for line in lines)
    starts = [cell_len(line[: line.index(word)]) for line, word in zip(
        lines, ("title", "短い題", "[b]long"), strict=True
    )]  # fmt: skip
    assert len(set(starts)) == 1, "the columns do not line up"
    assert "[b]long[/b]" in lines[2]
    assert lines[1].split()[1] == "12"


def test_a_table_without_heads(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("", ""), [("a", "b"), ("", "c")])
    assert capsys.readouterr().out == "a  b\n   c\n"


@pytest.mark.parametrize(
    ("value", "few", "said"),
    [
        (None, ("bias/x",), "not measured: a rate takes 5 items with a verdict in each task (x 2)"),
        (None, (), "not measured"),
        (0.25, (), "25.0% (10.0% to 50.0%), n 8"),
    ],
)
def test_an_area_says_how_many_items_a_rate_takes(
    value: float | None, few: tuple[str, ...], said: str
) -> None:
    overall = SimpleNamespace(clusters=2)
    task = SimpleNamespace(name="bias/x", headline=SimpleNamespace(overall=overall))
    area = SimpleNamespace(value=value, low=0.1, high=0.5, n=8, too_few=few)
    assert _area(cast(Any, area), cast(Any, SimpleNamespace(tasks=[task]))) == said
