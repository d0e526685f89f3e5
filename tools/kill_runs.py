"""Kill runs at random moments and see that nothing is asked twice that was answered.

    python tools/kill_runs.py --runner sweep --times 20
    python tools/kill_runs.py --runner workers --victim worker --times 10
    python tools/kill_runs.py --runner dask --victim scheduler --times 10

Each round starts the same command, waits for a random number of answers, and kills (SIGKILL) the
coordinator, one of its workers, or the Dask scheduler. Answers that are kept on disk are counted
after each kill: what was asked and not kept was under way, and is at most one request for each
connection. At the end the run is let through; its requests must be the samples and those alone
that were under way at a kill.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from stub_endpoint import Stub, running  # noqa: E402

CONNECTIONS = 8
TASKS = ("false_claims", "fraud")
INSPECT_ALONE = (
    "from tenken.evals.running.sweep import choose\nchoose.takes_one_call = lambda *_: False\n"
)
COMMAND = "import sys; sys.argv[0] = 'tenken'\nfrom tenken.evals.cli import main\nmain()"


def main() -> None:
    """Read the options and kill runs of one kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runner", choices=["sweep", "inspect", "workers", "dask"], required=True)
    parser.add_argument("--victim", choices=["coordinator", "worker", "scheduler"],
                        default="coordinator")  # fmt: skip
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with running(latency=0.05) as stub, tempfile.TemporaryDirectory() as place:
        trial = Trial(stub, Path(place), given.runner, given.victim, given.samples, given.seed)
        try:
            print(json.dumps(trial.run(given.times)))
        finally:
            trial.end_dask()


class Trial:
    """One run that is killed again and again."""

    def __init__(
        self, stub: Stub, place: Path, runner: str, victim: str, samples: int, seed: int
    ) -> None:
        self.stub, self.place, self.runner, self.victim = stub, place, runner, victim
        self.samples, self.random = samples, random.Random(seed)
        self.dask: list[subprocess.Popen[bytes]] = []
        self.under_way: list[int] = []
        endpoint = {
            "model": "letter-hash",
            "base_url": stub.base_url,
            "connections": {"max_connections": CONNECTIONS, "max_retries": 2},
        }
        (place / "endpoint.yaml").write_text(json.dumps(endpoint))

    def run(self, times: int) -> dict[str, object]:
        """Kill `times` times, then let the run end, and return what was seen."""
        kills = 0
        for _ in range(times):
            aim = len(self.stub.asked) + self.random.randint(1, max(2, self.samples // times))
            command = self.start()
            if not self.until(lambda aim=aim: len(self.stub.asked) >= aim, command):
                break  # it ended first
            self.kill(command)
            kills += 1
            self.settle()
            self.under_way.append(self.lost() - sum(self.under_way))
        command = self.start()
        status = command.wait()
        report = next(self.place.glob("runs/*/report.json"), None)
        outcomes = json.loads(report.read_text())["outcomes"] if report else {}
        twice = len(self.stub.asked) - len(set(self.stub.asked))
        return {
            "runner": self.runner,
            "victim": self.victim,
            "kills": kills,
            "status": status,
            "outcomes": outcomes,
            "asked": len(self.stub.asked),
            "distinct": len(set(self.stub.asked)),
            "under_way_at_kills": sum(self.under_way),
            "most_under_way": max(self.under_way, default=0),
            "asked_twice_beyond_that": max(twice - sum(self.under_way), 0),
        }

    def start(self) -> subprocess.Popen[bytes]:
        """Start the command."""
        arguments = ["run", "baseline", "--no-gates", "--limit", str(self.samples // len(TASKS))]
        for task in TASKS:
            arguments += ["--task", task]
        arguments += ["--endpoint-file", "endpoint.yaml", "--results-dir", "runs", "--quiet"]
        if self.runner == "workers":
            arguments += ["--workers", "2"]
        if self.runner == "dask":
            arguments += ["--cluster", self.cluster()]
        code = (INSPECT_ALONE if self.runner == "inspect" else "") + COMMAND
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=self.place,
            stdout=subprocess.DEVNULL, stderr=(self.place / "stderr").open("ab"),
        )  # fmt: skip

    def cluster(self) -> str:
        """Return the address of a Dask scheduler with two workers, started where there is none."""
        file = self.place / "scheduler.json"
        if not self.dask or any(each.poll() is not None for each in self.dask):
            self.end_dask()
            file.unlink(missing_ok=True)
            run = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard",
                   "--port", "0", "--host", "127.0.0.1", "--scheduler-file", str(file)]  # fmt: skip
            self.dask = [self.quiet(run)]
            while not file.exists():
                time.sleep(0.1)
            work = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1",
                    "--no-dashboard", "--no-nanny", "--scheduler-file", str(file)]  # fmt: skip
            self.dask += [self.quiet(work), self.quiet(work)]
        return str(json.loads(file.read_text())["address"])

    def quiet(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a process that says nothing here."""
        return subprocess.Popen(
            command, cwd=self.place, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def end_dask(self) -> None:
        """End the processes of Dask that were started here."""
        for each in self.dask:
            if each.poll() is None:
                each.kill()
            each.wait()
        self.dask = []

    def kill(self, command: subprocess.Popen[bytes]) -> None:
        """Kill the victim; where that is not the coordinator, it has to go on or say how to."""
        if self.victim == "coordinator":
            command.kill()
            command.wait()
        elif self.victim == "scheduler":
            self.dask[0].kill()
            self.dask[0].wait()
            command.wait()  # it says that the scheduler is gone
        elif self.runner == "dask":
            self.random.choice(self.dask[1:]).kill()
            command.send_signal(signal.SIGTERM)
            command.wait()
        else:
            os.kill(self.random.choice(_children(command.pid)), signal.SIGKILL)
            command.send_signal(signal.SIGTERM)
            command.wait()

    def until(self, holds: Callable[[], bool], command: subprocess.Popen[bytes]) -> bool:
        """Wait; return whether it came true before the command ended."""
        while not holds():
            if command.poll() is not None:
                return False
            time.sleep(0.005)
        return True

    def settle(self) -> None:
        """Wait until the requests that were on their way have been counted and answered."""
        before = -1
        while before < len(self.stub.asked):
            before = len(self.stub.asked)
            time.sleep(1.0)

    def lost(self) -> int:
        """Return how many requests were asked whose answer is not on disk."""
        keys: set[str] = set()
        files = [*self.place.glob("runs/*/.resume/answers.jsonl"),
                 *self.place.glob("runs/*/.resume/shards/*.jsonl")]  # fmt: skip
        for file in files:
            for line in file.read_bytes().decode(errors="replace").split("\n"):
                if line.startswith('["') and line.endswith("]"):
                    keys.add(line[2:].partition('"')[0])
        return len(self.stub.asked) - len(keys)


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started and that ask for it."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    found = [int(each) for each in text.split()]
    workers = [
        each for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()
    ]
    return workers or found


if __name__ == "__main__":
    main()
