"""One sample as its log has it: what was asked and answered, turn by turn, and how it was scored.

A log is foreign content. What does not have the form that it should have is left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from tenken.console.bundles.folder import stamp
from tenken.errors import BundleError
from tenken.results.records.archive import Archive
from tenken.results.records.logs import Log, log_files
from tenken.results.records.members import images_in
from tenken.results.records.pictures import MOST_CHARACTERS
from tenken.results.seal.folder import refuse_odd
from tenken.schema.plan import PLAN_FILE

_MOST_CHARACTERS: Final = 200_000
_MOST_TURNS: Final = 200


@dataclass(frozen=True)
class Turn:
    """A message.

    Attributes:
        reasoning: What the model thought, apart from what it said.
        calls: Calls of tools, as JSON.
    """

    role: str
    text: str
    reasoning: str = ""
    calls: Sequence[str] = ()


@dataclass(frozen=True)
class ScoreView:
    """What one scorer said.

    Attributes:
        metadata: Its further findings, a judge's reply among them, as JSON.
        history: Earlier values, as JSON, where somebody changed it.
    """

    scorer: str
    value: str
    answer: str
    explanation: str
    metadata: str
    history: str = ""


@dataclass(frozen=True)
class SampleView:
    """A sample with all that its log has of it.

    Attributes:
        evidence: What the endpoint said about the call: model, time, tokens, reason for stopping.
        store: The state that an agent left behind, as JSON.
        log: Name of the log's file.
        pictures: Images that the model was shown, as `data:` addresses.
    """

    turns: Sequence[Turn]
    scores: Sequence[ScoreView]
    target: str
    choices: Sequence[str]
    error: str
    limit: str
    evidence: Mapping[str, str] = field(default_factory=dict)
    store: str = ""
    log: str = ""
    pictures: Sequence[str] = ()

    @property
    def picture_turn(self) -> int:
        """Place of the message that the images came with: the user's last one before an answer."""
        before = takewhile(lambda each: each[1].role != "assistant", enumerate(self.turns))
        return max((place for place, turn in before if turn.role == "user"), default=0)


def read_sample(run: Path, task: str, sample: str, epoch: int) -> SampleView | None:
    """Return a sample of a run, with everything that its log says about it.

    Args:
        run: The run's folder.
        task: Full name of the task.
        sample: The sample's id.
        epoch: Which time it was asked, from 1.

    Returns:
        The sample; None where no log has it.

    Raises:
        BundleError: The plan or a log cannot be read.
    """
    log_name = _log_names(run, stamp(run / PLAN_FILE)).get(task)
    if log_name is None:
        return None
    for path in log_files(run):
        with Archive(path) as archive:
            if Log(archive).header.task != log_name:
                continue
            raw = _member(archive, sample, epoch)
        if raw is not None:
            return _view(raw, path.name)
    return None


