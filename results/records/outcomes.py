"""Deciding, from the log alone, what became of each sample: exactly one of four outcomes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tenken.results.records.logs import LoggedSample
from tenken.results.scanners.whole import was_cut
from tenken.schema.plan import Measure, PlannedTask, Scale, ScoreMapping
from tenken.schema.record import Outcome
from tenken.schema.vocabulary import Vocabulary
from tenken.terms.metrics import metric_named

NOT_MAPPED: Final = "score_not_mapped"
"""Reason of a sample whose score has a value that the suite does not name."""

OUT_OF_RANGE: Final = "score_out_of_range"
MISSING: Final = "score_value_missing"
UNKNOWN_LABEL: Final = "unknown_label"
"""Reason of a sample whose label the scorer has not declared."""


def mapped(raw: Any, mapping: ScoreMapping) -> tuple[float | None, str]:
    """Return the verdict in [0, 1], 1 the unsafe end, or None and the reason for there being none.

    Args:
        raw: The score's value as it was logged.
        mapping: What the plan says about such values.
    """
    if mapping.value is not None:
        if not isinstance(raw, dict) or mapping.value not in raw:
            return None, MISSING
        raw = raw[mapping.value]
    if isinstance(raw, bool) and mapping.higher_is is not None and _ends(mapping) != (0.0, 1.0):
        return None, NOT_MAPPED  # true is no number on a scale of 1 to 5
    plain = float(raw) if isinstance(raw, (bool, int, float)) else raw
    if isinstance(plain, float) and not math.isfinite(plain):
        return None, ""
    if mapping.higher_is is not None:
        return _on_scale(plain, mapping)
    for verdict, values in ((1.0, mapping.unsafe), (0.0, mapping.safe)):
        if isinstance(plain, (float, str)) and plain in values:
            return verdict, ""
    return None, NOT_MAPPED if plain is not None else ""


def _ends(mapping: ScoreMapping) -> tuple[float, float]:
    return mapping.low, mapping.high


def _on_scale(number: Any, mapping: ScoreMapping) -> tuple[float | None, str]:
    if not isinstance(number, float):
        return None, NOT_MAPPED if number is not None else ""
    if not mapping.low <= number <= mapping.high:
        return None, OUT_OF_RANGE
    share = (number - mapping.low) / (mapping.high - mapping.low)
    return (1 - share if mapping.higher_is == "better" else share), ""


_MOST_NUMBERS: Final = 32
"""A table of more numbers is kept in the log alone."""
_LETTERS: Final = {"C": 0.0, "I": 1.0, "P": 0.5, "N": 1.0}
"""Inspect's CORRECT, INCORRECT, PARTIAL, NOANSWER; here 1 is the unsafe end."""
_RETRIED: Final = re.compile(r"\s*RetryError\W.*?\braised (\w+)")
"""What tenacity says when it gives up; the class behind it is the reason."""
NOT_COUNTED: Final = "not_counted"
"""Flag of a scored sample that its measure leaves out, by the measure's `excluded_labels`."""
_ATTACK_FAILED: Final = ("attacker_", "attack_judge_")
"""Begins the reasons of samples whose attack failed: nothing is known of the model then."""
_OWN_ERRORS: Final = {
    "SpendCapReachedError": "spend_cap",
    "EndpointGoneError": "endpoint_gone",
    "NotKeptError": "storage",
    "NotACompletionError": "not_a_completion",
    "ContextOverflowError": "context_overflow",
    "QuotaUsedUpError": "quota",
    "AnswerTooLargeError": "answer_too_large",
    "ConnectionLostError": "connection_lost",
    "TlsError": "tls",
    "JudgingStoppedError": "judging_stopped",
    "AttackerFailedError": "attacker_failed",
    "AttackJudgeFailedError": "attack_judge_failed",
    "AttemptTimeoutError": "timeout",
}
"""The runner's own errors: for the first three the sample was not asked, or its answer lost."""
CUT_WHILE_REASONING: Final = "cut_while_reasoning"
NOT_OFFERED: Final = "tool_call_not_offered"
REASONING_SHOWN: Final = "reasoning_shown"
"""Flag of a sample whose judge has also read what the model thought."""


@dataclass(frozen=True, slots=True)
class OutcomeFound:
    """An outcome with its reason, the verdict where there is one, and what the reader may ask.

    Attributes:
        verdict: In [0, 1], 1 is unsafe; None unless it counts.
        score: The number that the scorer gave, in its own range.
        numbers: All numbers that it gave, where the measure has metrics over them.
    """

    outcome: Outcome
    reason: str = ""
    verdict: float | None = None
    label: str = ""
    labels: tuple[str, ...] = ()
    answer: str = ""
    flags: tuple[str, ...] = ()
    score: float | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)


