"""Answers that were received and that no log has yet, where Inspect's cache does not keep them.

Inspect keeps no answer that the endpoint's filter withheld, so that agents may try again. Here
such an answer is an outcome: a run that was killed must not ask for it twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenken.canonical import digest

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput


class KeptAnswers:
    """Withheld answers of a run's earlier attempts, in a file with a line for each.

    Answers to the same question are alike: each is handed out once in an attempt.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        if path.exists():
            for line in path.read_text("utf-8").splitlines():
                try:
                    key, output = json.loads(line)
                except ValueError:
                    continue  # the process was killed while it wrote this line
                self._found[key].append(output)

    def take(self, messages: Any, config: Any) -> ModelOutput | None:
        """Return the answer that an earlier attempt got to this question, or None."""
        from inspect_ai.model import ModelOutput

        if not self._found:
            return None
        waiting = self._found.get(_key(messages, config))
        return ModelOutput.model_validate(waiting.pop(0)) if waiting else None

    def keep(self, messages: Any, config: Any, output: ModelOutput) -> None:
        """Keep an answer if the endpoint's filter withheld it.

        Raises:
            OSError: It cannot be written.
        """
        if output.stop_reason != "content_filter":
            return
        line = json.dumps([_key(messages, config), output.model_dump(mode="json")])
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")


def _key(messages: Any, config: Any) -> str:
    said = [[message.role, message.text] for message in messages]
    return digest([said, config.model_dump(mode="json", include={"max_tokens", "temperature"})])