@lru_cache(maxsize=256)
def _log_names(run: Path, _stamp: str) -> Mapping[str, str]:
    """Return what each task of a run is called in its log, read once as the plan is now.

    The samples in the list have been read, so the plan is one; its own are many, and left out.
    """
    path = run / PLAN_FILE
    try:
        refuse_odd(path)
        plan = json.loads(path.read_bytes(), object_hook=_named)
        return {str(each["name"]): str(each["log_name"]) for each in plan["tasks"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BundleError("{path}: the plan cannot be read.", path=path) from None


def _named(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("tasks", "name", "log_name") if key in found}


def _member(archive: Archive, sample: str, epoch: int) -> dict[str, Any] | None:
    name = f"samples/{sample}_epoch_{epoch}.json"
    names = [name] if name in archive.names else _likely(archive, sample, epoch)
    for each in names:
        try:
            raw = json.loads(archive.read(each).decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise BundleError("{path}: the sample cannot be read.", path=archive.path) from None
        if isinstance(raw, dict) and str(raw.get("id")) == sample and raw.get("epoch") == epoch:
            return raw
    return None


def _likely(archive: Archive, sample: str, epoch: int) -> list[str]:
    """Return members that may hold a sample whose id cannot be the name of a file."""
    end, plain = f"_epoch_{epoch}.json", "".join(c for c in sample if c.isalnum())
    found = [n for n in archive.names if n.startswith("samples/") and n.endswith(end)]
    return [n for n in found if "".join(c for c in n[8 : -len(end)] if c.isalnum()) == plain]


def _view(raw: dict[str, Any], log: str) -> SampleView:
    output = _mapping(raw.get("output"))
    messages = raw.get("messages")
    turns = list(_turns(messages if isinstance(messages, list) else []))
    if not turns:
        turns = [Turn("user", _text(raw.get("input"))), Turn("assistant", _answer(output))]
    scores = _mapping(raw.get("scores"))
    choices = raw.get("choices")
    store = _mapping(raw.get("store"))
    return SampleView(
        turns=turns,
        scores=[_score(str(name), _mapping(score)) for name, score in sorted(scores.items())],
        target=_text(raw.get("target")),
        choices=[_text(each) for each in choices] if isinstance(choices, list) else (),
        error=_text(_mapping(raw.get("error")).get("message")),
        limit=_text(_mapping(raw.get("limit")).get("type")),
        evidence=_evidence(raw, output),
        store=_json(store) if store else "",
        log=log,
        pictures=[each for each in images_in(raw) if len(each) <= MOST_CHARACTERS],
    )


def _turns(messages: Sequence[Any]) -> Iterator[Turn]:
    for message in messages[:_MOST_TURNS]:
        about = _mapping(message)
        calls = about.get("tool_calls")
        content = about.get("content")
        parts = content if isinstance(content, list) else []
        thought = [
            _text(_mapping(part).get("reasoning"))
            for part in parts
            if _mapping(part).get("type") == "reasoning"
        ]
        yield Turn(
            role=_text(about.get("role"))[:40],
            text=_content(content),
            reasoning="\n".join(thought)[:_MOST_CHARACTERS],
            calls=[_call(each) for each in calls] if isinstance(calls, list) else (),
        )


def _content(content: Any) -> str:
    if not isinstance(content, list):
        return _text(content)
    said = []
    for part in content:
        about = _mapping(part)
        if about.get("type") == "text":
            said.append(_text(about.get("text")))
        elif about.get("type") != "reasoning":
            said.append(f"[{_text(about.get('type'))[:40]}]")
    return "\n".join(said)[:_MOST_CHARACTERS]


def _call(call: Any) -> str:
    about = _mapping(call)
    return f"{_text(about.get('function'))}({_json(about.get('arguments'))})"


def _answer(output: Mapping[str, Any]) -> str:
    if said := _text(output.get("completion")):
        return said
    choices = output.get("choices")
    first = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    return _content(_mapping(first.get("message")).get("content"))


def _score(name: str, score: Mapping[str, Any]) -> ScoreView:
    metadata, history = score.get("metadata"), score.get("history")
    return ScoreView(
        scorer=name,
        value=_text(score.get("value")),
        answer=_text(score.get("answer")),
        explanation=_text(score.get("explanation")),
        metadata=_json(metadata) if metadata else "",
        history=_json(history) if history else "",
    )


def _evidence(raw: Mapping[str, Any], output: Mapping[str, Any]) -> dict[str, str]:
    choices = output.get("choices")
    first = _mapping(choices[0]) if isinstance(choices, list) and choices else {}
    found = {
        "model": _text(output.get("model")),
        "stop_reason": _text(first.get("stop_reason")),
        "seconds": _text(output.get("time") or raw.get("working_time")),
        "completed_at": _text(raw.get("completed_at")),
        "usage": _json(output.get("usage")) if output.get("usage") else "",
        "endpoint": _json(output.get("metadata")) if output.get("metadata") else "",
    }
    return {name: value for name, value in found.items() if value}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        return "–"
    if isinstance(value, (str, int, float)):
        return str(value).encode("utf-8", "replace").decode()[:_MOST_CHARACTERS]
    return _json(value)


def _json(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    return said.encode("utf-8", "replace").decode()[:_MOST_CHARACTERS]
