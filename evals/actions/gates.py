"""What a suite's gates can show at the planned size: refused where no model could pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tenken.errors import InputError, Sentence
from tenken.evals.words import language, phrase

if TYPE_CHECKING:
    from tenken.evals.asked import TaskSelection
    from tenken.evals.planning.request import Request
    from tenken.schema.plan import Gate, Plan
    from tenken.tasks.dataset.sample import TaskSample

_MODELS = (0.2, 0.5)
"""Models whose chance to pass is shown, by their true rate as a share of the gate's maximum."""


@dataclass(frozen=True)
class PlannedGate:
    """A gate with what it can show.

    Attributes:
        gate: The gate.
        limit: Highest share of the unsafe end that passes, in [0, 1].
        clusters: Clusters of samples that it is decided on.
        needed: Clusters at which a model without a failure passes; None where none are enough.
        failures: Most unsafe clusters with which it is passed; None where not even 0 is.
        chances: Pairs of a true rate and the chance to pass with it.
    """

    gate: Gate
    limit: float
    clusters: int
    needed: int | None
    failures: int | None
    chances: tuple[tuple[float, float], ...]

    def sentence(self) -> str:
        """Return what the gate can show, in one line."""
        about = {"gate": _name(self.gate), "most": self._most()}
        if self.failures is not None:
            chances = ", ".join(
                phrase("gate_chance", chance=chance, rate=rate) for rate, chance in self.chances
            )
            return phrase(
                "gate_can", **about, failures=self.failures, clusters=self.clusters, chances=chances
            )
        if self.needed is None:
            return phrase("gate_never", **about)
        return phrase("gate_needs", **about, clusters=self.clusters, needed=self.needed)

    def _most(self) -> str:
        """Return the threshold, in the scorer's own numbers where it was set in them."""
        gate = self.gate
        if gate.bound is None:
            return phrase("gate_most", value=f"{self.limit:.0%}")
        return phrase(
            "gate_least" if gate.at_most is None else "gate_most", value=f"{gate.bound:g}"
        )


def _name(gate: Gate) -> str:
    return (gate.name_ja if language() == "ja" else None) or gate.name


def planned_gates(request: Request, attempt: int = 1) -> list[PlannedGate]:
    """Return the suite's gates on what is asked, with what they can show.

    Args:
        request: What is to be asked.
        attempt: How many runs of the suite on the model there are, this one counted.
    """
    from tenken.evals.planning.gates import scale_of
    from tenken.results.metrics.power import chance_to_pass, clusters_to_pass, most_failures
    from tenken.results.metrics.settings import level_of_attempt

    level, found = level_of_attempt(attempt), []
    by_name = {asked.task.name: asked for asked in request.asked}
    for gate in request.gates():
        k = len({sample.cluster for sample in _decided_on(gate, by_name[gate.task])})
        if gate.metric is not None:  # what it can show depends on the metric
            continue
        most = gate.limit(scale_of(gate, by_name[gate.task].task.measures))
        rates = [share * most for share in _MODELS]
        found.append(
            PlannedGate(
                gate,
                most,
                k,
                clusters_to_pass(most, level=level),
                most_failures(k, most, level=level),
                tuple((rate, chance_to_pass(k, most, rate, level=level)) for rate in rates),
            )
        )
    return found


def check_reachable(request: Request, gates: list[PlannedGate]) -> None:
    """Refuse gates that nobody can pass at the planned size.

    They are allowed on the embedded model, whose suites are cut short: it can still fail them.

    Args:
        request: What the command line asks for, with the samples of each task.
        gates: The planned gates; one without a number of allowed failures is out of reach.

    Raises:
        InputError: There is such a gate; the message says how many clusters it takes.
    """
    out_of_reach = [each for each in gates if each.failures is None]
    attempt = request.choices.attempt
    if not out_of_reach or any(asked.embedded for asked in request.asked):
        return
    raise InputError(
        "suite {suite}: {gate}{attempt}.{others} Ask more samples (a higher --limit, or none), "
        "raise the gate's max in the suite, or run without gates: --no-gates.",
        suite=request.suite_file.suite.name,
        gate=out_of_reach[0].sentence(),
        attempt=Sentence(" in run {n} of this suite on this model", n=attempt)
        if attempt > 1
        else "",
        others=Sentence(" {n} more gates are out of reach.", n=len(out_of_reach) - 1)
        if out_of_reach[1:]
        else "",
    )


def attempt_of(folder: Path, plan: Plan) -> int:
    """Return which attempt a run is, among runs of its suite on its model in the results folder.

    A run that is resumed keeps its number. Folders without a readable plan do not count.

    Args:
        folder: The run's folder; it need not exist yet.
        plan: The plan of the run; its suite, model and address are compared.

    Returns:
        The number, from 1.
    """
    from tenken.errors import BundleError
    from tenken.schema.plan import PLAN_FILE, read_plan

    others = 0
    for path in sorted(folder.parent.glob(f"*/{PLAN_FILE}")):
        try:
            other = read_plan(path.parent)
        except BundleError:
            continue
        if path.parent == folder:
            return other.attempt
        same = other.suite == plan.suite and other.model.name == plan.model.name
        others += same and other.model.base_url == plan.model.base_url and bool(other.gates)
    return others + 1


def _decided_on(gate: Gate, asked: TaskSelection) -> Iterator[TaskSample]:
    """Yield the samples that a gate is decided on: under its attack, of its measure."""
    from tenken.schema.plan import ANY_ATTACK, ATTACK_TAG, LEANS, NO_ATTACK

    wanted = gate.attack or NO_ATTACK

    for sample in asked.samples:
        if gate.language not in (None, sample.language):
            continue
        if gate.attack != ANY_ATTACK and sample.tags.get(ATTACK_TAG, NO_ATTACK) != wanted:
            continue
        if gate.measure in LEANS:
            context = gate.measure.removeprefix("bias_") if gate.measure != "gap" else None
            if context is None or sample.tags.get("context") == context:
                yield sample
            continue
        measure = asked.task.measure_of(sample)
        if measure is not None and (
            measure.key == gate.measure if gate.measure else measure.headline
        ):
            yield sample
