"""What was found of a run's bundle, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tenken.results.frames.columns import VERIFICATION, frame
from tenken.schema.verification import Verification as Found

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verification:
    """What `tenken verify` found of a run.

    Attributes:
        found: The five grades and all findings (`tenken.schema.verification`).

    Example:
        >>> verification = tenken.verify(RUN)
        >>> verification.verdict
        'CONSISTENT, UNSIGNED'
        >>> bool(verification), verification.frame().query("status == 'wrong'").empty
        (True, True)
    """

    found: Found = field(repr=False)

    @property
    def verdict(self) -> str:
        """The verdict, such as `VERIFIED` or `CONSISTENT, UNSIGNED`."""
        return self.found.verdict

    def __repr__(self) -> str:
        """Say the verdict, and how much is wrong."""
        wrong = sum(each.status == "wrong" for each in self.found.findings)
        return f"Verification({self.verdict!r}, {wrong} wrong of {len(self.found.findings)})"

    def __bool__(self) -> bool:
        """Whether nothing is wrong."""
        return all(each.status != "wrong" for each in self.found.findings)

    def frame(self) -> pd.DataFrame:
        """Return one row a finding.

        Returns:
            The columns of `tenken.results.frames.columns.VERIFICATION`.
        """
        names = [column.name for column in VERIFICATION]
        rows = ({name: getattr(each, name) for name in names} for each in self.found.findings)
        return frame(VERIFICATION, rows)

    def _repr_html_(self) -> str:
        """Show the findings in a notebook."""
        return f"<h3>{self.verdict}</h3>{self.frame().to_html(index=False)}"
