"""Answers that were received and that no log has yet, so that a killed run asks for none twice.

Inspect writes samples to a log in batches, because each write copies the whole file, and its own
answer cache is pickle, a file an answer, and leaves out what a content filter withheld.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenken.inspect_private import active_sample
from tenken.io.canonical import digest
from tenken.io.files import LineFile

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput


asking: ContextVar[tuple[str, str | int, int] | None] = ContextVar("asking", default=None)
"""Which sample the sweep runner asks: name of the task in the log, id, epoch."""


class KeptAnswers:
    """Answers of a run's earlier attempts, in a file with a line for each.

    Each is kept for its sample, epoch and the role of the model that gave it, and handed out once
    in an attempt: equal questions of two samples never share an answer.
    """

    def __init__(self, path: Path) -> None:
        self._file = LineFile(path)
        self._found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in self._file.lines():
            try:
                key, output = json.loads(line)
            except ValueError:
                continue  # the process was killed while it wrote this line
            self._found[key].append(output)

    def take(self, messages: Any, config: Any, role: str = "") -> ModelOutput | None:
        """Return the answer that an earlier attempt got to this question, or None."""
        from inspect_ai.model import ModelOutput

        if not self._found:
            return None
        waiting = self._found.get(_key(messages, config, role))
        return ModelOutput.model_validate(waiting.pop(0)) if waiting else None

    def keep(self, messages: Any, config: Any, output: ModelOutput, role: str = "") -> None:
        """Keep an answer.

        Raises:
            OSError: It cannot be written.
        """
        if output.error and output.stop_reason != "content_filter":
            return  # a failure is asked again
        said = output.model_dump_json(exclude_none=True)
        self._file.append(f'["{_key(messages, config, role)}",{said}]')

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _key(messages: Any, config: Any, role: str) -> str:
    said = [[message.role, message.text, _calls(message)] for message in messages]
    asked = config.model_dump(mode="json", include={"max_tokens", "temperature"})
    return digest([_sample(), role, said, asked])


def _calls(message: Any) -> list[Any]:
    return [[call.function, call.arguments] for call in getattr(message, "tool_calls", None) or ()]


def _sample() -> list[Any]:
    """Return which sample is being asked or judged; empty outside of one."""
    return list(asking.get() or active_sample() or ())
