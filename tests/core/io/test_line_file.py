"""A line file keeps what it took, and closes off what was cut short."""

from pathlib import Path

import pytest

from tenken.io.files import LineFile


def test_lines_outlive_the_writer(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "lines")
    assert file.lines() == []
    file.append("one")
    file.append("二")
    assert LineFile(tmp_path / "lines").lines() == ["one", "二"]  # nothing was closed
    file.close()
    file.append("three")
    file.close()
    file.close()
    assert [line for line in file.lines() if line] == ["one", "二", "three"]


def test_a_line_cut_short_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text('["whole"]\n["ha')
    file = LineFile(path)
    file.append('["next"]')
    file.close()
    assert file.lines()[0] == '["whole"]'
    assert file.lines()[-1] == '["next"]'


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        LineFile(tmp_path / "gone" / "lines").append("x")
