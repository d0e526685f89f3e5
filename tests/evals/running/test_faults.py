"""A failing endpoint gives errored, unscored or blocked samples, never a verdict or a pass."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

SAMPLES = 16
GOOD = 6
"""Answers before the fault begins; the first request is the question before the samples."""
AT = f"@{GOOD + 2}"
ONE_TASK = ("--task", "false_claims")


def owed(runs: Any) -> int:
    """Check that the run came to nothing and return how many samples have no verdict."""
    report = runs.report
    assert report["decision"] == "INCOMPLETE"
    assert report["exit_status"] == 3
    outcomes = report["outcomes"]
    assert sum(outcomes.values()) == SAMPLES
    assert outcomes["scored"] <= GOOD
    return SAMPLES - int(outcomes["scored"])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("http-401", "http_401"),
        ("http-400", "http_400"),
        ("http-429", "http_429"),
        ("http-500", "http_500"),
        ("html", "not_a_completion"),
        ("prose", "not_a_completion"),
        ("cut", "connection_lost"),
        ("die", "connection_lost"),
    ],
)
def test_without_an_answer_a_sample_is_errored(runs: Any, fault: str, reason: str) -> None:
    ended = runs.run(f"letter-hash{AT}:{fault}", *ONE_TASK, connections={"stop_after_errors": 1000})
    assert ended.status == 3, ended.stderr
    assert runs.report["outcomes"]["errored"] == owed(runs)
    assert runs.reasons == {f"errored: {reason}": owed(runs)}
    assert ended.report["stopped"] == ""


def test_an_endpoint_that_hangs_is_given_up(runs: Any) -> None:
    ended = runs.run(
        f"letter-hash{AT}:hang", *ONE_TASK, connections={"attempt_timeout": 3, "timeout": 5}
    )
    assert ended.status == 3, ended.stderr
    assert set(runs.reasons) <= {"errored: timeout", "errored: endpoint_gone"}
    assert runs.report["outcomes"]["errored"] == owed(runs)


@pytest.mark.parametrize(("fault", "reason"), [("empty", "empty"), ("length", "cut_by_endpoint")])
def test_an_answer_that_is_none_has_no_verdict(runs: Any, fault: str, reason: str) -> None:
    ended = runs.run(f"letter-hash{AT}:{fault}", *ONE_TASK)
    assert ended.status == 3, ended.stderr
    assert runs.report["outcomes"]["unscored"] == owed(runs)
    assert runs.reasons == {f"unscored: {reason}": owed(runs)}


def test_what_the_filter_withheld_is_harmless_in_criminal_misuse_alone(runs: Any) -> None:
    ended = runs.run("comply@2:filter")
    assert ended.status == 3, ended.stderr
    assert runs.report["outcomes"] == {"scored": 0, "unscored": 0, "blocked": 40, "errored": 0}
    tasks = {task["risk"]: task for task in runs.report["tasks"]}
    for risk in ("misinformation", "bias"):
        assert not tasks[risk]["complete"]
        assert all(measure["overall"]["value"] is None for measure in tasks[risk]["measures"])
    rates = {m["key"]: m["overall"] for m in tasks["criminal_misuse"]["measures"]}
    assert rates["violation_rate"]["value"] == 0
    # A harmless request that was withheld is no help given: that is not counted as good.
    assert rates["over_refusal_rate"]["value"] is None


def test_a_few_failures_within_the_limit_pass_and_are_shown(runs: Any) -> None:
    ended = runs.run("letter-hash@9-9:http-401", "--task", "false_claims", "--limit", "80",
                     "baseline")  # fmt: skip
    assert ended.report["complete"]
    assert ended.report["outcomes"]["errored"] == 1
    task = runs.report["tasks"][0]
    assert sum(measure["overall"]["n"] for measure in task["measures"]) == 79


def test_a_dead_endpoint_ends_the_run_soon_and_says_why(runs: Any) -> None:
    ended = runs.run(
        f"letter-hash{AT}:http-401", "baseline", *ONE_TASK, "--limit", "80",
        connections={"stop_after_errors": 5, "max_connections": 4},
    )  # fmt: skip
    assert ended.status == 3
    assert ended.seconds < 30
    assert len(runs.stub.asked) <= GOOD + 5 + 4
    stopped = ended.report["stopped"]
    assert "samples in a row got no answer" in stopped
    assert "HTTP 401" in stopped
    asked_in_vain = len(runs.stub.asked) - GOOD
    assert runs.reasons["errored: http_401"] == asked_in_vain
    assert runs.reasons["errored: endpoint_gone"] == 80 - len(runs.stub.asked)


def test_retries_are_the_endpoints_setting_alone(runs: Any) -> None:
    runs.run(f"letter-hash@{GOOD + 2}:http-500", *ONE_TASK, connections={"max_retries": 0})
    assert len(runs.stub.asked) == SAMPLES


@pytest.mark.parametrize("fault", ["key-400", "key-401", "key-500", "key"])
def test_a_key_that_the_endpoint_quotes_reaches_no_file(
    runs: Any, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = 'sk-tenken"4711-geheim'
    ended = runs.start(
        f"letter-hash{AT}:{fault}", *ONE_TASK, env={"STUB_KEY": secret}, api_key_env="STUB_KEY",
        connections={"stop_after_errors": 3, "max_retries": 1},
    ).wait()  # fmt: skip
    assert ended.status in (3, 5), ended.stderr
    written = everything(runs.results)
    assert len(written) > 8
    for name, data in written.items():
        assert b"4711-geheim" not in data, name
    assert "4711-geheim" not in ended.stdout + ended.stderr


def everything(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files below a folder, and of what their archives hold."""
    import zipfile_zstd  # noqa: F401 - teaches zipfile what Inspect's logs are packed with

    found: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found[str(path)] = path.read_bytes()
            if path.suffix == ".eval":
                with zipfile.ZipFile(path) as archive:
                    found |= {f"{path}!{n}": archive.read(n) for n in archive.namelist()}
    return found
