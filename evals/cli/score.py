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
from tenken.evals.words import language, phrase

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
    typer.echo(phrase("score_no_verdict"), err=True)
    return _INCOMPLETE


def _tell(folder: Path, scored: ScoringResult, *, as_json: bool) -> None:
    from tenken.results.pages.words import Words

    words = Words(language())
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
        state, judges = words.term("calibration", block.scorer.calibration), block.graders
        name = f"{block.scorer.name} ({', '.join(judges)})" if judges else block.scorer.name
        typer.echo(phrase("score_task", task=task.name, scorer=name, state=state))
        firsts = {measure.key: measure.overall for measure in task.measures}
        for other in block.measures:
            _tell_measure(firsts.get(other.key), other, block.outcomes["scored"])
        for reason, n in sorted(reasons.items()):
            said = reason if language() == "en" else words.term("reason", reason)
            typer.echo(phrase("score_reason", reason=said, n=n))
    for scorer, name in work.passed_over:
        typer.echo(phrase("score_passed_over", task=name, scorer=scorer))
    typer.echo(phrase("score_report", file=folder / "report.html"))
    sealed = phrase("sealed_by", key=scored.keyid[:16]) if scored.keyid else phrase("sealed_none")
    typer.echo(sealed)


def _tell_measure(first: CorrectedFigure | None, other: RescoredMeasure, scored: int) -> None:
    """Print a rate: beside the first scorer's, or with what a measure of its own leaves out."""
    from tenken.results.pages.words import Words

    overall = other.overall
    same, missing = overall.agreement, sum(overall.outcomes.values()) - overall.n
    kappa = phrase("score_no_kappa") if same.value is None else f"{same.value:z.2f}"
    beside = (
        phrase("score_first", rate=interval(first, ".1%"), kappa=kappa, n=same.n)
        if first
        else phrase("score_not_counted", n=scored - overall.n)
    )
    rate = interval(overall, ".1%")
    about = {"measure": other.key, "rate": rate, "n": overall.n, "missing": missing}
    typer.echo(phrase("score_measure", **about, beside=beside))
    for each in other.labels:
        sign = Words(language()).term("sign", each.label)
        typer.echo(phrase("score_label", label=sign, rate=interval(each, ".1%")))
