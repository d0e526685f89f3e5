"""`tenken run SUITE`: ask, score, report, seal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_summary
from tenken.evals.cli.keygen import key_for_change, signing_key

if TYPE_CHECKING:
    from tenken.results.report.report import Presentation
    from tenken.schema.plan import Plan

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
    model_role: o.ModelRoles = None,
    attack: o.Attacks = None,
    data: o.Data = None,
    accept_licence: o.AcceptLicence = False,
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
        roles=model_role,
        attacks=attack,
        data=data,
        accepted=accept_licence,
    )
    shown = _presentation(lang, with_text)
    signing_key(key)  # refuses a key that is not there before anything is asked
    if dry_run:
        from tenken.evals.cli.plan import show_plan

        show_plan(request, latency=_LATENCY, connections=_CONNECTIONS, as_json=as_json)
        return 0
    folder, report, keyid, stopped = ask_and_report(
        request,
        results_dir,
        caps=(max_cost, max_tokens),
        quiet=quiet or as_json,
        shown=shown,
        key=key,
    )
    if as_json:
        typer.echo(json.dumps(_about(folder, report, stopped), ensure_ascii=False, indent=2))
    else:
        print_summary(folder, report, stopped=stopped, keyid=keyid)
    return int(report["exit_status"])


def ask_and_report(
    request: o.Request,
    results_dir: Path,
    *,
    caps: tuple[float | None, int | None],
    quiet: bool,
    shown: Presentation,
    key: Path | None,
) -> tuple[Path, dict[str, Any], str, str]:
    """Ask what is not answered yet, and write the report.

    Returns:
        The run's folder, the report, the id of the key that sealed it (empty when unsigned), and
        why the run stopped early (empty if it did not).
    """
    from tenken.evals.models.endpoint import make_model
    from tenken.evals.running.guard import check_caps
    from tenken.evals.running.run import Caps, is_finished, renew_cards, run_plan
    from tenken.io.files import claimed
    from tenken.results.bundle.staging import check_sealed
    from tenken.results.bundle.write import write_bundle
    from tenken.results.seal.folder import SEAL_FILE
    from tenken.results.seal.seal import set_seal_aside

    check_caps(caps[0], request.endpoint.price)
    for judge in request.choices.roles.values():
        check_caps(caps[0], judge.price)
    plan, stopped = _plan(request), ""
    folder = results_dir / plan.run
    if plan.model.embedded is None and not is_finished(folder, plan):
        make_model(request.endpoint)  # refuses what is wrong on this side before writing anything
    with claimed(folder):
        sealed = (folder / SEAL_FILE).exists()
        if sealed:
            check_sealed(folder)
        private_key = key_for_change(folder, key) if sealed else signing_key(key)
        if is_finished(folder, plan):
            renew_cards(folder, plan)
        else:
            _check_endpoint(request, plan, quiet=quiet)
            set_seal_aside(folder)
            outcome = run_plan(
                plan,
                request.asked,
                request.endpoint,
                folder,
                caps=Caps(*caps),
                roles=request.choices.roles,
                quiet=quiet,
            )
            stopped = outcome.stopped
        report, keyid = write_bundle(folder, shown, private_key, reason="run")
    return folder, report, keyid, stopped


def _plan(request: o.Request) -> Plan:
    from tenken.evals.planning.plan import is_embedded, make_plan

    embedded = _embedded_info() if is_embedded(request.endpoint) else None
    return make_plan(
        request.suite_file, request.endpoint, request.asked, request.choices, embedded=embedded
    )


def _embedded_info() -> dict[str, Any]:
    from inspect_ai._util.error import PrerequisiteError

    from tenken.errors import EndpointError
    from tenken.evals.models.embedded.provider import embedded_model_info

    try:
        return embedded_model_info()
    except PrerequisiteError as error:
        raise EndpointError(str(error)) from None


def _check_endpoint(request: o.Request, plan: Plan, *, quiet: bool) -> None:
    """See that the endpoint answers, and say what will be asked of it."""
    from tenken.evals.models.preflight import preflight
    from tenken.evals.planning.forecast import forecast
    from tenken.evals.planning.plan import is_embedded

    endpoint = request.endpoint
    if plan.model.embedded is None:
        preflight(endpoint)
    for role, judge in request.choices.roles.items():
        if not is_embedded(judge):
            preflight(judge, f"the model in the role '{role}'")
    if not quiet:
        seen = forecast(
            request.asked, price=endpoint.price, latency=_LATENCY, connections=_CONNECTIONS
        )
        typer.echo(f"{plan.suite} on {endpoint.model}: {seen.sentence()}.", err=True)


def _presentation(lang: str, with_text: bool) -> Presentation:
    from tenken.errors import UnknownNameError
    from tenken.results.report.report import Presentation
    from tenken.schema.record import LANGUAGES

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
