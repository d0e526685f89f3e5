"""`tenken run SUITE`: ask, score, report, seal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.evals.cli import _options as o
from tenken.evals.cli._gates import attempt_of, check_reachable, planned_gates
from tenken.evals.cli._output import print_summary
from tenken.evals.cli.keygen import key_for_change, signing_key

if TYPE_CHECKING:
    from tenken.evals.models.endpoint import Endpoint
    from tenken.results.report.report import Presentation
    from tenken.schema.plan import Plan

_LATENCY = 1.0
_MOST_FAILURES = 3
_MANY_CUT = 0.05


def run(
    suite: o.SuiteName,
    model: o.ModelName = None,
    endpoint_file: o.EndpointFile = None,
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
    accept_licence: o.AcceptLicence = False,
    no_gates: o.NoGates = False,
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
        reasoning_effort=reasoning_effort,
        reasoning_tokens=reasoning_tokens,
        max_connections=max_connections,
        limit=limit,
        languages=language,
        tasks=task,
        epochs=epochs,
        scorers=scorer,
        roles=model_role,
        attacks=attack,
        data=data,
        accepted=accept_licence,
        no_gates=no_gates,
    )
    shown = _presentation(lang, with_text)
    signing_key(key)  # refuses a key that is not there before anything is asked
    if dry_run:
        from tenken.evals.cli.plan import show_plan

        show_plan(request, latency=_LATENCY, as_json=as_json)
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
    from tenken.evals.models.make import make_model
    from tenken.evals.planning.plan import is_embedded
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
    declared, stopped = request.endpoint, ""
    words: Mapping[str, int] = {}
    first = _plan(request, declared)
    folder = results_dir / first.run
    request = _as_before(request, folder).at_attempt(attempt_of(folder, first))
    check_reachable(request, planned_gates(request, request.choices.attempt))
    if not is_embedded(declared) and not is_finished(folder, _plan(request, declared)):
        make_model(declared)  # refuses what is wrong on this side before writing anything
    with claimed(folder):
        sealed = (folder / SEAL_FILE).exists()
        if sealed:
            check_sealed(folder)
        private_key = key_for_change(folder, key) if sealed else signing_key(key)
        if is_finished(folder, _plan(request, declared)):
            renew_cards(folder, _plan(request, declared))
        else:
            request = _settled(request, quiet=quiet)
            set_seal_aside(folder)
            outcome = run_plan(
                _plan(request, declared),
                request.asked,
                request.endpoint,
                folder,
                caps=Caps(*caps),
                roles=request.choices.roles,
                quiet=quiet,
            )
            stopped, words = outcome.stopped, outcome.failures
        report, keyid = write_bundle(folder, shown, private_key, reason="run")
    if not quiet:
        _say_what_went_wrong(report, request.endpoint, words)
    return folder, report, keyid, stopped


def _plan(request: o.Request, declared: Endpoint) -> Plan:
    from tenken.evals.planning.plan import is_embedded, make_plan

    embedded = _embedded_info() if is_embedded(request.endpoint) else None
    return make_plan(
        request.suite_file, request.endpoint, request.asked, request.choices,
        embedded=embedded, declared=declared,
    )  # fmt: skip


def _as_before(request: o.Request, folder: Path) -> o.Request:
    """Return the request with what an earlier attempt found out of the endpoint and the graders.

    Found out anew it might differ, and every answer would be asked for once more.
    """
    from tenken.errors import BundleError
    from tenken.schema.plan import read_plan

    try:
        old = read_plan(folder)
    except BundleError:
        return request
    roles = {
        role: judge.settled_as(old.roles[role]) if role in old.roles else judge
        for role, judge in request.choices.roles.items()
    }
    return request.with_models(request.endpoint.settled_as(old.model), roles)


def _embedded_info() -> dict[str, Any]:
    from tenken.errors import EndpointError
    from tenken.evals.models.embedded.provider import embedded_model_info
    from tenken.inspect_private import prerequisite_error

    try:
        return embedded_model_info()
    except prerequisite_error() as error:
        raise EndpointError(str(error)) from None


def _settled(request: o.Request, *, quiet: bool) -> o.Request:
    """See that the models answer, find out what they take, and say what will be asked of them."""
    from tenken.evals.models.preflight import preflight, settled_words
    from tenken.evals.planning.forecast import forecast
    from tenken.evals.planning.plan import is_embedded

    def asked(endpoint: Endpoint, role: str, *, structured: bool = False) -> Endpoint:
        found = endpoint
        if not is_embedded(endpoint):
            found = preflight(endpoint, role, structured=structured)
        for line in settled_words(endpoint, found) if not quiet else ():
            typer.echo(f"{found.model}: {line}.", err=True)
        return found

    roles = request.choices.roles
    request = request.with_models(
        asked(request.endpoint, "the model under test"),
        {
            role: asked(judge, f"the model in the role '{role}'", structured=True)
            for role, judge in roles.items()
        },
    )
    if not quiet:
        seen = forecast(request.asked, request.endpoint, _LATENCY)
        name = request.suite_file.suite.name
        typer.echo(f"{name} on {request.endpoint.model}: {seen.sentence()}.", err=True)
    return request


def _say_what_went_wrong(
    report: Mapping[str, Any], endpoint: Endpoint, failures: Mapping[str, int]
) -> None:
    """Say in the endpoint's words why there was no answer, and what to raise if many were cut."""
    for words, count in sorted(failures.items(), key=lambda each: -each[1])[:_MOST_FAILURES]:
        typer.echo(f"{count} requests failed: {words}", err=True)
    cut = sum(
        counts.get("cut_while_reasoning", 0)
        for task in report["tasks"]
        for counts in task["reasons"].values()
    )
    total = sum(report["outcomes"].values())
    if cut > _MANY_CUT * total:
        tokens = endpoint.reasoning.tokens if endpoint.reasoning else 0
        typer.echo(
            f"{cut} of {total} answers were cut while the model was reasoning: raise its "
            f"{tokens:,} tokens with --reasoning-tokens, or reasoning.tokens in the endpoint file.",
            err=True,
        )


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
