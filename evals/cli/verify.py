"""`tenken verify RUN`: check a bundle offline."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tenken.evals.cli import _options as o


def verify(
    run: Annotated[str, typer.Argument(help="The run's folder, or its name.")],
    key: Annotated[
        Path | None, typer.Option(help="Public key (PEM) that must have signed the seal.")
    ] = None,
    without_logs: Annotated[
        bool,
        typer.Option(
            "--without-logs",
            help="Accept that the logs were taken out: recompute every rate from samples.parquet.",
        ),
    ] = False,
    results_dir: o.ResultsDir = o.RESULTS_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Check a run's seal and digests, recompute every number from the logs, name what differs."""
    from tenken.results.verify.verify import is_whole, verify_bundle

    folder = o.find_run(run, results_dir)
    findings = verify_bundle(folder, key, without_logs=without_logs)
    whole = is_whole(findings)
    if as_json:
        about = {"run": str(folder), "verified": whole, "findings": [asdict(f) for f in findings]}
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(f"{finding.status:6}{finding.what}: {finding.message}")
        wrong = sum(finding.status == "wrong" for finding in findings)
        count = "1 finding is wrong" if wrong == 1 else f"{wrong} findings are wrong"
        typer.echo("VERIFIED" if whole else f"NOT VERIFIED: {count}")
    return 0 if whole else 2
