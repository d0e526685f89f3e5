"""A key that an endpoint echoes reaches no file, in no spelling; a bundle that has one is not
sealed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from command_server import CommandServer
from stub_endpoint import Stub

from tenken.io.secrets import Secrets, forms, known_secrets
from tenken.results.records.archive import Archive
from tenken.results.seal.folder import contents

Command = Callable[..., tuple[int, str, str]]
KEY = 'sk-live/42+"näh"==8f3a'


@pytest.mark.parametrize(
    "spelled",
    [
        KEY,
        json.dumps(KEY),
        json.dumps(KEY, ensure_ascii=False),
        repr(KEY),
        base64.b64encode(KEY.encode()).decode(),
        base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("="),
        base64.b64encode(f"user:{KEY}".encode()).decode(),
        base64.b64encode(f"me:{KEY}, and more".encode()).decode(),
        base64.b64encode(f"{KEY}\n".encode()).decode(),
        quote(KEY, safe=""),
        quote(KEY),
        quote(KEY, safe="").lower(),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
    ],
)
def test_a_secret_is_masked_in_every_spelling(spelled: str) -> None:
    secrets = Secrets({"LAB_API_KEY": KEY})
    said = {"answer": [f"It is {spelled}."], "n": 1}
    masked = json.dumps(secrets.masked(said))
    assert "[secret]" in masked
    assert not any(form in masked for form in forms(KEY))
    assert secrets.found_in(spelled.encode()) == "LAB_API_KEY"


def test_the_variables_of_every_provider_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AZUREAI_OPENAI_API_KEY", "HF_TOKEN",
        "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GROQ_API_KEY", "CF_API_TOKEN",
    )  # fmt: skip
    for name in names:
        monkeypatch.setenv(name, f"value-of-{name}")
        assert known_secrets().found_in(f"x value-of-{name} x".encode()) == name
    monkeypatch.setenv("ODD", "long-enough")
    assert not known_secrets().found_in(b"long-enough")
    assert known_secrets(["ODD"]).found_in(b"long-enough") == "ODD"


@pytest.mark.parametrize("value", ["none", "EMPTY", "x", "ollama"])
def test_what_local_servers_take_for_a_key_is_no_secret(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_API_KEY", value)
    assert not known_secrets(["LOCAL_API_KEY"]).found_in(f"an answer of {value}".encode())


def test_a_path_in_a_variable_is_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TENKEN_SIGNING_KEY", str(tmp_path))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))
    assert not known_secrets().found_in(str(tmp_path).encode())


def test_the_key_of_a_provider_of_inspect_reaches_no_file(
    commands: CommandServer, endpoint: Stub, tmp_path: Path
) -> None:
    key = "sk-of-the-provider-1"
    ended = commands.start(
        "run", "smoke", "--limit", "2", "--model", "openai-api/stub/refuse@1:key",
        "--results-dir", tmp_path / "runs", "--json",
        env={"STUB_API_KEY": key, "STUB_BASE_URL": endpoint.base_url},
    ).wait(120)  # fmt: skip
    assert ended.status in (0, 1, 3, 4, 5), ended
    (run,) = (each for each in (tmp_path / "runs").iterdir() if each.is_dir())
    seen = b""
    for name in contents(run).files:
        data = (run / name).read_bytes()
        if name.endswith(".eval"):
            with Archive(run / name) as log:
                data = b"".join(log.read(member) for member in log.names)
        assert key.encode() not in data, name
        seen += data
    assert b"[secret]" in seen


def test_a_bundle_that_holds_a_secret_is_not_sealed(
    run: Path, command_line: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = next((run / "logs").glob("*fraud*.eval"))
    with Archive(log) as archive:
        name = next(name for name in archive.names if name.startswith("samples/"))
        said = json.loads(archive.read(name))["input"]
    monkeypatch.setenv("SOME_API_KEY", said[:24])
    before = (run / "seal.json").read_bytes()
    status, _, err = command_line("report", run, "--lang", "ja")
    assert status == 2 and "SOME_API_KEYの値が含まれているため、封印していません" in err
    assert name in err and (run / "seal.json").read_bytes() == before


def test_a_named_tuple_is_masked_as_its_parts() -> None:
    class Request(NamedTuple):
        url: str
        key: str

    masked = Secrets({"THEIR_KEY": KEY}).masked([Request("http://here", KEY), (KEY,)])
    assert masked == [("http://here", "[secret]"), ("[secret]",)]
