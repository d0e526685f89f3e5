"""`tenken attest RUN`: verify a bundle and sign what was found, in a role."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from tenken.evals.actions.keys import signing_key, trusted_folder
from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import language, phrase
from tenken.results.seal.publication import Role

if TYPE_CHECKING:
    from tenken.results.verify.verify import Check


def attest(
    run: Annotated[str, typer.Argument(help="The bundle's folder, or its name.")],
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign with (see 'tenken keygen').")
    ] = None,
    role: Annotated[
        str, typer.Option(help="auditor, witness, laboratory, vendor or regulator.")
    ] = "auditor",
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="Public key, or folder of them, that must have signed the seal."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="YAML file that says which grades and keys are required.")
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Score every answer again before signing.")
    ] = False,
    results_dir: o.ResultsDir = RESULTS_DIR,
    lang: o.TerminalLanguage = None,
) -> int:
    """Verify a bundle and sign what was found, in a role (SLSA Verification Summary).

    The signature is over the statement that the seal signs. A bundle that does not verify is
    attested as FAILED, and the exit status is that of 'tenken verify'.
    """
    from datetime import UTC, datetime

    from tenken.errors import InputError, UnknownNameError
    from tenken.io.files import claimed
    from tenken.results.pages.findings import verdict_said
    from tenken.results.pages.words import Words
    from tenken.results.seal.seal import read_seal
    from tenken.results.verify.attestations import write_attestation
    from tenken.results.verify.policy import read_policy, trusted
    from tenken.results.verify.verify import verify_bundle

    if role not in get_args(Role):
        raise UnknownNameError("role", role, get_args(Role))
    folder, private = find_run(run, results_dir), signing_key(key)
    if private is None:
        raise InputError("an attestation is signed: name a key with --key, or make one: keygen.")
    required = read_policy(policy) if policy else None
    named = [*(trust or []), *(Path(each) for each in (required.keys if required else ()))]
    own = trusted_folder()
    keys = trusted(named or ([own] if own.is_dir() else []), asked=bool(named))
    again = _replay() if deep or (required and "rescored" in required.require) else None
    with claimed(folder):
        found = verify_bundle(folder, keys, deep=again, policy=required)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        data = policy.read_bytes() if policy else b""
        name = write_attestation(
            folder, read_seal(folder), found, cast(Role, role), private, data, at
        )
    words = Words(language())
    verdict = verdict_said(found.verdict_codes, words)
    typer.echo(
        phrase("attested", verdict=verdict, role=words.term("attester", role), file=folder / name)
    )
    return found.exit_status


def _replay() -> Check:
    from tenken.evals.running.replay import replay

    return replay
