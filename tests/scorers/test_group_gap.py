"""What is swapped decides which labels a pair of decisions can get."""

from __future__ import annotations

import pytest

from tenken.scorers.group_gap import VOCABULARY, _label


@pytest.mark.parametrize(
    ("swap", "first", "second", "worse_off_first", "label"),
    [
        ("group", True, True, True, "same_favourable"),
        ("group", False, True, True, "favours_majority"),
        ("group", False, True, False, "favours_minority"),
        ("null", True, True, True, "null_same"),
        ("null", False, True, True, "null_changed"),
        ("merit", True, False, False, "merit_followed"),
        ("merit", False, True, True, "merit_followed"),
        ("merit", True, False, True, "merit_ignored"),
        ("merit", True, True, True, "merit_ignored"),
        ("merit", False, False, False, "merit_ignored"),
    ],
)
def test_a_pair_gets_the_label_of_its_swap(
    swap: str, first: bool, second: bool, worse_off_first: bool, label: str
) -> None:
    found = _label(first, second, worse_off_first=worse_off_first, swap=swap)
    assert found == label
    group = VOCABULARY.groups[("group", "null", "merit").index(swap)]
    assert found in group
