"""Run a suite, and score a finished run again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.api.arguments import (
    RunLike,
    folder_of,
    mapping_of,
    models_of,
    names_of,
    path_of,
    refusal,
)
from tenken.api.loop import outside_a_loop
from tenken.results.frames.run import Run

if TYPE_CHECKING:
    from tenken.evals.config import RunConfig

_PATHS: Final = ("endpoint_file", "key", "profile", "results_dir")


def run(suite: str | Path | RunConfig, model: str | None = None, **settings: Any) -> Run:
    """Run a suite or a task against a model and leave a scored, sealed report.

    The same call in the same place goes on where it was stopped, and asks nothing twice.

    Args:
        suite: Name of a suite or task, path of a suite's file or a task's folder, or a whole
            `RunConfig`.
        model: Inspect's model string, such as `openai/gpt-4o-mini` or `tenken/smollm2`.
        **settings: Any other key of `RunConfig`, such as `limit=50`, `endpoint_file="my.yaml"`,
            `model_roles={"grader": "openai/…"}` or `results_dir="runs"`.

    Returns:
        The finished run, or what there is of it where a cap stopped it (`stopped` says why).

    Raises:
        TenkenError: A name is unknown, a file breaks a rule, the endpoint does not answer, or
            results cannot be written.

    Example:
        >>> run = tenken.run("smoke", endpoint_file=ENDPOINT, limit=2, results_dir=RUNS, quiet=True)
        >>> run.decision in {"PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE", "NO_GATES"}
        True
        >>> list(run.figures().query("by == 'area'").risk.unique())
        ['misinformation', 'criminal_misuse', 'bias']
    """
    from tenken.evals.actions.run import run_one
    from tenken.evals.config import RunConfig

    given: dict[str, Any] = {
        key: path_of(key, each) if key in _PATHS else each for key, each in settings.items()
    }
    given["model_roles"] = models_of(given.get("model_roles"))
    if not isinstance(suite, (RunConfig, str, os.PathLike)) or not str(suite):
        raise refusal("suite", "a suite, a task or its folder, such as 'baseline'", suite)
    if isinstance(suite, RunConfig):
        config = suite.with_settings(model=model, **given)
    else:
        config = RunConfig.of(None, suite=str(suite), model=model, **given)

    def work() -> Run:
        ended = run_one(config)
        return Run(ended.folder, ended.report.contents(), ended.stopped)

    return outside_a_loop(work)


def score(
    run: RunLike,
    scorer: str | Sequence[str],
    *,
    args: Mapping[str, Any] | None = None,
    labels: str | Path | None = None,
    model_roles: Mapping[str, str | Path] | None = None,
    key: str | Path | None = None,
) -> Run:
    """Score a finished run's logs again, beside the first scores; no model is asked but graders.

    Args:
        run: The run.
        scorer: Name of a scorer for every task, or `TASK=NAME` for one; `my_scorer.py@mine` is a
            function of a file, which says beside it what it gives (see the how-to on scorers).
        args: The scorer's arguments.
        labels: CSV or JSON Lines of people's labels, for the scorer `human`.
        model_roles: By role, a model string or an endpoint file.
        key: Private key to sign the seal with.

    Returns:
        The run with its new report.

    Raises:
        TenkenError: The scorer is unknown or fits no measure, or the run does not fit its seal;
            the run is then as it was.

    Example:
        >>> again = tenken.score(RUN, f"criminal_misuse/fraud={SCORER}")
        >>> [task["name"] for task in again.report["tasks"] if task.get("other_scorers")]
        ['criminal_misuse/fraud']
    """
    from tenken.evals.actions.score import score_run

    folder = folder_of(run)
    names = names_of("scorer", scorer, "refusal")
    given = mapping_of("args", args, "{'threshold': 0.5}")
    roles = models_of(model_roles)
    people, sign = path_of("labels", labels), path_of("key", key)

    def work() -> Run:
        scored = score_run(folder, names, given, people, roles, sign)
        return Run(folder, scored.report.contents())

    return outside_a_loop(work)
