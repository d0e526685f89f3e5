"""`tenken score RUN --scorer NAME`: score finished logs again, next to the old scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import interval
from tenken.evals.config import RESULTS_DIR

if TYPE_CHECKING:
    from tenken.evals.actions.score import ScoringResult
    from tenken.schema.figures import CorrectedFigure
    from tenken.schema.scorers import RescoredMeasure

_INCOMPLETE = 3


def score(
    run: Annotated[str, typer.Argument(help="The run's folder, or its name.")],
    scorer: Annotated[
        list[str] | None,
        typer.Option(
            "--scorer", help="NAME for every task, or TASK=NAME for one; may be repeated."
        ),
    ] = None,
    scorer_arg: o.ScorerArgs = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV or JSONL of people's labels, for the scorer human.")
    ] = None,
    model_role: o.ModelRoles = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign the seal with (see 'tenken keygen').")
    ] = None,
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Score a run's finished logs again, without asking the tested model anything.

    The old scores stay and stay the report's figures; the new ones are beside them, and a line
    of ledger.jsonl says who judged. Ends with status 3 where no answer got a verdict.
    """
    from tenken.evals.actions.score import score_run

    folder, roles = find_run(run, results_dir), o.roles_of(model_role)
    args = o.scorer_arguments(scorer_arg)
    scored = score_run(folder, scorer or (), args, labels, roles, key)
    _tell(folder, scored, as_json=as_json)
    if scored.work.verdicts:
        return 0
    typer.echo("tenken: no answer got a verdict; the reasons are above.", err=True)
    return _INCOMPLETE


def _tell(folder: Path, scored: ScoringResult, *, as_json: bool) -> None:
    work, logs = scored.work, {entry.log for entry in scored.entries}
    blocks = [
        (task, block, work.reasons.get((task.name, block.scorer.name), {}))
        for task in scored.report.tasks
        for block in task.other_scorers
        if block.log in logs
    ]
    if as_json:
        told = [
            {"task": task.name, **block.model_dump(mode="json"), "reasons": reasons}
            for task, block, reasons in blocks
        ]
        passed = [{"scorer": scorer, "task": task} for scorer, task in work.passed_over]
        about = {"run": str(folder), "rescored": told, "passed_over": passed}
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    for task, block, reasons in blocks:
        state, judges = block.scorer.calibration, ", ".join(block.graders)
        typer.echo(f"{task.name} by {block.scorer.name}{judges and f' ({judges})'}, {state}")
        firsts = {measure.key: measure.overall for measure in task.measures}
        for other in block.measures:
            _tell_measure(firsts.get(other.key), other, block.outcomes["scored"])
        for reason, n in sorted(reasons.items()):
            typer.echo(f"  without a verdict, {reason}: {n}")
    for scorer, name in work.passed_over:
        typer.echo(f"{name}: passed over, its measures know no label of {scorer}.")
    sealed = f"by key {scored.keyid[:16]}" if scored.keyid else "unsigned"
    typer.echo(f"Report: {folder / 'report.html'}\nSealed {sealed}.")


def _tell_measure(first: CorrectedFigure | None, other: RescoredMeasure, scored: int) -> None:
    """Print a rate: beside the first scorer's, or with what a measure of its own leaves out."""
    overall = other.overall
    same, missing = overall.agreement, sum(overall.outcomes.values()) - overall.n
    kappa = "not measured" if same.value is None else f"{same.value:z.2f}"
    beside = (
        f"first scorer {interval(first, '.1%')}; kappa {kappa} (n {same.n})"
        if first
        else f"{scored - overall.n} with nothing at stake, not counted"
    )
    typer.echo(
        f"  {other.key}: {interval(overall, '.1%')}, n {overall.n}, "
        f"{missing} without a verdict; {beside}"
    )
