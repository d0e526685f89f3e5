"""`tenken plan`: what a run would ask, cost, take, and be able to show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table
from tenken.evals.words import language, phrase, term
from tenken.schema.plan import ATTACK_TAG

if TYPE_CHECKING:
    from tenken.evals.actions.gates import PlannedGate
    from tenken.evals.asked import TaskSelection
    from tenken.evals.planning.forecast import Forecast
    from tenken.evals.planning.request import Request
    from tenken.results.review.wanted import Group, LabelsNeeded

WIDTH = 0.2
"""Points of an interval that labels are planned for where nobody says."""
_MOST_NAMED = 4
"""More attacks than this are counted, not named."""


def plan(
    suite: o.OptionalSuite = None,
    config: o.ConfigFile = None,
    model: o.Models = None,
    endpoint_file: o.EndpointFiles = None,
    base_url: o.BaseUrl = None,
    api_key_env: o.ApiKeyEnv = None,
    limit: o.Limit = None,
    language: o.Languages = None,
    task: o.Tasks = None,
    epochs: o.Epochs = None,
    scorer: o.Scorers = None,
    model_role: o.ModelRoles = None,
    attack: o.Attacks = None,
    data: o.Data = None,
    area: o.Area = None,
    accept_licence: o.AcceptLicence = False,
    reasoning_effort: o.ReasoningEffort = None,
    reasoning_tokens: o.ReasoningTokens = None,
    max_connections: o.MaxConnections = None,
    no_gates: o.NoGates = False,
    width: Annotated[
        float,
        typer.Option(
            help="Say how many labels give a corrected rate an interval this wide (0.2 is 20 "
            "points)."
        ),
    ] = WIDTH,
    fresh: o.Fresh = False,
    results_dir: o.OwnResultsDir = None,
    latency: Annotated[float, typer.Option(min=0.0, help="Seconds for one call.")] = 1.0,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a run would do, without sending anything."""
    given = dict(locals())
    from tenken.evals.planning.request import understand

    for name in ("latency", "width", "lang", "as_json"):
        del given[name]
    if not model and not endpoint_file and config is None:
        given["model"] = "not-named"
    for one in list(o.config_of(given).each()):
        show_plan(
            understand(one), latency=latency, width=width, as_json=as_json,
            results_dir=one.results_dir,
        )  # fmt: skip


@dataclass(frozen=True)
class _Outlook:
    """What is known of a run before it is made.

    Attributes:
        request: What is asked of which model.
        latency: Seconds for one call.
        width: Points of an interval that labels are planned for.
        forecast: Calls, tokens, money and time.
        reused: Most samples that earlier runs have answers to.
        power: By task, what its samples can detect.
        judged: By task, what its answers are judged for.
        gates: The gates, with the chances to pass them.
        labels: Labels that corrected rates need.
    """

    request: Request
    latency: float
    width: float
    forecast: Forecast
    reused: int
    power: dict[str, dict[str, float | None]]
    judged: dict[str, str | None]
    gates: Sequence[PlannedGate]
    labels: Mapping[Group, LabelsNeeded]


def show_plan(
    request: Request, *, latency: float, width: float, as_json: bool, results_dir: Path
) -> None:
    """Print the forecast of a request, and what its samples can detect.

    Args:
        request: What is asked of which model.
        latency: Seconds for one call.
        width: Points of an interval that labels are planned for, in (0, 1).
        as_json: Whether to print JSON.
        results_dir: Where earlier runs are, whose answers may be used again.

    Raises:
        InputError: A gate cannot be reached, or the width is no share.
    """
    from tenken.evals.actions.gates import check_reachable, planned_gates
    from tenken.evals.planning.cards import known_cards
    from tenken.evals.planning.forecast import forecast
    from tenken.evals.planning.plan import planned_tasks
    from tenken.results.review.wanted import check_width, planned

    check_width(width)
    gates = planned_gates(request)
    check_reachable(request, gates)
    tasks = planned_tasks(request.endpoint, request.asked, request.choices)
    outlook = _Outlook(
        request,
        latency,
        width,
        forecast=forecast(request.asked, request.endpoint, latency, request.choices.roles),
        reused=_reused(request, results_dir),
        power={each.task.name: _power(each) for each in request.asked},
        judged={each.task.name: _judged(each) for each in request.asked},
        gates=gates,
        labels=planned(tasks, known_cards(), width),
    )
    if as_json:
        typer.echo(json.dumps(_contents(outlook), ensure_ascii=False, indent=2))
        return
    _print_tasks(outlook)
    for line in _notes(outlook):
        typer.echo(line)


