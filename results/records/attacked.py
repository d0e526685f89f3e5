"""Records of samples that were asked under an attack, and of plain ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tenken.schema.plan import ATTACK_TAG, NO_ATTACK, PlannedTask
from tenken.schema.record import SampleRecord

_SUFFIX: Final = "~"


def plain_records(records: Sequence[SampleRecord], task: PlannedTask) -> list[SampleRecord]:
    """Return the records that a task's measures count: those under no attack.

    Args:
        records: Records of the task, under any attack.
        task: The planned task; says whether it is attacked.

    Returns:
        The records without an attack, in their order; all of them where the task is not attacked.
    """
    if not task.attacks:
        return list(records)
    return [record for record in records if attack_of(record) == NO_ATTACK]


def base_id(record: SampleRecord) -> str:
    """Return the id of the sample that an attacked one is a variant of."""
    return record.sample_id.removesuffix(f"{_SUFFIX}{attack_of(record)}")


def attack_of(record: SampleRecord) -> str:
    """Return the name of the attack that a sample was asked under, `none` for no attack."""
    return record.tags.get(ATTACK_TAG, NO_ATTACK)
