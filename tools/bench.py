"""Measure the figures that the project promises, as medians of paired runs.

    python tools/bench.py                 all of them, a few minutes
    python tools/bench.py startup         one of: startup throughput report
    python tools/bench.py --runs 3        fewer repetitions

Start-up is the wall time of a whole process. Throughput pairs `tenken run` with a plain
`inspect eval` of the same 1,000 samples against the same stub endpoint, in turn, and gives the
ratio of wall and of CPU time pair by pair. Report and verify are run on synthetic runs of 1,000
and 10,000 samples. Exit status 1 if a figure misses its target.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
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
SAMPLES = 1000


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

    def say(self, what: str, values: Sequence[float], most: float, unit: str) -> None:
        """Print the median with its range and compare it with the target."""
        median = statistics.median(values)
        fits = median <= most
        self.missed += not fits
        print(
            f"{what}: median {median:.2f} {unit} (min {min(values):.2f}, max {max(values):.2f}, "
            f"n {len(values)}), target at most {most:g} {unit}: {'ok' if fits else 'MISSED'}",
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
        env={**os.environ, **(env or {})},
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
    """Pair `tenken run` with `inspect eval` on the same samples and endpoint."""
    with tempfile.TemporaryDirectory() as place, _stub() as url:
        folder = Path(place)
        env = _task_package(folder, url)
        ours = [
            BIN / "tenken", "run", folder / "bench.yaml", "--model", "letter-hash",
            "--base-url", url, "--results-dir", folder / "ours", "--quiet",
        ]  # fmt: skip
        theirs = [
            BIN / "inspect", "eval", "raw.py", "--model",
            "openai-api/stub/letter-hash", "--log-dir", folder / "theirs",
        ]  # fmt: skip
        walls, cpus = [], []
        for turn in range(runs + 1):
            shutil.rmtree(folder / "ours", ignore_errors=True)
            mine, raw = cost_of(ours, env), cost_of(theirs, env, cwd=folder)
            print(
                f"  pair {turn}: tenken run {mine.wall:.1f} s, CPU {mine.cpu:.1f} s; "
                f"inspect eval {raw.wall:.1f} s, CPU {raw.cpu:.1f} s",
                flush=True,
            )
            if turn:  # the first pair warms the caches up
                walls.append(mine.wall / raw.wall)
                cpus.append(mine.cpu / raw.cpu)
        targets.say("wall time, tenken run / inspect eval, 1,000 samples", walls, 0.75, "x")
        targets.say("CPU time, tenken run / inspect eval, 1,000 samples", cpus, 0.75, "x")


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


@contextmanager
def _stub() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, ROOT / "tests/stub_endpoint.py", "--port", str(port)]
    )
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


def _task_package(folder: Path, url: str) -> dict[str, str]:
    """Lay out a package with one task of 1,000 samples, a suite, and a file for Inspect."""
    task = folder / "tenken_bench" / "bench_choice"
    task.mkdir(parents=True)
    (folder / "tenken_bench" / "__init__.py").write_text("")
    lines = [
        json.dumps(
            {
                "id": f"b-{number:04}-en",
                "language": "en",
                "input": f"Question {number}: which of the letters is the first? "
                + "Read on. " * 12,
                "choices": ["This one", "That one", "The other one"],
                "target": "ABC"[number % 3],
            }
        )
        for number in range(SAMPLES)
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

_PARTS = {"startup": startup, "throughput": throughput, "report": report}


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