def _contents(outlook: _Outlook) -> dict[str, object]:
    return {
        **asdict(outlook.forecast),
        "reused_at_most": outlook.reused,
        "detectable": outlook.power,
        "gates": [_gate(each) for each in outlook.gates],
        "labels": [
            {**k._asdict(), **v._asdict(), "width": outlook.width}
            for k, v in outlook.labels.items()
        ],
        "judged": {name: what for name, what in outlook.judged.items() if what},
        "suite": outlook.request.suite_file.suite.name,
    }


def _print_tasks(outlook: _Outlook) -> None:
    print_table(
        ("task", "en", "ja", "calls", "tokens in", "out <=", "labels", "detects"),
        (
            (
                each.name,
                each.samples.get("en", 0),
                each.samples.get("ja", 0),
                each.calls,
                f"{each.tokens_in:,}",
                f"{each.tokens_out:,}",
                _labels(each.name, outlook.labels),
                _words(outlook.power[each.name]),
            )
            for each in outlook.forecast.tasks
        ),
        right=("en", "ja", "calls", "tokens in", "out <=", "labels"),
    )


def _notes(outlook: _Outlook) -> Iterator[str]:
    """Yield what there is to say below the table of the tasks."""
    yield "\n" + phrase("sentence", text=outlook.forecast.sentence())
    if outlook.reused:
        yield phrase("plan_reused", n=outlook.reused)
    for asked in outlook.request.asked:
        if asked.attacks:
            first = asked.attacks[0]
            samples = sum(each.tags.get(ATTACK_TAG) == first for each in asked.samples)
            words = _counted(asked.attacks)
            yield phrase("plan_attacks", task=asked.task.name, n=samples, attacks=words)
    yield from _attacking(outlook.request, outlook.forecast)
    yield from _judging(outlook.judged, outlook.forecast)
    yield from _of_the_endpoint(outlook)
    for gate in outlook.gates:
        yield phrase("sentence", text=gate.sentence())
    suite = outlook.request.suite_file.suite
    if not suite.gates and outlook.request.choices.gates:
        about = suite.description.of(language())
        yield phrase("plan_no_gates", suite=suite.name, about=about)
    yield phrase("plan_note", width=outlook.width * 100)


def _of_the_endpoint(outlook: _Outlook) -> Iterator[str]:
    from tenken.evals.models.preflight import settled_words
    from tenken.evals.planning.forecast import if_it_reasons
    from tenken.evals.planning.plan import is_embedded

    endpoint, asked = outlook.request.endpoint, outlook.request.asked
    for line in settled_words(endpoint, endpoint):
        yield phrase("settled", model=endpoint.model, what=line)
    more = None if is_embedded(endpoint) else if_it_reasons(asked, endpoint, outlook.latency)
    if more is not None:
        cost = phrase("forecast_cost", dollars=more.cost) if more.cost is not None else ""
        yield phrase("plan_reasons", tokens=more.tokens_out, cost=cost)
    if endpoint.price is None:
        yield phrase("plan_no_price")
    yield phrase(
        "plan_seconds", seconds=outlook.forecast.seconds, latency=outlook.latency,
        n=endpoint.connections.max_connections,
        more=phrase("plan_adaptive") if endpoint.connections.adaptive else "",
    )  # fmt: skip


