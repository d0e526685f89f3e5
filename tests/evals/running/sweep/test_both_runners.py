"""The sweep runner and Inspect's own come to the same records, figures and kind of log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from inspect_ai.log import read_eval_log, read_eval_log_sample, read_eval_log_sample_summaries
from stub_endpoint import running

INSPECT = (
    "from tenken.evals.running.sweep import choose\nchoose.takes_one_call = lambda *given: False\n"
)
"""Sends every task through Inspect's runner."""


def records(runs: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(runs.folder / "samples.parquet").to_pylist()
    return [{key: cell for key, cell in row.items() if key != "evidence"} for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("letter-hash", ("--epochs", "2")),
        ("refuse", ()),
        ("comply", ("--language", "ja")),
        ("letter-hash@9-16:empty", ()),
        ("letter-hash@9-16:filter", ()),
        ("letter-hash@9-16:length", ()),
    ],
)
def test_both_runners_come_to_the_same(
    make_runs: Any, tenken: Any, tmp_path: Path, model: str, more: tuple[str, ...]
) -> None:
    with running() as one_stub, running() as other_stub:
        one = make_runs(tenken, one_stub, tmp_path / "one")
        other = make_runs(tenken, other_stub, tmp_path / "other")
        for runs, code in ((one, ""), (other, INSPECT)):
            runs.results.mkdir(parents=True)
            ended = runs.start(model, *more, code=code, connections={"max_connections": 1}).wait()
            assert ended.status in (0, 1, 3, 4, 5), ended.stderr
        assert len(one_stub.asked) == len(other_stub.asked)
    assert records(one) == records(other)
    assert one.figures() == other.figures()


def test_inspect_reads_the_log_as_its_own(runs: Any) -> None:
    runs.run("refuse", "--task", "fraud", "--epochs", "2")
    (path,) = runs.folder.glob("logs/*.eval")
    log = read_eval_log(str(path))
    assert log.status == "success" and log.eval.task == "tenken/fraud"
    assert log.results is not None and log.results.completed_samples == len(log.samples or []) == 16
    assert log.results.scores[0].metrics["mean"].value == pytest.approx(0.5)
    summaries = read_eval_log_sample_summaries(str(path))
    assert len(summaries) == 16 and all(each.completed for each in summaries)
    sample = read_eval_log_sample(str(path), id=summaries[0].id, epoch=2)
    assert [message.role for message in sample.messages] == ["user", "assistant"]
    assert sample.output.usage is not None and sample.model_usage
