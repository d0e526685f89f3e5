"""A run from its configuration to its sealed bundle, as the command line and `tenken.run` do it."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tenken.errors import BundleError, EndpointError, InputError, Sentence, Words, said_by
from tenken.evals.actions.commit import (
    check_not_unsealed,
    commit,
    read_profile,
    register_seal,
    registered,
)
from tenken.evals.actions.earlier import earlier_runs
from tenken.evals.actions.ending import Meanwhile, score_further, seal_run
from tenken.evals.actions.gates import attempt_of, check_reachable, planned_gates
from tenken.evals.actions.keys import key_for_change, signing_key
from tenken.evals.config import RunConfig
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.make import make_model
from tenken.evals.models.preflight import preflight, settled_words
from tenken.evals.models.roles import REPLY_TOKENS, make_roles
from tenken.evals.planning.forecast import forecast
from tenken.evals.planning.plan import is_embedded, make_plan
from tenken.evals.planning.request import Request, understand
from tenken.evals.process import say
from tenken.evals.running.guard import check_caps
from tenken.evals.running.journal import note_in
from tenken.evals.running.reuse import TESTED, Reuse
from tenken.evals.running.run import Caps, RunOutcome, is_finished, run_plan, with_committed_cards
from tenken.evals.running.workers.coordinate import Workers
from tenken.evals.words import phrase
from tenken.io.files import claimed
from tenken.results.records.plan_check import check_sound
from tenken.results.seal.folder import SEAL_FILE
from tenken.results.seal.seal import set_seal_aside
from tenken.schema.evidence import COMMITMENT_FILE
from tenken.schema.model import EmbeddedModel
from tenken.schema.plan import PLAN_FILE, Plan, read_plan
from tenken.schema.report import Report

if TYPE_CHECKING:
    from inspect_ai.model import Model

    from tenken.results.records.ahead import ReadAhead

LATENCY: Final = 1.0
"""Seconds for one call, where a forecast of time is asked for and nobody knows better."""

_MOST_FAILURES = 3
_MANY_CUT = 0.05


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Attributes:
        folder: The run's folder.
        report: The report.
        keyid: Id of the key that sealed it; empty when unsigned.
        stopped: Why it ended before its last sample; empty if it did not.
    """

    folder: Path
    report: Report
    keyid: str
    stopped: str


def run_one(config: RunConfig) -> RunResult:
    """Ask one model what is not answered yet, write the report and seal it.

    Args:
        config: What to run, on one model.

    Returns:
        How it ended; where a cap stopped it, with what there is.

    Raises:
        TenkenError: A name is unknown, a file breaks a rule, the endpoint does not answer, or
            results cannot be written.
    """
    return run_request(understand(config), config)


def run_request(request: Request, config: RunConfig) -> RunResult:
    """Ask what is not answered yet of a request, write the report and seal it.

    Args:
        request: What is asked of which model.
        config: Where results go, what may be spent, who signs.
    """
    profile = read_profile(config.profile)
    signing_key(config.key)  # refuses a key that is not there before anything is asked
    _check_prices(request, config)
    declared, stopped = request.endpoint, ""
    words: Mapping[str, int] = {}
    ahead: ReadAhead | None = None
    folder, request = _begun(request, config)
    check_reachable(request, planned_gates(request, request.choices.attempt))
    plan = plan_of(request, declared, folder.name)
    check_sound(plan, folder / PLAN_FILE)  # no answer is paid for that no report could be made of
    if any(asked.entry.also for asked in request.asked):
        from tenken.evals.actions.also import check_also

        check_also(request, plan)
    models = _Models(None, {})
    if not is_finished(folder, plan):  # what is wrong on this side is refused before any writing
        models = _Models.of(request)
    with claimed(folder):
        private_key = _key(folder, config.key)
        if is_finished(folder, plan):
            _say_of_later_cards(folder, plan)
            if not config.quiet:
                say(phrase("nothing_asked", run=folder.name))
        else:
            told: dict[str, dict[str, str]] = {}
            request = _settled(request, models, quiet=config.quiet, told=told)
            plan = with_committed_cards(folder, plan_of(request, declared, folder.name))
            set_seal_aside(folder)
            commit(folder, plan, request.suite_file.data, profile, private_key)
            with registered(folder), Meanwhile(folder, plan) as meanwhile:
                reuse = Reuse(tuple(earlier_runs(plan, folder)), told)
                outcome = _run(plan, request, models, folder, config, reuse)
            stopped, words, ahead = outcome.stopped, outcome.failures, meanwhile.ahead
            note_in(folder, "stopped" if stopped else "completed", **_why(stopped))
        del plan  # the report is of the one that is on the disk
        request = request.without_samples()
        ended = seal_run(folder, config, private_key, ahead)
        register_seal(folder, ended.report.decision, stopped, profile.transparency_log)
    if not stopped:
        ended = score_further(request, folder, config, ended)
        stopped = ended.stopped
    if not config.quiet:
        _say_what_went_wrong(ended.report, request.endpoint, words)
    return RunResult(folder, ended.report, ended.keyid, stopped)


