"""Count the modules that three walks enter, by tracing them: where a reader must follow.

python tools/count_hops.py FOLDER     FOLDER is new; a stub endpoint is started inside

1. a sample to its number: from the logs of a run to the figures of its report
2. `run` to the endpoint: from the command to the first request of a sample
3. a gold file to a corrected rate: from `calibrate` to the correction of a rate
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROOMS = tuple(
    str(ROOT / room) + "/" for room in ("src/tenken", "evals", "tasks", "scorers", "results")
)
sys.path.insert(0, str(ROOT / "tests"))


@contextmanager
def traced(entered: list[str], until: Callable[[], bool] = lambda: False) -> Iterator[None]:
    """Note each module of ours in the order in which its functions are first called."""

    def note(frame: Any, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if event == "call" and frame.f_code.co_name != "<module>" and not until():
            path = str(Path(name).resolve()) if ".imports" in name else name
            if path.startswith(ROOMS) and path not in entered:
                entered.append(path)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def main(folder: Path) -> None:
    """Take the three walks and print what they enter.

    Args:
        folder: A new folder for the run.
    """
    from stub_endpoint import running

    from tenken.evals.cli.main import app
    from tenken.results.calibration.fit import choose
    from tenken.results.metrics.settings import Statistics
    from tenken.results.records.read import read_records
    from tenken.results.report.corrections import corrected_rate
    from tenken.results.report.report import compute_report
    from tenken.schema.plan import read_plan

    asked, numbered, corrected = list[str](), list[str](), list[str]()
    with running() as stub:
        command = ["run", "requests", "--task", "fraud", "--limit", "4", "--no-gates",
                   "--model", "comply", "--base-url", stub.base_url,
                   "--results-dir", str(folder)]  # fmt: skip
        with traced(asked, lambda: len(stub.requests) > 1):
            app(command, standalone_mode=False)
    run = next(path for path in folder.iterdir() if path.is_dir())
    plan = read_plan(run)
    with traced(numbered):
        found = read_records(run, plan)
        compute_report(plan, found, "0" * 64)
    gold = str(ROOT / "scorers" / "gold" / "refusal_ja.jsonl")
    with traced(corrected):
        app(
            ["calibrate", "refusal", "--gold", gold, "--kind", "constructed"], standalone_mode=False
        )
        task, measure = plan.tasks[0], plan.tasks[0].headline
        own = [r for r in found.records if r.language == "ja" and r.measure == measure.key]
        corrected_rate(own, measure, choose(plan.calibration, task, measure, "ja"), Statistics())
    for name, walk in (
        ("run to the endpoint", asked),
        ("a sample to its number", numbered),
        ("a gold file to a corrected rate", corrected),
    ):
        sys.stderr.write(f"{name}: {len(walk)} modules\n")
        sys.stderr.writelines(f"  {Path(each).relative_to(ROOT)}\n" for each in walk)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
