"""A run that was killed, stopped or starved goes on with the same command, and loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stub_endpoint import Stub, running

from tenken.results.verify.verify import verify_bundle

LATENCY = 0.05
CONNECTIONS = 10
SUITE = ("baseline", "--no-gates", "--limit", "60", "--task", "false_claims", "--task", "fraud")
SAMPLES = 120
SMALL = ("baseline", "--task", "false_claims", "--limit", "80")
SMALL_SAMPLES = 80
# What a shell does to the jobs of a script that it starts with "&".
IN_BACKGROUND = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def settled(stub: Stub, seconds: float = 0.5) -> None:
    """Wait until the requests that were on their way at a kill have been counted."""
    counted = -1
    while counted < len(stub.asked):
        counted = len(stub.asked)
        time.sleep(seconds)


def go(runs: Any, *more: str | Path, start: bool = False, **options: Any) -> Any:
    options.setdefault("connections", {"max_connections": CONNECTIONS})
    act = runs.start if start else runs.run
    suite = options.pop("suite", SUITE)
    return act(options.pop("model", "letter-hash"), *suite, *more, **options)


def twice(stub: Stub) -> int:
    """Count the samples that were asked more than once; none may be asked a third time."""
    counted = Counter(stub.asked)
    assert max(counted.values()) <= 2
    return sum(count > 1 for count in counted.values())


def received(run: Path) -> int:
    """Count the answers that had reached a run that was killed."""
    ledger = run / ".resume" / "spent.jsonl"
    return len(ledger.read_text().splitlines()) if ledger.exists() else 0


def untrue(run: Path) -> list[str]:
    """Return what does not hold in a bundle."""
    found = verify_bundle(run).findings
    return [f"{each.what}: {each.message}" for each in found if each.status == "wrong"]


@pytest.fixture(scope="module")
def undisturbed(
    tenken: Any, make_runs: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The figures of a run that nothing happened to, for two models."""
    found = {}
    for model in ("letter-hash", "letter-hash@2-31:filter"):
        with running() as stub:
            runs = make_runs(tenken, stub, tmp_path_factory.mktemp("undisturbed"))
            ended = go(runs, model=model)
            assert ended.stdout, ended.stderr
            found[model] = runs.figures()
    return found


@pytest.fixture
def stub() -> Any:
    with running(latency=LATENCY) as server:
        yield server


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_where_it_was(
    runs: Any, undisturbed: dict[str, Any]
) -> None:
    allowed = 0
    # The first is before any answer, the last after the first task's log was written.
    for after in (0, 30, 40, 90):
        command = go(runs, start=True)
        until(lambda after=after: len(set(runs.stub.asked)) > after)
        command.kill(signal.SIGKILL)
        assert command.wait().status == -signal.SIGKILL
        settled(runs.stub)
        under_way = len(runs.stub.asked) - received(runs.folder)
        assert under_way - allowed <= CONNECTIONS
        # What came within the moment before it was kept is asked again as well.
        allowed = under_way + 2

    ended = go(runs)
    assert ended.report["outcomes"]["errored"] == 0, ended.stderr
    assert runs.figures() == undisturbed["letter-hash"]
    assert not untrue(runs.folder)
    assert len(set(runs.stub.asked)) == SAMPLES
    assert len(runs.stub.asked) - SAMPLES <= allowed
    assert not (runs.folder / ".resume").exists()


@pytest.mark.slow
def test_killed_while_the_report_is_written(runs: Any, undisturbed: dict[str, Any]) -> None:
    command = go(runs, start=True)
    until(lambda: runs.results.exists() and bool(list(runs.results.glob("*/.report.json.*"))
          or list(runs.results.glob("*/report.json"))))  # fmt: skip
    command.kill(signal.SIGKILL)
    command.wait()
    assert not list(runs.results.glob("*/seal.json"))
    ended = go(runs)
    assert runs.figures() == undisturbed["letter-hash"], ended.stderr
    assert not untrue(runs.folder)
    assert len(runs.stub.asked) == SAMPLES