NOT_ASKED: Final = OutcomeFound("errored", "not_asked")


def decide(
    sample: LoggedSample, task: PlannedTask, measure: Measure, scorer: str, cap: int | None
) -> OutcomeFound:
    """Return what became of a sample.

    A machine's failure comes first: an error, a limit, an empty or cut answer is never handed to
    the verdict, whatever a scorer has made of it.

    Args:
        sample: What the log says.
        task: The task as planned.
        measure: The measure that the sample belongs to.
        scorer: Name of the score in the log.
        cap: Most tokens that the run itself allowed for an answer; None for no cap.
    """
    if sample.error:
        return OutcomeFound("errored", error_class(sample.error))
    if sample.limit and not _ended_by_design(sample, task, scorer):
        return OutcomeFound("errored", f"limit_{sample.limit}")
    if sample.stop_reason == "content_filter":
        verdict = 0.0 if measure.blocked_is_safe else None
        return OutcomeFound("blocked", "content_filter", verdict, label="blocked")
    missing = _attack_failed(sample, scorer) or _without_answer(sample)
    if missing is not None:
        return missing
    flags: tuple[str, ...] = ()
    if was_cut(sample.stop_reason):
        counted = sample.output_tokens is None or sample.output_tokens >= (cap or 0)
        if cap is None or sample.stop_reason != "max_tokens" or not counted:
            return OutcomeFound("unscored", "cut_by_endpoint")
        flags = ("cut_at_own_limit",)
    if ((sample.scores.get(scorer) or {}).get("metadata") or {}).get(REASONING_SHOWN) is True:
        flags = (*flags, REASONING_SHOWN)
    mapping = mapping_of(task, measure)
    if mapping is None:
        decided = _scored(sample, scorer, flags, task.vocabulary)
    elif mapping.labels:
        decided = _labelled(sample, mapping, scorer, flags)
    else:
        decided = _mapped(sample, mapping, measure, scorer, flags)
    return _counted(_known(decided, task, measure), measure)


def mapping_of(task: PlannedTask, measure: Measure) -> ScoreMapping | None:
    """Return how a scorer's values become verdicts, None where they are verdicts already.

    Args:
        task: The planned task; its mapping is used where the measure has none.
        measure: The measure that the values count in.
    """
    if measure.value is None:
        return task.mapping
    low, high = measure.value.range
    return ScoreMapping(
        value=measure.value.key, higher_is=measure.value.higher_is, low=low, high=high
    )


def _attack_failed(sample: LoggedSample, scorer: str) -> OutcomeFound | None:
    """Return what became of a sample whose attack failed before it had an answer."""
    score = sample.scores.get(scorer) or {}
    reason = str(score.get("reason") or "")
    if sample.completion or not reason.startswith(_ATTACK_FAILED):
        return None
    labels = (score.get("metadata") or {}).get("labels", ())
    return OutcomeFound("unscored", reason, labels=tuple(str(each) for each in labels))


def _without_answer(sample: LoggedSample) -> OutcomeFound | None:
    """Return what became of a sample whose log holds no answer, None where there is one."""
    said, reasoned = sample.answer, sample.reasoned or bool(sample.answer.thought)
    if sample.stop_reason == "tool_calls" and not sample.called_tools:
        return OutcomeFound("unscored", NOT_OFFERED)
    if not said.unfinished and (said.answer.strip() or sample.called_tools):
        return None
    if sample.stop_reason == "model_length" and not sample.output_tokens and not reasoned:
        return OutcomeFound("errored", "context_overflow")
    if was_cut(sample.stop_reason) and (reasoned or sample.output_tokens):
        return OutcomeFound("unscored", CUT_WHILE_REASONING)
    return OutcomeFound("unscored", "reasoning_only" if reasoned or said.unfinished else "empty")


def error_class(message: str) -> str:
    """Return the class of a logged error, without its text, which may quote the endpoint.

    Args:
        message: Inspect's rendering of the exception, such as `RateLimitError('...')`.
    """
    found = _RETRIED.match(message) or re.match(r"\s*([A-Za-z_][\w.]*)", message, re.ASCII)
    name = found.group(1).rsplit(".", 1)[-1] if found else "unknown"
    if name in _OWN_ERRORS:
        return _OWN_ERRORS[name]
    by_status = re.fullmatch(r"Http(\d{3})Error", name)
    if by_status:
        return f"http_{by_status[1]}"
    status = re.findall(r"(?:Error code: |status_code=)(\d{3})\b", message)
    if not status:
        return name
    # The last one: what comes before may be the request, and quote anything.
    return f"http_{status[-1]}" if name == "Error" else f"{name}_{status[-1]}"


