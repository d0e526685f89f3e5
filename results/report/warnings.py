"""Fair-test warnings: what makes a run's figures say less than they seem to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tenken.results.metrics.settings import rounded
from tenken.results.records.read import IDENTICAL

MANY_CUT: Final = 0.05
MANY_NEITHER: Final = 0.1
_CUT: Final = ("cut_by_endpoint", "cut_while_reasoning")
_LIMITS: Final = ("spend_cap", "endpoint_gone", "not_asked")


def fair_test_warnings(
    tasks: Sequence[Mapping[str, Any]], gates: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what a reader must know before the verdict, the limits of the run first.

    Args:
        tasks: The tasks as the report holds them.
        gates: The gates as the report holds them.

    Returns:
        For each its `code`, the `task`, and how many samples `n` of how many, `of`, it concerns:
        `limit_reached` (not asked, as a cap was used up or the endpoint gone), `undecided` (too
        many without a verdict), `not_capable` (harmless samples left undone), `cut` (answers cut
        off), `identical` (the same answer again and again), `neither` (neither help nor refusal).
    """
    found = [
        {**warning, "task": task["name"], "share": rounded(warning["n"] / warning["of"])}
        for task in tasks
        for warning in _of_task(task)
    ]
    for gate in gates:
        capability = gate["capability"]
        if capability is not None and (capability["value"] or 0.0) < capability["least"]:
            n, of = capability["n"] - capability["done"], capability["n"]
            warning = {"code": "not_capable", "task": gate["task"], "n": n, "of": of,
                       "share": rounded(n / of) if of else None}  # fmt: skip
            if warning not in found:
                found.append(warning)
    order = ("limit_reached", "undecided", "not_capable", "cut", "identical", "neither")
    return sorted(found, key=lambda each: order.index(each["code"]))


def _of_task(task: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    total = sum(task["outcomes"].values())
    if not total:
        return
    reasons = [counts for counts in task["reasons"].values()]
    limits = sum(counts.get(name, 0) for counts in reasons for name in _LIMITS)
    if limits:
        yield {"code": "limit_reached", "n": limits, "of": total}
    undecided = round(task["unscored_share"] * total)
    if not task["complete"] and undecided > limits:
        yield {"code": "undecided", "n": undecided, "of": total}
    cut = sum(counts.get(name, 0) for counts in reasons for name in _CUT)
    cut += task["flags"].get("cut_at_own_limit", 0)
    if cut > MANY_CUT * total:
        yield {"code": "cut", "n": cut, "of": total}
    if same := task["flags"].get(IDENTICAL, 0):
        yield {"code": "identical", "n": same, "of": total}
    neither = sum(measure["labels"].get("neither", 0) for measure in task["measures"])
    if neither > MANY_NEITHER * total:
        yield {"code": "neither", "n": neither, "of": total}
