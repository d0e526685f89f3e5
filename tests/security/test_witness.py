"""Time stamps and the transparency log: what they prove, and what a forger cannot make of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tenken.io.canonical import pretty_json
from tenken.results.seal.commitment import read_commitment, write_commitment
from tenken.results.seal.timestamp import read_authorities
from tenken.results.verify.policy import trusted
from tenken.results.verify.verify import verify_bundle

Command = Callable[..., tuple[int, str, str]]
OPENSSL = shutil.which("openssl")

CONFIG = """
[tsa]
default_tsa = one
[one]
dir = {dir}
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.crt
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def authority(folder: Path, name: str) -> None:
    """Make an authority's certificates: a root, and the one that stamps."""
    folder.mkdir()
    keys = {each: ec.generate_private_key(ec.SECP256R1()) for each in ("ca", "tsa")}
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} root")])
    now = datetime.now(UTC)
    for each, key in keys.items():
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} {each}")])
        made = (
            x509.CertificateBuilder()
            .subject_name(root if each == "ca" else own)
            .issuer_name(root)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=each == "ca", path_length=None), critical=True)
        )
        if each == "tsa":
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            made = made.add_extension(usage, critical=True)
        signed = made.sign(keys["ca"], hashes.SHA256())
        (folder / f"{each}.crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        form = serialization.PrivateFormat.PKCS8
        pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        (folder / f"{each}.key").write_bytes(pem)
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(dir=folder))


@pytest.fixture(scope="session")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A time-stamping authority on loopback: its address and its root certificate."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tsa") / "one"
    authority(folder, "Trusty")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query.tsq").write_bytes(query)
            subprocess.run(
                [OPENSSL, "ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile",
                 folder / "query.tsq", "-out", folder / "reply.tsr"],
                check=True, capture_output=True,
            )  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write((folder / "reply.tsr").read_bytes())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", folder / "ca.crt"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def witnessed(
    lab: Any, commands: Any, tsa: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A results folder with a run whose commitment is stamped and logged."""
    place = tmp_path_factory.mktemp("witnessed")
    profile = place / "profile.yaml"
    profile.write_text(f"laboratory: Lab\ntime_authority: {tsa[0]}\ntransparency_log: log\n")
    ended = commands.start(
        *lab.command, "--results-dir", place / "runs", "--profile", profile, "--key", lab.private
    ).wait(120)
    assert ended.status in (0, 1, 3, 4), ended
    return place


def findings(lab: Any, run: Path, tsa: tuple[str, Path], log: Path | None) -> list[str]:
    trust = replace(
        trusted([lab.public], asked=True), authorities=read_authorities([tsa[1]]), log=log
    )
    found = verify_bundle(run, trust)
    return [f"{each.status} {each.what}: {each.message}" for each in found.findings]


def run_of(place: Path) -> Path:
    (run,) = (each for each in (place / "runs").iterdir() if each.is_dir())
    return run


def test_a_commitment_is_stamped_and_logged_before_the_first_question(
    lab: Any, witnessed: Path, tsa: tuple[str, Path], command_line: Command
) -> None:
    run = run_of(witnessed)
    said = findings(lab, run, tsa, witnessed / "log")
    assert any("commitment.tsr: stamped" in each and "trusted authority" in each for each in said)
    assert any("only continued since" in each for each in said)
    assert not [each for each in said if each.startswith("wrong")]
    report = json.loads((run / "report.json").read_bytes())["evidence"]
    assert report["committed"]["stamped"] and report["committed"]["logged"].endswith("1/1")
    assert report["profile"]["laboratory"] == "Lab"
    status, out, err = command_line(
        "verify", run, "--key", lab.public, "--time-authority", tsa[1], "--log", witnessed / "log"
    )
    assert status == 0 and "by a trusted authority" in out, err


@pytest.mark.parametrize("change", ["other-authority", "other-file", "junk", "later"])
def test_a_stamp_that_proves_nothing_is_found(
    lab: Any, witnessed: Path, tsa: tuple[str, Path], tmp_path: Path, change: str
) -> None:
    shutil.copytree(witnessed / "runs", tmp_path / "runs")
    run, trust = run_of(tmp_path), tsa
    match change:
        case "other-authority":
            authority(tmp_path / "two", "Shady")
            trust, wanted = (tsa[0], tmp_path / "two" / "ca.crt"), "none of the trusted"
        case "other-file":
            made = read_commitment(run)
            assert made is not None
            about = made.statement.predicate.model_copy(update={"nonce": "0" * 64})
            write_commitment(run, about, lab.private)
            wanted = "it is over something else"
        case "junk":
            (run / "commitment.tsr").write_bytes(b"\x30\x03junk")
            wanted = "not a readable time stamp"
        case "later":
            lines = (run / "journal.jsonl").read_text("utf-8").replace('"at":"20', '"at":"19')
            (run / "journal.jsonl").write_text(lines, "utf-8")
            wanted = "chain"
    said = findings(lab, run, trust, None)
    assert any(each.startswith("wrong") and wanted in each for each in said), said


@pytest.mark.parametrize(
    "change", ["rewritten", "shortened", "another", "torn", "no-head", "proof"]
)
def test_a_log_that_was_not_only_continued_is_found(
    lab: Any, witnessed: Path, tsa: tuple[str, Path], tmp_path: Path, change: str
) -> None:
    from tenken.results.seal.transparency import ENTRIES, HEADS, LogEntry, add_to_log

    shutil.copytree(witnessed, tmp_path / "copy")
    run, log = run_of(tmp_path / "copy"), tmp_path / "copy" / "log"
    entry = LogEntry(at="2026-01-01T00:00:00+00:00", what="seal", run="x", sha256="0" * 64)
    match change:
        case "rewritten":
            lines = (log / ENTRIES).read_bytes().splitlines(keepends=True)
            first = lines[0].replace(b'"run":"', b'"run":"z')
            shutil.rmtree(log)
            add_to_log(log, LogEntry.model_validate_json(first))
            add_to_log(log, entry)
            wanted = "it is another log"
        case "shortened":
            (log / ENTRIES).write_bytes(b"")
            (log / HEADS).write_bytes(b"")
            wanted = "it is another log"
        case "another":
            shutil.rmtree(log)
            add_to_log(log, entry)
            wanted = "it is another log"
        case "torn":
            (log / ENTRIES).write_bytes((log / ENTRIES).read_bytes()[:-40])
            wanted = "not a whole transparency log"
        case "no-head":
            (log / HEADS).unlink()
            wanted = "entries and 0 heads"
        case "proof":
            proof = json.loads((run / "commitment.log.json").read_bytes())
            proof["entry"]["sha256"] = "0" * 64
            (run / "commitment.log.json").write_bytes(pretty_json(proof))
            wanted = "does not prove that this commitment is in the log"
    said = findings(lab, run, tsa, log)
    assert any(each.startswith("wrong") and wanted in each for each in said), said


def test_an_authority_that_is_not_there_stops_the_run_before_a_question(
    lab: Any, tmp_path: Path, command_line: Command
) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("time_authority: http://127.0.0.1:9/\n")
    where = ("--results-dir", tmp_path / "runs", "--profile", profile)
    status, _, err = command_line(*lab.command, *where)
    assert status == 2 and "gave no time stamp" in err
    profile.write_text("time_authority: file:///etc/passwd\n")
    status, _, err = command_line(*lab.command, *where)
    assert status == 2 and "is not an address" in err
    assert not list((tmp_path / "runs").glob("*/logs/*.eval"))