@pytest.mark.slow
def test_what_the_filter_withheld_is_not_asked_again(
    runs: Any, undisturbed: dict[str, Any]
) -> None:
    model = "letter-hash@2-31:filter"
    command = go(runs, start=True, model=model)
    until(lambda: len(runs.stub.asked) > 60)
    command.kill(signal.SIGKILL)
    command.wait()
    runs.stub.healthy = True
    ended = go(runs, model=model)
    assert ended.report["outcomes"]["blocked"] == 30
    assert ended.report["outcomes"] == undisturbed[model]["outcomes"]
    assert twice(runs.stub) <= CONNECTIONS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, ""), (signal.SIGTERM, ""), (signal.SIGTERM, IN_BACKGROUND)],
)
def test_stopped_it_says_how_to_go_on(
    runs: Any, undisturbed: dict[str, Any], number: signal.Signals, code: str
) -> None:
    command = go(runs, start=True, code=code)
    until(lambda: len(runs.stub.answered) > 30)
    began = time.monotonic()
    command.kill(number)
    ended = command.wait(15)
    assert time.monotonic() - began < 5
    assert ended.status == 3
    (line,) = ended.stderr.splitlines()
    assert "give the same command again to go on" in line
    assert ended.stdout == ""

    go(runs)
    assert runs.figures() == undisturbed["letter-hash"]
    assert not untrue(runs.folder)
    assert twice(runs.stub) <= CONNECTIONS


@pytest.mark.slow
def test_errors_are_asked_again_and_a_finished_run_asks_nothing(runs: Any) -> None:
    model = "letter-hash@30-49:http-401"
    first = go(runs, model=model, suite=SMALL)
    errored = first.report["outcomes"]["errored"]
    assert errored == 20
    runs.stub.healthy = True
    second = go(runs, model=model, suite=SMALL)
    assert second.report["outcomes"]["scored"] == SMALL_SAMPLES
    assert twice(runs.stub) == errored
    assert len(runs.stub.asked) == SMALL_SAMPLES + errored

    seen, files = len(runs.stub.prompts), contents(runs.folder)
    third = go(runs, model=model, suite=SMALL)
    assert third.status == second.status
    assert third.report == second.report
    assert len(runs.stub.prompts) == seen
    assert contents(runs.folder) == files


def test_what_has_no_verdict_is_not_asked_again(runs: Any) -> None:
    model = "letter-hash@30-49:empty"
    assert go(runs, model=model, suite=SMALL).report["outcomes"]["unscored"] == 20
    runs.stub.healthy = True
    assert go(runs, model=model, suite=SMALL).report["outcomes"]["unscored"] == 20
    assert len(runs.stub.asked) == SMALL_SAMPLES


SAMPLE = """
import dataclasses, tenken.evals.planning.resolve as p
def loaded(name, load=p.load_task):
    task = load(name)
    if task.name != "misinformation/false_claims":
        return task
    changed = [dataclasses.replace(s, input=s.input + " ") if s.id == CHANGED else s
               for s in task.samples]
    return dataclasses.replace(task, samples=tuple(changed))
p.load_task = loaded
"""
TEMPLATE = """
import dataclasses, tenken.evals.planning.resolve as p
def loaded(name, load=p.load_task):
    task = load(name)
    if task.name != "misinformation/false_claims":
        return task
    prompt = task.card.prompt.model_copy(update={"ja": task.card.prompt.ja + " "})
    return dataclasses.replace(task, card=task.card.model_copy(update={"prompt": prompt}))
p.load_task = loaded
"""
SCORER = """
import tenken.evals.planning.own as p
def bound(scoring, bind=p.scorer_binding):
    made = bind(scoring)
    same = scoring.name != "tenken/refusal"
    return made if same else made.model_copy(update={CHANGE})
p.scorer_binding = bound
"""


CHANGES = {
    "sample": (SAMPLE, 16, "false-claims"),
    "template": (TEMPLATE, 16, "false-claims"),
    "scorer source": (SCORER.replace("CHANGE", "'source_sha256': '0' * 64"), 8, "fraud"),
    "scorer arguments": (SCORER.replace("CHANGE", "'args': {'strict': True}"), 8, "fraud"),
}
"""What is changed, how many samples are asked again, and of which task."""


@pytest.mark.slow
def test_after_a_change_that_task_alone_runs_again(runs: Any) -> None:
    runs.run("letter-hash")
    first, names = runs.results, {path.name for path in runs.folder.glob("logs/*.eval")}
    plan = json.loads((runs.folder / "plan.json").read_text())
    changed = plan["tasks"][0]["samples"][0]["id"]
    for what, (code, again, task) in CHANGES.items():
        runs.results = shutil.copytree(first, first.with_name(what))
        before = len(runs.stub.asked)
        ended = runs.start("letter-hash", code=code.replace("CHANGED", repr(changed))).wait()
        assert ended.report["outcomes"]["scored"] == 40, (what, ended.stderr)
        assert len(runs.stub.asked) - before == again, what
        (aside,) = runs.folder.glob("superseded/*.eval")
        assert f"_{task}_" in aside.name, what
        kept = {path.name for path in runs.folder.glob("logs/*.eval")}
        assert len(kept) == 3, what
        assert names - kept == {aside.name}, what


