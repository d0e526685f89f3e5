"""The one place that reads Inspect's logs: a pass over the zip, or the public API.

An `.eval` file is a zip with a header and a JSON file a sample. Inspect's own streaming reader
is quadratic in the number of samples, and its authors do not promise the layout; so the layout
is checked first, and a log of another one is read through the public, slower API.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError

_KNOWN_VERSION: Final = 2
_HEADER: Final = "header.json"
_START: Final = "_journal/start.json"
_ZSTANDARD: Final = 93


@dataclass(frozen=True, slots=True)
class LoggedSample:
    """What a log says of one sample in one epoch; texts as they were sent and received.

    Attributes:
        error: Message of the error that it ended with, empty for none.
        limit: Name of the limit that ended it, empty for none.
        stop_reason: Why the model stopped, in Inspect's words.
        output_tokens: Length of the answer as the endpoint counted it, None if it did not.
        called_tools: Whether the model called a tool.
        scores: By scorer: `value`, `answer`, `reason`, `metadata`.
    """

    id: str
    epoch: int
    input: Any
    messages: list[dict[str, Any]]
    completion: str
    stop_reason: str
    output_tokens: int | None
    called_tools: bool
    error: str
    limit: str
    scores: dict[str, dict[str, Any]]
    metadata: dict[str, Any]
    completed_at: str
    usage: dict[str, Any]

    def evidence(self) -> dict[str, Any]:
        """Return what a digest of the sample is made of."""
        return {
            "id": self.id,
            "epoch": self.epoch,
            "messages": [[m.get("role"), m.get("content")] for m in self.messages],
            "input": self.input,
            "completion": self.completion,
            "stop_reason": self.stop_reason,
            "error": self.error,
            "scores": {
                name: [_no_nan(score.get("value")), score.get("answer"), score.get("metadata")]
                for name, score in sorted(self.scores.items())
            },
        }


@dataclass(frozen=True, slots=True)
class LogHeader:
    """What a log says of the task it holds."""

    path: Path
    task: str
    version: str
    status: str
    model: str
    created: str
    raw: dict[str, Any]


def log_files(run: Path) -> list[Path]:
    """Return the logs of a run, sorted by name."""
    return sorted((run / "logs").glob("*.eval"))


def read_header(path: Path) -> LogHeader:
    """Read what a log says of its task.

    Raises:
        BundleError: The file is missing, truncated, or no log.
    """
    try:
        with closing(_open(path)) as archive:
            names = set(archive.namelist())
            raw = json.loads(archive.read(_HEADER if _HEADER in names else _START))
    except (KeyError, ValueError) as error:
        raise BundleError(f"{path}: not a whole log: {error}.") from None
    spec = raw["eval"]
    return LogHeader(
        path=path,
        task=spec["task"],
        version=str(spec["task_version"]),
        status=raw.get("status", "started"),
        model=spec["model"],
        created=spec["created"],
        raw=raw,
    )


def read_samples(path: Path) -> Iterator[LoggedSample]:
    """Yield a log's samples one by one, so that memory does not grow with their number.

    Raises:
        BundleError: The file is missing, truncated, or holds something that is no sample.
    """
    with closing(_open(path)) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("samples/"))
        if not _known_layout(archive):
            yield from _by_api(path)
            return
        for name in names:
            try:
                yield _sample(json.loads(archive.read(name)))
            except (KeyError, ValueError, TypeError, zipfile.BadZipFile, OSError,
                    zlib.error) as error:  # fmt: skip
                raise BundleError(f"{path}: {name} cannot be read: {error}.") from None


def _open(path: Path) -> zipfile.ZipFile:
    _teach_zipfile_zstandard()
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise BundleError(f"{path}: the log is missing.") from None
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise BundleError(f"{path}: not a whole log: {error}.") from None


def _teach_zipfile_zstandard() -> None:
    """Python reads zstandard in zips from 3.14 on; before, a package adds it on import."""
    if _ZSTANDARD not in zipfile.compressor_names:
        import zipfile_zstd  # noqa: F401 - imported for what it does


def _known_layout(archive: zipfile.ZipFile) -> bool:
    names = set(archive.namelist())
    raw = json.loads(archive.read(_HEADER if _HEADER in names else _START))
    return raw.get("version") == _KNOWN_VERSION


def _sample(raw: dict[str, Any]) -> LoggedSample:
    output = raw.get("output") or {}
    choices = output.get("choices") or [{}]
    message = choices[0].get("message") or {}
    error = raw.get("error") or {}
    messages = raw.get("messages") or []
    return LoggedSample(
        id=str(raw["id"]),
        epoch=int(raw["epoch"]),
        input=raw["input"],
        messages=messages,
        completion=output.get("completion") or _text(message.get("content")),
        stop_reason=choices[0].get("stop_reason") or "",
        output_tokens=(output.get("usage") or {}).get("output_tokens"),
        called_tools=any(each.get("tool_calls") for each in messages),
        error=error.get("message") or "",
        limit=(raw.get("limit") or {}).get("type") or "",
        scores=raw.get("scores") or {},
        metadata=raw.get("metadata") or {},
        completed_at=raw.get("completed_at") or "",
        usage=raw.get("model_usage") or {},
    )


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part.get("text", "") for part in parts if part.get("type") == "text")


def _by_api(path: Path) -> Iterator[LoggedSample]:
    from inspect_ai.log import read_eval_log

    for sample in read_eval_log(str(path)).samples or []:
        yield _sample(sample.model_dump(mode="json", exclude={"events", "attachments"}))


def _no_nan(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124