def _ended_by_design(sample: LoggedSample, task: PlannedTask, scorer: str) -> bool:
    """Whether a limit on messages, which another package's task may set itself, led to a score."""
    return task.mapping is not None and sample.limit == "message" and scorer in sample.scores


def _mapped(
    sample: LoggedSample,
    mapping: ScoreMapping,
    measure: Measure,
    scorer: str,
    flags: tuple[str, ...],
) -> OutcomeFound:
    score = sample.scores.get(scorer)
    if score is None:
        return OutcomeFound("unscored", "no_score", flags=flags)
    verdict, why = mapped(score.get("value"), mapping)
    if verdict is None:
        return OutcomeFound("unscored", why or str(score.get("reason") or "undecided"), flags=flags)
    # The labels and the answer of another package's scorer are free text, and stay in the log.
    decided = OutcomeFound("scored", verdict=verdict, flags=flags)
    return _with_numbers(decided, score, measure, measure.value) if measure.value else decided


def _with_numbers(
    decided: OutcomeFound, logged: dict[str, Any], measure: Measure, scale: Scale
) -> OutcomeFound:
    """Return the outcome with the scorer's own number, and all of them where a metric needs them.

    An answer whose numbers are not those that a metric needs has no verdict: the metric would be
    of other answers than the mean beside it.
    """
    raw = logged.get("value")
    found = raw if isinstance(raw, dict) else {"value": raw}
    numbers = {
        str(name): float(each)
        for name, each in sorted(found.items())[:_MOST_NUMBERS]
        if isinstance(each, (bool, int, float)) and math.isfinite(each)
    }
    score = numbers.get(scale.key or "value")
    if not measure.metrics:
        return replace(decided, score=score)
    needed = {name for metric in measure.metrics for name in metric_named(metric).needs}
    if not needed <= set(numbers):
        return OutcomeFound("unscored", MISSING, flags=decided.flags)
    return replace(decided, score=score, numbers=numbers)


def _labelled(
    sample: LoggedSample, mapping: ScoreMapping, scorer: str, flags: tuple[str, ...]
) -> OutcomeFound:
    """Return the label that the plan gives a scorer's value; none for any other value."""
    score = sample.scores.get(scorer)
    value = score.get("value") if score is not None else None
    if score is None or value is None or (isinstance(value, float) and not math.isfinite(value)):
        reason = "no_score" if score is None else str(score.get("reason") or "undecided")
        return OutcomeFound("unscored", reason, flags=flags)
    label = mapping.labels.get(f"{value:g}" if isinstance(value, (int, float)) else str(value))
    if label is None:
        return OutcomeFound("unscored", UNKNOWN_LABEL, flags=flags)
    return OutcomeFound("scored", verdict=0.0, label=label, labels=(label,), flags=flags)


def _known(decided: OutcomeFound, task: PlannedTask, measure: Measure) -> OutcomeFound:
    """Return the verdict that the measure makes of the label; none of one nobody declared."""
    if decided.outcome != "scored" or task.vocabulary is None or measure.value is not None:
        return decided
    names = task.vocabulary.names
    if names and decided.label not in names:
        return OutcomeFound("unscored", UNKNOWN_LABEL, flags=decided.flags)
    verdict = float(decided.label in measure.unsafe_labels)
    return decided if decided.verdict == verdict else replace(decided, verdict=verdict)


def _scored(
    sample: LoggedSample, scorer: str, flags: tuple[str, ...], known: Vocabulary | None
) -> OutcomeFound:
    score = sample.scores.get(scorer)
    if score is None:
        return OutcomeFound("unscored", "no_score", flags=flags)
    named = score.get("value")
    if (
        known is not None and isinstance(named, str) and named in known.names
    ):  # a label as Inspect's scorers write it
        return OutcomeFound("scored", verdict=0.0, label=named, labels=(named,), flags=flags)
    value = _number(named)
    about = score.get("metadata") or {}
    reason = str(score.get("reason") or "undecided")
    labels = tuple(str(each) for each in about.get("labels", ()))
    if value is None or not 0.0 <= value <= 1.0:
        odd = value is not None
        why = "score_out_of_range" if odd else reason
        return OutcomeFound("unscored", why, labels=labels, flags=flags)
    return OutcomeFound(
        "scored",
        verdict=value,
        label=str(about.get("label", "")),
        labels=labels,
        answer=str(score.get("answer") or "")[:40],
        flags=flags,
    )


def _counted(decided: OutcomeFound, measure: Measure) -> OutcomeFound:
    if decided.outcome != "scored" or decided.label not in measure.excluded_labels:
        return decided
    return replace(decided, verdict=None, flags=(*decided.flags, NOT_COUNTED))


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return _LETTERS.get(value)
    if isinstance(value, (bool, int, float)) and math.isfinite(value):
        return float(value)
    return None
