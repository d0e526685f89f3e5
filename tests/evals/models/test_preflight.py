"""What cannot work is said in one line before any sample is sent, and nothing is left behind."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import ipaddress
import signal
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from stub_endpoint import running

from tenken.errors import EndpointError
from tenken.evals.models.endpoint import read_endpoint
from tenken.evals.models.explain import explain
from tenken.evals.models.make import make_model
from tenken.evals.models.preflight import preflight

# What a shell does to the jobs of a script that it starts with "&".
IN_BACKGROUND = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"


def refused(runs: Any, ended: Any, *words: str) -> None:
    """Check that the command ended with one line that holds the words, leaving nothing."""
    assert ended.status == 2, ended.stderr
    assert ended.stdout == ""
    assert ended.seconds < 10
    (line,) = ended.stderr.splitlines()
    for word in words:
        assert word in line
    assert not runs.results.exists() or not list(runs.results.iterdir())


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("http-401", ("the key was not accepted", "MY_KEY")),
        ("http-403", ("the key was not accepted", "MY_KEY")),
        ("http-404", ("no such model or path",)),
        ("http-429", ("rate limit",)),
        ("http-500", ("HTTP 500", "try again later")),
        ("html", ("not a chat completion",)),
        ("prose", ("not a chat completion",)),
        ("drop", ("broke off",)),
        ("key-400", ("did not accept the request", "[secret]")),
    ],
)
def test_each_failure_is_one_line(runs: Any, fault: str, words: tuple[str, ...]) -> None:
    ended = runs.start(
        f"echo@1:{fault}", env={"MY_KEY": "sk-4711-secret"}, api_key_env="MY_KEY"
    ).wait()
    refused(runs, ended, *words)
    assert "sk-4711" not in ended.stderr
    assert len(runs.stub.prompts) == 1


def test_no_answer_in_time(runs: Any) -> None:
    ended = runs.run("echo@1:hang", connections={"attempt_timeout": 3})
    refused(runs, ended, "no answer within 3 seconds")


def test_nobody_listens(runs: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    ended = runs.run("echo", base_url=f"http://127.0.0.1:{port}/v1")
    refused(runs, ended, "no connection to")


def test_tls_where_plain_http_is_spoken(runs: Any) -> None:
    ended = runs.run("echo", base_url=runs.stub.base_url.replace("http:", "https:"))
    refused(runs, ended, "TLS", "https://")


def test_a_certificate_that_nobody_signed(runs: Any, tmp_path: Path) -> None:
    with running(tls=self_signed(tmp_path)) as secure:
        ended = runs.run("echo", base_url=secure.base_url)
    refused(runs, ended, "TLS", "certificate is not trusted")


def test_a_key_that_is_not_set(runs: Any) -> None:
    ended = runs.run("echo", api_key_env="NO_SUCH_VARIABLE")
    refused(runs, ended, "NO_SUCH_VARIABLE is not set")
    assert not runs.stub.prompts


def test_a_cap_in_money_needs_a_price(runs: Any) -> None:
    ended = runs.run("echo", "--max-cost", "1")
    refused(runs, ended, "--max-cost needs a price")
    assert not runs.stub.prompts


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, ""), (signal.SIGTERM, ""), (signal.SIGTERM, IN_BACKGROUND)],
)
def test_stopped_while_it_asks(runs: Any, number: signal.Signals, code: str) -> None:
    command = runs.start("echo@1:hang", code=code)
    while not runs.stub.prompts:
        time.sleep(0.02)
    began = time.monotonic()
    command.kill(number)
    ended = command.wait(10)
    assert time.monotonic() - began < 5
    assert ended.status == 3
    (line,) = ended.stderr.splitlines()
    assert "give the same command again" in line
    assert not list(runs.results.iterdir())


def test_a_certificate_of_ones_own_is_trusted_by_its_file(tmp_path: Path) -> None:
    with running(tls=self_signed(tmp_path)) as secure:
        (tmp_path / "endpoint.yaml").write_text(
            f"model: refuse\nbase_url: {secure.base_url}\nca_file: server.pem\n"
        )
        endpoint = read_endpoint(tmp_path / "endpoint.yaml")
        assert preflight(endpoint) == endpoint
        wrong = endpoint.model_copy(update={"ca_file": str(tmp_path / "none.pem")})
        with pytest.raises(EndpointError, match=r"none\.pem: cannot be read"):
            preflight(wrong)


def test_an_answer_tells_whose_key_the_connection_was_made_with(tmp_path: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from inspect_ai.model import ChatMessageUser, GenerateConfig

    with running(tls=self_signed(tmp_path)) as secure:
        (tmp_path / "endpoint.yaml").write_text(
            f"model: refuse\nbase_url: {secure.base_url}\nca_file: server.pem\n"
        )
        model = make_model(read_endpoint(tmp_path / "endpoint.yaml"))
        asked = [ChatMessageUser(content="Hello?")]
        output = asyncio.run(model.api.generate(asked, [], "none", GenerateConfig()))
    certificate = x509.load_pem_x509_certificate((tmp_path / "server.pem").read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    told = output.metadata["endpoint"]
    assert told["tls"] == hashlib.sha256(key).hexdigest()
    assert told["host"] == f"127.0.0.1:{secure.port}" and told["request"].startswith("req-")
    assert told["id"].startswith("chatcmpl-") and told["model"] == "refuse"


def self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_file_that_counts_tokens_is_not_called_the_endpoint() -> None:
    told: dict[str, Any] = {"__name__": "tiktoken.load"}
    exec("def read(): raise ConnectionError('refused')", told)
    with pytest.raises(ConnectionError) as caught:
        told["read"]()
    assert "TIKTOKEN_CACHE_DIR" in explain(caught.value)
    assert "the connection was refused" in explain(ConnectionError("refused"))
