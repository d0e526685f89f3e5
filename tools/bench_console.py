"""Measure the console: a thousand runs, a run of 50,000 samples, and thirty people at once.

    python tools/bench_console.py [--runs 1000] [--samples 50000] [--people 30] [--folder DIR]

The runs are synthetic (`tools/synthetic_run.py`). With `--folder` they are kept there and used
again. The server is `tenken serve` in a process of its own, asked over loopback.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import func, select
from synthetic_run import make_run

from tenken.console.auth.accounts import Account, add_account
from tenken.console.auth.sessions import find_session, start_session
from tenken.console.database.connect import open_database
from tenken.console.database.tables import drafts
from tenken.console.reviewing.assignments import assign
from tenken.console.reviewing.handing_in import draw_items
from tenken.console.reviewing.sheets import make_sheets
from tenken.console.settings import Settings
from tenken.results.bundle.write import write_bundle

LARGE, SMALL = "large", "small"
REPEATS = 15
ACTIONS = 15
PAUSE = (1.5, 4.5)
"""Seconds that somebody thinks between two actions."""


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenken-bench-") as temporary:
        results = chosen.folder or Path(temporary) / "runs"
        make_results(results, chosen.runs, chosen.samples)
        shutil.rmtree(results / ".console", ignore_errors=True)
        settings = Settings(results=results.resolve(), sign_in="accounts")
        lead = add_account(
            open_database(settings.database_url), "lead", "administrator", "a long password"
        )
        with server(results) as (address, seconds, pid):
            say("start, nothing read yet", f"{seconds:.2f} s")
            measure_pages(settings, lead, address, chosen.samples)
            measure_people(settings, address, chosen.people)
            say("memory of the server, at its peak", f"{memory(pid, 'VmHWM') / 1024:.0f} MiB")
        with server(results) as (_, seconds, pid):
            say("start, all runs known", f"{seconds:.2f} s")
            say("memory after that", f"{memory(pid, 'VmRSS') / 1024:.0f} MiB")


def make_results(results: Path, runs: int, samples: int) -> None:
    """Write the synthetic runs that are not there yet."""
    results.mkdir(parents=True, exist_ok=True)
    for name, n in ((SMALL, 400), (LARGE, samples)):
        if not (results / name / "seal.json").exists():
            shutil.rmtree(results / name, ignore_errors=True)
            make_run(results / name, n, seed=len(name))
            write_bundle(results / name)
    report = json.loads((results / SMALL / "report.json").read_bytes())
    draw = random.Random(1)
    for number in range(runs - 2):
        folder = results / f"run-{number:04}"
        folder.mkdir(exist_ok=True)
        day = f"2026-0{1 + number % 9}-1{number % 9}"
        report["run"], report["finished"] = folder.name, f"{day}T00:00:00+00:00"
        report["model"]["name"] = f"laboratory/model-{number % 40:02}"
        report["decision"] = draw.choice(["PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE"])
        for area in report["areas"]:
            low, value, high = sorted(draw.random() for _ in range(3))
            area.update(value=value, low=low, high=high)
        (folder / "report.json").write_text(json.dumps(report))


@contextmanager
def server(results: Path) -> Iterator[tuple[str, float, int]]:
    """Run a server; yields its address, the seconds until its first page, and its process."""
    command = [sys.executable, "-c", "from tenken.evals.cli import main; main()", "serve"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--sign-in", "accounts", "--port", "0", "--results-dir", str(results)],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    address = re.search(r"http://\S+", process.stderr.readline())
    assert address, process.stderr.read()
    while True:
        try:
            httpx.get(f"{address[0]}/sign-in").raise_for_status()
            break
        except httpx.ConnectError:
            time.sleep(0.01)
    seconds = time.perf_counter() - began
    threading.Thread(target=process.stderr.read, daemon=True).start()
    try:
        yield address[0], seconds, process.pid
    finally:
        process.terminate()
        process.wait()


@dataclass
class Browser:
    """Somebody's browser, with the seconds that each of their requests took."""

    client: httpx.Client
    csrf: str
    taken: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def get(self, path: str) -> httpx.Response:
        """Read a page."""
        return self._timed(lambda: self.client.get(path))

    def post(self, path: str, **data: str) -> httpx.Response:
        """Send a form."""
        return self._timed(lambda: self.client.post(path, data={"csrf": self.csrf, **data}))

    def _timed(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        began = time.perf_counter()
        answer = ask()
        self.taken.append(time.perf_counter() - began)
        if answer.status_code not in (200, 303):
            self.failed.append(f"{answer.request.url}: {answer.status_code}")
        return answer


def browser(settings: Settings, account: Account, address: str) -> Browser:
    """Return a browser in which somebody has signed in."""
    engine = open_database(settings.database_url)
    secret = start_session(engine, account)
    person = find_session(engine, secret)
    engine.dispose()
    assert person is not None
    cookies = {"tenken_session": secret}
    client = httpx.Client(base_url=address, cookies=cookies, timeout=60, follow_redirects=False)
    return Browser(client, person.csrf)


def measure_pages(settings: Settings, lead: Account, address: str, samples: int) -> None:
    """Measure single pages by the median of several requests."""
    own = browser(settings, lead, address)
    began = time.perf_counter()
    while "more runs are being read" in own.get("/runs").text:
        time.sleep(0.1)
    say("all runs read", f"{time.perf_counter() - began:.1f} s")
    began = time.perf_counter()
    while "for the first time" in own.get(f"/runs/{LARGE}/samples").text:
        time.sleep(0.5)
    say("samples of the large run read", f"{time.perf_counter() - began:.1f} s")
    pages = {
        "list of runs": "/runs",
        "runs, filtered": "/runs?model=laboratory/model-07&decision=PASS",
        "runs, searched and sorted by an area": "/runs?q=model-1&sort=-area-bias",
        "list of samples": f"/runs/{LARGE}/samples",
        "samples, filtered": f"/runs/{LARGE}/samples?outcome=unscored&language=ja",
        "samples, searched in all texts": f"/runs/{LARGE}/samples?q=答えはB",
        "samples, searched in vain": f"/runs/{LARGE}/samples?q=nowhere+to+be+found",
        "samples, worst first, far back": f"/runs/{LARGE}/samples?sort=worst&page=900",
        "one run": f"/runs/{LARGE}",
        "one sample": f"/runs/{LARGE}/samples/{samples // 2}",
        "models": "/models",
    }
    for name, path in pages.items():
        own.taken.clear()
        for _ in range(REPEATS):
            own.get(path)
        say(name, f"{statistics.median(own.taken) * 1000:.0f} ms")
    assert not own.failed, own.failed


def measure_people(settings: Settings, address: str, people: int) -> None:
    """Let people review and read at once, and count their labels afterwards."""
    folder = settings.results / SMALL
    draw = str(draw_items(folder, ACTIONS, [], 1)["draw"])
    make_sheets(folder, settings.database_url)
    engine = open_database(settings.database_url)
    own = []
    for number in range(people):
        account = add_account(engine, f"person {number}", "reviewer", None)
        if number % 2 == 0:
            assign(engine, SMALL, draw, account.id, "reviewer")
        own.append(browser(settings, account, address))
    threads = [
        threading.Thread(target=_review if n % 2 == 0 else _read, args=(each, n // 2 + 1, n))
        for n, each in enumerate(own)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = sorted(seconds for each in own for seconds in each.taken)
    failed = [said for each in own for said in each.failed]
    with engine.connect() as connection:
        kept = connection.execute(
            select(func.count()).select_from(drafts).where(drafts.c.label != "")
        ).scalar_one()
    sent = (people + 1) // 2
    say(f"{people} people, {len(taken)} requests, 95th percentile",
        f"{taken[int(len(taken) * 0.95)] * 1000:.0f} ms")  # fmt: skip
    say("labels kept of those sent", f"{kept} of {sent * ACTIONS}")
    say("requests that failed", f"{len(failed)} {failed[:3]}")


def _review(own: Browser, number: int, seed: int) -> None:
    think = random.Random(seed)
    for n in range(1, ACTIONS + 1):
        screen = own.get(f"/review/{number}?n={n}").text
        item = re.search(r'name="item" value="(\w+)"', screen)
        label = re.search(r'name="label" value="([^"]*)"', screen)
        assert item and label, screen[-500:]
        own.post(f"/review/{number}", item=item[1], label=label[1])
        time.sleep(think.uniform(*PAUSE))


def _read(own: Browser, number: int, seed: int) -> None:
    think = random.Random(seed)
    for n in range(ACTIONS):
        path = think.choice(
            [
                "/runs", f"/runs?q=model-{n:02}", f"/runs/{LARGE}",
                f"/runs/{LARGE}/samples?page={n + 1}",
                f"/runs/{LARGE}/samples?q={n}7", f"/runs/{LARGE}/samples/{n * number}",
            ]
        )  # fmt: skip
        own.get(path)
        time.sleep(think.uniform(*PAUSE))


def memory(pid: int, key: str) -> int:
    """Return a figure of a process's memory in KiB."""
    found = re.search(rf"{key}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


def say(what: str, figure: str) -> None:
    """Print a figure."""
    print(f"{what:52}{figure}", flush=True)


if __name__ == "__main__":
    main()
