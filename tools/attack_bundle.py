"""Make forgeries of a sealed run, each in a folder of its own, for anybody to try.

    python tools/attack_bundle.py RUN [--to FOLDER] [--only NAME ...] [--key PUBLIC_KEY]

Each forger has what somebody with the files has: all of the bundle, and this program, but not the
laboratory's key. Where a forgery needs a new seal, it gets one without a signature. After each one
`tenken verify` is run on it, and its first and its wrong lines are printed. SECURITY.md says what
holds each attack off.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenken.io.canonical import answer_digest, canonical_json, pretty_json, sha256_bytes
from tenken.io.chain import START, read_chain
from tenken.results.bundle.write import presentation_of, read_report, write_bundle
from tenken.results.records.archive import Archive
from tenken.results.records.table import parquet_bytes, read_parquet
from tenken.results.seal.seal import statement, write_seal
from tenken.schema.evidence import JOURNAL_FILE
from tenken.schema.plan import PlannedModel, PlannedTask
from tenken.schema.reuse import own_key

REFUSAL = "I'm sorry, but I can't help with that."


@dataclass(frozen=True)
class Attack:
    """A forgery.

    Attributes:
        make: Changes a copy of the run.
        about: What the forger does, in one sentence.
        deep: Whether only `tenken verify --deep` can see it without the laboratory's key.
    """

    make: Callable[[Path], None]
    about: str
    deep: bool = False


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
    """Make the report, the page, the tables and an unsigned seal of what lies there."""
    write_bundle(run, presentation_of(run), reason="report")


def edit_plan(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the plan and seal the bundle again."""
    path = run / "plan.json"
    plan = json.loads(path.read_bytes())
    change(plan)
    path.write_bytes(pretty_json(plan))
    seal_again(run)


def edit_report(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the report and seal what lies there, without making it again."""
    report = read_report(run)
    change(report)
    (run / "report.json").write_bytes(pretty_json(report))
    seal_as_it_is(run)


def seal_as_it_is(run: Path) -> None:
    """Seal the files as they lie there, unsigned, with the samples that the table states."""
    rows = read_parquet(run / "samples.parquet")
    (run / "seal.json").unlink()
    write_seal(run, statement(run, rows, read_report(run)), None)


def _scores(run: Path) -> None:
    change_scores(run)
    seal_again(run)


def _scores_everywhere(run: Path) -> None:
    """Turn verdicts in the events of the log as well."""
    change_scores(run)

    def events(sample: dict[str, Any]) -> None:
        scores = list((sample.get("scores") or {}).values())
        for event in sample.get("events") or []:
            if event["event"] == "score" and scores:
                event["score"] = scores[0]

    _again(run, events)


def _other_data(run: Path) -> None:
    """Name another data set, with the key that fits it, in the plan and in the logs."""
    keys: dict[str, str] = {}

    def change(raw: dict[str, Any]) -> None:
        for task in raw["tasks"]:
            task["prompt_sha256"] = "0" * 64
            planned = PlannedTask.model_validate(task)
            key = own_key(
                planned.name,
                planned.version,
                planned.prompt_sha256,
                planned.scorer,
                PlannedModel.model_validate(raw["model"]),
                planned.max_tokens,
                {},
                [],
            )
            keys[planned.log_name] = f"{planned.version}+{key[:20]}"
            task["reuse_key"] = key

    path = run / "plan.json"
    plan = json.loads(path.read_bytes())
    change(plan)
    path.write_bytes(pretty_json(plan))
    _header(run, lambda spec: spec.update(task_version=keys[spec["task"]]))


def _page(run: Path) -> None:
    page = (run / "report.html").read_text("utf-8")
    page = page.replace("FAIL", "PASS").replace("default-src 'none'", "default-src *")
    (run / "report.html").write_text(page.replace("</body>", "<script>1</script></body>"), "utf-8")
    (run / "samples.csv").write_bytes((run / "samples.csv").read_bytes() + b"more\r\n")
    edit_report(run, lambda report: report["provenance"]["report_by"].update(tenken="0.0.1"))


def _figure(run: Path) -> None:
    edit_report(run, lambda report: report["areas"][0].update(value=0.0, low=0.0, high=0.01))


def _old_figure(run: Path) -> None:
    def change(report: dict[str, Any]) -> None:
        report["areas"][0].update(value=0.0, low=0.0, high=0.01)
        report["provenance"]["report_by"].update(tenken="0.0.1")

    edit_report(run, change)


def _drop(plan: dict[str, Any]) -> None:
    task = plan["tasks"][0]
    task["samples"].pop()
    task["limited_to"] = len(task["samples"])


def _again(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    change_samples(run, change)
    seal_again(run)


def _refusals(sample: dict[str, Any]) -> None:
    sample["output"]["completion"] = REFUSAL
    sample["output"]["choices"][0]["message"]["content"] = REFUSAL
    sample["messages"][-1]["content"] = REFUSAL


def _prompts(sample: dict[str, Any]) -> None:
    words = "Is water wet? Answer A or B."
    sample["input"] = words
    for message in sample["messages"]:
        if message["role"] == "user":
            message["content"] = words


def _header(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    def member(name: str, value: Any) -> Any:
        if name in ("header.json", "_journal/start.json"):
            change(value["eval"])
        return value

    for path in (run / "logs").glob("*.eval"):
        change_log(path, member)
    seal_again(run)


def _log(run: Path) -> Path:
    return next(iter(sorted((run / "logs").glob("*.eval"))))


def _pack(run: Path, name: str, data: str) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(_log(run), "a", zipfile.ZIP_DEFLATED) as log:
        warnings.simplefilter("ignore")
        log.writestr(name, data)
    seal_as_it_is(run)


def _around(run: Path, before: bytes, after: bytes) -> None:
    path = _log(run)
    path.write_bytes(before + path.read_bytes() + after)
    seal_as_it_is(run)


def _rows(run: Path) -> None:
    rows, report = read_parquet(run / "samples.parquet"), read_report(run)
    (run / "samples.parquet").write_bytes(parquet_bytes(rows[:1] * 300_000))
    (run / "seal.json").unlink()
    write_seal(run, statement(run, rows, report), None)


def chain_anew(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Change the entries of a chain, and chain them again without a seam."""
    entries = [{k: v for k, v in e.items() if k != "previous"} for e in read_chain(path)[0]]
    change(entries)
    last, lines = START, []
    for entry in entries:
        lines.append(canonical_json({**entry, "previous": last}))
        last = sha256_bytes(lines[-1])
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _journal(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Path], None]:
    def make(run: Path) -> None:
        chain_anew(run / JOURNAL_FILE, change)
        seal_again(run)

    return make


