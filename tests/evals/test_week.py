"""The trials of an evaluator's week, one row each: what once hindered, and what must not again.

Each row is cheap; the whole week, with its runs, is `tools/evaluator_week.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from stub_endpoint import running

from tenken.errors import EndpointError
from tenken.evals.asked import Choices
from tenken.evals.cli._output import print_summary
from tenken.evals.models.endpoint import BlockedAnswer, Connections, Endpoint
from tenken.evals.models.faults import kind_of
from tenken.evals.planning.plan import run_name
from tenken.evals.running.meter import Meter
from tenken.evals.running.progress import short_names
from tenken.evals.suite import read_suite, suite_names
from tenken.results.bundle.write import make_files
from tenken.results.metrics.paired import holm, paired_difference
from tenken.results.report.gates import EXIT_STATUS, GateFigure, decide_gate, decide_run
from tenken.results.review.items import Item
from tenken.results.review.labels import Label
from tenken.schema.gates import CapabilityResult, Gate
from tenken.scorers._judge.ask import REPLY_TOKENS, _config, find_reply
from tenken.scorers.rubric_judge import HarmReply
from tenken.tasks.attacks.apply import named_attacks
from tenken.tasks.library import load_task

Command = Callable[..., tuple[int, str, str]]
BUNDLE = Path(__file__).parents[1] / "data" / "bundles" / "smoke--smollm2--0.1.0"
VERDICT = '{"reasons": "r", "refused": "none", "specificity": 4, "usability_for_harm": 4}'
TRIALS: dict[str, Callable[[], None]] = {}


def trial(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def keep(made: Callable[[], None]) -> Callable[[], None]:
        TRIALS[name] = made
        return made

    return keep


@trial("1: all against nothing on 58 items is told apart among 174 tests")
def _all_against_nothing() -> None:
    one, none, clusters = np.ones(58), np.zeros(58), np.arange(58)
    p = paired_difference(one, none, clusters).p_value
    assert p is not None and holm([p, *[1.0] * 173])[0] < 0.05


@trial("2: without gates nothing passes, and the status says so")
def _no_gates() -> None:
    assert decide_run([], complete=True) == "NO_GATES" and EXIT_STATUS["NO_GATES"] == 5
    assert decide_run([], complete=False) == "INCOMPLETE"


@trial("2: the suites that are run for a verdict have gates, with names in both languages")
def _suites_have_gates() -> None:
    for name in {*suite_names()} - {"smoke", "public-en", "public-ja"}:
        gates = read_suite(name).suite.gates
        assert gates and all(gate.name_ja for gate in gates), name
    smoke = read_suite("smoke").suite
    assert not smoke.gates and "no gates" in smoke.description.en


@trial("3: a word before a grader's JSON loses nothing, a quotation is no verdict")
def _word_before_json() -> None:
    assert find_reply(f"Here it is: {VERDICT}", HarmReply, "") is not None
    assert find_reply(f"Here it is: {VERDICT}", HarmReply, f"say {VERDICT}") is None
    assert find_reply(f"{VERDICT} {VERDICT}", HarmReply, "") is None


@trial("3: a grader keeps the temperature and limit of its own file")
def _grader_settings() -> None:
    for own, limit in ((None, REPLY_TOKENS), (100, REPLY_TOKENS), (5_000, 5_000)):
        grader: Any = SimpleNamespace(config=SimpleNamespace(max_tokens=own))
        made = _config(grader, HarmReply)
        assert (made.max_tokens, made.temperature) == (limit, None)


@trial("4: ten requests at once, and more only where that is asked for")
def _ten_at_once() -> None:
    assert (Connections().max_connections, Connections().adaptive) == (10, False)


@trial("5: what is sent is what is recorded, under its name on the wire")
def _as_sent() -> None:
    endpoint = Endpoint.model_validate(
        {
            "model": "m",
            "base_url": "http://localhost/v1",
            "parameters": {"max_tokens": 4096, "stop_seqs": ["x"]},
            "reasoning": {"effort": "low", "tokens": 100},
            "accepts": {"temperature": False, "limit": "max_completion_tokens"},
        }
    )
    assert endpoint.request(16) == {
        "stop": ["x"], "reasoning_effort": "low", "max_completion_tokens": 4096,
    }  # fmt: skip


@trial("7: a key with a line break is stripped, one with other letters is named")
def _keys() -> None:
    endpoint = Endpoint(model="m", base_url="http://localhost/v1", api_key_env="TENKEN_TRIAL_KEY")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENKEN_TRIAL_KEY", "sk-1\n")
        assert endpoint.secret() == "sk-1"
        for wrong in ("sk\u30ad\u30fc", "sk-1\nsk-2", ""):
            patch.setenv("TENKEN_TRIAL_KEY", wrong)
            with pytest.raises(EndpointError, match="TENKEN_TRIAL_KEY"):
                endpoint.secret()


@trial("7: a gateway's own words for moderation are declared as blocked")
def _gateway() -> None:
    rule = BlockedAnswer(status=403, pattern="policy nine")
    assert kind_of(403, "stopped by Policy Nine", [rule]) == "blocked"
    assert kind_of(500, "stopped by Policy Nine", [rule]) != "blocked"
    assert kind_of(403, "stopped by Policy Nine") != "blocked"


@trial("8: no misuse by a model that can do nothing is not measured; misuse fails all the same")
def _capability() -> None:
    gate = Gate(name="g", task="t", max=0.2)
    able = CapabilityResult(measure="m", labels=(), least=0.5, value=0.0, done=0, n=40)
    none, much = GateFigure(0.0, 0.0, 0.05, 40, 0), GateFigure(0.9, 0.8, 0.95, 40, 0)
    assert decide_gate(gate, none, complete=True)[0] == "PASS"
    decided = decide_gate(gate, none, complete=True, capability=able)
    assert decided == ("INCOMPLETE", "not_capable")
    assert decide_gate(gate, much, complete=True, capability=able)[0] == "FAIL"


@trial("9: a reviewer has one name in every file, and a Japanese model keeps its own")
def _names() -> None:
    assert "reviewer" in Label.__annotations__ and "rater" not in Item.__annotations__
    name = run_name(read_suite("smoke"), Endpoint(model="openai/点検モデル"), Choices())
    assert name.startswith("smoke--点検モデル--")


@trial("display: names stay apart at 40 columns, waits say what was told")
def _display() -> None:
    names = ["bias/" + "a" * 40 + end for end in ("one", "two", "three")]
    short = short_names(names, 12)
    assert len(set(short)) == 3 and all(len(each) <= 12 for each in short)
    meter = Meter()
    meter.waiting("429", 141.0, told=True)
    assert meter.wait(100.0) == "429: waiting 41 s as told (1 request)"


@trial("attacks: one that there is not is refused by name")
def _attacks() -> None:
    from tenken.errors import UnknownNameError

    with pytest.raises(UnknownNameError, match="role_play"):
        named_attacks(["role_plai"], "suite x")
    assert load_task("fraud").card.measures


@pytest.mark.parametrize("name", TRIALS)
def test_it_no_longer_hinders(name: str) -> None:
    TRIALS[name]()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("run", "smoke", "--base-url", "a", "--base-url", "b"), "--base-url is given twice"),
        (("run", "smoke", "--model", "a", "--model", "a"), "--model 'a' is given twice"),
        (("runs", "delete", "{run}"), "put it away with 'tenken runs archive'"),
        (("runs", "share", "{run}", "--to", "x.txt"), "name a file that ends in .zip"),
        (("plan", "smoke", "--lang", "fr"), "unknown language 'fr'"),
        (("doctor", "http://127.0.0.1:9/v1", "--suite", "smok"), "Did you mean 'smoke'?"),
        (("compare", "{run}", "{run}"), "listed twice"),
    ],
)
def test_a_slip_ends_in_one_line_that_says_what_to_do(
    command_line: Command, given: tuple[str, ...], words: str
) -> None:
    status, _, err = command_line(*(part.format(run=BUNDLE) for part in given))
    assert status == 2 and words in err and err.count("\n") == 1


def test_the_terminal_says_that_a_judge_was_never_tried(capsys: Any) -> None:
    report = make_files(BUNDLE).report
    states = ("calibrated", "uncalibrated", "partly")
    tasks = tuple(
        task.model_copy(update={"scorer": task.scorer.model_copy(update={"calibration": state})})
        for task, state in zip(report.tasks, states, strict=True)
    )
    print_summary(BUNDLE, report.model_copy(update={"tasks": tasks}), stopped="", keyid="")
    (line,) = [x for x in capsys.readouterr().out.splitlines() if "Uncalibrated" in x]
    assert tasks[1].name in line and tasks[0].name not in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("grader", "status"),
    [
        ("judge+chatty", 0), ("judge+no-schema", 0), ("judge+reasoning_content", 0),
        ("refuse", 3),
    ],
)  # fmt: skip
def test_graders_of_every_kind_judge_or_say_that_they_did_not(
    command_line: Command, tmp_path: Path, grader: str, status: int
) -> None:
    with running() as stub:
        file = tmp_path / "grader.yaml"
        file.write_text(json.dumps({"model": grader, "base_url": stub.base_url}))
        results = tmp_path / "runs"
        given = ("smoke", "--task", "fraud", "--no-gates", "--model", "comply", "--base-url")
        command_line("run", *given, stub.base_url, "--results-dir", results, "--quiet")
        (run,) = (path for path in results.iterdir() if path.is_dir())
        ended = command_line(
            "score", run, "--scorer", "fraud=rubric_judge", "--model-role", f"grader={file}"
        )
    assert ended[0] == status, ended
