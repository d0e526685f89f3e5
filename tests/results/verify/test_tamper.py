"""Whatever is done to a bundle is named: a finding or one clear line, never a traceback."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import BundleError
from tenken.io.canonical import canonical_json, pretty_json
from tenken.results.bundle.write import write_bundle
from tenken.results.seal.folder import contents
from tenken.results.seal.keys import make_key
from tenken.results.verify.policy import trusted
from tenken.results.verify.signatures import NOBODY
from tenken.results.verify.verify import is_whole, verify_bundle

pytestmark = pytest.mark.usefixtures("plain_page")
Tamper = Callable[[Path, Path], None]


@pytest.fixture
def run(sealed: Any, tmp_path: Path) -> Path:
    return Path(sealed.copy(tmp_path / "run"))


def said(run: Path, key: Path | None) -> str:
    """Return all that is wrong with a bundle in one text; empty if nothing is."""
    try:
        trust = trusted([key], asked=True) if key else NOBODY
        findings = verify_bundle(run, trust).findings
    except BundleError as error:
        assert "\n" not in str(error)
        return str(error)
    assert all("Error:" not in each.message for each in findings), findings
    return "\n".join(f"{f.what}: {f.message}" for f in findings if f.status == "wrong")


def flip(path: Path, place: float) -> None:
    data = bytearray(path.read_bytes())
    data[int((len(data) - 1) * place)] ^= 0x01
    path.write_bytes(data)


def truncate(path: Path, share: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


FILE_TAMPERS: dict[str, Tamper] = {
    "flip first": lambda path, _: flip(path, 0.0),
    "flip middle": lambda path, _: flip(path, 0.5),
    "flip last": lambda path, _: flip(path, 1.0),
    "truncate": lambda path, _: truncate(path, 0.7),
    "empty": lambda path, _: truncate(path, 0.0),
    "delete": lambda path, _: path.unlink(),
    "append": lambda path, _: path.write_bytes(path.read_bytes() + b"\n"),
    "swap": lambda path, other: path.write_bytes(other.read_bytes()),
    "link": lambda path, other: (path.unlink(), path.symlink_to(other)) and None,
}


@pytest.mark.parametrize("kind", FILE_TAMPERS)
def test_every_file_is_guarded(sealed: Any, other_run: Path, tmp_path: Path, kind: str) -> None:
    names = [*contents(sealed.run).files, "seal.json"]
    strange = contents(other_run).files
    assert len(names) == 10
    for number, name in enumerate(names):
        run = sealed.copy(tmp_path / str(number))
        twin = name if name in strange else _twin(name, strange)
        FILE_TAMPERS[kind](run / name, other_run / twin)
        found = said(run, sealed.public)
        assert name in found, (name, found)


def _twin(name: str, strange: list[str]) -> str:
    """Return the other run's file of the same kind, a log of the same task for a log."""
    if not name.endswith(".eval"):
        return name
    return next(each for each in strange if name.split("_")[1] in each)


@pytest.mark.parametrize("name", ["extra.txt", "logs/extra.eval", "logs/deep/x", ".hidden", "a\nb"])
def test_a_file_more_is_named(sealed: Any, run: Path, name: str) -> None:
    (run / name).parent.mkdir(exist_ok=True)
    (run / name).write_text("more")
    assert name.replace("\n", "[U+000A]") in said(run, sealed.public)


@pytest.mark.parametrize("target", ["/etc/passwd", "plan.json", "nowhere", "/"])
def test_a_link_more_is_named_and_not_followed(sealed: Any, run: Path, target: str) -> None:
    (run / "link").symlink_to(target)
    assert "link: not a plain file" in said(run, sealed.public)


def test_a_folder_behind_a_link_is_named(sealed: Any, run: Path, tmp_path: Path) -> None:
    (run / "logs").rename(tmp_path / "logs")
    (run / "logs").symlink_to(tmp_path / "logs")
    assert "logs: not a plain file" in said(run, sealed.public)


def test_a_pipe_does_not_hang(sealed: Any, run: Path) -> None:
    for name in ("report.json", "samples.parquet"):
        (run / name).unlink()
        os.mkfifo(run / name)
    found = said(run, sealed.public)
    assert "report.json: not a plain file" in found and "samples.parquet: not a plain" in found
    (run / "plan.json").unlink()
    os.mkfifo(run / "plan.json")
    assert "plan.json: not a plain file" in said(run, sealed.public)


def change_first(sample: dict[str, Any]) -> dict[str, Any]:
    if sample["id"] == "claims-000000-en":
        sample["output"]["completion"] = sample["messages"][-1]["content"] = "changed"
    return sample


