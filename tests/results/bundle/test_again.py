"""A page made again without reading the logs is the one that the logs would give, or none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import BundleError
from tenken.io.canonical import pretty_json
from tenken.results.bundle import kept
from tenken.results.bundle.again import records_again, report_again
from tenken.results.bundle.made import MADE, read_report_json
from tenken.results.bundle.staging import staged
from tenken.results.bundle.write import write_bundle
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import read_records
from tenken.results.records.table import parquet_bytes, read_parquet
from tenken.results.report.shown import Presentation
from tenken.results.seal.seal import read_seal, statement, write_seal
from tenken.results.verify.verify import is_whole, verify_bundle
from tenken.schema.report import Report

JAPANESE = Presentation("ja")


@pytest.fixture(scope="module")
def made(make_run: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was sealed here, with what is remembered of it."""
    run = make_run(60, seed=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENKEN_CACHE", str(run.parent / "cache"))
        write_bundle(run)
    return run


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made.parent / "cache", tmp_path / "cache")
    monkeypatch.setenv("TENKEN_CACHE", str(tmp_path / "cache"))
    return Path(shutil.copytree(made, tmp_path / "run"))


def again(run: Path, shown: Presentation = JAPANESE) -> Report | None:
    with staged(run) as change:
        found = report_again(change, shown)
    return found[0] if found else None


def seal_as_it_is(run: Path) -> None:
    """Seal what is in a folder, as anybody can who has Tenken."""
    last = read_seal(run).statement.predicate
    rows, report = (
        read_parquet(run / "samples.parquet"),
        Report.model_validate(read_report_json(run)),
    )
    write_seal(run, statement(run, rows, report, texts=last.texts), None)


def test_it_gives_the_bytes_that_the_logs_give(run: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(run, tmp_path / "other"))
    for shown in (JAPANESE, Presentation("en"), JAPANESE):
        assert again(run, shown) is not None
        write_bundle(other, shown, reason="report")
        for name in MADE:
            assert (run / name).read_bytes() == (other / name).read_bytes()
        assert read_seal(run).statement.says_the_same(read_seal(other).statement)
    assert is_whole(verify_bundle(run))


def test_no_log_is_read(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: Any) -> None:
        raise AssertionError("a log was opened")

    monkeypatch.setattr("tenken.results.records.archive.Archive.__init__", read)
    assert again(run) is not None


def test_a_changed_log_is_refused(run: Path) -> None:
    log = next((run / "logs").glob("*.eval"))
    log.write_bytes(log.read_bytes()[:-1] + b"x")
    with pytest.raises(BundleError, match="not the file that was sealed"):
        again(run)


@pytest.mark.parametrize("name", MADE)
def test_a_changed_made_file_is_not_taken_over(run: Path, name: str) -> None:
    (run / name).write_bytes((run / name).read_bytes() + b"\n")
    assert again(run) is None


@pytest.mark.parametrize("name", MADE)
def test_a_missing_made_file_is_not_done_without(run: Path, name: str) -> None:
    (run / name).unlink()
    assert again(run) is None


def _rows_dropped(run: Path) -> None:
    rows = read_parquet(run / "samples.parquet")
    (run / "samples.parquet").write_bytes(parquet_bytes(rows[:-10]))


def _decision_turned(run: Path) -> None:
    report = {**read_report_json(run), "decision": "PASS", "exit_status": 0}
    (run / "report.json").write_bytes(pretty_json(report))


def _file_added(run: Path) -> None:
    (run / "logs" / "more.txt").write_text("more")


@pytest.mark.parametrize("forge", [_rows_dropped, _decision_turned, _file_added])
def test_a_bundle_that_somebody_else_sealed_is_made_from_its_logs(
    run: Path, forge: Callable[[Path], None]
) -> None:
    forge(run)
    seal_as_it_is(run)
    assert again(run) is None


def test_the_table_of_another_run_is_not_taken_for_this_one(run: Path, other_run: Path) -> None:
    shutil.copy(other_run / "samples.parquet", run / "samples.parquet")
    seal_as_it_is(run)
    assert again(run) is None