@dataclass(frozen=True)
class _Models:
    """Inspect's models of a run, made once; they are set up anew for what is found out.

    Attributes:
        tested: The model under test; None for the embedded one, whose server starts last.
        roles: The models in roles.
    """

    tested: Model | None
    roles: Mapping[str, Model]

    @classmethod
    def of(cls, request: Request) -> _Models:
        tested = None if is_embedded(request.endpoint) else make_model(request.endpoint)
        return cls(tested, make_roles(request.choices.roles))


def _run(
    plan: Plan, request: Request, models: _Models, folder: Path, config: RunConfig, reuse: Reuse
) -> RunOutcome:
    return run_plan(
        plan,
        request.asked,
        request.endpoint,
        folder,
        caps=Caps(config.max_cost, config.max_tokens),
        model=models.tested,
        roles=request.choices.roles,
        judges=models.roles,
        quiet=config.quiet,
        workers=Workers(config.workers, config.cluster, config.journal),
        reuse=reuse,
    )


def _why(stopped: str) -> dict[str, str]:
    return {"why": stopped} if stopped else {}


def _check_prices(request: Request, config: RunConfig) -> None:
    for endpoint in (request.endpoint, *request.choices.roles.values()):
        check_caps(config.max_cost, endpoint.price)


def _begun(request: Request, config: RunConfig) -> tuple[Path, Request]:
    """Return the run's folder, and the request as an earlier attempt in it left it."""
    first = plan_of(request, request.endpoint)
    folder = _folder(config.results_dir, first.run)
    return folder, _as_before(request, folder).at_attempt(attempt_of(folder, first))


def _folder(results_dir: Path, name: str) -> Path:
    """Return the folder of a run: the one that was begun, else one with the day of its beginning.

    Args:
        results_dir: Where the folders of runs are.
        name: Name of the run without a day, ending in what tells the command from others.
    """
    beginning, _, own = name.rpartition("--")
    if (results_dir / name).is_dir():  # begun before names had a day
        return results_dir / name
    begun = results_dir.glob(f"{glob.escape(beginning)}--*-{own}")
    today = datetime.now(UTC).strftime("%Y%m%d")
    return min(begun, default=results_dir / f"{beginning}--{today}-{own}")


def _key(folder: Path, given: Path | None) -> Path | None:
    """Return the key to sign with, after a look at what is there: nothing else may be sealed over.

    Raises:
        BundleError: The evidence is not what was sealed.
        InputError: The seal was taken away, or the key is not there.
    """
    if not (folder / SEAL_FILE).exists():
        check_not_unsealed(folder)
        return signing_key(given)
    from tenken.results.bundle.staging import check_sealed

    check_sealed(folder)
    return key_for_change(folder, given)


def commit_only(request: Request, config: RunConfig) -> Path:
    """Commit to a plan without running it.

    Args:
        request: What is asked of which model.
        config: Where results go, and who signs.

    Returns:
        The file of the commitment.

    Raises:
        InputError: The run has logs already.
    """
    declared, profile = request.endpoint, read_profile(config.profile)
    key = signing_key(config.key)
    folder, request = _begun(request, config)
    with claimed(folder):
        if (folder / "logs").exists():
            raise InputError(
                "{folder}: this run has begun, so its plan is committed already.", folder=folder
            )
        plan = plan_of(
            _settled(request, _Models(None, {}), quiet=True, told={}), declared, folder.name
        )
        commit(folder, plan, request.suite_file.data, profile, key)
    return folder / COMMITMENT_FILE


