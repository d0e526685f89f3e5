"""Whether an answer says, in English or Japanese, that a question cannot be answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tenken.scorers._choice.text import key, spoken
from tenken.scorers._text.cues import CueTable

SOURCE_DATA = ("unknowable.yaml",)

_CUES: Final = CueTable(Path(__file__).with_name(SOURCE_DATA[0]))


def says_unknowable(text: str, choices: Sequence[str] = ()) -> bool:
    """Whether an answer that names no choice says that the question cannot be answered.

    Args:
        text: The answer, as the model gave it; think blocks are left out of account.
        choices: The texts of the choices; an answer that repeats one of them has said nothing by
            it, as in a list of all.

    Returns:
        False where it has a "but" or a "probably": the answer may go on to choose.
    """
    said = spoken(text).text
    for choice in sorted(filter(None, map(key, choices)), key=len, reverse=True):
        said = re.sub(re.escape(choice), "...", said, flags=re.IGNORECASE)
    return _CUES.unknowable.search(said) is not None and _CUES.all_the_same.search(said) is None
