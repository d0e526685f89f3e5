"""An evaluator's week against an endpoint on loopback, from the first question to the last page.

    python tools/evaluator_week.py [--folder FOLDER] [--pictures docs/images]

Doctor, plan, three models, a kill and a resumption, a larger limit, a judge, people's labels, a
comparison, a published twin; each command is the one that a person would type. It stops at the
first thing that does not hold, and ends with the page that a director reads. With `--pictures`
that page and the report's first page are photographed in both languages (chromium).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from stub_endpoint import Stub, running  # noqa: E402

MODELS = ("helps-4", "helps-30", "helps-85")
TASKS = ("misinformation/disinformation_requests", "criminal_misuse/fraud",
         "bias/discriminatory_requests")  # fmt: skip
LIMITS = ("120", "200")
KILLED_AFTER = 100
PAGE = (1000, 1414)
"""Pixels of a printed page."""


def main() -> None:
    """Live through the week and say how long each part of it took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, help="where everything goes; kept")
    parser.add_argument("--pictures", type=Path, help="folder for the pictures of the pages")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tenken-week-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with running(latency=0.01) as stub:
            week = Week(stub, folder.resolve())
            began = time.monotonic()
            for step in week.steps():
                print(f"{time.monotonic() - began:6.1f} s  {step}", flush=True)
            if given.pictures:
                pictures(week, given.pictures)
            kept = week.pages["en"] if given.folder else "with --folder FOLDER it is kept"
            print(f"\nThe page to hand on: {kept}")


