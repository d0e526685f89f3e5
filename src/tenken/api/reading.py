"""Open runs, compare them, verify them."""

from __future__ import annotations

from pathlib import Path

from tenken.api.arguments import RunLike, folder_of, path_of, refusal
from tenken.errors import InputError
from tenken.results.frames.comparison import Comparison
from tenken.results.frames.run import Run, Runs, open_run, open_runs
from tenken.results.frames.verification import Verification


def read_run(path: RunLike) -> Run:
    """Open a finished run; nothing is checked against its seal (see `verify`).

    Args:
        path: The run's folder, its name, or the beginning of its name below `results/runs`.

    Returns:
        The run, with `.samples()`, `.figures()` and `.gates()` as DataFrames.

    Raises:
        TenkenError: There is no such run, or it has no readable report.

    Example:
        >>> run = tenken.read_run(RUN)
        >>> set(run.samples().outcome) <= {"scored", "unscored", "blocked", "errored"}
        True
    """
    folder = folder_of(path)
    return path if isinstance(path, Run) else open_run(folder)


def read_runs(folder: str | Path = "results/runs") -> Runs:
    """Open every finished run below a folder, stacked.

    Args:
        folder: The folder that holds the folders of runs.

    Returns:
        The runs, sorted by name; their tables are told apart by the column `run`.

    Raises:
        TenkenError: No run with a report is in it.

    Example:
        >>> runs = tenken.read_runs(RUNS)
        >>> set(runs.samples().run) == {run.name for run in runs}
        True
    """
    place = path_of("folder", folder)
    if place is None:
        raise refusal("folder", "the folder of runs, such as 'results/runs'", folder)
    return open_runs(place)


def compare(baseline: RunLike, *runs: RunLike, key: str | Path | None = None) -> Comparison:
    """Compare runs with the first of them, on the samples that they share.

    Args:
        baseline: The run that the others are compared with.
        runs: One or more other runs.
        key: Public key (PEM) that must have signed every seal.

    Returns:
        The comparison; `.frame()` has one row a difference.

    Raises:
        TenkenError: A run cannot be read.

    Example:
        >>> differences = tenken.compare(RUN, OTHER).frame()
        >>> worse = differences.query("task == 'criminal_misuse/fraud' and kind == 'raw'")
        >>> bool((worse.run_value > worse.baseline_value).any())
        True
    """
    from tenken.results.compare.compare import compare as compared

    if not runs:
        raise InputError("name at least two runs to compare, such as tenken.compare(run, other).")
    found = compared([folder_of(each) for each in (baseline, *runs)], path_of("key", key))
    return Comparison(found.contents())


def verify(
    run: RunLike, *, key: str | Path | None = None, without_logs: bool = False
) -> Verification:
    """Check a run's seal and digests offline, and recompute every number from its logs.

    Args:
        run: The run.
        key: Public key (PEM) that must have signed the seal.
        without_logs: Accept that the logs were taken out; rates come from samples.parquet then.

    Returns:
        The findings; true where nothing is wrong.

    Raises:
        TenkenError: There is no such run, or the key cannot be read.

    Example:
        >>> found = tenken.verify(RUN)
        >>> bool(found), "wrong" in set(found.frame().status)
        (True, False)
    """
    from tenken.results.verify.policy import trusted
    from tenken.results.verify.verify import verify_bundle

    named = path_of("key", key)
    trust = trusted([named] if named else [], asked=named is not None)
    return Verification(verify_bundle(folder_of(run), trust, without_logs=without_logs))