def _reused(request: Request, results_dir: Path) -> int:
    """Return how many samples earlier runs have answers to; 0 where the run itself could not be."""
    from tenken.errors import InputError
    from tenken.evals.actions.earlier import at_most_reused
    from tenken.evals.actions.run import plan_of

    try:
        return at_most_reused(plan_of(request, request.endpoint), results_dir)
    except InputError:  # no grader is named yet: a plan needs none
        return 0


def _judged(asked: TaskSelection) -> str | None:
    """Return what a task's answers will be judged for: refusal, harm, or neither of them."""
    from tenken.tasks.fit import vocabulary

    known = vocabulary(asked.scoring)
    return known.judges if known else None


def _attacking(request: Request, seen: Forecast) -> Iterator[str]:
    """Yield what attacks set, and what those that adapt take of the models in roles at most."""
    from tenken.tasks.attacks.adaptive import ADAPTIVE

    adapting = dict.fromkeys(
        (name, asked.settings.budget(name))
        for asked in request.asked
        for name in asked.attacks
        if name in ADAPTIVE
    )
    for name, budget in adapting:
        yield phrase("plan_budget", attack=name, turns=budget.turns, width=budget.width,
                     branching=budget.branching, calls=budget.target)  # fmt: skip
    shots = {a.settings.shots for a in request.asked if a.settings.shots is not None}
    for number in sorted(shots):
        yield phrase("plan_shots", n=number, context=request.endpoint.context)
    for role, each in seen.roles.items():
        cost = phrase("forecast_cost", dollars=each.cost) if each.cost is not None else ""
        yield phrase("plan_role", role=role, calls=each.calls, tokens_in=each.tokens_in,
                     tokens_out=each.tokens_out, cost=cost)  # fmt: skip
    missing = [role for role in seen.roles if role not in request.choices.roles]
    if missing:
        yield phrase(
            "plan_roles_missing", roles=" ".join(f"--model-role {r}=MODEL" for r in missing)
        )


def _judging(judged: Mapping[str, str | None], seen: Forecast) -> Iterator[str]:
    harm = [name for name, what in judged.items() if what == "harm"]
    alone = [name for name, what in judged.items() if what == "refusal"]
    if harm:
        yield phrase("judged_harm", tasks=", ".join(harm))
    if alone:
        yield phrase("judged_alone", tasks=", ".join(alone))
    if seen.graded:
        yield phrase("graded_calls", n=seen.graded)


def _labels(task: str, labels: Mapping[Group, LabelsNeeded]) -> str:
    own = [each.labels for group, each in labels.items() if group.task == task]
    known = [each for each in own if each is not None]
    return str(sum(known)) if own and len(known) == len(own) else "-"


def _counted(attacks: Sequence[str]) -> str:
    from tenken.schema.plan import NO_ATTACK

    if len(attacks) <= _MOST_NAMED:
        return ", ".join(attacks)
    plain = NO_ATTACK in attacks
    key = "plan_many_and_none" if plain else "plan_many_attacks"
    return phrase(key, n=len(attacks) - plain)


def _power(asked: TaskSelection) -> dict[str, float | None]:
    from tenken.evals.planning.forecast import shape
    from tenken.results.metrics.power import detectable_difference, detectable_rate

    size = shape(asked)
    clusters = size["clusters"]
    return {
        "one_rate": detectable_rate(clusters, 0.1),
        "two_models": detectable_difference(clusters, 0.2),
        "two_languages": detectable_difference(min(size["pairs"], clusters), 0.2),
    }


def _gate(planned: PlannedGate) -> dict[str, object]:
    return {
        "name": planned.gate.name,
        "max": planned.limit,
        "clusters": planned.clusters,
        "clusters_needed": planned.needed,
        "most_failures": planned.failures,
        "chance_to_pass": [{"rate": rate, "chance": chance} for rate, chance in planned.chances],
    }


def _words(power: dict[str, float | None]) -> str:
    return ", ".join(
        phrase("plan_points", what=term("detects", key), points=value * 100)
        if value is not None
        else f"{term('detects', key)} -"
        for key, value in power.items()
    )
