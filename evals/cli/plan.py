"""`tenken plan`: what a run would ask, cost, take, and be able to show."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_table

if TYPE_CHECKING:
    from tenken.evals.actions.gates import PlannedGate
    from tenken.evals.asked import Asked
    from tenken.evals.planning.request import Request

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
    attack: o.Attacks = None,
    data: o.Data = None,
    area: o.Area = None,
    accept_licence: o.AcceptLicence = False,
    reasoning_effort: o.ReasoningEffort = None,
    reasoning_tokens: o.ReasoningTokens = None,
    max_connections: o.MaxConnections = None,
    no_gates: o.NoGates = False,
    latency: Annotated[float, typer.Option(min=0.0, help="Seconds for one call.")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what a run would do, without sending anything."""
    given = dict(locals())
    for name in ("latency", "as_json"):
        del given[name]
    if not model and not endpoint_file and config is None:
        given["model"] = "not-named"
    from tenken.evals.planning.request import understand

    for each in [understand(one) for one in o.config_of(given).each()]:
        show_plan(each, latency=latency, as_json=as_json)


def show_plan(request: Request, *, latency: float, as_json: bool) -> None:
    """Print the forecast of a request, and what its samples can detect."""
    from tenken.evals.actions.gates import check_reachable, planned_gates
    from tenken.evals.models.preflight import settled_words
    from tenken.evals.planning.forecast import forecast, if_it_reasons
    from tenken.evals.planning.plan import is_embedded

    endpoint = request.endpoint
    connections = endpoint.connections
    seen = forecast(request.asked, endpoint, latency)
    power = {each.task.name: _power(each) for each in request.asked}
    gates = planned_gates(request)
    check_reachable(request, gates)
    if as_json:
        about = {
            **asdict(seen),
            "detectable": power,
            "gates": [_gate(each) for each in gates],
            "suite": request.suite_file.suite.name,
        }
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    print_table(
        ("task", "en", "ja", "calls", "tokens in", "out <=", "detects"),
        (
            (
                each.name,
                each.samples.get("en", 0),
                each.samples.get("ja", 0),
                each.calls,
                f"{each.tokens_in:,}",
                f"{each.tokens_out:,}",
                _words(power[each.name]),
            )
            for each in seen.tasks
        ),
        right=("en", "ja", "calls", "tokens in", "out <="),
    )
    typer.echo(f"\n{seen.sentence()}.")
    for asked in request.asked:
        if asked.attacks:
            samples, words = len(asked.samples) // len(asked.attacks), _counted(asked.attacks)
            typer.echo(f"{asked.task.name}: {samples} samples, each under {words}.")
    for line in settled_words(endpoint, endpoint):
        typer.echo(f"{endpoint.model}: {line}.")
    more = None if is_embedded(endpoint) else if_it_reasons(request.asked, endpoint, latency)
    if more is not None:
        dollars = f", at most {more.cost:.2f} US dollars" if more.cost is not None else ""
        typer.echo(
            f"If the model turns out to reason before it answers: at most {more.tokens_out:,} "
            f"tokens out{dollars}."
        )
    if endpoint.price is None:
        typer.echo("Cost unknown: the endpoint file names no price.")
    typer.echo(
        f"About {seen.seconds:,.0f} s at {latency:g} s a call and {connections.max_connections} "
        f"calls at once{' or more, while the endpoint keeps up' if connections.adaptive else ''}."
    )
    for gate in gates:
        typer.echo(f"{gate.sentence()}.")
    typer.echo(
        "Token numbers are estimates from the length of the texts. 'Detects' is the smallest "
        "difference that the headline rate can show (power 80%, two-sided 5%; of one rate from "
        "10%, of pairs where 20% of them differ; exact where the answers of a cluster agree)."
    )


def _counted(attacks: Sequence[str]) -> str:
    from tenken.schema.plan import NO_ATTACK

    if len(attacks) <= _MOST_NAMED:
        return ", ".join(attacks)
    plain = NO_ATTACK in attacks
    return f"{len(attacks) - plain} attacks{' and none' if plain else ''}"


def _power(asked: Asked) -> dict[str, float | None]:
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
    names = {"one_rate": "one rate", "two_models": "models", "two_languages": "languages"}
    return ", ".join(
        f"{names[key]} {value * 100:.0f} points" if value is not None else f"{names[key]} -"
        for key, value in power.items()
    )