def test_another_program_reads_the_logs(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "made_by", lambda: {"tenken": "0.0.1"})
    assert again(run) is None


def test_other_sources_are_another_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(kept.io, "__file__", str(package / "__init__.py"))
    before = kept.program()
    (package / "__init__.py").write_text("# changed")
    assert kept.program() != before


def test_a_note_put_beside_another_seal_is_of_no_use(run: Path, other_run: Path) -> None:
    """What a note is of is said by its name, the digest of a seal, and by nothing else."""
    seal_as_it_is(run)
    note = next(kept.cache_folder().joinpath("reports").glob("*.json"))
    note.rename(note.with_name("0" * 64 + ".json"))
    assert again(run) is None


@pytest.mark.parametrize("note", [b"", b"{}", b"[" * 10_000, b'{"made_by": 1}'])
def test_a_broken_note_is_none(run: Path, note: bytes) -> None:
    for path in kept.cache_folder().joinpath("reports").glob("*.json"):
        path.write_bytes(note)
    assert again(run) is None


def _linked(note: Path) -> None:
    other = note.rename(note.with_suffix(".txt"))
    note.symlink_to(other)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.chmod(0o666),
        _linked,
    ],
)
def test_a_note_that_another_user_could_have_written_is_none(
    run: Path, spoil: Callable[[Path], Any]
) -> None:
    """Another user could plant one where a cache is shared, and put examples on the page."""
    for note in kept.cache_folder().joinpath("reports").glob("*.json"):
        assert note.stat().st_mode & 0o777 == 0o600
        spoil(note)
    assert again(run) is None


def test_harmful_text_is_read_from_the_logs_each_time(run: Path) -> None:
    assert again(run, Presentation("ja", with_text=True)) is None
    write_bundle(run, Presentation("en", with_text=True))
    assert again(run) is None
    kept_of_this = kept.note_of(read_seal(run).sha256)
    assert kept_of_this is None, "harmful text is not put into the cache"


def test_a_cache_that_cannot_be_written_costs_nothing(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TENKEN_CACHE", str(tmp_path / "file" / "cache"))
    write_bundle(run, JAPANESE)
    assert read_report_json(run)["presentation"]["language"] == "ja"
    assert again(run) is None


def test_a_secret_of_the_environment_is_looked_for(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "criminal_misuse")
    with pytest.raises(BundleError, match="SOME_API_KEY"):
        again(run)
    assert read_report_json(run)["presentation"]["language"] == "en", "the bundle is as it was"


def test_old_notes_are_forgotten(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_MOST_NOTES", 2)
    for language in ("ja", "en", "ja", "en"):
        assert again(run, Presentation(language)) is not None
    assert len(list(kept.cache_folder().joinpath("reports").glob("*.json"))) == 2


def test_the_table_holds_the_records_that_the_logs_give(run: Path, other_run: Path) -> None:
    assert records_again(run) == read_records(run, read_sound_plan(run)).records
    shutil.copy(other_run / "samples.parquet", run / "samples.parquet")
    assert records_again(run) is None
    seal_as_it_is(run)
    assert records_again(run) is None


def test_records_of_a_changed_log_are_read_from_it(run: Path) -> None:
    log = next((run / "logs").glob("*.eval"))
    log.write_bytes(log.read_bytes()[:-1] + b"x")
    assert records_again(run) is None


def test_a_run_without_a_seal_is_read_from_its_logs(run: Path) -> None:
    (run / "seal.json").unlink()
    assert records_again(run) is None


def test_a_forged_table_is_put_right_by_the_next_report(run: Path, other_run: Path) -> None:
    right = (run / "samples.parquet").read_bytes()
    shutil.copy(other_run / "samples.parquet", run / "samples.parquet")
    seal_as_it_is(run)
    with staged(run) as change:
        assert report_again(change, JAPANESE) is None
        write_bundle(change.path, JAPANESE, digests=change.unchanged(), last=change.seal)
    assert (run / "samples.parquet").read_bytes() == right
    assert is_whole(verify_bundle(run))
