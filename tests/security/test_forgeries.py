"""Every forgery that `tools/attack_bundle.py` makes is named, also by who has no key to check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tenken.errors import BundleError
from tenken.results.verify.policy import trusted
from tenken.results.verify.verify import verify_bundle

Command = Callable[..., tuple[int, str, str]]

SAID = {
    "page": "so it could not be made again byte for byte: read report.json",
    "figure": "report.json: areas[0].high: says 0.01",
    "old-figure": "was written by tenken 0.0.1 with other methods",
    "plan-gate": "gates.Few false claims: the plan says max 0.99",
    "plan-no-gate": "gates.Few false claims: the suite has this gate",
    "plan-unscored": "max_unscored: the plan says 0.9, the suite says 0.05",
    "plan-limit": "contradicts itself",
    "plan-tokens": "its reuse_key is not that of what the plan says was asked",
    "plan-cluster": "the plan has another language, pair, cluster, measure or tag",
    "plan-tags": "the plan has another language, pair, cluster, measure or tag",
    "plan-model": "model: the plan says 'openai/gpt-9'",
    "plan-parameter": "temperature: the plan says 1.0, the log says 0.0",
    "plan-data": "its reuse_key is not that of what the plan says was asked",
    "plan-drop": "1 samples were asked that the plan does not have",
    "plan-twice": "the key 'gates' is listed twice",
    "plan-nan": "NaN is not a finite number",
    "plan-epochs": "it has more than 500,000 samples",
    "log-model": "the log says 'openai/gpt-9'",
    "log-parameter": "the log says 1.0",
    "bomb-values": "at most",
    "bomb-rows": "rows, and",
    "zip-twice": "the member header.json is listed twice",
    "zip-up": "a member is named '../x'",
    "zip-before": "there are bytes before its first member",
    "zip-after": "after its end",
    "journal-drop": "it was scored never, not once",
    "journal-twice": "it was scored 2 times, not once",
    "journal-answer": "the log holds another answer than the one that was scored",
    "journal-tries": "its answer took 3 requests, the journal has 1",
    "journal-attempt": "it says another number of the attempt than the commitment",
    "errors": "a log says that it ended in an error, the journal that it was scored",
    "journal-gone": "the journal that the commitment speaks of is missing",
}


def test_each_forgery_has_its_words(attacks: ModuleType) -> None:
    deep = {name for name, attack in attacks.ATTACKS.items() if attack.deep}
    assert set(SAID) == set(attacks.ATTACKS) - deep


@pytest.mark.parametrize("name", SAID)
def test_a_forgery_is_named_without_any_key(run: Path, attacks: ModuleType, name: str) -> None:
    attacks.ATTACKS[name].make(run)
    try:
        found = verify_bundle(run)
    except BundleError as error:
        assert SAID[name] in str(error) and "\n" not in str(error)
        return
    said = [f"{f.what}: {f.message}" for f in found.findings if f.status in ("wrong", "unknown")]
    assert any(SAID[name] in each for each in said), said
    assert found.exit_status & ~8 and "VERIFIED" not in found.verdict.replace("NOT VERIFIED", "")


@pytest.mark.parametrize("name", ["figure", "plan-gate", "zip-after"])
def test_a_forgery_under_the_laboratorys_name_is_refused(
    lab: Any, run: Path, attacks: ModuleType, name: str
) -> None:
    attacks.ATTACKS[name].make(run)
    found = verify_bundle(run, trusted([lab.public], asked=True))
    assert found.grades["authentic"].holds == "no" and found.exit_status == 2


def test_the_honest_bundle_holds(lab: Any, run: Path, command_line: Command) -> None:
    status, out, _ = command_line("verify", run, "--key", lab.public)
    assert status == 0, out
    verdict, about, when, *_ = out.splitlines()
    assert verdict == "VERIFIED"
    assert f"run {lab.run.name}, model letter-hash, decision " in about
    assert when.startswith("finished 20") and when.endswith("signed by lab.pub")


def test_who_has_no_key_is_told_so(run: Path, command_line: Command) -> None:
    status, out, _ = command_line("verify", run)
    assert status == 8 and out.startswith("CONSISTENT, SIGNER NOT CHECKED\n")


def test_a_folder_behind_a_link_is_not_read(run: Path, tmp_path: Path) -> None:
    (run / "logs").rename(tmp_path / "logs")
    (run / "logs").symlink_to(tmp_path / "logs")
    found = verify_bundle(run)
    assert found.exit_status == 2
    assert "recomputation: not done" in "\n".join(f"{f.what}: {f.message}" for f in found.findings)
