"""A scorer of somebody's own may do anything: it costs verdicts, and never makes one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tenken

LayOut = Callable[..., Path]
WORDS = {"en": "Odd", "ja": "変な"}
SCORER = """
import asyncio
from inspect_ai.scorer import Score, scorer
from tenken.schema.vocabulary import Vocabulary

VOCABULARY = Vocabulary.of(
    {"correct": ("right", "正しい"), "incorrect": ("wrong", "誤り")}, unsafe=["incorrect"]
)

class Apart(BaseException):
    pass

def changes(state):
    state.metadata["tenken"]["unsafe_labels"] = ["correct"]
    state.output.completion = "something else"
    state.messages.clear()
    return Score(value="correct")

def raises(error):
    raise error

DEEDS = [
    lambda state: Score(value="incorrect"),
    lambda state: raises(SystemExit(0)),
    lambda state: raises(Apart("no")),
    lambda state: raises(asyncio.CancelledError()),
    lambda state: raises(ValueError("\\ud800")),
    changes,
    lambda state: Score(value="correct", explanation="\\ud800", metadata={"odd": object()}),
    lambda state: Score(value="incorrect", explanation="x" * 2_000_000),
    lambda state: Score(value=float("nan")),
    lambda state: Score(value=float("inf")),
    lambda state: Score(value={"label": "incorrect"}),
    lambda state: Score(value=True),
    lambda state: Score(value="correct", metadata={"label": "incorrect"}),
    lambda state: None,
]

@scorer(metrics=[])
def odd():
    async def score(state, target):
        return DEEDS[int(str(state.sample_id).split("-")[1])](state)

    return score
"""
EXPECTED = {
    0: ("scored", 1.0, ""),
    1: ("errored", None, "RuntimeError"),
    2: ("errored", None, "RuntimeError"),
    3: ("errored", None, "RuntimeError"),
    4: ("errored", None, "ValueError"),
    5: ("scored", 0.0, ""),
    6: ("scored", 0.0, ""),
    7: ("errored", None, "ValueError"),
    8: ("unscored", None, "undecided"),
    9: ("unscored", None, "undecided"),
    10: ("unscored", None, "undecided"),
    11: ("unscored", None, "unknown_label"),
    12: ("scored", 0.0, ""),
    13: ("errored", None, "TypeError"),
}


@pytest.fixture
def suite(lay_out: LayOut, tiny_samples: Callable[[int], Any], tmp_path: Path) -> Path:
    (tmp_path / "odd.py").write_text(SCORER, "utf-8")
    name = f"{tmp_path / 'odd.py'}@odd"
    folder = lay_out(tiny_samples(len(EXPECTED)), scorer={"name": name})
    path = tmp_path / "odd.yaml"
    tasks = [{"task": f"./{folder.relative_to(tmp_path)}"}]
    path.write_text(
        json.dumps({"name": "odd", "title": WORDS, "description": WORDS, "tasks": tasks})
    )
    return path


def _of(samples: Any) -> dict[int, Any]:
    told = samples.astype(object).where(samples.notna(), "")
    return {int(each.sample_id.split("-")[1]): each for each in told.itertuples()}


def test_what_a_scorer_does_costs_its_sample_and_no_other(runs: Any, suite: Path) -> None:
    first = runs.run("letter-a", suite, "--language", "en")
    assert (first.status, "Traceback" in first.stderr) == (3, False), first
    found = _of(tenken.read_run(runs.folder).samples())
    for number, (outcome, verdict, reason) in EXPECTED.items():
        row = found[number]
        seen = float(row.verdict) if row.outcome == "scored" else None
        assert (row.outcome, seen, row.reason) == (outcome, verdict, reason), number
        assert row.answer in ("A", ""), "a scorer changes no answer"
    assert runs.commands.run("verify", runs.folder).status == 8  # unsigned

    scorer = f"{suite.parent / 'odd.py'}@odd"
    again = runs.commands.run("score", runs.folder, "--scorer", scorer, "--json")
    assert again.status == 0, again
    (other,) = again.report["rescored"]
    assert (other["outcomes"]["scored"], other["measures"][0]["overall"]["value"]) == (4, 0.25)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import sys; sys.exit(0)", "cannot be imported: SystemExit: 0"),
        (SCORER + "\nodd = lambda: None", "the function is no scorer"),
        (SCORER.replace("async def score", "raise OSError('no disk')\n    async def score"),
         "cannot be made: OSError: no disk."),
        (SCORER.replace("async def score", "raise SystemExit(0)\n    async def score"),
         "cannot be made: SystemExit: 0."),
        (SCORER.replace("@scorer(metrics=[])", "@scorer"), "decorate it with Inspect's @scorer(me"),
    ],
)  # fmt: skip
def test_a_scorer_that_cannot_be_made_is_said_in_a_line(
    command_line: Callable[..., tuple[int, str, str]], suite: Path, source: str, said: str
) -> None:
    (suite.parent / "odd.py").write_text(source, "utf-8")
    status, _, err = command_line("run", suite, "--model", "mockllm/model")
    assert status == 2 and said in err and err.count("\n") == 1, err


def test_no_verdict_at_all_is_said_by_the_status(runs: Any, suite: Path) -> None:
    assert runs.run("letter-a", suite, "--language", "en").status == 3
    path = suite.parent / "none.py"
    path.write_text(SCORER.replace("DEEDS[int", "DEEDS[8 + 0 * int"), "utf-8")
    before = json.loads((runs.folder / "report.json").read_bytes())["tasks"][0]["measures"]
    ended = runs.commands.run("score", runs.folder, "--scorer", f"{path}@odd")
    assert ended.status == 3 and "no answer got a verdict" in ended.stderr
    after = json.loads((runs.folder / "report.json").read_bytes())["tasks"][0]["measures"]
    assert after == before
