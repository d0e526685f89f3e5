"""A run takes over the answers that earlier runs have, and nothing that may not be the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stub_endpoint import Stub

from tenken.evals.actions.earlier import at_most_reused
from tenken.evals.actions.run import plan_of
from tenken.evals.config import RunConfig
from tenken.evals.planning.request import understand
from tenken.results.records.read import read_records
from tenken.results.verify.journal import journal_findings
from tenken.results.verify.verify import verify_bundle
from tenken.schema.plan import read_plan

SMALL = ("baseline", "--no-gates", "--task", "fraud", "--task", "escalation", "--limit")
"""One task of one call a sample, and one conversation: the sweep runner's, and Inspect's."""


def asked(stub: Stub) -> int:
    """Return how many samples were asked for since this was called last."""
    count = len(stub.asked)
    stub.prompts.clear()
    return count


def newest(runs: Any) -> Path:
    made = [path for path in runs.results.iterdir() if path.is_dir()]
    return max(made, key=lambda path: (path / "plan.json").stat().st_mtime_ns)


def taken(runs: Any) -> int:
    report: dict[str, Any] = json.loads((newest(runs) / "report.json").read_bytes())
    sources = report["evidence"]["sources"]
    assert sum(each["answers"] for each in sources) == report["evidence"]["journal"]["reused"]
    assert all(each["run"] != newest(runs).name for each in sources)
    return int(report["evidence"]["journal"]["reused"])


def said(run: Path, status: str) -> list[str]:
    found = verify_bundle(run).findings
    return [each.message for each in found if each.status == status]


def test_a_larger_limit_asks_only_what_is_new(runs: Any) -> None:
    runs.run("refuse", *SMALL, "4")
    first = asked(runs.stub)
    ended = runs.run("refuse", *SMALL, "8")
    assert asked(runs.stub) > 0 and taken(runs) == first > 4, ended.stderr
    notes = said(newest(runs), "note")
    assert any(f"{first} answers were taken over" in each for each in notes), notes
    assert not said(newest(runs), "wrong")
    # Another suite with one of the tasks, and an epoch more.
    runs.run("refuse", "--task", "fraud", "--epochs", "2")
    assert (asked(runs.stub), taken(runs)) == (8, 8)


def test_only_within_one_fingerprint(runs: Any) -> None:
    """The stub's fingerprint changes with each request."""
    runs.run("refuse+says-other", "--task", "fraud")
    assert asked(runs.stub) == 8
    ended = runs.run("refuse+says-other", "--task", "fraud", "--epochs", "2")
    assert (asked(runs.stub), taken(runs)) == (12, 4), ended.stderr
    assert not said(newest(runs), "wrong")
    # A plan that allows only younger answers is found out.
    plan = read_plan(newest(runs)).model_copy(update={"reuse_days": -1})
    found = list(journal_findings(newest(runs), plan, read_records(newest(runs), plan)))
    (old,) = [each for each in found if each.code == "reused_too_old"]
    assert old.status == "wrong" and old.values["most"] == "-1"


def test_what_may_not_be_the_same_is_asked(runs: Any, tmp_path: Path) -> None:
    runs.run("refuse", "--task", "fraud")

    def reused(suite: str | Path = "smoke", **settings: Any) -> int:
        given = {"model": "refuse", "base_url": runs.stub.base_url, "tasks": ["fraud"], **settings}
        request = understand(RunConfig.of(suite=str(suite), gates=False, epochs=2, **given))
        return at_most_reused(plan_of(request, request.endpoint), runs.results)

    assert reused() == 8 and reused(languages=["ja"]) == 4
    assert reused(fresh=True) == reused(temperature=0.5) == reused(model="comply") == 0
    suite = tmp_path / "own.yaml"
    text = "name: own\ntitle: {en: Own, ja: 自作}\ndescription: {en: Own, ja: 自作}\n"
    for days, count in ((0, 0), (30, 8)):
        suite.write_text(f"{text}tasks: [{{task: fraud, limit: 8}}]\nreuse_days: {days}\n", "utf-8")
        assert reused(suite) == count
    (log,) = runs.folder.glob("logs/*.eval")
    seal, register = runs.folder / "seal.json", runs.results / "register.jsonl"
    for path, harmed in ((log, log.read_bytes() + b" "), (seal, None), (register, None)):
        before = path.read_bytes()
        path.unlink() if harmed is None else path.write_bytes(harmed)
        assert reused() == 0
        path.write_bytes(before)
    assert reused() == 8
