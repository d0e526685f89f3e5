"""Where a Japanese text has a space that Japanese does not write: at numbers and Latin words."""

from __future__ import annotations

import re

_SIGN = r"[\u3001\u3002\u3005-\u3017\u3041-\u30ff\u4e00-\u9fff\uff01-\uff5e\u2026]"
_SPACE = re.compile(rf"(?<={_SIGN}) +(?=\S)|(?<=\S) +(?={_SIGN})")
_AFTER = re.compile(rf"(?:(?!{_SIGN}).)*")
_BEFORE = re.compile(rf"(?:(?!{_SIGN}).)*$")
_CODE = re.compile(r" |[`'\"\\=:\[\]]|\{\{|</?code|->")
_GIVES = re.compile(r"(?:,|--[\w-]+)$")
"""What a value follows: an option, or another value."""


def spaces(text: str) -> list[str]:
    """Return the places of a text with a space between Japanese and what is beside it.

    Code and commands stand apart: `reversed: true`, `tenken plan x`, `--gold ファイル`.

    Args:
        text: A message in Japanese.
    """
    found = []
    for line in text.splitlines():
        for space in _SPACE.finditer(line):
            before, after = line[: space.start()], line[space.end() :]
            runs = [_BEFORE.search(before), _AFTER.match(after)]
            code = any(_CODE.search(run[0].strip()) for run in runs if run)
            if not code and not _GIVES.search(before):
                found.append(f"{before[-12:]}{space[0]}{after[:12]}")
    return found