@pytest.mark.slow
def test_another_way_of_asking_is_another_run(runs: Any) -> None:
    changes = ({}, {"system_prompt": "Be brief."}, {"parameters": {"temperature": 0.5}})
    for number, change in enumerate(changes, start=1):
        assert runs.run("letter-hash", "--task", "false_claims", **change).report["complete"]
        assert len(runs.stub.asked) == number * 16
        assert len([each for each in runs.results.iterdir() if each.is_dir()]) == number


def test_how_hard_the_endpoint_is_pressed_changes_nothing(runs: Any) -> None:
    runs.run("letter-hash", connections={"max_connections": 3})
    runs.run("letter-hash", connections={"max_connections": 5}, price={"input": 1, "output": 2})
    assert len(runs.stub.asked) == 40


def test_two_at_once(runs: Any) -> None:
    command = go(runs, start=True, suite=SMALL)
    until(lambda: len(runs.stub.answered) > 5)
    runs.stub.latency = 2  # the first must not end before the second has begun
    before = len(runs.stub.prompts)
    second = go(runs, suite=SMALL)
    runs.stub.latency = LATENCY
    assert second.status == 2
    (line,) = second.stderr.splitlines()
    assert "another process is writing to this run" in line
    assert before > 0
    first = command.wait()
    assert first.report["complete"]
    assert len(runs.stub.prompts) == SMALL_SAMPLES + 1


@pytest.mark.slow
def test_the_cap_stops_and_a_higher_one_goes_on(runs: Any) -> None:
    spent = 25 * 20
    ended = go(runs, "--max-tokens", str(spent), suite=SMALL)
    assert ended.status == 3
    assert f"the cap of {spent} tokens is used up" in ended.report["stopped"]
    assert 20 <= len(runs.stub.asked) <= 20 + CONNECTIONS
    assert runs.reasons == {"errored: spend_cap": SMALL_SAMPLES - len(runs.stub.asked)}

    command = go(runs, "--max-tokens", str(2 * spent), start=True, suite=SMALL)
    until(lambda: len(runs.stub.asked) > 30)
    command.kill(signal.SIGKILL)
    command.wait()
    ended = go(runs, "--max-tokens", str(2 * spent), suite=SMALL)
    assert ended.status == 3
    assert 40 <= len(runs.stub.asked) <= 40 + 2 * CONNECTIONS

    assert go(runs, suite=SMALL).report["complete"]
    assert len(set(runs.stub.asked)) == SMALL_SAMPLES


def test_the_cap_in_money(runs: Any) -> None:
    ended = go(runs, "--max-cost", "0.001", price={"input": 1.0, "output": 6.0}, suite=SMALL)
    # 20 tokens in and 5 out: 50 millionths of a dollar a question.
    assert ended.status == 3
    assert "US dollars is used up" in ended.report["stopped"]
    assert 20 <= len(runs.stub.asked) <= 20 + CONNECTIONS


@pytest.mark.parametrize("place", ["file/below", "/proc/tenken"])
def test_a_folder_that_cannot_be_written(runs: Any, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    runs.results = tmp_path / place
    ended = runs.run("echo")
    assert ended.status == 2
    (line,) = ended.stderr.splitlines()
    assert "cannot be written" in line
    assert not runs.stub.prompts


@pytest.fixture
def small_disk(tmp_path: Path) -> Any:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.system(f"mount -t tmpfs -o size=2m tenken {folder} 2>/dev/null") != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        os.system(f"umount -l {folder}")


@pytest.mark.slow
@pytest.mark.parametrize("free", [0, 120])
def test_a_full_disk(runs: Any, small_disk: Path, undisturbed: dict[str, Any], free: int) -> None:
    runs.results = small_disk / "runs"
    command = go(runs, start=True)
    until(lambda: len(runs.stub.answered) > 30)
    filler = small_disk / "filler"
    fill(small_disk, filler, free)
    ended = command.wait()
    assert ended.status == 2, (ended.stdout, ended.stderr)
    assert len(ended.stderr.splitlines()) == 1
    assert "the disk is full" in ended.stderr
    answered = set(runs.stub.answered)

    filler.unlink()
    assert go(runs).report["outcomes"]["errored"] == 0
    assert runs.figures() == undisturbed["letter-hash"]
    assert not untrue(runs.folder)
    again = [prompt for prompt, count in Counter(runs.stub.asked).items() if count > 1]
    # What came when nothing could be kept any more is asked again, the rest is not.
    assert len(again) < len(answered)


def fill(folder: Path, filler: Path, free: int) -> None:
    """Write a file until only `free` kilobytes are left."""
    with filler.open("wb", buffering=0) as stream:
        while shutil.disk_usage(folder).free > free * 1024:
            stream.write(bytes(4096))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
