"""Committing to a plan before anything is asked, and the register of attempts beside the runs."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tenken.errors import BundleError, InputError, TenkenError
from tenken.evals.actions.keys import default_key
from tenken.schema.evidence import COMMITMENT_FILE, REGISTER_FILE, Commitment, ProfileFile
from tenken.schema.plan import PLAN_FILE, SUITE_FILE

if TYPE_CHECKING:
    from tenken.schema.plan import Plan


def read_profile(path: Path | None) -> ProfileFile:
    """Return who evaluates and who witnesses it, from a YAML file.

    Args:
        path: The file; `profile.yaml` beside the default key where left out, if there is one.

    Raises:
        InputError: The file is missing or has another form.
    """
    from pydantic import ValidationError

    from tenken.evals.suite import read_yaml
    from tenken.io.faults import explain

    own = default_key().with_name("profile.yaml")
    place = path or (own if own.is_file() else None)
    if place is None:
        return ProfileFile()
    try:
        found = ProfileFile.model_validate(read_yaml(place, place.read_bytes()))
    except OSError as error:
        raise InputError("{place}: cannot be read: {error}.", place=place, error=error) from None
    except ValidationError as error:
        raise InputError("{place}: {why}", place=place, why=explain(error, ProfileFile)) from None
    if found.transparency_log is None:
        return found
    log = place.resolve().parent / found.transparency_log
    return found.model_copy(update={"transparency_log": str(log)})


def commit(folder: Path, plan: Plan, suite: bytes, profile: ProfileFile, key: Path | None) -> None:
    """Write plan, suite and commitment, unless just this plan is committed to already.

    A plan that was committed to is never changed: another one sets it aside and names it.

    Args:
        folder: The run's folder, which must be `claimed`.
        plan: The plan.
        suite: The bytes of the suite's file.
        profile: Who evaluates.
        key: File of the private key to sign with, or None.

    Raises:
        InputError: The register is not a chain, or the key cannot be used.
        StorageError: Nothing can be written.
    """
    from tenken.evals.actions.attempts import changes, earlier_attempts
    from tenken.evals.running.journal import note_in
    from tenken.io.chain import append_to_chain, read_chain
    from tenken.io.files import write_atomically
    from tenken.results.seal.commitment import read_commitment, write_commitment
    from tenken.schema.plan import read_plan

    register = folder.parent / REGISTER_FILE
    entries, last = read_chain(register)
    old = read_commitment(folder)
    if old is not None and _is_committed(folder, plan, suite, old.digests):
        append_to_chain(register, _event("resumed", plan.run, commitment_sha256=old.sha256))
        note_in(folder, "resumed", commitment_sha256=old.sha256)
        return
    previous = old.sha256 if old is not None else None
    replaced: list[dict[str, str]] = []
    if old is not None:
        with suppress(BundleError):
            replaced = changes(read_plan(folder), plan)
        _set_aside(folder, old.sha256)
    write_atomically(folder / PLAN_FILE, plan.to_bytes())
    write_atomically(folder / SUITE_FILE, suite)
    attempt = 1 + sum(e.get("event") == "started" and e.get("run") == plan.run for e in entries)
    made = _commitment(plan, profile, attempt=attempt, register_sha256=last, previous=previous)
    digest = write_commitment(folder, made, key)
    _witness(folder, profile)
    others = earlier_attempts(entries, plan)
    about = {"attempt": attempt, "commitment_sha256": digest}
    named = {"suite": plan.suite, "model": plan.model.name}
    append_to_chain(register, _event("started", plan.run, **about, **named))
    note_in(folder, "started", **about, others=others, changes=replaced)


def _commitment(
    plan: Plan, profile: ProfileFile, *, attempt: int, register_sha256: str, previous: str | None
) -> Commitment:
    from tenken._version import __version__

    return Commitment(
        run=plan.run,
        nonce=secrets.token_hex(32),
        committed=_now(),
        attempt=attempt,
        register_sha256=register_sha256,
        previous=previous,
        profile=profile.who,
        tenken=__version__,
        source_sha256=_source(),
        python=platform.python_version(),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        journal=True,
        suite=plan.suite,
        model=plan.model.name,
        lock_sha256=_lock(),
    )


def _witness(folder: Path, profile: ProfileFile) -> None:
    """Have a commitment stamped and logged, where the profile asks for it; else take it back."""
    from tenken.evals.actions.witness import log_commitment, stamp

    try:
        if profile.time_authority:
            stamp(folder, profile.time_authority)
        if profile.transparency_log:
            log_commitment(folder, Path(profile.transparency_log))
    except TenkenError:
        (folder / COMMITMENT_FILE).unlink()  # without its witnesses nothing is committed
        raise


def check_not_unsealed(folder: Path) -> None:
    """Refuse to go on with a run whose seal was taken away.

    Raises:
        InputError: The register says that the run was sealed, and its seal is not there.
    """
    from tenken.io.chain import read_chain

    entries, _ = read_chain(folder.parent / REGISTER_FILE)
    own = [entry for entry in entries if entry.get("run") == folder.name]
    if own and own[-1].get("event") == "sealed" and (folder / COMMITMENT_FILE).exists():
        raise InputError(
            "{folder}: this run was sealed ({register_file}), and its seal is not there. "
            "Put it back, or move the folder away to begin again.",
            folder=folder,
            register_file=REGISTER_FILE,
        )


@contextmanager
def registered(folder: Path) -> Iterator[None]:
    """Say in the register that a run was broken off, where the block ends with an error."""
    from tenken.evals.running.journal import note_in
    from tenken.io.chain import append_to_chain

    try:
        yield
    except TenkenError as error:
        note_in(folder, "aborted", why=type(error).__name__)
        event = _event("aborted", folder.name, why=type(error).__name__)
        append_to_chain(folder.parent / REGISTER_FILE, event)
        raise


def register_seal(folder: Path, decision: str, stopped: str, log: str | None = None) -> None:
    """Note in the register, and in a transparency log, that a run was sealed, with its decision.

    Nothing is written where the run's last entry in the register is this seal.

    Args:
        folder: The run's folder, with its seal; the register is beside it.
        decision: The decision on the gates, as the report has it.
        stopped: Why the run was stopped early; empty where it was not.
        log: Folder of the transparency log; None for none.

    Raises:
        InputError: The register or the log is broken.
        StorageError: One of them cannot be written.
    """
    from tenken.evals.actions.witness import log_seal
    from tenken.io.canonical import sha256_file
    from tenken.io.chain import append_to_chain, read_chain

    register = folder.parent / REGISTER_FILE
    seal = sha256_file(folder / "seal.json")
    entries, _ = read_chain(register)
    own = [entry for entry in entries if entry.get("run") == folder.name]
    if not own or own[-1].get("seal_sha256") != seal:
        about = {"decision": decision, "stopped": stopped, "seal_sha256": seal}
        append_to_chain(register, _event("sealed", folder.name, **about))
        if log is not None:
            log_seal(folder, Path(log))


def register_event(results_dir: Path, event: str, run: str) -> None:
    """Note in the register of a results folder what became of a run.

    Args:
        results_dir: The folder with the register in it.
        event: What happened, as the register names it.
        run: Name of the run's folder.

    Raises:
        InputError: The register is broken.
        StorageError: The register cannot be written.
    """
    from tenken.io.chain import append_to_chain

    append_to_chain(results_dir / REGISTER_FILE, _event(event, run))


def _is_committed(folder: Path, plan: Plan, suite: bytes, digests: dict[str, str]) -> bool:
    from tenken.io.canonical import sha256_bytes

    same = digests == {
        PLAN_FILE: sha256_bytes(plan.to_bytes()),
        SUITE_FILE: sha256_bytes(suite),
    }
    return same and all((folder / name).is_file() for name in digests)


def _set_aside(folder: Path, digest: str) -> None:
    from tenken.results.seal.folder import SUPERSEDED
    from tenken.results.seal.timestamp import STAMP_FILE
    from tenken.results.seal.transparency import PROOF_FILE

    (folder / SUPERSEDED).mkdir(exist_ok=True)
    for name in (PLAN_FILE, SUITE_FILE, COMMITMENT_FILE, STAMP_FILE, PROOF_FILE):
        if (folder / name).is_file():
            os.replace(folder / name, folder / SUPERSEDED / f"{digest[:16]}-{name}")


def _event(event: str, run: str, **about: Any) -> dict[str, Any]:
    return {"event": event, "run": run, "at": _now(), **about}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _source() -> str:
    """Return the digest of the installed distribution's record; empty in a source checkout."""
    from importlib.metadata import PackageNotFoundError, distribution

    from tenken.io.canonical import sha256_bytes

    try:
        record = distribution("tenken").read_text("RECORD")
    except (PackageNotFoundError, OSError):
        return ""
    return sha256_bytes(record.encode()) if record else ""


def _lock() -> str:
    """Return the digest of the lock file beside a source checkout; empty elsewhere."""
    from tenken.io.canonical import sha256_file

    path = Path(__file__).resolve().parents[2] / "requirements.lock"
    return sha256_file(path) if path.is_file() else ""
