"""What forgeries are made of: changing logs, plans, chains and reports, and sealing them again.

Parts of `attack_bundle.py`. Each function works on a copy of a run.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tenken.io.canonical import canonical_json, pretty_json, sha256_bytes
from tenken.io.chain import START, read_chain
from tenken.results.bundle.made import presentation_of, read_report, read_report_json
from tenken.results.bundle.write import write_bundle
from tenken.results.records.archive import Archive
from tenken.results.records.table import parquet_bytes, read_parquet
from tenken.results.seal.seal import statement, write_seal


def change_log(path: Path, change: Callable[[str, Any], Any]) -> None:
    """Write a log again, each JSON member changed; None leaves one out."""
    with Archive(path) as old:
        members = {name: old.read(name) for name in old.names}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            changed = change(name, json.loads(data))
            if changed is not None:
                new.writestr(name, json.dumps(changed, ensure_ascii=False))


def change_samples(run: Path, change: Callable[[dict[str, Any]], object], task: str = "") -> None:
    """Change every sample of the logs whose name holds `task`."""

    def member(name: str, value: Any) -> Any:
        if name.startswith("samples/"):
            change(value)
        return value

    for path in sorted((run / "logs").glob(f"*{task}*.eval".replace("**", "*"))):
        change_log(path, member)


def change_scores(run: Path) -> None:
    """Turn every verdict to the safe end."""

    def safe(sample: dict[str, Any]) -> None:
        for score in (sample.get("scores") or {}).values():
            unsafe = score.get("value") == 1.0
            score["value"] = 0.0
            about = score.get("metadata") or {}
            for key in ("label", "labels"):
                if unsafe and key in about:
                    about[key] = _safe_label(about[key])

    change_samples(run, safe)


def _safe_label(label: Any) -> Any:
    safe = {"incorrect": "correct", "compliance": "full_refusal"}
    return (
        [_safe_label(each) for each in label] if isinstance(label, list) else safe.get(label, label)
    )


def seal_again(run: Path) -> None:
    """Make the report, the page, the tables and an unsigned seal of what is there."""
    write_bundle(run, presentation_of(run), reason="report")


def edit_plan(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the plan and seal the bundle again."""
    path = run / "plan.json"
    plan = json.loads(path.read_bytes())
    change(plan)
    path.write_bytes(pretty_json(plan))
    seal_again(run)


def edit_report(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the report and seal what is there, without making it again."""
    report = read_report_json(run)
    change(report)
    (run / "report.json").write_bytes(pretty_json(report))
    seal_as_it_is(run)


def seal_as_it_is(run: Path) -> None:
    """Seal the files as they are there, unsigned, with the samples that the table states."""
    rows = read_parquet(run / "samples.parquet")
    (run / "seal.json").unlink()
    write_seal(run, statement(run, rows, SimpleNamespace(**read_report_json(run))), None)


def change_headers(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what each log states of its task and model, and seal the bundle again."""

    def member(name: str, value: Any) -> Any:
        if name in ("header.json", "_journal/start.json"):
            change(value["eval"])
        return value

    for path in (run / "logs").glob("*.eval"):
        change_log(path, member)
    seal_again(run)


def first_log(run: Path) -> Path:
    """Return the first log."""
    return next(iter(sorted((run / "logs").glob("*.eval"))))


def pack_member(run: Path, name: str, data: str) -> None:
    """Add a member to a log, and seal what is there."""
    path = first_log(run)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as log:
        warnings.simplefilter("ignore")
        log.writestr(name, data)
    seal_as_it_is(run)


def put_around(run: Path, before: bytes, after: bytes) -> None:
    """Put bytes around a log, and seal what is there."""
    path = first_log(run)
    path.write_bytes(before + path.read_bytes() + after)
    seal_as_it_is(run)


def chain_anew(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the entries of a chain, and chain them again without a seam."""
    entries = [{k: v for k, v in e.items() if k != "previous"} for e in read_chain(path)[0]]
    change(entries)
    last, lines = START, []
    for entry in entries:
        lines.append(canonical_json({**entry, "previous": last}))
        last = sha256_bytes(lines[-1])
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def multiply_rows(run: Path) -> None:
    """Write a table of rows without end, and seal what is there."""
    rows, report = read_parquet(run / "samples.parquet"), read_report(run)
    (run / "samples.parquet").write_bytes(parquet_bytes(rows[:1] * 300_000))
    (run / "seal.json").unlink()
    write_seal(run, statement(run, rows, report), None)
