"""What was found of a run's bundle, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenken.results.frames.columns import VERIFICATION, frame

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verification:
    """What `tenken verify` found of a run.

    Attributes:
        verified: Whether nothing is wrong.
        findings: What was checked: `status`, `what` and `message` of each.
    """

    verified: bool
    findings: Sequence[Any] = field(repr=False)

    def __bool__(self) -> bool:
        """Whether nothing is wrong."""
        return self.verified

    def frame(self) -> pd.DataFrame:
        """Return one row a finding.

        Returns:
            The columns of `tenken.results.frames.columns.VERIFICATION`.
        """
        names = [column.name for column in VERIFICATION]
        rows = ({name: getattr(each, name) for name in names} for each in self.findings)
        return frame(VERIFICATION, rows)

    def _repr_html_(self) -> str:
        """Show the findings in a notebook."""
        verdict = "VERIFIED" if self.verified else "NOT VERIFIED"
        return f"<h3>{verdict}</h3>{self.frame().to_html(index=False)}"
