"""What a run has read of its own logs is what its report would read, or is not taken."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import BundleError
from tenken.results.bundle.write import make_files
from tenken.results.records import ahead
from tenken.results.records.ahead import ReadAhead
from tenken.results.records.archive import Archive
from tenken.results.records.logs import log_files, open_log
from tenken.results.records.read import RunRecords, read_records
from tenken.schema.plan import read_plan


@pytest.fixture
def run(sealed: Any, tmp_path: Path) -> Path:
    return Path(sealed.copy(tmp_path / "run"))


def ahead_of(run: Path, *, every: int = 1) -> ReadAhead:
    """Read every so many members of a run's logs ahead."""
    found = ReadAhead(run, read_plan(run))
    for path in log_files(run):
        with open_log(path) as log, Archive(path) as archive:
            for name in list(log.members() or ())[::every]:
                found.take(log.header.task, name, archive.read(name))
    found.end()
    return found


def whole(found: RunRecords) -> list[Any]:
    """All that was found, with the order in which it is."""
    return [list(part.items()) if isinstance(part, dict) else part for part in vars(found).values()]


@pytest.mark.parametrize("every", [1, 2])
def test_a_report_takes_what_was_read_ahead_and_reads_the_rest(
    run: Path, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, early = read_plan(run), ahead_of(run, every=every)
    plain = whole(read_records(run, plan))
    read: list[str] = []
    reading = Archive.read

    def watched(self: Archive, name: str) -> bytes:
        read.append(name)
        return reading(self, name)

    monkeypatch.setattr(Archive, "read", watched)
    assert whole(read_records(run, plan, ahead=early.of)) == plain
    samples = [name for name in read if name.startswith("samples/")]
    assert len(samples) == (0 if every == 1 else pytest.approx(len(plain[0]) / 2, abs=3))


def test_a_sample_that_was_changed_since_is_read(
    run: Path, rewrite_samples: Any, log_named: Any
) -> None:
    early, plan = ahead_of(run), read_plan(run)
    before = read_records(run, plan)
    rewrite_samples(log_named(run, "claims"), lambda sample: {**sample, "scores": {}})
    found = read_records(run, plan, ahead=early.of)
    assert whole(found) == whole(read_records(run, plan))
    assert found.records != before.records


def test_a_sample_is_in_a_log_once_whether_or_not_it_was_read_ahead(
    run: Path, log_named: Any
) -> None:
    early, path = ahead_of(run), log_named(run, "claims")
    with zipfile.ZipFile(path, "a") as made:
        name = next(name for name in made.namelist() if name.startswith("samples/"))
        with Archive(path) as archive:
            data = archive.read(name)
        made.writestr(name.replace("samples/", "samples/z-"), data)
    with pytest.raises(BundleError, match="in the log twice"):
        read_records(run, read_plan(run), ahead=early.of)


def test_no_more_is_kept_than_memory_allows(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = read_plan(run)
    monkeypatch.setattr(ahead, "_MOST", 5)
    few = ahead_of(run)
    assert whole(read_records(run, plan, ahead=few.of)) == whole(read_records(run, plan))
    assert sum(len(ahead_of(run).of(task.log_name)) for task in plan.tasks) == 5


def test_what_was_read_against_another_plan_is_not_taken(run: Path) -> None:
    class Other(ReadAhead):
        def of(self, log_name: str) -> Any:
            raise AssertionError(log_name)

    plan = read_plan(run)
    other = Other(run, plan.model_copy(update={"max_unscored": 0.5}))
    assert make_files(run, ahead=other).files == make_files(run).files


def test_what_is_no_sample_is_left_to_the_report(run: Path) -> None:
    early = ReadAhead(run, read_plan(run))
    for data in (b"", b"[]", b'{"id": "x"}', b"\xff"):
        early.take(read_plan(run).tasks[0].log_name, "samples/x_epoch_1.json", data)
    early.take("no/such", "samples/x_epoch_1.json", b"{}")
    assert not early.of(read_plan(run).tasks[0].log_name) and not early.of("no/such")