def test_a_sample_changed_in_a_log_is_named_whoever_seals_it(
    sealed: Any, run: Path, tmp_path: Path, rewrite_samples: Any, log_named: Any
) -> None:
    log = log_named(run, "claims")
    rewrite_samples(log, change_first)
    found = said(run, None)
    assert f"logs/{log.name}: the file is not the one" in found
    assert "samples: misinformation/claims:claims-000000-en:1: the sample is not the one" in found
    make_key(tmp_path / "x.pem", tmp_path / "x.pub")
    write_bundle(run, key=tmp_path / "x.pem")
    assert "as the signer; trusted: " in said(run, sealed.public)
    assert is_whole(verify_bundle(run, trusted([tmp_path / "x.pub"], asked=True))), (
        "a bundle of its own"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(limit={"type": "time"}),
        lambda s: s.update(error={"message": "E()", "traceback": "", "traceback_ansi": ""}),
        lambda s: s["scores"]["choice"].update(value=0.5),
        lambda s: s["scores"]["choice"].update(reason="other"),
        lambda s: s["scores"]["choice"]["metadata"].update(label="other"),
        lambda s: s["output"]["choices"][0].update(stop_reason="content_filter"),
        lambda s: s["output"].update(usage={"output_tokens": 999}),
        lambda s: s["messages"][-1].update(tool_calls=[{"function": "f", "arguments": {}}]),
        lambda s: s.update(input="other"),
    ],
)
def test_all_that_an_outcome_rests_on_is_under_the_samples_digest(
    run: Path, rewrite_samples: Any, log_named: Any, change: Any
) -> None:
    def changed(sample: dict[str, Any]) -> dict[str, Any]:
        if sample["id"] == "claims-000001-en":
            change(sample)
        return sample

    rewrite_samples(log_named(run, "claims"), changed)
    assert "samples: misinformation/claims:claims-000001-en:1" in said(run, None)


def test_a_signature_that_was_removed_is_missed(sealed: Any, run: Path) -> None:
    envelope = json.loads((run / "seal.json").read_bytes())
    (run / "seal.json").write_bytes(pretty_json({**envelope, "signatures": []}))
    assert said(run, sealed.public) == (
        "signature: seal.json is not signed, and a key was asked for."
    )


def restate(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what the seal states and leave it unsigned."""
    envelope = json.loads((run / "seal.json").read_bytes())
    stated = json.loads(base64.b64decode(envelope["payload"]))
    change(stated)
    payload = base64.b64encode(canonical_json(stated)).decode()
    (run / "seal.json").write_bytes(pretty_json({**envelope, "payload": payload, "signatures": []}))


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/passwd", "logs/../../secret", "", ".", "seal.json", "C:\\x", "a\nb"]
)
def test_a_seal_cannot_lead_out_of_the_bundle(run: Path, name: str) -> None:
    (run.parent / "secret").write_text("secret")
    digest = {"sha256": "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"}
    restate(run, lambda s: s["subject"].append({"name": name, "digest": digest}))
    found = said(run, None)
    assert found.startswith(f"{name}: ".replace("\n", "[U+000A]")) and found.count("\n") == 0


@pytest.mark.parametrize("key", ["run", "finished", "decision"])
def test_what_a_seal_states_of_the_run_is_recomputed(run: Path, key: str) -> None:
    restate(run, lambda s: s["predicate"].update({key: "other"}))
    assert f"seal: {key}: says 'other', the evidence gives" in said(run, None)


def test_samples_that_a_seal_adds_or_lacks_are_named(run: Path) -> None:
    restate(run, lambda s: s["predicate"]["samples"].update(x="0"))
    assert said(run, None) == (
        "seal: x: states another digest than the files give, which are the ones that were sealed."
    )
    restate(run, lambda s: s["predicate"].update(samples={}))
    assert "more samples do not fit" in said(run, None)


def test_a_changed_plan_is_told_as_the_plans(sealed: Any, run: Path) -> None:
    plan = json.loads((run / "plan.json").read_bytes())
    (run / "plan.json").write_bytes(pretty_json({**plan, "max_unscored": 0.5}))
    found = said(run, sealed.public)
    assert "plan.json: the file is not the one that was sealed." in found
    was = plan["max_unscored"]
    place = f"suite.max_unscored: says {was}, the logs under the changed plan give 0.5."
    assert f"report.json: {place}" in found
    assert "the logs give" not in found


def test_a_lock_with_contents_is_named_as_a_lock(sealed: Any, run: Path) -> None:
    (run / ".lock").touch()
    assert said(run, sealed.public) == ""
    (run / ".lock").write_text("x")
    assert said(run, sealed.public) == ".lock: a run's lock is an empty plain file; this is none."


def test_another_runs_log_is_named(sealed: Any, run: Path, other_run: Path, log_named: Any) -> None:
    log = log_named(other_run, "requests")
    shutil.copy(log, run / "logs" / log.name)
    found = said(run, sealed.public)
    assert f"logs/{log.name}: the file is not among" in found
    assert "not of a task of this run's plan" in found


def test_a_bomb_in_a_log_is_one_finding(run: Path, rewrite: Any, log_named: Any) -> None:
    log = log_named(run, "claims")
    rewrite(log, lambda name, data: b"[" * 300_000 if name.startswith("samples/") else data)
    assert "cannot be read" in said(run, None)


@pytest.mark.parametrize("place", range(12))
def test_a_plan_with_any_letter_changed_is_named(sealed: Any, run: Path, place: int) -> None:
    flip(run / "plan.json", place / 12 + 0.03)
    assert "plan.json" in said(run, sealed.public)
