"""`tenken review`: drawing, taking labels in, and everything a label file may have wrong."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.results.bundle.made import read_report
from tenken.results.bundle.write import write_bundle
from tenken.results.verify.policy import trusted
from tenken.results.verify.verify import is_whole, verify_bundle

Run = Callable[..., tuple[int, str, str]]
Rows = list[dict[str, Any]]
MakeRun = Callable[..., Path]


@pytest.fixture(scope="module")
def made(make_run: MakeRun) -> Path:
    """A small finished run."""
    run = make_run(60)
    write_bundle(run)
    return run


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "runs" / "mock"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first test that needs one leaves the run with all of it drawn."""
    return tmp_path_factory.mktemp("drawn") / "runs"


@pytest.fixture
def rows(run: Path, command_line: Run, drawn: Path) -> Rows:
    """The lines that reviewers of the run got, all of it drawn."""
    if drawn.exists():
        shutil.copytree(drawn, run.parent, dirs_exist_ok=True)
    else:
        status, out, err = command_line("review", run, "--sample", 1000)
        assert (status, err) == (0, "")
        assert str(run.parent / "mock-review") in out
        shutil.copytree(run.parent, drawn)
    (path,) = (run.parent / "mock-review").glob("*.jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def filled(rows: Rows, who: str = "Aoi", option: int = 0, **more: Any) -> Rows:
    return [{**row, "label": row["options"][option]["label"], "reviewer": who, **more}
            for row in rows]  # fmt: skip


def write(path: Path, rows: Rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def reviews(run: Path) -> list[str]:
    return sorted(path.name for path in (run / "reviews").glob("*.jsonl"))


def test_a_draw_is_sealed_before_anybody_labels(run: Path, command_line: Run) -> None:
    status, out, _ = command_line("review", run, "--sample", 12, "--seed", 7, "--json")
    told = json.loads(out)
    assert (status, told["drawn"]) == (0, 12)
    assert is_whole(verify_bundle(run))
    again = json.loads(command_line("review", run, "--sample", 12, "--seed", 7, "--json")[1])
    assert again == told
    assert len(list((run / "reviews").iterdir())) == 1


def test_a_width_draws_what_it_takes(run: Path, command_line: Run) -> None:
    status, out, _ = command_line("review", run, "--width", 0.6, "--json")
    told = json.loads(out)
    assert status == 0 and told["takes"] and told["width"] == 0.6
    wanted = sum(each["labels"] or each["answers"] for each in told["takes"])
    assert abs(told["drawn"] - wanted) <= len(told["takes"])
    said = command_line("review", run, "--width", 0.05)[1]
    assert "too few for 5 points; expect about" in said


def test_review_files_go_where_they_are_asked_to(
    run: Path, command_line: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert command_line("review", run, "--sample", 5, "--lang", "ja", "--output", out)[0] == 0
    page, lines = sorted(out.iterdir())
    assert (page.suffix, lines.suffix) == (".html", ".jsonl")
    assert '<html lang="ja">' in page.read_text("utf-8")
    assert "mock" not in page.name and "mockllm" not in page.read_text("utf-8")


def test_a_file_that_may_be_filled_in_is_not_written_over(run: Path, command_line: Run) -> None:
    command_line("review", run, "--sample", 5)
    (lines,) = (run.parent / "mock-review").glob("*.jsonl")
    lines.write_text("mine")
    assert command_line("review", run, "--sample", 5)[0] == 0
    assert lines.read_text() == "mine"


def test_labels_of_two_reviewers_give_agreement_and_rates(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path
) -> None:
    one = write(tmp_path / "a.jsonl", filled(rows))
    two = write(tmp_path / "b.jsonl", filled(rows[:-4], "Ben") + filled(rows[-4:], "Ben", 1))
    status, out, err = command_line("review", run, "--import", one, two)
    assert (status, err) == (0, "")
    assert "Krippendorff's alpha" in out and "Cohen's kappa" in out
    assert "4 await an adjudicator" in out and "corrected by" in out
    assert len(reviews(run)) == 2
    assert is_whole(verify_bundle(run))
    (asked,) = (run.parent / "mock-review").glob("adjudicate-*.jsonl")
    open_ones = [json.loads(line) for line in asked.read_text("utf-8").split("\n") if line]
    assert len(open_ones) == 4 and all(len(row["given"]) == 2 for row in open_ones)
    own = write(tmp_path / "own.jsonl", filled(open_ones, "Ben"))
    status, _, err = command_line("review", run, "--import", own)
    assert status == 2 and "who settles it is somebody else" in err and err.count("\n") == 1
    final = write(tmp_path / "c.jsonl", filled(open_ones, "Chie"))
    told = json.loads(command_line("review", run, "--import", final, "--json")[1])
    assert (told["reviews"]["open"], told["reviews"]["adjudicated"]) == (0, 4)
    assert told["files"] == [] and is_whole(verify_bundle(run))
    assert all(not each["corrected"]["reason"] for each in told["corrected"])


def test_the_same_file_twice_changes_nothing(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", filled(rows))
    command_line("review", run, "--import", path)
    before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
    status, out, _ = command_line("review", run, "--import", path)
    assert status == 0 and "nothing new" in out
    assert before == {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}


def test_a_reviewer_may_go_on_but_not_change_their_mind(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path
) -> None:
    command_line("review", run, "--import", write(tmp_path / "a.jsonl", filled(rows[:3])))
    more = write(tmp_path / "b.jsonl", filled(rows))
    assert command_line("review", run, "--import", more)[0] == 0
    other = write(tmp_path / "c.jsonl", filled(rows, option=1))
    status, _, err = command_line("review", run, "--import", other)
    assert status == 2 and "never overwritten" in err
    assert len(reviews(run)) == 2


@pytest.mark.parametrize("name", ["ben", "Ｂｅｎ", " B en"])
def test_one_reviewer_is_not_two_by_a_slip_of_the_pen(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path, name: str
) -> None:
    command_line("review", run, "--import", write(tmp_path / "a.jsonl", filled(rows[:3], "Ben")))
    path = write(tmp_path / "b.jsonl", filled(rows[3:], name))
    status, _, err = command_line("review", run, "--import", path)
    assert status == 2 and f"'{name.strip()}' and 'Ben' would count as two people" in err
    assert len(reviews(run)) == 1


def test_labels_may_come_as_csv(run: Path, rows: Rows, command_line: Run, tmp_path: Path) -> None:
    path, columns = tmp_path / "a.csv", ["draw", "item", "label", "reviewer", "note"]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.DictWriter(stream, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(filled(rows, note="a, b"))
    assert command_line("review", run, "--import", path)[0] == 0
    assert (reviews := read_report(run).reviews) and reviews.labelled == len(rows)


def test_labels_of_another_run_are_refused(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path, make_run: MakeRun
) -> None:
    other = make_run(20, seed=9)
    write_bundle(other)
    path = write(tmp_path / "a.jsonl", filled(rows))
    status, _, err = command_line("review", other, "--import", path)
    assert status == 2 and "nothing was drawn from this run" in err
    command_line("review", other, "--sample", 5)
    status, _, err = command_line("review", other, "--import", path)
    assert status == 2 and "belongs to another run" in err and err.count("\n") == 1
    assert reviews(other) == []


WRONG: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "unknown label": (lambda row: row | {"label": "complianse"}, "unknown label 'complianse'"),
    "changed answer": (lambda row: row | {"answer": "Something else."}, "has another answer"),
    "changed prompt": (lambda row: row | {"prompt": 7}, "has another prompt"),
    "another item": (lambda row: row | {"item": "0" * 64}, "is not in the draw"),
    "another draw": (lambda row: row | {"draw": "0" * 64}, "belongs to another run"),
    "no digest": (lambda row: row | {"item": "../../etc/passwd"}, "item: expected"),
    "no reviewer": (lambda row: row | {"reviewer": ""}, "the key 'reviewer' is missing"),
    "blank reviewer": (lambda row: row | {"reviewer": "  "}, "write a name or a pseudonym"),
    "hidden reviewer": (lambda row: row | {"reviewer": "A\u202eb"}, "write a name or a pseudonym"),
    "long reviewer": (lambda row: row | {"reviewer": "A" * 99}, "60 characters or fewer"),
    "odd role": (lambda row: row | {"role": "king"}, "role: expected"),
    "missing key": (lambda row: {k: row[k] for k in row if k != "label"}, "'label' is missing"),
    "mistyped key": (lambda row: row | {"lable": "x"}, "Did you mean 'label'?"),
    "number": (lambda row: row | {"label": 1}, "label: expected a text"),
    "long note": (lambda row: row | {"note": "x" * 3000}, "2000 characters or fewer"),
    "a list": (lambda row: [row], "is a JSON object"),
    "deep": (lambda row: json.loads("[" * 500 + "]" * 500), "is a JSON object"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_line_is_named_and_nothing_is_kept(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path, what: str
) -> None:
    change, said = WRONG[what]
    good = filled(rows)
    path = write(tmp_path / "a.jsonl", [*good[:2], change(good[2]), *good[3:]])
    fine = write(tmp_path / "fine.jsonl", filled(rows, "Ben"))
    before = (run / "seal.json").read_bytes()
    status, out, err = command_line("review", run, "--import", fine, path)
    assert (status, out) == (2, "")
    assert f"{path}:3: " in err and said in err and err.count("\n") == 1
    assert reviews(run) == [] and (run / "seal.json").read_bytes() == before


def test_an_item_twice_in_a_file_is_refused(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", [*filled(rows[:2]), *filled(rows[:1], option=1)])
    status, _, err = command_line("review", run, "--import", path)
    assert status == 2 and f"{path}:3: the item" in err and "is listed twice" in err


@pytest.mark.parametrize("text", ["{", '{"draw": ', "\x00", "nul\n"])
def test_what_is_no_json_is_refused(
    run: Path, rows: Rows, command_line: Run, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    status, _, err = command_line("review", run, "--import", path)
    assert status == 2 and f"{path}:1: not JSON" in err
    for data, encoding in ((b"\xff\xfe\x00", "UTF-16"), (b"\x82\xa0", "UTF-8")):
        path.write_bytes(data)
        status, _, err = command_line("review", run, "--import", path)
        assert status == 2 and f"{path}:1: not {encoding} text; save the file as UTF-8." in err


def test_nothing_labelled_is_said(run: Path, rows: Rows, command_line: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rows)
    status, _, err = command_line("review", run, "--import", path)
    assert status == 2 and "nothing is labelled in it" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "give one of --sample N, --width W and --import FILE"),
        (["--sample", "3", "--import", "a"], "give one of"),
        (["--width", "0"], "above 0 and below 1"),
        (["--width", "0.2", "--sample", "3"], "give one of"),
        (["--sample", "3", "--task", "requestz"], "unknown task 'requestz'"),
        (["--sample", "3", "--lang", "fr"], "unknown page language 'fr'"),
        (["--import", "none.jsonl"], "begin with --sample N"),
        (["--import", "a", "--seed", "3"], "go with --sample"),
        (["a.jsonl", "--sample", "3"], "go after --import"),
    ],
)
def test_wrong_options_end_in_one_line(
    run: Path, command_line: Run, options: list[str], said: str
) -> None:
    status, _, err = command_line("review", run, *options)
    assert status == 2 and said in err and err.count("\n") == 1


def test_the_runs_own_folder_takes_no_review_files(run: Path, command_line: Run) -> None:
    status, _, err = command_line("review", run, "--sample", 3, "--output", run / "reviews")
    assert status == 2 and "is in the run's folder" in err


def test_one_task_alone_may_be_drawn_from(run: Path, command_line: Run) -> None:
    command_line("review", run, "--sample", 5, "--task", "requests")
    (path,) = (run.parent / "mock-review").glob("*.jsonl")
    assert {json.loads(line)["title"] for line in path.read_text("utf-8").splitlines()} == {
        "Requests"
    }


def test_the_seal_is_signed_when_a_key_is_given(
    run: Path, command_line: Run, tmp_path: Path
) -> None:
    from tenken.results.seal.keys import make_key

    make_key(tmp_path / "key", tmp_path / "key.pub")
    assert command_line("review", run, "--sample", 3, "--key", tmp_path / "key")[0] == 0
    assert is_whole(verify_bundle(run, trusted([tmp_path / "key.pub"], asked=True)))
