"""The end of a run: its report, its seal and its suite's further scorers.

All that a report needs is imported from here, so that a run imports it while answers come.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING, Final, Self

from tenken.evals.running.sweep.log import follower

if TYPE_CHECKING:
    from tenken.evals.config import RunConfig
    from tenken.evals.planning.request import Request
    from tenken.results.records.ahead import ReadAhead
    from tenken.schema.plan import Plan
    from tenken.schema.report import Report

_NEEDED: Final = (
    "tenken.evals.actions.also", "tenken.results.bundle.write", "pyarrow.compute", "pyarrow.json",
    "pyarrow.parquet", "scipy.optimize", "scipy.special",
)  # fmt: skip
"""A test holds that nothing is missing here."""
_MANY_ANSWERS: Final = 1.0
"""Seconds after which a run is one of many answers, not of a few."""


@dataclass(frozen=True)
class Ended:
    """What the end of a run came to.

    Attributes:
        report: The report.
        keyid: Id of the key that sealed it; empty when unsigned.
        stopped: Why further scorers did not read all answers; empty if they did.
    """

    report: Report
    keyid: str
    stopped: str = ""


class Meanwhile:
    """Makes ready for the end while a run waits for answers, if they are many.

    Attributes:
        ahead: What was read of the logs so far; None until what reads them is imported.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Take note of a run that is about to ask; nothing is done before a second has passed."""
        self._folder, self._plan = folder, plan
        self._imported = Event()
        self._timer = Timer(_MANY_ANSWERS, self._import)
        self._timer.daemon = True
        self.ahead: ReadAhead | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._token = follower.set(self._follow)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Begin nothing any more."""
        self._timer.cancel()
        follower.reset(self._token)
        del self._plan  # that of many samples is large
        if self.ahead is not None:
            self.ahead.end()

    def _import(self) -> None:
        import_all()
        self._imported.set()

    def _follow(self, log_name: str, member: str, data: bytes) -> None:
        if not self._imported.is_set():
            return
        if self.ahead is None:
            from tenken.results.records.ahead import ReadAhead

            self.ahead = ReadAhead(self._folder, self._plan)
        self.ahead.take(log_name, member, data)


def import_all() -> None:
    """Import what the end needs."""
    for name in _NEEDED:
        import_module(name)


def seal_run(
    folder: Path, config: RunConfig, private_key: Path | None, ahead: ReadAhead | None = None
) -> Ended:
    """Write a run's report and tables from its logs, and seal it.

    Args:
        folder: The run's folder, claimed.
        config: How its report is shown.
        private_key: The key to seal with; None leaves the seal unsigned.
        ahead: What was read of the logs while it asked.

    Raises:
        TenkenError: The evidence cannot be read, or the results cannot be written.
    """
    from tenken.results.bundle.write import write_bundle
    from tenken.results.report.shown import Presentation

    shown = Presentation(config.report_language, config.with_text)
    return Ended(*write_bundle(folder, shown, private_key, reason="run", ahead=ahead))


def score_further(request: Request, folder: Path, config: RunConfig, ended: Ended) -> Ended:
    """Score a sealed run with the further scorers of its suite, as far as the caps allow.

    Args:
        request: What was asked; its suite names the scorers.
        folder: The run's folder.
        config: The caps, and who signs.
        ended: The run as it was sealed.

    Raises:
        TenkenError: A grader does not answer, or the run cannot be written again.
    """
    if not any(asked.entry.also for asked in request.asked):
        return ended
    from tenken.evals.actions.also import left_of, score_also
    from tenken.evals.running.graders import AllowanceUsedError
    from tenken.evals.words import phrase

    try:
        left = left_of(request, config, ended.report)
        further = score_also(request, folder, config.key, left)
    except AllowanceUsedError as error:
        return Ended(ended.report, ended.keyid, phrase("also_stopped", why=error))
    return Ended(further.report, further.keyid) if further else ended
