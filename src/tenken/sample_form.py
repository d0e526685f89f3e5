"""What a solver or a scorer needs of a sample: a view of it that is checked before a run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class SampleForm(BaseModel):
    """Base of the forms that solvers and scorers declare as `SAMPLE`.

    A form has those of the fields `input`, `choices`, `target`, `roles`, `tags` and `metadata`
    that are needed, with their types; the parts of tags and metadata are forms themselves.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, defer_build=True)

    def given(self) -> Collection[str] | None:
        """Return the labels that a scorer can give the sample; None for all of its vocabulary."""
        return None


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("expected a text that is not blank")
    return text


Text = Annotated[str, AfterValidator(_not_blank)]
"""A text that says something."""
