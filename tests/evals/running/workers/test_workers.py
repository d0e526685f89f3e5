"""Workers: leases that never exceed what there is, journals that lose no whole line, equal figures.

The long form, with many kills of each part, is `tools/kill_runs.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stub_endpoint import Stub, running

from tenken.errors import InputError
from tenken.evals.actions.run import run_one
from tenken.evals.config import RunConfig
from tenken.evals.running.answers import asking
from tenken.evals.running.journal import Journal as RunJournal
from tenken.evals.running.workers import pools
from tenken.evals.running.workers.journal import Calls, Journal, digest_of, gather, line_of
from tenken.evals.running.workers.lease import Leases
from tenken.io.chain import read_chain
from tenken.results.verify.verify import verify_bundle
from tenken.schema.report import Report

CONNECTIONS = 4
SAMPLES = 120


@given(
    connections=st.integers(1, 200),
    workers=st.integers(1, 1000),
    tokens=st.integers(1, 10_000),
    data=st.data(),
)
def test_leases_never_add_up_to_more_than_there_is(
    connections: int, workers: int, tokens: int, data: st.DataObject
) -> None:
    leases, out, spent, over = Leases(connections, workers, tokens), {}, 0, 0
    for number in range(40):
        lease = leases.take(number)
        if lease is not None:
            out[number] = lease
        assert sum(each.connections for each in out.values()) <= connections
        assert sum(each.tokens or 0 for each in out.values()) <= max(tokens - spent, 0) + over
        if out and (lease is None or data.draw(st.booleans())):
            back = data.draw(st.sampled_from(sorted(out)))
            used = data.draw(st.integers(0, (out[back].tokens or 0) + 5))
            spent += used
            over += max(used - (out[back].tokens or 0), 0)  # paid, beside leases that are out
            leases.give_back(back, used, 0.0)
            del out[back]
    assert leases.used_up == (spent >= tokens)


def test_all_connections_and_the_whole_cap_are_leased() -> None:
    leases = Leases(10, 4, None, 8.0)
    found = [leases.take(number) for number in range(5)]
    assert [each and each.connections for each in found] == [3, 3, 2, 2, None]
    assert sum(each.dollars or 0.0 for each in found if each) == 8.0
    few = Leases(2, 5)
    assert [bool(few.take(number)) for number in range(3)] == [True, True, False]


@pytest.mark.parametrize("kind", ["disk", "memory"])
def test_a_journal_loses_no_whole_line_and_takes_no_changed_one(tmp_path: Path, kind: str) -> None:
    folder = str(tmp_path) if kind == "disk" else f"memory://{uuid4().hex}"
    place = f"{folder}/a-000001.jsonl"
    from inspect_ai.model import ChatMessageUser, GenerateConfig, ModelOutput

    journal = Journal(place)
    for text in ("a", 'with "quotes"],[', "\u2028 日本語"):
        output = ModelOutput.from_content("m", text)
        journal.calls.asked("")
        journal.keep([ChatMessageUser(content=text)], GenerateConfig(), output)
    failed = ModelOutput.from_content("m", "", error="broken")
    journal.keep([ChatMessageUser(content="x")], GenerateConfig(), failed)
    journal.close()
    found = list(gather(folder))
    texts = [answer["choices"][0]["message"]["content"] for _, _, answer in found]
    assert all(len(told.calls) == 1 and told.answered for _, told, _ in found)
    assert texts == ["a", 'with "quotes"],[', "\u2028 日本語"]
    assert digest_of(place) == journal.digest and len(journal.lines) == 3
    again = Journal(place)  # another worker goes on where one was lost
    assert again.keys == {key for key, _, _ in found} and again.digest == journal.digest
    if kind == "disk":
        path = Path(place)
        whole = path.read_text("utf-8")
        path.write_text(whole.replace("quotes", "quoted") + line_of("k", '{"a":1}')[:-9], "utf-8")
        assert [key for key, _, _ in gather(folder)] == [found[0][0], found[2][0]]
        assert digest_of(place) != journal.digest


def test_what_a_worker_tells_gives_the_lines_that_one_process_writes(tmp_path: Path) -> None:
    from inspect_ai.model import ModelOutput

    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "salt.hex").write_text("00" * 32)
    output = ModelOutput.from_content("m", "B")
    output.metadata = {"endpoint": {"host": "h:1", "id": "x", "model": "m"}}
    here, calls = RunJournal(tmp_path), Calls()
    for sample, failing in (("a", 0), ("b", 2), ("c", 1)):
        asking.set(("t", sample, 1))
        for again in range(failing + 1):
            for each in (here, calls):
                each.asked("")
                if again < failing:
                    each.failed("", ValueError("busy"))
        if sample != "c":
            here.answered("", output)
            here.told(replace(calls.take(), sample=f"{sample}-far"), output)
    asking.set(("t", "b-far", 1))
    here.answered("", output, recalled=True)  # by whoever goes through the samples: known already
    (left,) = calls.left()
    here.told(replace(left, sample="c-far"), None)
    here.close()
    lines = read_chain(tmp_path / "journal.jsonl")[0]
    aside = ("previous", "sample", "answer", "at")
    said = {name: [{k: v for k, v in each.items() if k not in aside} for each in lines
                   if each.get("sample") == name] for name in ("a", "b", "c")}  # fmt: skip
    far = {name: [{k: v for k, v in each.items() if k not in aside} for each in lines
                  if each.get("sample") == f"{name}-far"] for name in ("a", "b", "c")}  # fmt: skip
    assert said == far
    assert [each["event"] for each in said["b"]] == ["asked", "retried", "retried", "answered"]
    assert said["b"][1]["after"] == "ValueError" and said["b"][-1]["tries"] == 3
    assert sum(each["event"] == "connected" for each in lines) == 1


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with running(latency=0.02) as server:
        yield server


def _config(stub: Stub, folder: Path, **more: Any) -> RunConfig:
    endpoint = folder / "endpoint.yaml"
    connections = {"max_connections": CONNECTIONS}
    endpoint.write_text(
        json.dumps({"model": "letter-hash", "base_url": stub.base_url, "connections": connections})
    )
    return RunConfig.of(
        suite="baseline", tasks=["false_claims", "fraud"], limit=SAMPLES // 2, gates=False,
        endpoint_file=endpoint, results_dir=folder / "runs", quiet=True, **more,
    )  # fmt: skip


def _figures(report: Report) -> dict[str, Any]:
    contents = report.contents()
    return {key: contents[key] for key in ("areas", "outcomes", "decision", "tasks")}


@pytest.fixture(scope="module")
def alone(stub: Stub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _figures(run_one(_config(stub, tmp_path_factory.mktemp("alone"))).report)


@pytest.mark.slow
def test_two_workers_of_which_one_is_killed_come_to_the_same(
    stub: Stub, alone: dict[str, Any], tmp_path: Path
) -> None:
    stub.requests.clear()
    stub.prompts.clear()
    killed: list[int] = []

    def kill() -> None:
        while len(stub.asked) < SAMPLES // 3:
            time.sleep(0.005)
        children = Path(f"/proc/{os.getpid()}/task/{main_thread}/children").read_text().split()
        for child in children:
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                killed.append(int(child))
                os.kill(int(child), signal.SIGKILL)
                return

    main_thread = threading.main_thread().native_id
    killer = threading.Thread(target=kill)
    killer.start()
    ended = run_one(_config(stub, tmp_path, workers=2))
    killer.join()
    assert killed and _figures(ended.report) == alone
    assert len(set(stub.asked)) == SAMPLES
    assert len(stub.asked) - SAMPLES <= CONNECTIONS // 2  # what the lost worker had under way
    assert not (ended.folder / ".resume").exists()
    events = Counter(each["event"] for each in read_chain(ended.folder / "journal.jsonl")[0])
    assert events["asked"] == events["answered"] == SAMPLES, events
    assert events["handed_out"] == 1 and not events["recalled"]
    assert not [each for each in verify_bundle(ended.folder).findings if each.status == "wrong"]


@pytest.mark.slow
def test_a_cap_is_one_for_all_workers(stub: Stub, tmp_path: Path) -> None:
    stub.requests.clear()
    stub.prompts.clear()
    ended = run_one(_config(stub, tmp_path, workers=2, max_tokens=500))
    assert "500 tokens" in ended.stopped
    ledger = (ended.folder / ".resume" / "spent.jsonl").read_text().splitlines()
    spent = [json.loads(line) for line in ledger if line]
    tokens = sum(read + written for read, written, _ in spent)
    most = max(read + written for read, written, _ in spent)
    assert 500 <= tokens <= 500 + CONNECTIONS * most
    assert len(spent) == len(stub.asked)


@pytest.mark.slow
def test_a_dask_cluster_that_loses_a_worker_comes_to_the_same(
    stub: Stub, alone: dict[str, Any], tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="tenken[cluster] is not installed")
    stub.requests.clear()
    stub.prompts.clear()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=str(tmp_path),
    ) as cluster:  # fmt: skip
        victim = next(iter(cluster.workers.values())).pid

        def kill() -> None:
            while len(stub.asked) < SAMPLES // 3:
                time.sleep(0.005)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        ended = run_one(_config(stub, tmp_path, cluster=cluster.scheduler_address))
        killer.join()
    assert _figures(ended.report) == alone
    assert len(set(stub.asked)) == SAMPLES and len(stub.asked) - SAMPLES <= CONNECTIONS // 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slurm: {cores: 1}\njobs: 2\npartition: x\n", "Unknown: partition"),
        ("jobs: 2\n", "write one of slurm"),
        ("slurm: {cores: 1}\npbs: {}\n", "write one of slurm"),
    ],
)
def test_a_cluster_file_that_breaks_a_rule_is_named(
    tmp_path: Path, text: str, message: str
) -> None:
    pytest.importorskip("dask_jobqueue", reason="tenken[cluster] is not installed")
    path = tmp_path / "cluster.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught, pools.pool_of(0, str(path)):
        pass
    assert message in str(caught.value) and str(path) in str(caught.value)


@pytest.mark.slow
def test_a_slurm_cluster_comes_to_the_same(
    stub: Stub, alone: dict[str, Any], tmp_path: Path
) -> None:
    pytest.importorskip("dask_jobqueue", reason="tenken[cluster] is not installed")
    if not shutil.which("sinfo") or subprocess.run(["sinfo"], check=False).returncode:
        pytest.skip("no Slurm answers here: start one with tools/start_slurm.sh")
    stub.requests.clear()
    stub.prompts.clear()
    path = tmp_path / "slurm.yaml"
    settings = {
        "queue": "main", "cores": 1, "processes": 1, "memory": "600MB", "walltime": "00:10:00",
        "interface": "lo", "python": sys.executable, "job_directives_skip": ["--mem"],
        "log_directory": str(tmp_path),
    }  # fmt: skip
    path.write_text(json.dumps({"slurm": settings, "jobs": 2}))
    ended = run_one(_config(stub, tmp_path, cluster=str(path)))
    assert _figures(ended.report) == alone
    assert len(stub.asked) == len(set(stub.asked)) == SAMPLES