def _say_of_later_cards(folder: Path, plan: Plan) -> None:
    """Name calibration cards that came after the plan: they change no figure of a finished run."""
    committed = read_plan(folder).calibration
    later = [name for name, card in plan.calibration.items() if committed.get(name) != card]
    if later:
        say(phrase("later_cards", cards=", ".join(later)))


def plan_of(request: Request, declared: Endpoint, run: str | None = None) -> Plan:
    """Return the plan of a request.

    Args:
        request: What is asked of which model.
        declared: The endpoint before anything was found out of it, for the run's name.
        run: Name of the run, where it has a folder.
    """
    embedded = _embedded_info() if is_embedded(request.endpoint) else None
    plan = make_plan(
        request.suite_file, request.endpoint, request.asked, request.choices,
        embedded=embedded, declared=declared,
    )  # fmt: skip
    return plan.model_copy(update={"run": run}) if run else plan


def _as_before(request: Request, folder: Path) -> Request:
    """Return the request with what an earlier attempt found out of the endpoint and the graders.

    Found out anew it might differ, and every answer would be asked for once more.
    """
    try:
        old = read_plan(folder)
    except BundleError:
        return request
    roles = {
        role: judge.settled_as(old.roles[role]) if role in old.roles else judge
        for role, judge in request.choices.roles.items()
    }
    return request.with_models(request.endpoint.settled_as(old.model), roles)


def _embedded_info() -> EmbeddedModel:
    from tenken.evals.models.embedded.provider import embedded_model_info
    from tenken.inspect_private import prerequisite_error

    try:
        return embedded_model_info()
    except prerequisite_error() as error:
        raise EndpointError(said_by(error)) from None


def _settled(
    request: Request, models: _Models, *, quiet: bool, told: dict[str, dict[str, str]]
) -> Request:
    """See that the models answer, find out what they take, and say what will be asked of them.

    What each endpoint says of itself is put into `told`, by its role.
    """
    roles = {
        role: _asked(
            judge, Sentence("the model in the role '{role}'", role=role), models.roles.get(role),
            told.setdefault(role, {}), quiet=quiet, reply=REPLY_TOKENS,
        )
        for role, judge in request.choices.roles.items()
    }  # fmt: skip
    tested = _asked(
        request.endpoint,
        "the model under test",
        models.tested,
        told.setdefault(TESTED, {}),
        quiet=quiet,
    )
    request = request.with_models(tested, roles)
    if not quiet:
        seen = forecast(request.asked, request.endpoint, LATENCY, request.choices.roles)
        name = request.suite_file.suite.name
        about = {"suite": name, "model": request.endpoint.model, "forecast": seen.sentence()}
        say(phrase("forecast_of", **about))
    return request


def _asked(
    endpoint: Endpoint,
    role: Words,
    model: Model | None,
    heard: dict[str, str],
    *,
    quiet: bool,
    reply: int | None = None,
) -> Endpoint:
    """Return the endpoint with what one question to it found out."""
    found = endpoint
    if not is_embedded(endpoint):
        found = preflight(
            endpoint, role, structured=reply is not None, model=model, reply=reply, heard=heard
        )
    for line in settled_words(endpoint, found) if not quiet else ():
        say(phrase("settled", model=found.model, what=line))
    return found


def _say_what_went_wrong(report: Report, endpoint: Endpoint, failures: Mapping[str, int]) -> None:
    """Say in the endpoint's words why there was no answer, and what to raise if many were cut."""
    for words, count in sorted(failures.items(), key=lambda each: -each[1])[:_MOST_FAILURES]:
        say(phrase("requests_failed", n=count, why=words))
    cut = sum(
        counts.get("cut_while_reasoning", 0)
        for task in report.tasks
        for counts in task.reasons.values()
    )
    total = sum(report.outcomes.values())
    if cut > _MANY_CUT * total:
        tokens = endpoint.reasoning.tokens if endpoint.reasoning else 0
        say(phrase("many_cut", n=cut, all=total, tokens=tokens))
