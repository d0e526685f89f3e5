"""What could do harm is withheld, whatever risk area it counts in."""

from __future__ import annotations

import pytest

from tenken.tasks.library import built_in_folders, find_task, load_task, task_card

REQUESTS = [
    name
    for name in built_in_folders()
    if any(m.key == "violation_rate" for m in task_card(find_task(name)).measures)
]


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_for_harm_are_withheld(name: str) -> None:
    assert load_task(name).card.is_hazardous


def test_the_area_decides_where_the_card_says_nothing() -> None:
    fraud, claims = load_task("criminal_misuse/fraud"), load_task("misinformation/false_claims")
    assert fraud.card.hazardous is None and fraud.card.is_hazardous
    assert claims.card.hazardous is None and not claims.card.is_hazardous
