"""A seal covers every plain file, has just one form, and fits one key."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tenken.errors import BundleError, InputError
from tenken.io.canonical import canonical_json, pretty_json, sha256_file
from tenken.results.seal.folder import SEAL_FILE, contents
from tenken.results.seal.keys import key_id, load_public_key, load_public_keys, make_key
from tenken.results.seal.seal import (
    earlier_seals,
    read_seal,
    signature_fits,
    statement,
    write_seal,
)

ABOUT = SimpleNamespace(run="r", finished="", decision="PASS")


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    private, public = tmp_path / "keys" / "k.pem", tmp_path / "keys" / "k.pub"
    make_key(private, public)
    return private, public


@pytest.fixture
def run(tmp_path: Path, keys: tuple[Path, Path]) -> Path:
    folder = tmp_path / "run"
    (folder / "logs").mkdir(parents=True)
    (folder / "plan.json").write_text("{}")
    (folder / "logs" / "a.eval").write_text("log")
    write_seal(folder, statement(folder, [], ABOUT), keys[0])
    return folder


def reseal(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what an unsigned seal states."""
    envelope = json.loads((run / SEAL_FILE).read_bytes())
    stated = json.loads(base64.b64decode(envelope["payload"]))
    change(stated)
    envelope["payload"] = base64.b64encode(canonical_json(stated)).decode()
    envelope["signatures"] = []
    (run / SEAL_FILE).write_bytes(pretty_json(envelope))


def test_a_seal_names_every_file_with_its_digest(run: Path) -> None:
    subjects = read_seal(run).statement.subject
    assert {s.name: s.digest.sha256 for s in subjects} == {
        name: sha256_file(run / name) for name in ("logs/a.eval", "plan.json")
    }


