"""`tenken run SUITE`: ask, score, report, seal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_summary, print_table
from tenken.evals.words import language, phrase, term

if TYPE_CHECKING:
    from tenken.evals.actions.many import Many
    from tenken.evals.actions.run import RunResult
    from tenken.evals.actions.runs import Headline


def run(
    suite: o.OptionalSuite = None,
    config: o.ConfigFile = None,
    model: o.Models = None,
    endpoint_file: o.EndpointFiles = None,
    base_url: o.BaseUrl = None,
    api_key_env: o.ApiKeyEnv = None,
    model_arg: o.ModelArg = None,
    temperature: o.Temperature = None,
    reasoning_effort: o.ReasoningEffort = None,
    reasoning_tokens: o.ReasoningTokens = None,
    max_connections: o.MaxConnections = None,
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
    no_gates: o.NoGates = False,
    fresh: o.Fresh = False,
    results_dir: o.OwnResultsDir = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0.0, help="Stop when this many US dollars are spent.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Stop when this many tokens are used, in and out.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Processes of this machine that ask.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Dask scheduler whose workers ask: its address, its scheduler file (.json), or a "
            "YAML file for dask-jobqueue (see docs/scale.md)."
        ),
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option(help="Path or URL (s3://...) that all workers reach, for their answers."),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(help="Language of the report (default en) and of the terminal: en or ja."),
    ] = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Show text that may be harmful in the report.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign the seal with (see 'tenken keygen').")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(help="YAML file that says who evaluates: operator, laboratory, ..."),
    ] = None,
    plan_only: Annotated[
        bool,
        typer.Option(
            "--plan-only", help="Commit to the plan and stop, so that it can be lodged elsewhere."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done and stop.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Run a suite against a model and leave a scored, sealed report.

    The same command in the same place goes on where it was stopped. It asks again what ended in
    an error, and asks nothing twice that has an answer.
    """
    given = dict(locals())
    for name in ("plan_only", "dry_run", "as_json"):
        del given[name]
    settings = o.config_of({**given, "quiet": quiet or as_json})
    from tenken.evals.planning.request import understand

    requests = [(understand(one), one) for one in settings.each()]
    from tenken.evals.actions.run import LATENCY, commit_only, run_request

    if dry_run:
        from tenken.evals.cli.plan import WIDTH, show_plan

        for request, one in requests:
            show_plan(
                request, latency=LATENCY, width=WIDTH, as_json=as_json, results_dir=one.results_dir
            )
        return 0
    if plan_only:
        for request, one in requests:
            typer.echo(phrase("committed", file=commit_only(request, one)))
        return 0
    if len(requests) > 1:
        from tenken.evals.actions.many import run_many

        return _show_many(run_many(requests), as_json=as_json)
    ended = run_request(requests[0][0], requests.pop()[1])  # the samples are to be let go
    if as_json:
        typer.echo(json.dumps(_about(ended), ensure_ascii=False, indent=2))
    else:
        print_summary(ended.folder, ended.report, stopped=ended.stopped, keyid=ended.keyid)
    return ended.report.exit_status


def _show_many(many: Many, *, as_json: bool) -> int:
    """Print the leaderboard, what could not be asked, and where the comparison is."""
    if as_json:
        about = {
            "runs": [_about(each) for each in many.ended],
            "down": [{"model": each.model, "why": each.why} for each in many.down],
            "comparison": str(many.page) if many.page else None,
            "exit_status": many.exit_status,
        }
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return many.exit_status
    places = many.leaderboard()
    risks = list(dict.fromkeys(risk for place in places for risk in place.rates))
    rows = [
        (place.model, _decision(place.decision), *(_rate(place.rates.get(risk)) for risk in risks))
        for place in places
    ]
    rows += [(each.model, _decision("NOT ASKED"), *("-" for _ in risks)) for each in many.down]
    typer.echo("")
    print_table(("model", "decision", *risks), rows)
    typer.echo("\n" + phrase("order_line"))
    for down in many.down:
        typer.echo(phrase("not_asked_line", model=down.model, why=down.why))
    for each in many.ended:
        key = "report_stopped" if each.stopped else "report_line"
        typer.echo(phrase(key, path=each.folder / "report.html", why=each.stopped))
    if many.page is not None:
        typer.echo(phrase("comparison_line", path=many.page))
    if many.no_page:
        typer.echo(phrase("no_comparison", why=many.no_page))
    return many.exit_status


def _rate(rate: Headline | None) -> str:
    if rate is None:
        return "-"
    value, low, high = (f"{end:.1%}" for end in (rate.value, rate.low, rate.high))
    return phrase("to", value=value, low=low, high=high)


def _decision(code: str) -> str:
    """Return the word for a decision; in English the code itself, as `--json` has it."""
    return code if language() == "en" else term("decision", code)


def _about(ended: RunResult) -> dict[str, Any]:
    report = ended.report.contents()
    return {
        "run": str(ended.folder),
        "decision": report["decision"],
        "exit_status": report["exit_status"],
        "complete": report["complete"],
        "stopped": ended.stopped,
        "outcomes": report["outcomes"],
        "areas": report["areas"],
        "gates": report["gates"],
    }
