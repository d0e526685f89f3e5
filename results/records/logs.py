"""The one place that reads Inspect's logs: a pass over the zip, or the public API.

An `.eval` file is a zip with a header and a JSON file a sample. Inspect's own streaming reader
is quadratic in the number of samples, and its authors do not promise the layout; so the layout
is checked first, and a log of another one is read through the public, slower API.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tenken.answer import Parts, parts
from tenken.errors import BundleError, Sentence
from tenken.results.records.archive import Archive, Check
from tenken.results.records.members import images_in, object_in, sample_in
from tenken.results.seal.folder import refuse_odd

_KNOWN_VERSION: Final = 2
_HEADER: Final = "header.json"
_START: Final = "_journal/start.json"
_SAMPLE: Final = re.compile(r"samples/.+_epoch_\d+\.json")
ODD: Final = (KeyError, ValueError, TypeError, IndexError, AttributeError, RecursionError)
_UNREAD: Final = frozenset({"events", "events_data", "store", "timelines"})


@dataclass(frozen=True, slots=True)
class LoggedSample:
    """What a log says of one sample in one epoch; texts as they were sent and received.

    Attributes:
        error: Message of the error that it ended with, empty for none.
        limit: Name of the limit that ended it, empty for none.
        stop_reason: Why the model stopped, in Inspect's words.
        output_tokens: Length of the answer as the endpoint counted it, None if it did not.
        reasoned: Whether the log shows reasoning apart from the answer.
        called_tools: Whether the model called a tool.
        scores: By scorer: `value`, `answer`, `reason`, `metadata`.
        usage: Tokens by model, as the endpoint counted them: (input, output).
        asked: `choices` and `target` of the sample, and the `roles` of its choices.
        pictures: Images that were put to the model, as `data:` addresses; never any other address.
        answer: The completion with its reasoning apart, for logs from before the run did that.
        facts: What the card says of the sample: language, pair, cluster, measure, tags; empty
            for another package's task.
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
    completed_at: str
    usage: dict[str, tuple[int, int]]
    asked: dict[str, Any] = field(default_factory=dict)
    reasoned: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    answer: Parts = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Take the completion apart, once."""
        object.__setattr__(self, "answer", parts(self.completion))

    def evidence(self) -> dict[str, Any]:
        """Return what a digest of the sample is made of: all that its outcome rests on."""
        return {
            "id": self.id,
            "epoch": self.epoch,
            "messages": [
                [m.get("role"), _finite(m.get("content")), _calls(m) if "tool_calls" in m else []]
                for m in self.messages
            ],
            "input": _finite(self.input),
            "completion": self.completion,
            "stop_reason": self.stop_reason,
            "output_tokens": self.output_tokens,
            "error": self.error,
            "limit": self.limit,
            "scores": {
                name: [_finite(score.get(key)) for key in ("value", "answer", "reason", "metadata")]
                for name, score in self.scores.items()
            },
        }


@dataclass(frozen=True, slots=True)
class LogHeader:
    """What a log says of the task it holds.

    Attributes:
        task: Registry name of the task.
        version: The task's version, with the key that says what was asked of whom.
        status: `success`, `error`, `cancelled`, or `started` where the process was killed.
        created: When the log was begun, ISO 8601.
        inspect_ai: Version of Inspect that wrote it, empty if it does not say.
        model: The model under test as Inspect addressed it, empty if it does not say.
        base_url: Its address, empty if it does not say.
        epochs: How often each sample was asked, None if it does not say.
        parameters: Parameters of generation.
    """

    path: Path
    task: str
    version: str
    status: str
    created: str
    inspect_ai: str
    model: str = ""
    base_url: str = ""
    epochs: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)


class Log:
    """A log that is open for one pass."""

    def __init__(self, archive: Archive) -> None:
        """Read the header.

        Raises:
            BundleError: It is no header.
        """
        self._archive = archive
        name = _HEADER if _HEADER in archive.names else _START
        data = archive.read(name)
        try:
            raw = object_in(data)
            self._known = raw.get("version") == _KNOWN_VERSION
            self.header = _header(archive.path, raw)
        except ODD as error:
            raise BundleError(
                "{path}: {name} cannot be read: {said}.",
                path=archive.path,
                name=name,
                said=_said(error),
            ) from None

    def members(self) -> dict[str, Check] | None:
        """Return the check of each sample's member by its name; None of a layout not known."""
        names = sorted(name for name in self._archive.names if name.startswith("samples/"))
        if not self._known or not all(_SAMPLE.fullmatch(name) for name in names):
            return None
        return {name: self._archive.check_of(name) for name in names}

    def samples(self, left_out: Container[str] = ()) -> Iterator[LoggedSample]:
        """Yield the samples one by one, so that memory does not grow with their number.

        Args:
            left_out: Names of `members` that are not read.

        Raises:
            BundleError: Something in the log is no sample, or a sample is in it twice.
        """
        names = self.members()
        read = None if names is None else [name for name in names if name not in left_out]
        found = self._by_api() if read is None else self._by_member(read)
        seen: set[tuple[str, int]] = set()
        for sample in found:
            if (sample.id, sample.epoch) in seen:
                raise BundleError(
                    "{path}: sample {id} of epoch {epoch} is in the log twice.",
                    path=self._archive.path,
                    id=sample.id,
                    epoch=sample.epoch,
                )
            seen.add((sample.id, sample.epoch))
            yield sample

    def _by_member(self, names: list[str]) -> Iterator[LoggedSample]:
        for name in names:
            data = self._archive.read(name)
            try:
                yield taken_apart(data)
            except ODD as error:
                path, said = self._archive.path, _said(error)
                raise BundleError(
                    "{path}: {name} cannot be read: {said}.", path=path, name=name, said=said
                ) from None

    def _by_api(self) -> Iterator[LoggedSample]:
        from inspect_ai.log import read_eval_log

        path = self._archive.path
        for name in self._archive.names:  # the API sets no bound of its own
            self._archive.read(name)
        try:
            log = read_eval_log(str(path), exclude_fields=set(_UNREAD))
            for sample in log.samples or []:
                yield _sample(
                    sample.model_dump(mode="json", exclude_none=True, exclude=set(_UNREAD))
                )
        except Exception as error:  # whatever Inspect makes of a foreign file
            raise BundleError(
                "{path}: Inspect cannot read it: {said}.", path=path, said=_said(error)
            ) from None


