"""Showing how a run goes in the output of a notebook's cell, in one place that is written anew."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final
from uuid import uuid4

_ROW: Final = (
    '<tr><td style="text-align:left">{name}</td>'
    '<td><progress max="{total}" value="{done}"></progress></td>'
    "<td>{done}/{total}</td><td>{left}</td></tr>"
)


@dataclass(frozen=True)
class Bar:
    """How far a task is.

    Attributes:
        name: The task's name.
        done: Samples that ended, in whichever way.
        total: Samples times epochs.
        left: The time left, as it is shown; empty where that is not known.
    """

    name: str
    done: int
    total: int
    left: str = ""


@dataclass
class Cell:
    """A place in the output of a notebook's cell.

    Attributes:
        display: IPython's function of that name.
    """

    display: Any
    _place: str = field(default_factory=lambda: f"tenken-{uuid4()}")
    _shown: bool = False

    def show(self, bars: Sequence[Bar], lines: Sequence[str]) -> None:
        """Show bars and lines where those before them were.

        Args:
            bars: A bar for each task.
            lines: What is said below them.
        """
        rows = "".join(
            _ROW.format(name=escape(bar.name), done=bar.done, total=bar.total, left=bar.left)
            for bar in bars
        )
        said = "".join(f"<div>{escape(line)}</div>" for line in lines)
        plain = [*(f"{bar.name}: {bar.done}/{bar.total}" for bar in bars), *lines]
        data = {"text/html": f"<table>{rows}</table>{said}", "text/plain": "\n".join(plain)}
        self.display(data, raw=True, display_id=self._place, update=self._shown)
        self._shown = True


def notebook_cell() -> Cell | None:
    """Return a place in the output of the cell that runs, None outside of a notebook.

    IPython is not loaded for it: where nobody has, there is no notebook.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is None:  # a shell in a terminal has none
        return None
    from importlib import import_module

    return Cell(import_module("IPython.display").display)
