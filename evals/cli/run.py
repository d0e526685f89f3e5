"""`tenken run SUITE`: ask, score, report, seal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tenken.evals.cli import options as o
from tenken.evals.cli.keygen import signing_key
from tenken.evals.cli.summary import print_summary

_LATENCY = 1.0
_CONNECTIONS = 10


def run(
    suite: o.SuiteName,
    model: o.ModelName = None,
    endpoint_file: o.EndpointFile = None,
    base_url: o.BaseUrl = None,
    api_key_env: o.ApiKeyEnv = None,
    model_arg: o.ModelArg = None,
    temperature: o.Temperature = None,
    limit: o.Limit = None,
    language: o.Languages = None,
    task: o.Tasks = None,
    epochs: o.Epochs = None,
    scorer: o.Scorers = None,
    results_dir: o.ResultsDir = o.RESULTS_DIR,
    max_cost: Annotated[
        float | None, typer.Option(min=0.0, help="Stop when this many US dollars are spent.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Stop when this many tokens are used, in and out.")
    ] = None,
    lang: Annotated[str, typer.Option(help="Language of the report: en or ja.")] = "en",
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Show text that may be harmful in the report.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign the seal with (see 'tenken keygen').")
    ] = None,
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
    request = o.understand(
        suite,
        model=model,
        endpoint_file=endpoint_file,
        base_url=base_url,
        api_key_env=api_key_env,
        model_args=model_arg,
        temperature=temperature,
        limit=limit,
        languages=language,
        tasks=task,
        epochs=epochs,
        scorers=scorer,
    )
    shown, private_key = _presentation(lang, with_text), signing_key(key)
    if dry_run:
        from tenken.evals.cli.plan import show_plan

        show_plan(request, latency=_LATENCY, connections=_CONNECTIONS, as_json=as_json)
        return 0
    folder, stopped = _ask(
        request, results_dir, max_cost=max_cost, max_tokens=max_tokens, quiet=quiet or as_json
    )
    from tenken.results.bundle import write_bundle

    report, keyid = write_bundle(folder, shown, private_key)
    if as_json:
        typer.echo(json.dumps(_about(folder, report, stopped), ensure_ascii=False, indent=2))
    else:
        print_summary(folder, report, stopped=stopped, keyid=keyid)
    return int(report["exit_status"])


def _ask(
    request: o.Request,
    results_dir: Path,
    *,
    max_cost: float | None,
    max_tokens: int | None,
    quiet: bool,
) -> tuple[Path, str]:
    """Ask what is not answered yet and return the run's folder and why it stopped, if it did."""
    from tenken.evals.embedded import embedded_model_info
    from tenken.evals.forecast import forecast
    from tenken.evals.guard import check_caps
    from tenken.evals.planning import is_embedded, make_plan
    from tenken.evals.preflight import preflight
    from tenken.evals.run import Caps, is_finished, run_plan
    from tenken.files import claimed, ensure_writable

    endpoint = request.endpoint
    caps = Caps(max_cost, max_tokens)
    check_caps(max_cost, endpoint.price)
    ensure_writable(results_dir)
    embedded = embedded_model_info() if is_embedded(endpoint) else None
    plan = make_plan(
        request.suite_file, endpoint, request.asked, request.choices, embedded=embedded
    )
    folder = results_dir / plan.run
    with claimed(folder):
        if is_finished(folder, plan):
            return folder, ""
        if not quiet:
            seen = forecast(request.asked, price=endpoint.price, latency=1.0, connections=10)
            typer.echo(f"{plan.suite} on {endpoint.model}: {seen.sentence()}.", err=True)
        if embedded is None:
            preflight(endpoint)
        outcome = run_plan(plan, request.asked, endpoint, folder, caps=caps, quiet=quiet)
    return folder, outcome.stopped


def _presentation(lang: str, with_text: bool) -> Any:
    from tenken.errors import UnknownNameError
    from tenken.records import LANGUAGES
    from tenken.results.report import Presentation

    if lang not in LANGUAGES:
        raise UnknownNameError("report language", lang, LANGUAGES)
    return Presentation(lang, with_text)


def _about(folder: Path, report: dict[str, Any], stopped: str) -> dict[str, Any]:
    return {
        "run": str(folder),
        "decision": report["decision"],
        "exit_status": report["exit_status"],
        "complete": report["complete"],
        "stopped": stopped,
        "outcomes": report["outcomes"],
        "areas": report["areas"],
        "gates": report["gates"],
    }