class Week:
    """What an evaluator has on the desk.

    Attributes:
        stub: The endpoint.
        folder: Where everything goes.
        pages: The comparison, by language.
    """

    def __init__(self, stub: Stub, folder: Path) -> None:
        self.stub, self.folder = stub, folder
        self.results = folder / "runs"
        self.pages = {lang: folder / f"comparison.{lang}.html" for lang in ("en", "ja")}
        self.env = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}

    def steps(self) -> Iterator[str]:
        """Do one thing after the other, and yield what was done."""
        self.tenken("keygen")
        files = [self._doctor(model) for model in MODELS]
        yield "doctor: three endpoint files"
        told = self.tenken("plan", *self._run(files[:1], LIMITS[0])[1:], "--json", js=True)
        yield f"plan: {told['calls']} calls for each model"
        yield from self._three_models(files)
        yield from self._larger_limit(files)
        yield from self._judge_and_review()
        yield from self._hand_on()

    def tenken(self, *given: object, js: bool = False, expect: tuple[int, ...] = (0,)) -> Any:
        """Give a command and return what it prints.

        Args:
            *given: The command's words.
            js: Whether it prints JSON, which is read.
            expect: The exit statuses that are right.
        """
        command = self._command(*given)
        done = subprocess.run(
            command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode not in expect:
            raise SystemExit(
                f"{' '.join(command[2:])}: status {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return json.loads(done.stdout) if js else done.stdout

    def _command(self, *given: object) -> list[str]:
        code = "import sys; sys.argv[0] = 'tenken'\nfrom tenken.evals.cli import main\nmain()"
        return [sys.executable, "-c", code, *map(str, given)]

    def _doctor(self, model: str) -> Path:
        file = self.folder / f"{model}.yaml"
        self.tenken("doctor", self.stub.base_url, "--model", model, "--suite", "requests",
                    "--context", 0, "--output", file, expect=(0, 1))  # fmt: skip
        return file

    def _run(self, files: list[Path], limit: str) -> list[object]:
        tasks = [part for task in TASKS for part in ("--task", task)]
        named = [part for file in files for part in ("--endpoint-file", file)]
        return ["run", "requests", *tasks, "--limit", limit, *named, "--results-dir", self.results]

    def _three_models(self, files: list[Path]) -> Iterator[str]:
        command = self._run(files, LIMITS[0])
        before = len(self.stub.asked)
        process = subprocess.Popen(
            self._command(*command, "--json"), cwd=self.folder, env=self.env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while len(self.stub.asked) - before < KILLED_AFTER:
            if process.poll() is not None:
                raise SystemExit("the run ended before it could be killed")
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed = len(self.stub.asked) - before
        yield f"three models, killed after {killed} requests"
        self.tenken(*command, "--json", expect=(0, 1, 3, 4))
        asked = self.stub.asked[before:]
        again = len(asked) - len(MODELS) * len(set(asked))
        check(0 <= again <= 10, f"{again} requests were sent twice")
        yield f"the same command went on: {again} requests that were under way were sent again"
        before = len(self.stub.asked)
        self.tenken(*command, "--json", expect=(0, 1, 3, 4))
        check(len(self.stub.asked) == before, "a finished run asked something")
        yield "once more: nothing was asked"

    def _larger_limit(self, files: list[Path]) -> Iterator[str]:
        before, known = len(self.stub.asked), len(set(self.stub.asked))
        self.tenken(*self._run(files, LIMITS[1]), "--json", expect=(0, 1, 3, 4))
        new = len(set(self.stub.asked)) - known
        asked = len(self.stub.asked) - before
        check(asked == new * len(MODELS), f"{asked} requests for {new} new samples")
        taken = [self._report(run)["evidence"]["journal"]["reused"] for run in self.runs()]
        check(len(taken) == len(MODELS) and min(taken) > 0, f"taken over: {taken}")
        yield f"a limit of {LIMITS[1]}: {asked} requests, {sum(taken)} answers taken over"

    def _judge_and_review(self) -> Iterator[str]:
        run = self.runs()[0]
        judge = self.folder / "judge.yaml"
        judge.write_text(f"model: judge\nbase_url: {self.stub.base_url}\n", "utf-8")
        self.tenken("score", run, "--scorer", "fraud=harm_judge", "--model-role",
                    f"grader={judge}")  # fmt: skip
        yield "a judge scored the answers once more"
        self.tenken("review", run, "--sample", 40, "--task", "criminal_misuse/fraud")
        (sheet,) = self.folder.glob("runs/*-review/*.jsonl")
        rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines() if line]
        for row in rows:
            declines = "sorry" in row["answer"] or "申し訳" in row["answer"]
            row |= {"label": "full_refusal" if declines else "compliance", "reviewer": "Aoi"}
        labels = self.folder / "labels.jsonl"
        labels.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        self.tenken("review", run, "--import", labels)
        yield f"a person labelled {len(rows)} answers"

    def _hand_on(self) -> Iterator[str]:
        for language, page in self.pages.items():
            self.tenken("compare", *self.runs(), "--output", page, "--lang", language)
            check(page.stat().st_size > 0, f"{page} is empty")
        yield "three models on one page"
        twin = self.folder / "published"
        self.tenken("publish", self.runs()[0], "--to", twin)
        told = self.tenken("verify", twin, "--json", js=True, expect=tuple(range(128)))
        check(told["grades"]["consistent"]["holds"] == "yes", str(told["grades"]))
        yield f"published without texts: {told['verdict']}"

    def runs(self) -> list[Path]:
        """Return the runs of the larger limit, in the models' order."""
        found = []
        for path in sorted(self.results.glob("*/plan.json")):
            plan = json.loads(path.read_bytes())
            if plan["settings"]["limit"] == int(LIMITS[1]):
                found.append((MODELS.index(plan["model"]["name"]), path.parent))
        return [run for _, run in sorted(found)]

    def _report(self, run: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((run / "report.json").read_bytes())
        return found


def check(holds: bool, otherwise: str) -> None:
    """End the week where something does not hold."""
    if not holds:
        raise SystemExit(f"the week ends here: {otherwise}")


def pictures(week: Week, images: Path) -> None:
    """Photograph the first page of a report and of the comparison in both languages."""
    from playwright.sync_api import sync_playwright

    run, reports = week.runs()[1], {}
    for language in ("ja", "en"):
        week.tenken("report", run, "--lang", language)
        reports[language] = week.folder / f"report.{language}.html"
        shutil.copyfile(run / "report.html", reports[language])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": PAGE[0], "height": PAGE[1]})
        for name, files in (("report", reports), ("comparison", week.pages)):
            for language, file in files.items():
                page.goto(file.as_uri())
                page.screenshot(path=images / f"week-{name}.{language}.png")
        browser.close()


if __name__ == "__main__":
    main()