def taken_apart(data: bytes) -> LoggedSample:
    """Return a sample from the bytes of its member; whatever is odd raises one of `ODD`."""
    return _sample(sample_in(data))


def log_files(run: Path) -> list[Path]:
    """Return the logs of a run, sorted by name.

    Raises:
        BundleError: One is a link or a device: only plain files are read.
    """
    paths = sorted((run / "logs").glob("*.eval"))
    for path in paths:
        try:
            refuse_odd(path)
        except (FileNotFoundError, ValueError):
            raise BundleError("{path}: not a plain file.", path=path) from None
    return paths


@contextmanager
def open_log(path: Path) -> Iterator[Log]:
    """Open a log for one pass over it.

    Raises:
        BundleError: The file is missing, truncated, or no log.
    """
    with Archive(path) as archive:
        yield Log(archive)


def _header(path: Path, raw: dict[str, Any]) -> LogHeader:
    spec = _object(raw["eval"])
    return LogHeader(
        path=path,
        task=_string(spec["task"]),
        version=str(spec["task_version"]),
        status=_string(raw.get("status", "started")),
        created=_string(spec["created"]),
        inspect_ai=_string(_object(spec.get("packages")).get("inspect_ai")),
        model=_string(spec.get("model")),
        base_url=_string(spec.get("model_base_url")),
        epochs=_count(_object(spec.get("config")).get("epochs")),
        parameters=_object(spec.get("model_generate_config")),
    )


