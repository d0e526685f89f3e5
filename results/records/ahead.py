"""Reading a run's samples while it goes on, so that its report need not read them all at once.

What was read is taken only for a member of a log whose bytes are the same; `verify` and a later
report read everything.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

from tenken.io.canonical import sha256_bytes
from tenken.results.records.archive import Check
from tenken.results.records.logs import ODD, taken_apart
from tenken.results.records.read import ReadMembers, ReadSample, SampleReader, salt_of
from tenken.schema.plan import Plan

_MOST: Final = 20_000
"""Samples that are kept, some 40 MB; the report reads those after them."""


class ReadAhead:
    """Reads samples as a run writes them.

    Attributes:
        plan_sha256: Digest of the plan that they were read against.
    """

    def __init__(self, run: Path, plan: Plan) -> None:
        """Make ready to read samples of a run.

        Args:
            run: The run's folder, with its salt.
            plan: Its plan.

        Raises:
            BundleError: There is no salt.
        """
        salt = salt_of(run)
        self.plan_sha256 = sha256_bytes(plan.to_bytes())
        self._readers = {task.log_name: SampleReader(task, plan, salt) for task in plan.tasks}
        self._left = _MOST
        self._read: dict[str, dict[str, tuple[Check, ReadSample]]] = defaultdict(dict)

    def take(self, log_name: str, member: str, data: bytes) -> None:
        """Read one sample; one that cannot be read is left to the report.

        Args:
            log_name: The task's name in the log.
            member: Name of the log's member.
            data: Its bytes.
        """
        reader = self._readers.get(log_name) if self._left > 0 else None
        try:
            found = reader.read(taken_apart(data)) if reader is not None else None
        except ODD:
            return
        if found is not None:
            self._read[log_name][member] = Check.of(data), found
            self._left -= 1

    def end(self) -> None:
        """Read no more; a plan of many samples is large."""
        self._readers.clear()

    def of(self, log_name: str) -> ReadMembers:
        """Return what was read of a log, and forget it."""
        return self._read.pop(log_name, {})
