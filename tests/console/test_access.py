"""Who gets in, and what each role may see and do."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.routing import Route

from tenken.console.app import all_routes, make_app
from tenken.console.auth import acts
from tenken.console.auth.accounts import add_account, all_accounts, change_account
from tenken.console.auth.roles import ROLES, may
from tenken.console.settings import Settings, read_secrets
from tenken.console.web.routes import rights
from tenken.errors import InputError
from tenken.evals.cli.main import main

from .conftest import ADDRESS, PASSWORD, Console, closed, csrf

FILLED = {"run": "good", "task:path": "bias/ambiguous_qa"}


def addresses() -> list[tuple[str, str, Any]]:
    """Every address with a method of it and the right that it takes."""
    found = []
    for route in all_routes():
        assert isinstance(route, Route)
        path = re.sub(r"{([^}]+)}", lambda m: FILLED.get(m[1], "1"), route.path)
        found += [
            (path, method, rights(route)) for method in route.methods or () if method != "HEAD"
        ]
    return found


def test_each_role_at_each_address(console: Console) -> None:
    stranger = console.client()
    people = {role: console.person(role) for role in ROLES}
    tokens = {role: csrf(client) for role, client in people.items()}
    for path, method, right in addresses():
        if "events" in path or path == "/sign-out":
            continue
        alone = stranger.request(method, path, data={} if method == "POST" else None)
        if right is not None:
            assert alone.status_code in (303, 401), path
            assert alone.headers.get("location", "/sign-in") == "/sign-in"
        for role, client in people.items():
            data = {"csrf": tokens[role]} if method == "POST" else None
            answer = client.request(method, path, data=data)
            allowed = right is None or may(role, right)
            assert (answer.status_code != 403 or right is None) is allowed, (role, method, path)
            assert answer.status_code < 500, (role, method, path, answer.text[-800:])


def test_a_form_from_elsewhere_changes_nothing(console: Console) -> None:
    client = console.person("evaluator")
    token = csrf(client)
    path = "/runs/good/verify"
    for data, headers in (
        ({}, {}),
        ({"csrf": "x" * 43}, {}),
        ({"csrf": token}, {"origin": "http://elsewhere.example"}),
        ({"csrf": token}, {"sec-fetch-site": "cross-site"}),
        ({"csrf": csrf(console.person("administrator"))}, {}),
    ):
        assert client.post(path, data=data, headers=headers).status_code == 403
    good = client.post(path, data={"csrf": token}, headers={"origin": ADDRESS})
    assert good.status_code == 303
    assert [each.act for each in acts.read_acts(console.services.engine, "good")] == ["verify"]


def test_a_session_begins_anew_with_each_sign_in(console: Console) -> None:
    add_account(console.services.engine, "ann", "reader", PASSWORD)
    form = {"name": "ann", "password": PASSWORD}

    def signed_in(before: str, **more: str) -> str:
        client = console.client(cookie=f"tenken_session={before}")
        answer = client.post("/sign-in", data={**form, **more})
        assert answer.status_code == 303
        assert "HttpOnly; Max-Age=43200; Path=/; SameSite=lax" in answer.headers["set-cookie"]
        return answer.headers["set-cookie"].split(";")[0].split("=")[1]

    def token(secret: str) -> str:
        return csrf(console.client(cookie=f"tenken_session={secret}"))

    first = signed_in("planted-by-somebody")
    second = signed_in(first, csrf=token(first))
    assert len({"planted-by-somebody", first, second}) == 3
    for secret, status in ((first, 303), ("planted-by-somebody", 303), ("", 303), (second, 200)):
        client = console.client(cookie=f"tenken_session={secret}")
        assert client.get("/runs").status_code == status
    leaving = console.client(cookie=f"tenken_session={second}")
    leaving.post("/sign-out", data={"csrf": csrf(leaving)})
    assert leaving.get("/runs").status_code == 303


def test_passwords_are_tried_a_few_times_only(console: Console) -> None:
    add_account(console.services.engine, "bob", "administrator", PASSWORD)
    client = console.client()
    codes = [
        client.post("/sign-in", data={"name": "bob", "password": f"guess {n}"}).status_code
        for n in range(10)
    ]
    assert codes == [401] * 8 + [429] * 2
    right = client.post("/sign-in", data={"name": "bob", "password": PASSWORD})
    assert right.status_code == 429
    with console.services.engine.connect() as connection:
        kept = connection.exec_driver_sql("select password from accounts").scalars().all()
    assert all(each.startswith("$argon2id$") for each in kept)


def test_barred_and_last_administrators(console: Console) -> None:
    client = console.person("administrator")
    reader = console.person("reader")
    engine = console.services.engine
    by_name = {each.name: each.id for each in all_accounts(engine)}
    change_account(engine, by_name["reader"], role="reader", disabled=True)
    assert reader.get("/runs").status_code == 303
    with pytest.raises(InputError, match="at least one administrator"):
        change_account(engine, by_name["administrator"], role="reader", disabled=False)
    assert client.get("/runs").status_code == 200
    refused = [("reader", "reader", PASSWORD), ("x", "king", PASSWORD), ("y", "reader", "short")]
    for name, role, password in (*refused, ("a\x00b", "reader", PASSWORD)):
        with pytest.raises(InputError):
            add_account(engine, name, role, password)


def test_the_link_lets_in_one_browser(local_console: Console) -> None:
    link = local_console.services.link_address()
    first, second = local_console.client(), local_console.client()
    assert first.get("/enter?key=guess").status_code == 403
    assert first.get(link).status_code == 303
    assert first.get("/runs").status_code == 200
    assert second.get(link).status_code == 403
    assert second.get("/runs").status_code == 303
    assert local_console.services.link_address() != link
    elsewhere = first.get("/runs", headers={"host": "evil.example:8765"})
    assert elsewhere.status_code == 421
    assert first.post("/sign-in", data={"csrf": csrf(first)}).status_code == 404


def test_a_trusted_proxy_names_who_is_there(bundles: Path, tmp_path: Path) -> None:
    settings = Settings(
        results=bundles, database=f"sqlite:///{tmp_path / 'c.sqlite'}", sign_in="proxy",
        proxy_header="x-user", trusted_proxies=("10.0.0.0/8",),
    )  # fmt: skip
    from starlette.testclient import TestClient

    app = make_app(settings)
    inside = TestClient(app, base_url=ADDRESS, client=("10.1.2.3", 1), follow_redirects=False)
    outside = TestClient(app, base_url=ADDRESS, client=("192.0.2.1", 1), follow_redirects=False)
    named = {"x-user": "ann@example.org"}
    assert inside.get("/runs", headers=named).status_code == 200
    assert outside.get("/runs", headers=named).status_code == 303
    assert inside.get("/runs").status_code == 303
    add_account(app.state.services.engine, "root", "administrator", PASSWORD)
    assert inside.get("/runs", headers={"x-user": "root"}).status_code == 303
    app.state.services.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"host": "0.0.0.0"}, "this machine alone"),
        ({"sign_in": "proxy"}, "--proxy-header"),
        ({"sign_in": "oidc"}, "--oidc-issuer"),
        ({"sign_in": "magic"}, "unknown way to sign in"),
        ({"sign_in": "proxy", "proxy_header": "x", "trusted_proxies": ("all",)}, "network"),
        ({"public_url": "file:///x"}, "must begin with https"),
        ({"database": "mysql://x/y"}, "not supported"),
        ({"database": "nonsense"}, "not a database address"),
    ],
)
def test_settings_that_do_not_do(
    changes: dict[str, Any], said: str, bundles: Path, tmp_path: Path
) -> None:
    given = {"results": bundles, "database": f"sqlite:///{tmp_path / 'c.sqlite'}", **changes}
    with pytest.raises(InputError, match=re.escape(said)):
        make_app(Settings(**given))


def test_a_file_of_secrets_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    path.write_text("# keys\nA_KEY = abc=def\n")
    path.chmod(0o644)
    with pytest.raises(InputError, match="mode to 600"):
        read_secrets(path)
    path.chmod(0o600)
    assert read_secrets(path) == {"A_KEY": "abc=def"}
    assert "abc" not in repr(Settings(results=tmp_path, secrets=read_secrets(path)))
    path.write_text("what is this\n")
    with pytest.raises(InputError, match=":1: expected NAME=VALUE") as told:
        read_secrets(path)
    assert "what is this" not in str(told.value)


@pytest.mark.parametrize(
    "path",
    [
        "/runs/..", "/runs/%2e%2e", "/runs/..%2f..%2fetc", "/runs/%2fetc", "/runs/linked",
        "/runs/.console", "/runs/empty", "/runs/good%00", "/static/..%2fapp.py",
        "/static/%2e%2e/app.py", "/runs/good/samples/-1", "/runs/good/samples/999999",
        f"/runs/{quote('x' * 300)}",
    ],
)  # fmt: skip
def test_no_address_leads_out_of_the_results(path: str, local_console: Console) -> None:
    client = local_console.client()
    client.get(local_console.services.link_address())
    answer = client.get(path)
    assert answer.status_code in (404, 303)
    assert "root:" not in answer.text


def test_a_console_before_the_first_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    monkeypatch.setattr(
        "sys.argv", ["tenken", "serve", "--add-account", "ann", "--role", "evaluator"]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0, capsys.readouterr().err
    results = tmp_path / "results" / "runs"
    for console in closed(
        Console(make_app(Settings(results=results, sign_in="accounts")), results)
    ):
        client = console.client()
        client.post("/sign-in", data={"name": "ann", "password": PASSWORD})
        page = client.get("/runs").text
        assert "no run in the results folder yet" in page
        assert '<a href="/jobs">A new run</a>' in page
    monkeypatch.setattr("sys.argv", ["tenken", "serve", "--results-dir", "elsewhere"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "no such folder" in capsys.readouterr().err
