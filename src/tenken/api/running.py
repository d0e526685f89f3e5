"""Run a suite, and score a finished run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tenken.api.arguments import RunLike, folder_of, pairs, path_of, roles_of
from tenken.api.loop import outside_a_loop
from tenken.results.frames.run import Run


def run(
    suite: str | Path,
    model: str | None = None,
    *,
    endpoint_file: str | Path | None = None,
    base_url: str | None = None,
    api_key_env: str | None = None,
    model_args: Mapping[str, Any] | None = None,
    temperature: float | None = None,
    limit: int | None = None,
    languages: Sequence[str] = (),
    tasks: Sequence[str] = (),
    epochs: int | None = None,
    scorers: Mapping[str, str] | None = None,
    model_roles: Mapping[str, str | Path] | None = None,
    attacks: Sequence[str] = (),
    data: Mapping[str, str | Path] | None = None,
    accept_licence: bool = False,
    results_dir: str | Path = "results/runs",
    max_cost: float | None = None,
    max_tokens: int | None = None,
    report_language: Literal["en", "ja"] = "en",
    with_text: bool = False,
    key: str | Path | None = None,
    quiet: bool = False,
) -> Run:
    """Run a suite against a model and leave a scored, sealed report, as `tenken run` does.

    The same call in the same place goes on where it was stopped, and asks nothing twice.

    Args:
        suite: Name of a suite, or path of a suite's YAML file.
        model: Inspect's model string, such as `openai/gpt-4o-mini` or `tenken/smollm2`.
        endpoint_file: YAML file with the model, base URL, parameters, limits and price.
        base_url: Base URL of an OpenAI-compatible endpoint.
        api_key_env: NAME of the environment variable that holds the key.
        model_args: Arguments of Inspect's provider.
        temperature: Temperature of generation; 0 where left out.
        limit: Most samples of each task over its languages, chosen in balance.
        languages: Ask in these languages alone, such as `["ja"]`.
        tasks: Run these tasks of the suite alone.
        epochs: How often to ask each sample.
        scorers: By task, another scorer than the card's.
        model_roles: By role, a model string or an endpoint file, such as `{"grader": "openai/…"}`.
        attacks: Ask every sample under these attacks.
        data: By name of a public benchmark, where its data are.
        accept_licence: Accept the terms of data that may not be used for everything.
        results_dir: Where the folders of runs are.
        max_cost: Stop when this many US dollars are spent.
        max_tokens: Stop when this many tokens are used, in and out.
        report_language: Language of report.html.
        with_text: Show text that may be harmful in the report.
        key: Private key to sign the seal with.
        quiet: Show no progress.

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
    from tenken.evals.cli import _options as options
    from tenken.evals.cli.run import ask_and_report
    from tenken.results.report.report import Presentation

    def work() -> Run:
        request = options.understand(
            str(suite),
            model=model,
            endpoint_file=path_of(endpoint_file),
            base_url=base_url,
            api_key_env=api_key_env,
            model_args=pairs(model_args),
            temperature=temperature,
            limit=limit,
            languages=list(languages),
            tasks=list(tasks),
            epochs=epochs,
            scorers=[f"{task}={name}" for task, name in (scorers or {}).items()],
            roles=roles_of(model_roles),
            attacks=list(attacks),
            data=[f"{name}={place}" for name, place in (data or {}).items()],
            accepted=accept_licence,
        )
        folder, report, _, stopped = ask_and_report(
            request,
            Path(results_dir),
            caps=(max_cost, max_tokens),
            quiet=quiet,
            shown=Presentation(report_language, with_text),
            key=path_of(key),
        )
        return Run(folder, report, stopped)

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
        scorer: Name of a scorer for every task, or `TASK=NAME` for one.
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
        >>> again = tenken.score(RUN, "criminal_misuse/fraud=refusal")
        >>> [task["name"] for task in again.report["tasks"] if task.get("other_scorers")]
        ['criminal_misuse/fraud']
    """
    from tenken.evals.cli.score import score_run

    folder = folder_of(run)
    names = [scorer] if isinstance(scorer, str) else list(scorer)

    def work() -> Run:
        roles = roles_of(model_roles)
        report, *_ = score_run(folder, names, args or {}, path_of(labels), roles, path_of(key))
        return Run(folder, report)

    return outside_a_loop(work)
