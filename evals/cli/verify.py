"""`tenken verify RUN`: check a bundle offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.actions.keys import trusted_folder
from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import padded
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import language, phrase, term

if TYPE_CHECKING:
    from tenken.results.verify.signatures import Trust
    from tenken.results.verify.verify import Check
    from tenken.schema.verification import Policy, Verification


def verify(
    run: Annotated[str, typer.Argument(help="The run's folder, or its name.")],
    key: Annotated[
        list[Path] | None,
        typer.Option(
            "--key",
            "--trust",
            help="Public key (PEM) that must have signed the seal, or a folder of them (*.pub); "
            "may be repeated. Default: the folder trusted_keys beside your own key, if any.",
        ),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="YAML file that says which grades and keys are required.")
    ] = None,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Score every answer again, and compare every prompt with the library's.",
        ),
    ] = False,
    time_authority: Annotated[
        list[Path] | None,
        typer.Option(help="Certificate (PEM) of a trusted time-stamping authority; repeatable."),
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="Folder of the transparency log, to check that it goes on.")
    ] = None,
    without_logs: Annotated[
        bool,
        typer.Option(
            "--without-logs",
            help="Accept that the logs were taken out: recompute every rate from samples.parquet.",
        ),
    ] = False,
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Check a run's seal and digests, recompute every number from the logs, name what differs.

    Five grades: consistent, authentic, preregistered, rescored, page_remade. The status is 0 when
    the bundle is consistent, signed by a trusted key, and its page can be made again; 2 when it is
    not consistent or a policy is not met; else the sum of 8 (authentic), 16 (preregistered), 32
    (rescored) and 64 (page_remade) for what does not hold.
    """
    from tenken.results.verify.policy import read_policy
    from tenken.results.verify.verify import verify_bundle

    folder = find_run(run, results_dir)
    required = read_policy(policy) if policy else None
    trust = _trust(key or [], required, time_authority or [], log)
    again = _replay() if deep or (required and "rescored" in required.require) else None
    found = verify_bundle(folder, trust, without_logs=without_logs, deep=again, policy=required)
    if as_json:
        about = {"folder": str(folder), "verified": found.exit_status == 0, **_about(found)}
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
    else:
        _print(found)
    return found.exit_status


def _trust(
    keys: list[Path], policy: Policy | None, authorities: list[Path], log: Path | None
) -> Trust:
    from dataclasses import replace

    from tenken.results.seal.timestamp import read_authorities
    from tenken.results.verify.policy import trusted

    named = [*keys, *(Path(key) for key in (policy.keys if policy else ()))]
    own = trusted_folder()
    trust = trusted(named or ([own] if own.is_dir() else []), asked=bool(named))
    return replace(trust, authorities=read_authorities(authorities), log=log)


def _replay() -> Check:
    from tenken.evals.running.replay import replay

    return replay


def _about(found: Verification) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        "exit_status": found.exit_status,
        **found.model_dump(mode="json"),
    }


def _print(found: Verification) -> None:
    from tenken.results.pages.findings import finding_said, grade_said, place_said, verdict_said
    from tenken.results.pages.words import Words

    words = Words(language())
    keys = ", ".join(
        phrase("verify_signed", name=each.name)
        if each.name
        else phrase("verify_claims", key=each.keyid[:16])
        for each in found.signers
    )
    typer.echo(verdict_said(found.verdict_codes, words))
    decision = term("decision", found.decision) if language() != "en" else found.decision
    typer.echo(phrase("verify_run", run=found.run, model=found.model, decision=decision))
    when = found.finished or phrase("verify_never")
    typer.echo(phrase("verify_when", when=when, keys=keys or phrase("verify_unsigned")) + "\n")
    for name, grade in found.grades.items():
        head = padded(term("grade", name), 14) + padded(term("holds", grade.holds), 8)
        typer.echo(f"{head}{grade_said(grade, words)}")
    rest = [each for each in found.findings if each.status != "ok"]
    if rest:
        typer.echo("")
    for finding in rest:
        what, said = place_said(finding.what, words), finding_said(finding, words)
        status = padded(term("holds", finding.status), 8)
        typer.echo(status + words("finding_at", what=what, said=said))
