"""Measure the figures that the project promises, as medians of paired runs.

    python tools/bench.py                 all of them, a few minutes
    python tools/bench.py startup         one of: startup throughput memory report evidence
    python tools/bench.py --runs 3        fewer repetitions

Start-up is the wall time of a whole process. Throughput asks an endpoint on loopback that answers
after 200 ms, over 64 connections, so that 320 answers a second are possible: a bare client, the
whole of `tenken run` (report and seal included) and `inspect eval`, in turn; figures are shares of
that limit, and by the slope between 1,000 and 5,000 samples. Memory is that of 50,000 samples.
Report and verify are run on synthetic runs of 1,000 and 10,000 samples, and `evidence` on one of
100,000: a report from the logs, a later one in another language, and verify. Exit status 1 if a
figure misses its target.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tenken.io.canonical import sha256_bytes

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CONNECTIONS = 64
LATENCY = 0.2
_AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Who installs a package has its modules compiled; a second of each command went into that."""


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of wall clock and of CPU, and peak memory in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass
class Targets:
    """Collects figures with their targets and prints them as they come."""

    missed: int = 0

    def say(
        self,
        what: str,
        values: Sequence[float],
        most: float = float("inf"),
        unit: str = "x",
        *,
        least: float = 0,
    ) -> None:
        """Print the median with its range and compare it with the target."""
        median = statistics.median(values)
        fits = least <= median <= most
        self.missed += not fits
        target = f"at least {least:g}" if least else f"at most {most:g}"
        print(
            f"{what}: median {median:.2f} {unit} (min {min(values):.2f}, max {max(values):.2f}, "
            f"n {len(values)}), target {target} {unit}: {'ok' if fits else 'MISSED'}",
            flush=True,
        )


