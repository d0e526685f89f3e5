"""A trial of a scorer as a table of readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenken.io.files import write_atomically
from tenken.results.frames.columns import CALIBRATION, frame
from tenken.schema.calibration import CalibrationCard

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Calibration:
    """A trial of a scorer against answers whose label is known.

    Attributes:
        cards: A calibration card for each language of the gold answers.
        summary: The figures over all of them.

    Example:
        >>> trial = tenken.calibrate("refusal", gold=GOLD, kind="constructed")
        >>> row = trial.frame().iloc[0]
        >>> bool(row.accuracy_low <= row.accuracy <= row.accuracy_high)
        True
        >>> [path.suffix for path in trial.write(CARDS)]
        ['.json']
    """

    cards: Sequence[CalibrationCard] = field(repr=False)
    summary: Mapping[str, Any]

    def frame(self) -> pd.DataFrame:
        """Return one row a language and reading (which labels count as positive).

        Returns:
            The columns of `tenken.results.frames.columns.CALIBRATION`.
        """
        return frame(CALIBRATION, self._rows())

    def write(self, folder: str | Path) -> list[Path]:
        """Write the cards to a folder and return their files.

        Args:
            folder: The folder; it is made where it is not there.

        Returns:
            A file for each card, in their order.

        Raises:
            TenkenError: A file cannot be written.
        """
        paths = [Path(folder) / card.file_name for card in self.cards]
        for path, card in zip(paths, self.cards, strict=True):
            write_atomically(path, card.to_bytes())
        return paths

    def __repr__(self) -> str:
        """Say the scorer and how right it is over all answers."""
        n, accuracy = self.summary["n"], self.summary["accuracy"]["value"]
        return f"Calibration({self.summary['scorer']!r}, n={n}, accuracy={accuracy:.3f})"

    def _rows(self) -> Iterator[dict[str, Any]]:
        for card in self.cards:
            for reading in card.readings:
                row: dict[str, Any] = {
                    "scorer": card.scorer.name,
                    "language": card.language,
                    "positive": " ".join(reading.positive),
                    "n": card.n,
                }
                for name in ("accuracy", "sensitivity", "specificity", "kappa"):
                    part = getattr(reading, name)
                    row |= {name: part.value, f"{name}_low": part.low, f"{name}_high": part.high}
                yield row

    def _repr_html_(self) -> str:
        """Show the figures in a notebook."""
        return str(self.frame().to_html(index=False))
