"""`--server`: the commands `runs`, `compare` and `review` ask a console instead of a folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tenken.console.auth import acts
from tenken.console.auth.accounts import add_account, all_accounts
from tenken.console.auth.sessions import make_token
from tenken.errors import EndpointError, InputError
from tenken.evals.cli.main import main
from tenken.evals.cli.server.remote import Server
from tenken.results.review.draw import read_draws
from tenken.results.review.labels import read_labels

from .conftest import ADDRESS, Console


class _Answer:
    def __init__(self, answer: Any) -> None:
        self.status_code, self.json = answer.status_code, answer.json


@pytest.fixture
def lab(own: Console, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """A console, and requests that reach it without a port."""
    client = own.client()

    def request(method: str, url: str, headers: Any, timeout: float, **more: Any) -> _Answer:
        assert timeout > 0
        assert more.pop("allow_redirects") is False
        if "data" in more:
            more["content"] = more.pop("data")
        return _Answer(client.request(method, url, headers=headers, **more))

    monkeypatch.setattr(requests, "request", request)
    account = add_account(own.services.engine, "lead", "evaluator", None)
    monkeypatch.setenv("TENKEN_TOKEN", make_token(own.services.engine, account, "script"))
    yield own


def tenken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["tenken", *arguments, "--server", ADDRESS])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_runs_are_listed_as_the_console_has_them(
    lab: Console, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.services.verifications.now("run")
    status, out, _ = tenken(capsys, monkeypatch, "runs")
    assert status == 0
    assert "consistent" in out
    assert "smoke" in out
    listed = json.loads(tenken(capsys, monkeypatch, "runs", "--json")[1])["runs"]
    assert [run["name"] for run in listed] == ["run"]
    monkeypatch.setattr("sys.argv", ["tenken", "runs", "--server", ADDRESS, "delete", "run"])
    with pytest.raises(SystemExit):
        main()
    assert "where they are" in capsys.readouterr().err


def test_runs_are_compared_there_and_shown_here(
    lab: Console, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    shutil.copytree(lab.results / "run", lab.results / "two")
    page = tmp_path / "page.html"
    asked = ("compare", "run", "two")
    status, out, _ = tenken(capsys, monkeypatch, *asked, "--output", str(page))
    assert status == 0
    assert out.startswith("A  smoke--smollm2")
    assert f"Page: {page}" in out
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    found = json.loads(tenken(capsys, monkeypatch, *asked, "--json")[1])
    assert [each["letter"] for each in found["runs"]] == ["A", "B"]
    assert tenken(capsys, monkeypatch, *asked, "--key", "x.pem")[0] == 2
    assert tenken(capsys, monkeypatch, "compare", "run", "nope")[0] == 2


def test_a_review_from_the_draw_to_the_sealed_labels(
    lab: Console, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder = str(tmp_path / "review")
    drawn = ("review", "run", "--sample", "3", "--seed", "1", "--output", folder)
    status, out, said = tenken(capsys, monkeypatch, *drawn)
    assert status == 0, said
    (sheet,) = Path(folder).glob("*.jsonl")
    assert f"Then: tenken review run --server {ADDRESS} --import" in out
    assert len(list(Path(folder).glob("*.html"))) == 1
    rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
    for row in rows:
        row.update(label=row["options"][0]["label"], reviewer="ann")
    labels = tmp_path / "labels.jsonl"
    labels.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    status, out, said = tenken(capsys, monkeypatch, "review", "run", "--import", str(labels))
    assert status == 0, said
    assert "3 of 3 drawn answers are labelled by 1 reviewers" in out
    run = lab.results / "run"
    kept = [each for file in read_labels(run, read_draws(run)).values() for each in file]
    assert {each.reviewer for each in kept} == {"ann"}
    done = [each.act for each in acts.read_acts(lab.services.engine, "run")]
    assert done == ["take_in", "draw"]
    assert tenken(capsys, monkeypatch, "review", "nope", "--sample", "1")[0] == 2
    assert tenken(capsys, monkeypatch, *drawn, "--private")[0] == 2
    assert tenken(capsys, monkeypatch, "review", "run", "--import", "no.jsonl")[0] == 2
    assert [each.name for each in all_accounts(lab.services.engine)] == ["lead"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tenken.lab", "give an address"),
        ("ftp://tenken.lab", "give an address"),
        ("http://tenken.lab", "use https"),
        ("https://me:pass@tenken.lab", "leave name and password out"),
    ],
)
def test_a_token_is_not_sent_where_others_could_read_it(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENKEN_TOKEN", "tnk_x")
    with pytest.raises(InputError, match=said):
        Server.at(address)


def test_a_server_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENKEN_TOKEN", raising=False)
    with pytest.raises(InputError, match="TENKEN_TOKEN is not set"):
        Server.at("https://tenken.lab")
    monkeypatch.setenv("TENKEN_TOKEN", "tnk_of-somebody")
    with pytest.raises(EndpointError, match="cannot be reached") as refused:
        list(Server.at("http://127.0.0.1:9").runs())
    assert "tnk_" not in str(refused.value)


def test_a_void_token_is_said(
    lab: Console, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENKEN_TOKEN", "tnk_void")
    status, _, said = tenken(capsys, monkeypatch, "runs")
    assert (status, said) == (2, f"tenken: {ADDRESS}: Sign in first. (status 401)\n")