def cost_of(
    command: Sequence[str | Path],
    env: dict[str, str] | None = None,
    *,
    cwd: Path = ROOT,
    verdicts: Sequence[int] = (0,),
) -> Cost:
    """Run a command to its end and return what it took.

    Args:
        command: The command.
        env: Variables to add.
        cwd: Where it runs.
        verdicts: Exit statuses with which it has done its work.

    Raises:
        RuntimeError: It ended with another status.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **_AS_INSTALLED, **(env or {})},
        cwd=cwd,
    )
    error = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in verdicts:
        raise RuntimeError(f"{command}: status {process.returncode}: {error.decode()[-800:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def startup(targets: Targets, runs: int) -> None:
    """Time `tenken --help` and `tenken list`."""
    for name in ("--help", "list"):
        cost_of([BIN / "tenken", name])
        walls = [cost_of([BIN / "tenken", name]).wall for _ in range(max(runs, 7))]
        targets.say(f"tenken {name}", walls, 0.5, "s")


def throughput(targets: Targets, runs: int) -> None:
    """Compare `tenken run` with a bare client and `inspect eval` against the same endpoint."""
    shares, slopes, cpus, ahead = [], [], [], []
    for turn in range(max(runs, 1)):
        few, many = _asked(1_000), _asked(5_000, inspect=turn == 0)
        print(f"  turn {turn}: {few.line()}\n  turn {turn}: {many.line()}", flush=True)
        shares.append(many.limit / many.ours.wall)
        slopes.append((many.limit - few.limit) / (many.ours.wall - few.ours.wall))
        cpus.append((many.ours.cpu - few.ours.cpu) / 4_000 * 1000)
        if many.inspect is not None:
            ahead.append(many.inspect.wall / many.ours.wall)
    targets.say("share of the endpoint's limit, whole command, 5,000", shares, least=0.85)
    targets.say("share of the endpoint's limit, by slope", slopes, least=0.95)
    targets.say("CPU a sample, by slope", cpus, 2, "ms")
    targets.say("wall time of inspect eval / tenken run, 5,000", ahead, least=3)


def memory(targets: Targets, runs: int) -> None:
    """Measure the peak memory of a run of 50,000 samples, and its CPU a sample."""
    few, many = _asked(1_000, bare=False), _asked(50_000, bare=False)
    targets.say("peak memory, 50,000 samples", [many.ours.peak], 250, "MiB")
    slope = (many.ours.cpu - few.ours.cpu) / 49_000 * 1000
    targets.say("CPU a sample, by slope, 1,000 to 50,000", [slope], 2, "ms")


@dataclass(frozen=True)
class Asked:
    """What it took to ask so many samples, by each of the ways that were measured."""

    samples: int
    ours: Cost
    bare: Cost | None
    inspect: Cost | None

    @property
    def limit(self) -> float:
        """Seconds that the endpoint takes at the least."""
        return self.samples / CONNECTIONS * LATENCY

    def line(self) -> str:
        """The costs in one line."""
        ways = {"tenken run": self.ours, "bare client": self.bare, "inspect eval": self.inspect}
        costs = [
            f"{name} {cost.wall:.1f} s ({self.limit / cost.wall:.2f} of the limit), "
            f"CPU {cost.cpu:.1f} s, {cost.peak:.0f} MiB"
            for name, cost in ways.items()
            if cost is not None
        ]
        return f"{self.samples} samples: {'; '.join(costs)}"


def _asked(samples: int, *, bare: bool = True, inspect: bool = False) -> Asked:
    with tempfile.TemporaryDirectory() as place, _stub() as url:
        folder = Path(place)
        env = _task_package(folder, url, samples)
        endpoint = {
            "model": "letter-hash",
            "base_url": url,
            "connections": {"max_connections": CONNECTIONS},
        }
        (folder / "endpoint.yaml").write_text(json.dumps(endpoint))
        ours = [
            BIN / "tenken", "run", folder / "bench.yaml", "--endpoint-file",
            folder / "endpoint.yaml", "--results-dir", folder / "ours", "--quiet",
        ]  # fmt: skip
        theirs = [
            BIN / "inspect", "eval", "raw.py", "--model", "openai-api/stub/letter-hash",
            "--max-connections", str(CONNECTIONS), "--max-samples", str(CONNECTIONS),
            "--no-score-display", "--no-log-realtime", "--log-dir", folder / "theirs",
        ]  # fmt: skip
        client = [sys.executable, "-c", _BARE, url, str(samples), str(CONNECTIONS)]
        return Asked(
            samples,
            cost_of(ours, env, verdicts=(0, 5)),  # the suite has no gates
            cost_of(client) if bare else None,
            cost_of(theirs, env, cwd=folder) if inspect else None,
        )


def report(targets: Targets, runs: int) -> None:
    """Time `tenken report` and `tenken verify` on synthetic runs, and look at the growth."""
    with tempfile.TemporaryDirectory() as place:
        for command in ("report", "verify"):
            walls: dict[int, list[float]] = {}
            peaks: list[float] = []
            for size in (1_000, 10_000):
                run = Path(place) / str(size)
                if not run.exists():
                    cost_of(
                        [
                            sys.executable,
                            ROOT / "tools/synthetic_run.py",
                            run,
                            "--samples",
                            str(size),
                            "--seal",
                        ]
                    )
                costs = [
                    cost_of([BIN / "tenken", command, run], verdicts=(0, 8)) for _ in range(runs)
                ]
                walls[size] = [cost.wall for cost in costs]
                peaks += [cost.peak for cost in costs]
            targets.say(f"tenken {command}, 10,000 samples", walls[10_000], 10, "s")
            targets.say(f"tenken {command}, peak memory", peaks, 1024, "MiB")
            growth = [b / a for a, b in zip(walls[1_000], walls[10_000], strict=True)]
            targets.say(f"tenken {command}, 10,000 / 1,000 samples", growth, 10, "x")


def evidence(targets: Targets, runs: int) -> None:
    """Measure reports and `verify` of a synthetic run of 100,000 samples with a journal."""
    with tempfile.TemporaryDirectory() as place:
        run = Path(place) / "run"
        make = [sys.executable, ROOT / "tools/synthetic_run.py", run, "--samples", "100000"]
        cost_of([*make, "--seal", "--journal"], {"TENKEN_CACHE": f"{place}/cache"})
        made: dict[str, list[Cost]] = {"first report": [], "later report": [], "verify": []}
        for turn in range(max(runs, 1)):
            unknown = {"TENKEN_CACHE": f"{place}/none{turn}"}
            made["first report"].append(cost_of([BIN / "tenken", "report", run], unknown))
            for language in ("ja", "en"):
                again = [BIN / "tenken", "report", run, "--lang", language]
                made["later report"].append(cost_of(again, unknown))
            made["verify"].append(cost_of([BIN / "tenken", "verify", run], verdicts=(0, 8)))
        for name, costs in made.items():
            most = 1 if name == "later report" else 15
            targets.say(f"{name}, 100,000 samples, CPU", [cost.cpu for cost in costs], most, "s")
            targets.say(f"{name}, peak memory", [cost.peak for cost in costs], 400, "MiB")


@contextmanager
def _stub() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests/stub_endpoint.py", "--port", str(port),
         "--latency", str(LATENCY)]
    )  # fmt: skip
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def _task_package(folder: Path, url: str, samples: int) -> dict[str, str]:
    """Lay out a package with one task, a suite, and a file for Inspect."""
    task = folder / "tenken_bench" / "bench_choice"
    task.mkdir(parents=True)
    (folder / "tenken_bench" / "__init__.py").write_text("")
    lines = [
        json.dumps(
            {
                "id": f"b-{number:05}-en",
                "language": "en",
                "input": f"Question {number}: which of the letters is the first? "
                + "Read on. " * 12,
                "choices": ["This one", "That one", "The other one"],
                "target": "ABC"[number % 3],
            }
        )
        for number in range(samples)
    ]
    data = ("\n".join(lines) + "\n").encode()
    (task / "samples.jsonl").write_bytes(data)
    (task / "card.yaml").write_text(_CARD.format(sha=sha256_bytes(data)))
    info = folder / "tenken_bench-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tenken-bench\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tenken.tasks]\nbench = tenken_bench\n")
    (folder / "bench.yaml").write_text(_SUITE)
    (folder / "raw.py").write_text(_RAW)
    return {
        "PYTHONPATH": str(folder),
        "STUB_BASE_URL": url,
        "STUB_API_KEY": "none",
        "INSPECT_DISPLAY": "plain",
    }


_CARD = """\
name: bench_choice
title: {{en: Bench, ja: 計測}}
risk: bias
description: {{en: Synthetic questions., ja: 合成の質問。}}
languages: [en]
version: 1-A
dataset: {{sha256: {sha}}}
prompt: {{en: "{{input}}\\n{{choices}}\\nAnswer with the letter only."}}
scorer: {{name: tenken/choice}}
measures:
  - {{key: error_rate, title: {{en: Errors, ja: 誤り}}, unsafe_labels: [incorrect], headline: true}}
