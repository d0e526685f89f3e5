"""Several models in one command, and the results folder that they leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from stub_endpoint import Stub, running

from tenken.errors import InputError
from tenken.evals.actions.many import Many, run_many
from tenken.evals.actions.runs import list_runs
from tenken.evals.config import RunConfig
from tenken.evals.planning.request import understand

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("many")


@pytest.fixture(scope="module")
def many(stub: Stub, folder: Path) -> Many:
    for name, model, url in (
        ("a", "refuse", stub.base_url),
        ("b", "gone", "http://127.0.0.1:9/v1"),
        ("c", "モデル/第一号（試）", stub.base_url),
        ("d", "comply", stub.base_url),
    ):
        (folder / f"{name}.yaml").write_text(f"model: {model}\nbase_url: {url}\n", "utf-8")
    config = RunConfig.of(
        suite="fraud", limit=4, gates=False, quiet=True, results_dir=folder / "runs",
        endpoint_file=[folder / f"{name}.yaml" for name in "abcd"],
    )  # fmt: skip
    return run_many([(understand(one), one) for one in config.each()])


def test_a_model_that_is_down_stops_no_other(many: Many, folder: Path) -> None:
    assert [each.report.model.name for each in many.ended] == [
        "refuse", "モデル/第一号（試）", "comply",
    ]  # fmt: skip
    assert [each.model for each in many.down] == ["gone"] and "127.0.0.1:9" in many.down[0].why
    assert many.exit_status == 3
    assert many.page is not None and many.page.parent == folder / "runs"
    page = many.page.read_text("utf-8")
    assert all(each.folder.name in page for each in many.ended) and not many.no_page
    places = many.leaderboard()
    assert {place.model for place in places} == {"refuse", "モデル/第一号（試）", "comply"}
    rates = [place.rates["fraud"].value for place in places if place.rates]
    assert rates == sorted(rates) and (rates[0], rates[-1]) == (0.0, 1.0)


def test_names_say_suite_model_and_day_and_are_found_again(many: Many, folder: Path) -> None:
    names = [each.folder.name for each in many.ended]
    day, own = names[1].rsplit("--", 1)[1].split("-")
    assert names[1] == f"fraud--第一号-試--{day}-{own}" and len(day) == 8 and day.isdigit()
    first = many.ended[0].folder
    older = first.with_name(f"fraud--refuse--20200101-{names[0][-8:]}")
    first.rename(older)
    try:
        config = RunConfig.of(
            suite="fraud", limit=4, gates=False, quiet=True, results_dir=folder / "runs",
            endpoint_file=folder / "a.yaml",
        )  # fmt: skip
        from tenken.evals.actions.run import _folder

        begun = _folder(config.results_dir, f"fraud--refuse--{names[0][-8:]}")
        assert begun == older
    finally:
        older.rename(first)


def test_the_runs_are_listed_put_away_and_removed(
    many: Many, folder: Path, command_line: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = folder / "runs"
    status, out, _ = command_line("runs", "--results-dir", place, "--json")
    listed = json.loads(out)["runs"]
    assert status == 0 and len(listed) == 3
    assert {(run["suite"], run["decision"], run["state"]) for run in listed} == {
        ("fraud", "NO_GATES", "sealed")
    }
    assert next(run for run in listed if run["model"] == "comply")["rates"]["fraud"]["value"] == 1.0
    changed = next(each.folder for each in many.ended if each.report.model.name == "comply")
    (changed / "samples.csv").write_text("id\n", "utf-8")
    (place / "broken").mkdir()
    (place / "broken" / "plan.json").write_text("{", "utf-8")
    states = {run.name: run.state for run in list_runs(place)}
    assert states[changed.name] == "changed" and states["broken"] == "unreadable"
    status, out, _ = command_line("runs", "--results-dir", place)
    assert status == 0 and "第一号" in out and "changed" in out

    name = many.ended[1].folder.name
    status, out, _ = command_line("runs", "archive", name, "--results-dir", place)
    assert status == 0 and (place / "archived" / name / "seal.json").is_file()
    status, _, err = command_line("runs", "delete", changed.name, "--results-dir", place)
    assert status == 2 and "is sealed" in err and changed.is_dir()
    status, out, _ = command_line("runs", "delete", changed.name, "--results-dir", place, "--yes")
    assert status == 0 and not changed.exists()
    events = [json.loads(line) for line in (place / "register.jsonl").read_text().splitlines()]
    assert [e["event"] for e in events if e["run"] == changed.name] == [
        "started", "sealed", "deleted",
    ]  # fmt: skip
    answers = iter([typer.Abort(), None])

    def confirm(*_: object, **__: object) -> None:
        if (answer := next(answers)) is not None:
            raise answer

    monkeypatch.setattr(typer, "confirm", confirm)
    for left in (True, False):  # the first time nobody says yes
        status, _, _ = command_line("runs", "delete", "broken", "--results-dir", place)
        assert (place / "broken").is_dir() == left and (status != 0) == left
    with pytest.raises(InputError, match="no such folder"):
        list_runs(folder / "nowhere")


def test_models_and_endpoint_files_are_named_once_each() -> None:
    def each(**given: object) -> list[RunConfig]:
        return list(RunConfig.of(suite="smoke", **given).each())

    assert len(each(model=["a", "b"], endpoint_file="e.yaml")) == 2
    assert len(each(endpoint_file=["e.yaml", "f.yaml"], model="a")) == 2
    for given, message in (
        ({"model": ["a", "a"]}, "--model 'a' is given twice"),
        ({"endpoint_file": ["e.yaml", "e.yaml"]}, "--endpoint-file 'e.yaml' is given twice"),
        ({"model": ["a", "b"], "endpoint_file": ["e.yaml", "f.yaml"]}, "several models and"),
    ):
        with pytest.raises(InputError, match=message):
            each(**given)