def test_the_envelope_is_dsse_over_an_in_toto_statement(run: Path) -> None:
    """A signature over DSSE's pre-authentication encoding, checked without our own code."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    envelope = json.loads((run / SEAL_FILE).read_bytes())
    payload = base64.b64decode(envelope["payload"])
    kind = b"application/vnd.in-toto+json"
    signed = b"DSSEv1 28 " + kind + b" " + str(len(payload)).encode() + b" " + payload
    key: Any = load_pem_public_key((run.parent / "keys" / "k.pub").read_bytes())
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)
    assert json.loads(payload)["_type"] == "https://in-toto.io/Statement/v1"


def test_the_same_key_gives_the_same_bytes(run: Path, keys: tuple[Path, Path]) -> None:
    before = (run / SEAL_FILE).read_bytes()
    write_seal(run, statement(run, [], ABOUT), keys[0])
    assert (run / SEAL_FILE).read_bytes() == before


def test_without_a_key_a_seal_that_states_the_same_is_kept(run: Path) -> None:
    before = (run / SEAL_FILE).read_bytes()
    assert write_seal(run, statement(run, [], ABOUT), None)
    assert (run / SEAL_FILE).read_bytes() == before
    (run / "plan.json").write_text("{} ")
    assert write_seal(run, statement(run, [], ABOUT), None) == []
    assert read_seal(run).keyids == []


def test_a_new_seal_names_the_one_before_it_and_why(run: Path, keys: tuple[Path, Path]) -> None:
    first = read_seal(run)
    assert first.statement.predicate.previous is None
    (run / "plan.json").write_text("{} ")
    write_seal(run, statement(run, [], ABOUT), keys[0], "review")
    second = read_seal(run)
    assert second.statement.predicate.previous == first.sha256
    assert second.statement.predicate.reason == "review"
    assert list(earlier_seals(run)) == [first.sha256]
    (run / "seal.json").rename(run / "superseded" / "seal-x.json")
    write_seal(run, statement(run, [], ABOUT), None)
    assert read_seal(run).statement.predicate.previous == second.sha256


def test_a_second_signature_is_over_the_same_statement(
    run: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    before = read_seal(run)
    make_key(tmp_path / "auditor.pem", tmp_path / "auditor.pub")
    write_seal(run, statement(run, [], ABOUT), tmp_path / "auditor.pem")
    seal = read_seal(run)
    assert seal.statement == before.statement and len(seal.keyids) == 2
    assert signature_fits(seal, keys[1]) and signature_fits(seal, tmp_path / "auditor.pub")


def test_a_folder_of_keys_is_read_by_name(tmp_path: Path, keys: tuple[Path, Path]) -> None:
    assert list(load_public_keys(keys[1])) == ["k.pub"]
    assert list(load_public_keys(keys[1].parent)) == ["k.pub"]
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no public key"):
        load_public_keys(tmp_path / "none")


def test_any_changed_byte_of_a_seal_is_noticed(run: Path, keys: tuple[Path, Path]) -> None:
    data = (run / SEAL_FILE).read_bytes()
    assert signature_fits(read_seal(run), keys[1])
    for place in range(len(data)):
        for flip in (0x01, 0x20):
            changed = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
            (run / SEAL_FILE).write_bytes(changed)
            try:
                assert not signature_fits(read_seal(run), keys[1]), place
            except BundleError as error:
                assert "\n" not in str(error)


def test_another_key_does_not_fit(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pub"
    make_key(tmp_path / "other.pem", other)
    assert not signature_fits(read_seal(run), other)
    assert key_id(other) not in read_seal(run).keyids


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(extra=1),
        lambda s: s["predicate"].update(extra=1),
        lambda s: s["predicate"].pop("run"),
        lambda s: s["predicate"].update(samples=[]),
        lambda s: s["predicate"]["samples"].update(a=1),
        lambda s: s.update(predicateType="x"),
        lambda s: s.update(subject={}),
        lambda s: s["subject"].append(s["subject"][0]),
        lambda s: s["subject"][0]["digest"].update(sha256="short"),
        lambda s: s["subject"][0]["digest"].update(sha512="0" * 128),
        lambda s: s["subject"].append({"name": "x"}),
    ],
)
def test_a_statement_of_another_form_is_refused(run: Path, change: Any) -> None:
    reseal(run, change)
    with pytest.raises(BundleError, match=r"seal\.json: not a readable seal"):
        read_seal(run)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":1}'])
def test_what_is_no_seal_is_refused(run: Path, data: bytes) -> None:
    (run / SEAL_FILE).write_bytes(data)
    with pytest.raises(BundleError, match=r"seal\.json: not a readable seal"):
        read_seal(run)


def test_a_missing_seal_and_a_linked_one_are_refused(run: Path, tmp_path: Path) -> None:
    (run / SEAL_FILE).rename(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="no seal"):
        read_seal(run)
    (run / SEAL_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="not a plain file"):
        read_seal(run)


def test_what_lies_in_a_folder_is_told_apart(run: Path) -> None:
    (run / ".lock").touch()
    (run / ".resume" / "deep").mkdir(parents=True)
    (run / ".resume" / "deep" / "a").touch()
    (run / ".plan.json.12.part").touch()
    (run / "link").symlink_to("/etc/hostname")
    (run / "folder").symlink_to("/etc")
    os.mkfifo(run / "logs" / "pipe")
    (run / "a\nb").touch()
    held = contents(run)
    assert held.files == ["logs/a.eval", "plan.json"]
    assert held.apart == [".plan.json.12.part", ".resume/deep/a"]
    assert held.odd == ["a\nb", "folder", "link", "logs/pipe"]
    with pytest.raises(BundleError, match="not a plain file"):
        statement(run, [], ABOUT)


def test_a_lock_with_contents_is_not_overlooked(run: Path) -> None:
    (run / ".lock").write_text("hidden")
    assert contents(run).odd == [".lock"]


def test_keys_are_private_and_never_overwritten(keys: tuple[Path, Path]) -> None:
    assert stat.S_IMODE(keys[0].stat().st_mode) == 0o600
    with pytest.raises(InputError, match="never overwritten"):
        make_key(*keys)


def test_what_is_no_key_is_named(tmp_path: Path, keys: tuple[Path, Path], run: Path) -> None:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    curve = generate_private_key(SECP256R1())
    foreign = tmp_path / "foreign"
    foreign.write_bytes(
        curve.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(InputError, match="not an Ed25519 key"):
        load_public_key(foreign)
    foreign.write_bytes(
        curve.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    )
    with pytest.raises(InputError, match="not an Ed25519 key"):
        write_seal(run, statement(run, [], ABOUT), foreign)
    for wrong in (tmp_path / "no", keys[0]):
        with pytest.raises(InputError, match="not a readable public key"):
            load_public_key(wrong)
    with pytest.raises(InputError, match="not a readable private key"):
        write_seal(run, statement(run, [], ABOUT), keys[1])