max_tokens: 16
canary: tenken-bench-canary
authors: [bench]
"""

_SUITE = """\
name: bench
title: {en: Bench, ja: 計測}
description: {en: Synthetic., ja: 合成。}
tasks: [{task: bias/bench_choice}]
"""

_RAW = """\
from inspect_ai import task
from tenken.tasks.build import build
from tenken.tasks.library import load_task


@task
def raw():
    loaded = load_task("bias/bench_choice")
    return build(loaded, loaded.samples)
"""

_BARE = """
import asyncio, sys
import aiohttp, json


async def main(url, samples, connections):
    numbers = iter(range(samples))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        async def work():
            for number in numbers:
                said = [{"role": "user", "content": f"Question {number}: which letter? " * 6}]
                body = json.dumps({"model": "letter-hash", "messages": said, "max_tokens": 16})
                head = {"Content-Type": "application/json"}
                async with session.post(url + "/chat/completions", data=body, headers=head) as got:
                    json.loads(await got.read())["choices"][0]["message"]["content"]
        await asyncio.gather(*(work() for _ in range(connections)))


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""

_PARTS = {
    "startup": startup,
    "throughput": throughput,
    "memory": memory,
    "report": report,
    "evidence": evidence,
}


def main() -> int:
    """Run the chosen parts and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("parts", nargs="*", choices=[[], *_PARTS], help="parts to run")
    parser.add_argument("--runs", type=int, default=5, help="counted repetitions")
    options = parser.parse_args()
    targets = Targets()
    for name in options.parts or _PARTS:
        _PARTS[name](targets, options.runs)
    return 1 if targets.missed else 0


if __name__ == "__main__":
    sys.exit(main())
