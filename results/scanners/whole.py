"""Signs that no text shows alone: cut off, a tool that failed, the same text again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final, TypeVar

CUT: Final = "cut"
TOOL_ERROR: Final = "tool_error"
IDENTICAL: Final = "identical_answer"
"""Remark on answers whose text many others of the task have too."""

_CUT_BY: Final = ("max_tokens", "model_length")
_LEAST_TEXT: Final = 20
"""Shorter answers, such as a letter, are alike by design."""
_LEAST_SAME: Final = 10
_MANY_SAME: Final = 0.25
"""Share of a task's samples with the same text from which it is remarked on."""

KeyT = TypeVar("KeyT", bound=Hashable)


def was_cut(stop_reason: str) -> bool:
    """Return whether an answer was cut off, by what the endpoint says of why it stopped."""
    return stop_reason in _CUT_BY


def tool_failed(messages: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether a tool failed in a conversation as it is logged."""
    return any(each.get("role") == "tool" and each.get("error") for each in messages)


def identical(answers: Iterable[tuple[KeyT, str]], samples: int) -> set[KeyT]:
    """Return the answers of a task whose text comes again and again.

    Args:
        answers: The text of each answer, by anything that tells answers apart.
        samples: Samples of the task that the log has, each epoch counted.
    """
    same: dict[str, list[KeyT]] = defaultdict(list)
    for key, text in answers:
        if len(text) >= _LEAST_TEXT:
            same[text].append(key)
    least = max(_LEAST_SAME, _MANY_SAME * samples)
    return {key for keys in same.values() if len(keys) >= least for key in keys}