def _sample(raw: dict[str, Any]) -> LoggedSample:
    output = _object(raw.get("output"))
    choices = _objects(output.get("choices")) or [{}]
    messages = _objects(raw.get("messages"))
    calls = [_calls(each) for each in messages if each.get("tool_calls") is not None]
    epoch = raw["epoch"]
    if not isinstance(epoch, int):
        raise TypeError("the epoch is no whole number")
    return LoggedSample(
        id=str(raw["id"]),
        epoch=epoch,
        input=raw["input"],
        messages=messages,
        completion=_string(output.get("completion"))
        or _text(_object(choices[0].get("message")).get("content")),
        stop_reason=_string(choices[0].get("stop_reason")),
        output_tokens=_count(_object(output.get("usage")).get("output_tokens")),
        called_tools=any(calls),
        reasoned=_reasoned(output, _object(choices[0].get("message")).get("content")),
        error=_string(_object(raw.get("error")).get("message")),
        limit=_string(_object(raw.get("limit")).get("type")),
        scores={name: _score(each) for name, each in sorted(_object(raw.get("scores")).items())},
        completed_at=_string(raw.get("completed_at")),
        usage={name: _usage(each) for name, each in _object(raw.get("model_usage")).items()},
        asked=_asked(raw),
        facts=_object(_object(raw.get("metadata")).get("tenken")),
        pictures=tuple(images_in(raw)),
    )


def _asked(raw: dict[str, Any]) -> dict[str, Any]:
    ours = (raw.get("metadata") or {}).get("tenken") if raw.get("choices") else None
    return {
        "choices": [str(each) for each in raw.get("choices") or ()],
        "target": raw.get("target") or "",
        "roles": [str(each) for each in (ours or {}).get("roles") or ()],
    }


def _score(value: Any) -> dict[str, Any]:
    score = _object(value)
    about = _object(score.get("metadata"))
    if "label" in about or "labels" not in about:
        about = {**about, "labels": _labels(about)}
    return {
        "value": score.get("value"),
        "answer": _string(score.get("answer")),
        "reason": _string(score.get("reason")),
        "metadata": about,
    }


def _labels(about: dict[str, Any]) -> list[str]:
    """Return the labels of a score of ours, which has a label; others may call anything so."""
    if not all(isinstance(each, str) for each in about.get("labels") or ()):
        raise TypeError("a score's labels are no strings")
    return list(about.get("labels") or ())


def _usage(value: Any) -> tuple[int, int]:
    """Return the tokens read and written; those of reasoning are written, however counted."""
    usage = _object(value)
    names = ("input_tokens", "input_tokens_cache_read", "input_tokens_cache_write")
    total, written = (_count(usage.get(name)) or 0 for name in ("total_tokens", "output_tokens"))
    if usage.get("input_tokens") is None:
        return total - written, written
    read = sum(_count(usage.get(name)) or 0 for name in names)
    return read, max(total - read, written)


def _reasoned(output: dict[str, Any], content: Any) -> bool:
    shown = isinstance(content, list) and any(
        _object(part).get("type") == "reasoning" for part in content
    )
    return shown or bool(_count(_object(output.get("usage")).get("reasoning_tokens")))


def _calls(message: dict[str, Any]) -> list[Any]:
    calls = _objects(message.get("tool_calls"))
    return [[call.get("function"), _finite(call.get("arguments"))] for call in calls]


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(_string(part.get("text")) for part in parts if part.get("type") == "text")


def _object(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {_shape(value)}")
    return value


def _objects(value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"expected a list, found {_shape(value)}")
    return [_object(each) for each in value]


def _string(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, found {_shape(value)}")
    return value


def _count(value: Any) -> int | None:
    if value is not None and not isinstance(value, int):
        raise TypeError(f"expected a whole number, found {_shape(value)}")
    return value


def _finite(value: Any) -> Any:
    """Return the value with words for the numbers that JSON does not have."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, list):
        return [_finite(each) for each in value]
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    return value


def _shape(value: Any) -> str:
    names: dict[type, str] = {list: "a list", dict: "an object", str: "a text"}
    return names.get(type(value), "a number")


def _said(error: BaseException) -> str:
    """Return an error as one short line; a missing key says that it is missing."""
    words = (
        Sentence("{args} is missing", args=error.args[0])
        if isinstance(error, KeyError)
        else str(error)
    )
    return " ".join(words.split())[:200] or type(error).__name__
