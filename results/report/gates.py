"""Gates: a threshold against a rate's whole interval, and what a run as a whole comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tenken.schema.plan import Gate
from tenken.schema.reasons import GateReason
from tenken.schema.record import Decision

EXIT_STATUS: dict[Decision, int] = {"PASS": 0, "FAIL": 1, "INCOMPLETE": 3, "INCONCLUSIVE": 4}


def decide_gate(
    gate: Gate, figure: Mapping[str, Any], *, complete: bool
) -> tuple[Decision, GateReason]:
    """Return a gate's decision and why.

    Args:
        gate: The gate.
        figure: The rate that it is about, raw or corrected; a corrected one that could not be
            had says why in `reason`.
        complete: Whether the task has verdicts for enough of its samples.

    Returns:
        `PASS` when the whole interval lies at or below the maximum, `FAIL` when all of it lies
        above, `INCONCLUSIVE` when it straddles it, `INCOMPLETE` when too many samples have no
        verdict or none has one.
    """
    if figure["value"] is None:
        return "INCOMPLETE", "not_corrected" if figure.get("reason") else "not_measured"
    if not complete:
        return "INCOMPLETE", "too_many_undecided"
    if figure["high"] <= gate.max:
        return "PASS", "at_or_below"
    if figure["low"] > gate.max:
        return "FAIL", "above"
    return "INCONCLUSIVE", "straddles"


def decide_run(gates: Sequence[Decision], *, complete: bool) -> Decision:
    """Return what a run comes to: the gravest of its gates, INCOMPLETE before all.

    A run without gates passes if it is complete: there was nothing to fail.

    Args:
        gates: The gates' decisions.
        complete: Whether every task has verdicts for enough of its samples.
    """
    if not complete or "INCOMPLETE" in gates:
        return "INCOMPLETE"
    if "FAIL" in gates:
        return "FAIL"
    return "INCONCLUSIVE" if "INCONCLUSIVE" in gates else "PASS"
