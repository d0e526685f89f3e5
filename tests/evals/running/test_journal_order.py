"""On both runners a sample is in the journal before it is in a log, wherever a kill falls."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from tenken.io.chain import read_chain
from tenken.results.verify.verify import verify_bundle

SAMPLES = 8
KILLED_AT = 5
SUITE = ("--task", "false_claims", "--limit", str(SAMPLES))

AT_THE_LOG = """
import os, signal
from pathlib import Path

def said(sample):
    (path,) = Path(os.environ["RESULTS"]).glob("*/journal.jsonl")
    lines = [line for line in path.read_text().splitlines() if f'"sample":"{sample.id}"' in line]
    return any(f'"event":"{end}"' in line for line in lines for end in ("scored", "unscored"))

written = {"before": 0, "after": 0}
def guarded(sample, when):
    assert said(sample) or sample.error, f"{sample.id} is in a log before it is in the journal"
    written[when] += 1
    if when == os.environ.get("KILL") and written[when] == int(os.environ["AT"]):
        os.kill(os.getpid(), signal.SIGKILL)
"""
SWEEP = (
    AT_THE_LOG
    + """
from tenken.evals.running.sweep.log import SweepLog
add = SweepLog.add
def watched(self, sample):
    guarded(sample, "before")
    add(self, sample)
    guarded(sample, "after")
SweepLog.add = watched
"""
)
INSPECT = (
    AT_THE_LOG
    + """
from inspect_ai._eval.task.log import TaskLogger
from tenken.evals.running import run
from tenken.evals.running.sweep import choose
choose.takes_one_call = lambda *given: False
run._HOW["log_buffer"] = 1
log = TaskLogger.complete_sample
async def watched(self, sample, *, flush):
    guarded(sample, "before")
    await log(self, sample, flush=flush)
    guarded(sample, "after")
TaskLogger.complete_sample = watched
"""
)
NO_ROOM = """
from tenken.evals.running.journal import Journal
write = Journal.ended
def full(self, *args, **more):
    full.times += 1
    if full.times == 3:
        raise OSError(28, "No space left on device")
    write(self, *args, **more)
full.times = 0
Journal.ended = full
"""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("code", [SWEEP, INSPECT], ids=["sweep", "inspect"])
def test_a_kill_on_either_side_of_the_log_leaves_nothing_wrong(
    runs: Any, code: str, moment: str
) -> None:
    env = {**os.environ, "RESULTS": str(runs.results), "KILL": moment, "AT": str(KILLED_AT)}
    killed = runs.start("letter-hash", *SUITE, code=code, env=env).wait()
    assert killed.status == -signal.SIGKILL, killed.stderr
    ended = runs.start("letter-hash", *SUITE, code=code, env={**env, "KILL": ""}).wait()
    assert ended.report["outcomes"]["scored"] == SAMPLES, ended.stderr
    found = verify_bundle(runs.folder).findings
    assert not [each for each in found if each.status == "wrong"]
    assert len(runs.stub.asked) <= SAMPLES + 10, "what was answered was asked again"


@pytest.mark.parametrize("code", [SWEEP, INSPECT], ids=["sweep", "inspect"])
def test_a_journal_without_room_ends_the_run_before_a_log_has_the_sample(
    runs: Any, code: str
) -> None:
    env = {**os.environ, "RESULTS": str(runs.results)}
    ended = runs.start("letter-hash", *SUITE, code=code + NO_ROOM, env=env).wait()
    assert ended.status == 2 and "the disk is full" in ended.stderr, ended.stderr
    again = runs.start("letter-hash", *SUITE, code=code, env=env).wait()
    assert again.report["outcomes"]["scored"] == SAMPLES, (runs.reasons, again.stderr)
    events = [each["event"] for each in read_chain(runs.folder / "journal.jsonl")[0]]
    assert "aborted" in events
    found = verify_bundle(runs.folder).findings
    assert not [each for each in found if each.status == "wrong"]
