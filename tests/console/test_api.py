"""The interface for programs does what the pages do, by the same rights."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from tenken.console.api.document import openapi
from tenken.console.auth import acts
from tenken.console.auth.accounts import add_account
from tenken.console.auth.sessions import make_token

from .conftest import Console, csrf


def program(console: Console, role: str):  # type: ignore[no-untyped-def]
    account = add_account(console.services.engine, f"program {role}", role, None)
    token = make_token(console.services.engine, account, "script")
    return console.client(authorization=f"Bearer {token}")


def test_a_token_reads_what_its_role_may(console: Console) -> None:
    reader, auditor = program(console, "reader"), program(console, "auditor")
    listed = reader.get("/api/v1/runs?sort=name").json()
    names = [run["name"] for run in listed["runs"]]
    assert listed["total"] == len(names)
    assert "good" in names
    run = reader.get("/api/v1/runs/good").json()
    figures = reader.get("/api/v1/runs/good/figures").json()
    assert [task["name"] for task in run["tasks"]] == [task["name"] for task in figures["tasks"]]
    assert reader.get("/api/v1/runs/good/verification").json()["grades"]["consistent"]
    found = reader.get("/api/v1/runs/good/samples?task=criminal_misuse/fraud").json()
    assert {(row["prompt"], row["answer"]) for row in found["samples"]} == {("", "")}
    address = "/api/v1/runs/good/samples?task=criminal_misuse/fraud&covered=1"
    assert reader.get(address).status_code == 403
    shown = auditor.get(address).json()
    assert all(row["prompt"] for row in shown["samples"])
    assert acts.read_acts(console.services.engine)[0].act == "uncover"
    for path, status in (("/api/v1/runs/nope", 404), ("/api/v1/compare?run=good", 400)):
        answer = reader.get(path)
        assert answer.status_code == status
        assert answer.json()["error"]


def test_without_a_good_token_nothing_is_said(console: Console) -> None:
    for given in ("Bearer nonsense", "Bearer ", "Basic eDp5", "bearer tnk_" + "x" * 43):
        answer = console.client(authorization=given).get("/api/v1/runs")
        assert (answer.status_code, list(answer.json())) == (401, ["error"])
    program_client = program(console, "reader")
    made = program_client.post("/account/tokens", data={"name": "more"})
    assert made.status_code == 403  # a token makes no tokens
    client = console.person("reader")
    page = client.post("/account/tokens", data={"csrf": csrf(client), "name": "mine"}).text
    token = page.split('class="command">')[1].split("<")[0]
    other = console.client(authorization=f"Bearer {token}")
    assert other.get("/api/v1/runs").status_code == 200
    with console.services.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("select * from tokens").all())
    assert token not in kept


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/v1/jobs", "no json", 400),
        ("/api/v1/jobs", "[]", 400),
        ("/api/v1/jobs", '{"suite": "../../etc", "models": "m"}', 404),
        ("/api/v1/runs/good/labels", "", 400),
        ("/api/v1/runs/good/labels", "[1]", 400),
        ("/api/v1/runs/good/labels", "{" * 100_000, 400),
        ("/api/v1/runs/good/labels", "x" * 5_000_000, 413),
    ],
)
def test_a_body_that_does_not_do(path: str, body: str, status: int, console: Console) -> None:
    answer = program(console, "evaluator").post(path, content=body)
    assert answer.status_code == status


def test_labels_of_others_are_not_taken_in(console: Console) -> None:
    row = {"draw": "0" * 64, "item": "0" * 64, "label": "x", "reviewer": "somebody else"}
    answer = program(console, "reviewer").post(
        "/api/v1/runs/good/labels", content=json.dumps(row)
    )  # fmt: skip
    assert answer.status_code == 400
    assert "under your own name" in answer.json()["error"]


def test_the_document_names_every_address(console: Console) -> None:
    document = openapi()
    Draft202012Validator({"type": "object", "required": ["openapi", "info", "paths"]}).validate(
        document
    )
    for path, methods in document["paths"].items():
        for each in methods.values():
            assert each["summary"], path
            assert each["description"].startswith("Roles: "), path
    client = program(console, "reader")
    assert client.get("/api/v1/openapi.json").json() == document
    page = client.get("/api/v1/docs").text
    assert all(path in page for path in document["paths"])
