"""The further scorers that a suite names, over a run's answers once the run is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tenken.errors import InputError
from tenken.evals.actions.score import ScoringResult, misfit_with, score_tasks
from tenken.evals.config import RunConfig
from tenken.evals.planning.graders import check_graders
from tenken.evals.planning.own import scorer_binding
from tenken.evals.planning.request import Request
from tenken.evals.running.graders import Allowance
from tenken.io.canonical import sha256_file
from tenken.results.records.rescorings import read_ledger
from tenken.schema.plan import Plan
from tenken.schema.report import Report
from tenken.schema.rescoring import Rescoring
from tenken.tasks.card.card import Scoring


def check_also(request: Request, plan: Plan) -> None:
    """Refuse a further scorer that cannot be made or asked, before anything is asked.

    Args:
        request: What is asked; its suite names the scorers.
        plan: Its plan.

    Raises:
        InputError: It takes other arguments, cannot judge the task's measures, or its role has no
            model, or the tested one.
        UnknownNameError: There is none of that name.
    """
    further = list(_further(request))
    for place, (task, scoring) in enumerate(further):
        if (task, scoring) in further[:place]:
            raise InputError(
                "also: the scorer '{name}' is listed twice for {task}; remove one.",
                name=scoring.name,
                task=task,
            )
        scorer_binding(scoring)
        check_graders(scoring, task, plan.model, request.choices.roles)
        planned = plan.task(task)
        misfit = misfit_with(scoring, planned) if planned else ""
        if misfit:
            raise InputError(
                "also: the scorer '{name}' cannot judge {task}: {misfit}",
                name=scoring.name,
                task=task,
                misfit=misfit,
            )


def score_also(
    request: Request, folder: Path, key: Path | None, allowance: Allowance
) -> ScoringResult | None:
    """Score a sealed run's answers with the further scorers that have not read them yet.

    Args:
        request: What was asked; its suite names the scorers.
        folder: The run's folder.
        key: Private key to sign with.
        allowance: What their graders may spend.

    Returns:
        What came of it; None where nothing was left to do.

    Raises:
        AllowanceUsedError: That is used up. The run is as it was, and the next command goes on.
        TenkenError: A grader does not answer, or the run cannot be written again. It is as it was.
    """
    done = [entry for entry in read_ledger(folder) if _is_of_these_answers(folder, entry)]
    missing = [
        (task, scoring)
        for task, scoring in _further(request)
        if not any(_is_by(entry, task, scoring) for entry in done)
    ]
    if not missing:
        return None
    return score_tasks(folder, missing, request.choices.roles, key, allowance)


def left_of(request: Request, config: RunConfig, report: Report) -> Allowance:
    """Return what the caps leave for further scorers, by the tokens that the run's logs count.

    Args:
        request: What was asked; it names the models and their prices.
        config: The caps.
        report: The run's report. A model of it that no endpoint names has the highest price.
    """
    endpoints = [request.endpoint, *request.choices.roles.values()]
    left = Allowance(config.max_cost, config.max_tokens)
    for name, tokens in report.provenance.tokens.items():
        own = [each for each in endpoints if name.endswith(each.model)] or endpoints
        costs = [tokens.input * p.input + tokens.output * p.output for e in own if (p := e.price)]
        left.less(max(costs, default=0.0) / 1e6, tokens.input + tokens.output)
    return left


def _further(request: Request) -> Iterator[tuple[str, Scoring]]:
    for asked in request.asked:
        for scoring in asked.entry.also:
            yield asked.task.name, scoring


def _is_of_these_answers(folder: Path, entry: Rescoring) -> bool:
    log = folder / entry.parent
    return log.is_file() and sha256_file(log) == entry.parent_sha256


def _is_by(entry: Rescoring, task: str, scoring: Scoring) -> bool:
    binding = scorer_binding(scoring)
    same = (entry.scorer.name, entry.scorer.args) == (binding.name, binding.args)
    return entry.task == task and same
