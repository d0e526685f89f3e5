"""The key of a task's answers: what was asked, of whom, judged how; no others share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenken.io.canonical import digest
from tenken.schema.calibration import ScorerBinding
from tenken.schema.model import PlannedModel


def own_key(
    name: str,
    version: str,
    prompt_sha256: str,
    scorer: ScorerBinding,
    model: PlannedModel,
    max_tokens: int | None,
    judges: Mapping[str, PlannedModel],
    attacks: list[str],
) -> str:
    """Return the key of a task of a card.

    Args:
        name: Full name of the task.
        version: The card's version.
        prompt_sha256: Digest of all that is put to the model and how it counts.
        scorer: Who judges.
        model: The model under test.
        max_tokens: Most tokens of an answer.
        judges: By role, the models that are asked beside it.
        attacks: Digests of the attacks' code.
    """
    parts: dict[str, Any] = {
        "task": name,
        "version": version,
        "samples": prompt_sha256,
        "scorer": scorer.model_dump(),
        "model": model.identity(),
        "max_tokens": max_tokens,
        "judges": _dumped(judges),
    }
    return digest({**parts, **({"attacks": attacks} if attacks else {})})


def inspect_key(
    registry_name: str,
    args: Mapping[str, Any],
    release: str,
    source_sha256: str,
    prompt_sha256: str,
    model: PlannedModel,
    max_tokens: int | None,
    judges: Mapping[str, PlannedModel],
) -> str:
    """Return the key of another package's task.

    Args:
        registry_name: Name of the task in Inspect's registry.
        args: Its arguments.
        release: Version of the package.
        source_sha256: Digest of the task's source.
        prompt_sha256: Digest of its samples.
        model: The model under test.
        max_tokens: Most tokens of an answer, as the suite says.
        judges: By role, the models that are asked beside it.
    """
    return digest(
        {
            "task": registry_name,
            "args": dict(args),
            "release": release,
            "source": source_sha256,
            "samples": prompt_sha256,
            "model": model.identity(),
            "max_tokens": max_tokens,
            "judges": _dumped(judges),
        }
    )


def _dumped(judges: Mapping[str, PlannedModel]) -> dict[str, Any]:
    return {role: judge.identity() for role, judge in judges.items()}