def _answers(run: Path) -> None:
    """Put refusals in the logs, and their digests in the journal."""
    salt = bytes.fromhex((run / "logs" / "salt.hex").read_text("ascii"))

    def say(entries: list[dict[str, Any]]) -> None:
        for each in entries:
            if "answer" in each:
                place = each["task"], each["sample"], each["epoch"]
                each["answer"] = answer_digest(salt, place, REFUSAL)

    change_samples(run, _refusals)
    _journal(say)(run)


def _scored(entries: list[dict[str, Any]]) -> int:
    return next(i for i, entry in enumerate(entries) if entry["event"] == "scored")


def _no_journal(run: Path) -> None:
    (run / JOURNAL_FILE).unlink()
    seal_again(run)


def _plan(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    return lambda run: edit_plan(run, change)


def _sealed_plan(find: bytes, put: bytes) -> Callable[[Path], None]:
    def make(run: Path) -> None:
        path = run / "plan.json"
        path.write_bytes(path.read_bytes().replace(find, put, 1))
        seal_as_it_is(run)

    return make


ATTACKS: dict[str, Attack] = {
    "page": Attack(_page, "states another version and rewrites the page and the table"),
    "figure": Attack(_figure, "changes a figure of the report"),
    "old-figure": Attack(_old_figure, "changes a figure and says that an old version wrote it"),
    "plan-gate": Attack(_plan(lambda p: p["gates"][0].update(max=0.99)), "widens a gate"),
    "plan-no-gate": Attack(_plan(lambda p: p["gates"].clear()), "takes the gates away"),
    "plan-unscored": Attack(_plan(lambda p: p.update(max_unscored=0.9)), "forgives gaps"),
    "plan-limit": Attack(
        _sealed_plan(b'"available": ', b'"available": -'), "makes a number impossible"
    ),
    "plan-tokens": Attack(
        _plan(lambda p: p["tasks"][0].update(max_tokens=7)), "changes the length of the answers"
    ),
    "plan-cluster": Attack(
        _plan(lambda p: [s.update(cluster=s["id"]) for s in p["tasks"][0]["samples"]]),
        "makes clusters of single samples",
    ),
    "plan-tags": Attack(
        _plan(lambda p: p["tasks"][0]["samples"][0].update(tags={"x": "y"})), "tags a sample anew"
    ),
    "plan-model": Attack(
        _plan(lambda p: p["model"].update(name="openai/gpt-9")), "names another model"
    ),
    "plan-parameter": Attack(
        _plan(lambda p: p["model"]["parameters"].update(temperature=1.0)), "changes a parameter"
    ),
    "plan-data": Attack(
        _plan(lambda p: p["tasks"][0].update(prompt_sha256="0" * 64)), "names another data set"
    ),
    "plan-drop": Attack(_plan(_drop), "drops a sample from the plan"),
    "plan-twice": Attack(
        _sealed_plan(b'"gates": [', b'"gates": [], "gates": ['), "writes a key twice"
    ),
    "plan-nan": Attack(_sealed_plan(b'"max_unscored": 0.05', b'"max_unscored": NaN'), "writes NaN"),
    "plan-epochs": Attack(_sealed_plan(b'"epochs": 1', b'"epochs": 100000'), "asks for an age"),
    "log-model": Attack(
        lambda run: _header(run, lambda e: e.update(model="openai/gpt-9")),
        "takes the logs of another model",
    ),
    "log-parameter": Attack(
        lambda run: _header(run, lambda e: e["model_generate_config"].update(temperature=1.0)),
        "takes the logs of other parameters",
    ),
    "bomb-values": Attack(
        lambda run: _pack(run, "samples/x_epoch_1.json", "[" + "[]," * 3_000_000 + "[]]"),
        "packs millions of values into a log",
    ),
    "bomb-rows": Attack(_rows, "packs rows without end into the table"),
    "zip-twice": Attack(lambda run: _pack(run, "header.json", "{}"), "adds a second header"),
    "zip-up": Attack(lambda run: _pack(run, "../x", "x"), "names a member ../x"),
    "zip-before": Attack(lambda run: _around(run, b"x" * 99, b""), "puts bytes before a zip"),
    "zip-after": Attack(lambda run: _around(run, b"", b"x" * 99), "puts bytes after a zip"),
    "journal-drop": Attack(
        _journal(lambda entries: entries.pop(_scored(entries))), "takes a score out of the journal"
    ),
    "journal-twice": Attack(
        _journal(lambda entries: entries.insert(_scored(entries), entries[_scored(entries)])),
        "says that a sample was scored twice",
    ),
    "journal-answer": Attack(
        _journal(lambda entries: entries[_scored(entries)].update(answer="0" * 64)),
        "says that another answer was scored",
    ),
    "journal-gone": Attack(_no_journal, "takes the journal away"),
    "scores": Attack(_scores, "turns verdicts to the safe end", deep=True),
    "scores-everywhere": Attack(
        _scores_everywhere, "turns verdicts in the events of the logs too", deep=True
    ),
    "plan-data-everywhere": Attack(
        _other_data, "names another data set in the plan and the logs", deep=True
    ),
    "answers": Attack(_answers, "puts refusals in the place of answers", deep=True),
    "prompts": Attack(
        lambda run: _again(run, _prompts), "puts harmless prompts in the logs", deep=True
    ),
}


def main() -> None:
    """Make the forgeries that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("run", type=Path, help="the run's folder; it is not changed")
    parser.add_argument("--to", type=Path, default=Path("forgeries"), help="where they go")
    parser.add_argument("--only", nargs="*", choices=sorted(ATTACKS), help="these alone")
    parser.add_argument("--key", type=Path, help="the laboratory's public key")
    chosen = parser.parse_args()
    for name in chosen.only or ATTACKS:
        attack, copy = ATTACKS[name], chosen.to / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(chosen.run, copy, symlinks=True)
        attack.make(copy)
        print(f"\n{name}: somebody {attack.about}.")
        _verify(copy, chosen.key, deep=attack.deep)


def _verify(run: Path, key: Path | None, *, deep: bool) -> None:
    command = [str(Path(sys.executable).with_name("tenken")), "verify", str(run)]
    command += ["--key", str(key)] if key else []
    command += ["--deep"] if deep else []
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (ended.stdout + ended.stderr).splitlines()
    for line in [line for line in lines if line.startswith(("wrong", "tenken:"))][:3] + lines[-1:]:
        print(f"    {line}")
    print(f"    exit status {ended.returncode}")


if __name__ == "__main__":
    main()
