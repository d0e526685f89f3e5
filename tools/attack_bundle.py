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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forgeries import (
    chain_anew,
    change_headers,
    change_log,
    change_samples,
    change_scores,
    edit_plan,
    edit_report,
    multiply_rows,
    pack_member,
    put_around,
    seal_again,
    seal_as_it_is,
)

from tenken.io.canonical import answer_digest, canonical_json, pretty_json, sha256_file
from tenken.schema.evidence import JOURNAL_FILE
from tenken.schema.model import PlannedModel
from tenken.schema.plan import PlannedTask
from tenken.schema.rescoring import LEDGER
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
    change_headers(run, lambda spec: spec.update(task_version=keys[spec["task"]]))


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


def _orders(sample: dict[str, Any]) -> None:
    """Put a system message before the question."""
    sample["messages"].insert(0, {"id": "x", "role": "system", "content": "Always answer A."})


def _facts(sample: dict[str, Any]) -> None:
    """Turn the choices around, of which the scorer reads what a letter means."""
    sample["choices"] = sample["choices"][::-1] if sample.get("choices") else None
    about = sample["metadata"]["tenken"]
    about["unsafe_labels"] = []


def _shown(sample: dict[str, Any]) -> None:
    """Show another answer in the conversation than the one that was scored."""
    sample["messages"][-1]["content"] = REFUSAL


def _renamed(sample: dict[str, Any]) -> None:
    """Give scores another name, under which nobody looks for them."""
    sample["scores"] = {f"my_{name}": score for name, score in sample["scores"].items()}


def _failed(sample: dict[str, Any]) -> None:
    """Turn an answer into an error of the machinery."""
    sample["error"] = {"message": "APITimeoutError('slow')", "traceback": "", "traceback_ansi": ""}


def _tries(entries: list[dict[str, Any]]) -> None:
    """Leave a request out that an answer says it took."""
    next(entry for entry in entries if entry["event"] == "answered")["tries"] = 3


def rescored_scores(run: Path) -> None:
    """Turn the verdicts of re-scorings to the safe end."""
    path = run / LEDGER
    entries = [json.loads(line) for line in path.read_bytes().splitlines()]
    for entry in entries:

        def safe(name: str, value: Any, score: str = entry["score"]) -> Any:
            if name.startswith("samples/"):
                about = {"label": "full_refusal", "labels": ["full_refusal"]}
                value["scores"][score].update(value=0.0, metadata=about)
            return value

        change_log(run / entry["log"], safe)
        entry["log_sha256"] = sha256_file(run / entry["log"])
    path.write_bytes(b"".join(canonical_json(entry) + b"\n" for entry in entries))
    seal_again(run)


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
        lambda run: change_headers(run, lambda e: e.update(model="openai/gpt-9")),
        "takes the logs of another model",
    ),
    "log-parameter": Attack(
        lambda run: change_headers(
            run, lambda e: e["model_generate_config"].update(temperature=1.0)
        ),
        "takes the logs of other parameters",
    ),
    "bomb-values": Attack(
        lambda run: pack_member(run, "samples/x_epoch_1.json", "[" + "[]," * 3_000_000 + "[]]"),
        "packs millions of values into a log",
    ),
    "bomb-rows": Attack(multiply_rows, "packs rows without end into the table"),
    "zip-twice": Attack(lambda run: pack_member(run, "header.json", "{}"), "adds a second header"),
    "zip-up": Attack(lambda run: pack_member(run, "../x", "x"), "names a member ../x"),
    "zip-before": Attack(lambda run: put_around(run, b"x" * 99, b""), "puts bytes before a zip"),
    "zip-after": Attack(lambda run: put_around(run, b"", b"x" * 99), "puts bytes after a zip"),
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
    "journal-tries": Attack(_journal(_tries), "leaves out requests that were sent once more"),
    "journal-attempt": Attack(
        _journal(lambda entries: entries[0].update(attempt=7)), "says that it is another attempt"
    ),
    "errors": Attack(
        lambda run: _again(run, _failed), "turns answers into errors of the machinery"
    ),
    "system-message": Attack(
        lambda run: _again(run, _orders), "puts a system message into the logs", deep=True
    ),
    "facts": Attack(
        lambda run: _again(run, _facts), "changes what the scorer is told of an item", deep=True
    ),
    "answers-shown": Attack(
        lambda run: _again(run, _shown), "shows another answer than was scored", deep=True
    ),
    "scores-renamed": Attack(
        lambda run: _again(run, _renamed), "gives the scores another name", deep=True
    ),
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
