"""`tenken run SUITE`: ask, score, report, seal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError
from tenken.evals.cli import _options as o
from tenken.evals.cli._gates import attempt_of, check_reachable, planned_gates
from tenken.evals.cli._output import print_summary
from tenken.evals.cli.evidence.commit import (
    check_not_unsealed,
    commit,
    read_profile,
    register_seal,
    registered,
)
from tenken.evals.cli.keygen import key_for_change, signing_key
from tenken.schema.commitment import COMMITMENT_FILE, ProfileFile

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
    who = read_profile(profile)
    signing_key(key)  # refuses a key that is not there before anything is asked
    if dry_run:
        from tenken.evals.cli.plan import show_plan

        show_plan(request, latency=_LATENCY, as_json=as_json)
        return 0
    if plan_only:
        typer.echo(f"Committed: {_commit_only(request, results_dir, who, signing_key(key))}")
        return 0
    folder, report, keyid, stopped = ask_and_report(
        request,
        results_dir,
        caps=(max_cost, max_tokens),
        quiet=quiet or as_json,
        shown=shown,
        key=key,
        profile=who,
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
    profile: ProfileFile | None = None,
) -> tuple[Path, dict[str, Any], str, str]:
    """Ask what is not answered yet, and write the report.

    Returns:
        The run's folder, the report, the id of the key that sealed it (empty when unsigned), and
        why the run stopped early (empty if it did not).
    """
    from tenken.evals.models.make import make_model
    from tenken.evals.planning.plan import is_embedded
    from tenken.evals.running.guard import check_caps
    from tenken.evals.running.journal import note_in
    from tenken.evals.running.run import Caps, is_finished, run_plan, with_committed_cards
    from tenken.io.files import claimed
    from tenken.results.bundle.write import write_bundle
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
        private_key = _key(folder, key)
        if is_finished(folder, _plan(request, declared)):
            _say_of_later_cards(folder, _plan(request, declared))
        else:
            request = _settled(request, quiet=quiet)
            plan = with_committed_cards(folder, _plan(request, declared))
            set_seal_aside(folder)
            commit(folder, plan, request.suite_file.data, profile or ProfileFile(), private_key)
            with registered(folder):
                outcome = run_plan(
                    plan,
                    request.asked,
                    request.endpoint,
                    folder,
                    caps=Caps(*caps),
                    roles=request.choices.roles,
                    quiet=quiet,
                )
            stopped, words = outcome.stopped, outcome.failures
            note_in(folder, "stopped" if stopped else "completed", **_why(stopped))
        report, keyid = write_bundle(folder, shown, private_key, reason="run")
        log = profile.transparency_log if profile is not None else None
        register_seal(folder, report["decision"], stopped, log)
    if not quiet:
        _say_what_went_wrong(report, request.endpoint, words)
    return folder, report, keyid, stopped


def _key(folder: Path, given: Path | None) -> Path | None:
    """Return the key to sign with, after a look at what is there: nothing else may be sealed over.

    Raises:
        BundleError: The evidence is not what was sealed.
        InputError: The seal was taken away, or the key is not there.
    """
    from tenken.results.bundle.staging import check_sealed
    from tenken.results.seal.folder import SEAL_FILE

    if not (folder / SEAL_FILE).exists():
        check_not_unsealed(folder)
        return signing_key(given)
    check_sealed(folder)
    return key_for_change(folder, given)


def _commit_only(
    request: o.Request, results_dir: Path, profile: ProfileFile, key: Path | None
) -> Path:
    """Commit to a plan without running it.

    Raises:
        InputError: The run has logs already.
    """
    from tenken.io.files import claimed

    declared = request.endpoint
    first = _plan(request, declared)
    folder = results_dir / first.run
    request = _as_before(request, folder).at_attempt(attempt_of(folder, first))
    with claimed(folder):
        if (folder / "logs").exists():
            raise InputError(f"{folder}: this run has begun, so its plan is committed already.")
        plan = _plan(_settled(request, quiet=True), declared)
        commit(folder, plan, request.suite_file.data, profile, key)
    return folder / COMMITMENT_FILE


def _say_of_later_cards(folder: Path, plan: Plan) -> None:
    """Name calibration cards that came after the plan: they change no figure of a finished run."""
    from tenken.schema.plan import read_plan

    committed = read_plan(folder).calibration
    later = [name for name, card in plan.calibration.items() if committed.get(name) != card]
    if later:
        typer.echo(
            f"tenken: {', '.join(later)}: not in the plan that was committed before the first "
            "answer, so the run's figures are not corrected by it.",
            err=True,
        )


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


def _why(stopped: str) -> dict[str, str]:
    return {"why": stopped} if stopped else {}


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
