"""Answers that were received and that no log has yet, so that a killed run asks for none twice.

Inspect writes samples to a log in batches, because each write copies the whole file, and its own
answer cache is pickle, a file an answer, and leaves out what a content filter withheld.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tenken.inspect_private import active_sample
from tenken.io.canonical import digest
from tenken.io.files import LineFile

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput


asking: ContextVar[tuple[str, str | int, int] | None] = ContextVar("asking", default=None)
"""Which sample the sweep runner asks: name of the task in the log, id, epoch."""


class Keeping(Protocol):
    """What hands out answers that there are, and keeps those that come."""

    def take(self, messages: Any, config: Any, role: str = "") -> ModelOutput | None:
        """Return a kept answer to a question, or None.

        Args:
            messages: The messages that are sent.
            config: Parameters of generation; another value is another question.
            role: Role of the model that is asked; empty for the one under test.
        """

    def keep(self, messages: Any, config: Any, output: ModelOutput, role: str = "") -> None:
        """Keep an answer.

        Args:
            messages: The messages that were sent.
            config: Parameters of generation.
            output: The answer.
            role: Role of the model that answered; empty for the one under test.

        Raises:
            OSError: The answer cannot be written.
        """


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
        """Return the answer that an earlier attempt got to this question, or None.

        Each kept answer is handed out once.

        Args:
            messages: The messages that are sent.
            config: Parameters of generation; another value is another question.
            role: Role of the model that is asked; empty for the one under test.
        """
        from inspect_ai.model import ModelOutput

        if not self._found:
            return None
        waiting = self._found.get(key_of(messages, config, role))
        return ModelOutput.model_validate(waiting.pop(0)) if waiting else None

    def keep(self, messages: Any, config: Any, output: ModelOutput, role: str = "") -> None:
        """Keep an answer; a failure is not kept, so that it is asked again.

        Args:
            messages: The messages that were sent.
            config: Parameters of generation.
            output: The answer; one that a content filter withheld is kept.
            role: Role of the model that answered; empty for the one under test.

        Raises:
            OSError: The answer cannot be written.
        """
        if output.error and output.stop_reason != "content_filter":
            return  # a failure is asked again
        said = output.model_dump_json(exclude_none=True)
        self._file.append(f'["{key_of(messages, config, role)}",{said}]')

    def has(self, key: str) -> bool:
        """Whether there is an answer under a key that was not handed out yet."""
        return bool(self._found.get(key))

    def add(self, key: str, output: dict[str, Any]) -> None:
        """Take over an answer that somebody else got, to be handed out in this attempt.

        Args:
            key: Its key.
            output: The answer, as JSON.

        Raises:
            OSError: It cannot be written.
        """
        self._file.append(json.dumps([key, output], ensure_ascii=False))
        self._found[key].append(output)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def key_of(messages: Any, config: Any, role: str) -> str:
    """Return the key of an answer: sample, epoch and role, and what decides the question.

    Args:
        messages: The conversation as it is sent.
        config: Parameters of the request.
        role: Role of the model; empty for the one under test.
    """
    said = [[message.role, message.text, _calls(message)] for message in messages]
    asked = {"max_tokens": config.max_tokens, "temperature": config.temperature}
    return digest([_sample(), role, said, asked])


def _calls(message: Any) -> list[Any]:
    return [[call.function, call.arguments] for call in getattr(message, "tool_calls", None) or ()]


def _sample() -> list[Any]:
    """Return which sample is being asked or judged; empty outside of one."""
    return list(asking.get() or active_sample() or ())
