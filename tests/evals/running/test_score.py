"""`tenken score`: finished logs scored again, beside the old scores, with nothing lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai._util.entrypoints import clear_entry_points_state
from inspect_ai.model import (
    ChatMessage,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    get_model,
    modelapi,
)

from tenken.evals.actions import score as score_module
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.plan import Choices, make_plan, resolve
from tenken.evals.running.journal import note_in
from tenken.evals.running.rescore import keep_parents
from tenken.evals.running.run import run_plan
from tenken.evals.suite import Suite, SuiteFile
from tenken.io.canonical import sha256_file
from tenken.io.files import claimed
from tenken.results.bundle import again
from tenken.results.bundle import write as bundle
from tenken.results.bundle.write import write_bundle
from tenken.results.verify.verify import is_whole, verify_bundle
from tenken.schema.report import Report
from tenken.schema.rescoring import parse_ledger

Run = Callable[..., tuple[int, str, str]]
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "scorer_package"
FRAUD = "criminal_misuse/fraud"
SORRY = "I'm sorry, but I can't help with that. 申し訳ありませんが、お応えできません。"
SURE = "Sure. First boil the water, then add the leaves. はい。まずお湯を沸かします。"
VERDICT = {"reasons": "r", "refused": "full", "specificity": 1, "usability_for_harm": 1}


def _said(text: str) -> ModelOutput:
    output = ModelOutput.from_content("m", text)
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output


@modelapi(name="fakejudge")
class FakeJudge(ModelAPI):
    """A grader that does what its name says."""

    async def generate(
        self, input: list[ChatMessage], tools: Any, tool_choice: Any, config: GenerateConfig
    ) -> ModelOutput:
        if self.model_name == "fails":
            raise RuntimeError("the grader is down")
        if self.model_name == "leak":
            leaks = "turn the dial" in input[-1].text
            return _said(json.dumps({"reasons": "r", "reasoning": "leaked" if leaks else "kept"}))
        if self.model_name == "signs":
            sign = "system_prompt" if SORRY in input[-1].text else "no_sign"
            return _said(json.dumps({"reasons": "r", "sign": sign}))
        return _said(json.dumps(VERDICT) if self.model_name == "json" else "It refuses. Grade: C")


MOODY = """
from inspect_ai.scorer import Score, mean, scorer
from tenken.schema.vocabulary import Vocabulary

VOCABULARY = Vocabulary.of(
    {"compliance": ("complied", "応じた"), "full_refusal": ("refused", "拒否")},
    unsafe=["compliance"],
)

@scorer(metrics=[mean()])
def moody():
    async def score(state, target):
        if str(state.sample_id).endswith("-ja"):
            raise ValueError("no Japanese")
        return Score(value="compliance")

    return score
"""


def _tested(messages: list[ChatMessage], *_: Any) -> ModelOutput:
    return _said(SORRY if len(messages[-1].text) % 2 else SURE)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A sealed run of two tasks whose answers are refusals and help."""
    words = {"en": "One", "ja": "一"}
    suite = Suite.model_validate(
        {"name": "two", "title": words, "description": words,
         "tasks": [{"task": "fraud", "limit": 8}, {"task": "false_claims", "limit": 4}]}
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("finished") / "run"
    endpoint, choices = Endpoint(model="mockllm/model"), Choices()
    asked = resolve(suite, choices)
    plan = make_plan(SuiteFile(suite, folder, "0" * 64), endpoint, asked, choices)
    model = get_model("mockllm/model", custom_outputs=_tested, memoize=False)
    with pytest.MonkeyPatch.context() as patch, claimed(folder):
        patch.setattr(bundle, "render_html", lambda *_: b"<html>")
        run_plan(plan, asked, endpoint, folder, model=model, quiet=True)
        write_bundle(folder)
    yield folder


@pytest.fixture
def run(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (bundle, again):
        monkeypatch.setattr(module, "render_html", lambda *_: b"<html>")
    monkeypatch.setattr(score_module, "preflight", lambda endpoint, *_, **__: endpoint)
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


def report_of(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "report.json").read_bytes()))


def others(run: Path, task: str = FRAUD) -> list[dict[str, Any]]:
    (found,) = (each for each in report_of(run)["tasks"] if each["name"] == task)
    return list(found.get("other_scorers", []))


def ledger(run: Path) -> list[Any]:
    return parse_ledger((run / "ledger.jsonl").read_bytes())


def tree(run: Path) -> dict[str, str]:
    return {
        path.relative_to(run).as_posix(): sha256_file(path)
        for path in run.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def wrong(run: Path) -> list[str]:
    return [f"{f.what}: {f.message}" for f in verify_bundle(run).findings if f.status == "wrong"]


def reasons(run: Path, index: int = -1) -> set[str]:
    from tenken.results.records.table import read_parquet

    path = run / ledger(run)[index].log
    return {row.reason for row in read_parquet(path.with_suffix(".parquet"))}


def test_the_new_scores_stand_beside_the_old_ones(command_line: Run, run: Path) -> None:
    before, kept = report_of(run), tree(run)
    status, out, err = command_line("score", run, "--scorer", "refusal")
    assert (status, err) == (0, "")
    assert "criminal_misuse/fraud by tenken/refusal" in out and "kappa 1.00" in out
    assert "false_claims: passed over" in out
    (other,) = others(run)
    for first, second in zip(before["tasks"][0]["measures"], other["measures"], strict=True):
        assert second["overall"]["value"] == first["overall"]["value"]
        assert second["overall"]["agreement"]["agreed"] == second["overall"]["agreement"]["n"] > 0
        assert second["overall"]["low"] <= second["overall"]["value"] <= second["overall"]["high"]
    after = report_of(run)
    for key in ("decision", "areas", "gates", "outcomes"):
        assert after[key] == before[key]
    same = {name for name in kept if name.startswith("logs/") or name == "plan.json"}
    assert {name: tree(run)[name] for name in same} == {name: kept[name] for name in same}
    assert wrong(run) == []


def test_the_ledger_says_who_judged_what(command_line: Run, run: Path) -> None:
    arguments = ("--scorer", "fraud=rubric_judge", "--model-role", "grader=fakejudge/json")
    status, out, err = command_line("score", run, *arguments, "--json")
    assert (status, err) == (0, "")
    (told,) = json.loads(out)["rescored"]
    assert told["graders"] == ["fakejudge/json"]
    (entry,) = ledger(run)
    assert (entry.task, entry.score, entry.judges) == (FRAUD, "rubric_judge", ["fakejudge/json"])
    assert entry.parent_sha256 == sha256_file(run / entry.parent)
    assert entry.log_sha256 == sha256_file(run / entry.log)
    assert entry.scorer.name == "tenken/rubric_judge" and len(entry.scorer.source_sha256) == 64
    assert entry.prompt_sha256 is not None and entry.when.endswith("+00:00")
    sealed = {each["name"] for each in _statement(run)["subject"]}
    assert {"ledger.jsonl", entry.log} <= sealed
    assert told["outcomes"]["scored"] == 8


def _statement(run: Path) -> dict[str, Any]:
    import base64

    payload = json.loads((run / "seal.json").read_bytes())["payload"]
    return dict(json.loads(base64.b64decode(payload)))


@pytest.mark.parametrize(
    ("grader", "reason"),
    [("fails", "judge_failed_RuntimeError"), ("prose", "judge_reply_invalid")],
)
def test_a_grader_that_gives_no_verdict_leaves_none(
    command_line: Run, run: Path, grader: str, reason: str
) -> None:
    arguments = ("--scorer", "fraud=rubric_judge", "--model-role", f"grader=fakejudge/{grader}")
    assert command_line("score", run, *arguments)[0] == 3
    (other,) = others(run)
    assert other["outcomes"]["unscored"] == 8 and reasons(run) == {reason}
    assert other["measures"][0]["overall"]["value"] is None
    assert wrong(run) == []


@pytest.mark.parametrize("other", ["choice", "inspect_ai/match"])
def test_a_scorer_that_says_nothing_of_a_measure_is_passed_over(
    command_line: Run, run: Path, other: str
) -> None:
    status, _, err = command_line("score", run, "--scorer", f"fraud={other}")
    assert status == 2 and "cannot judge criminal_misuse/fraud" in err
    assert not (run / "ledger.jsonl").exists()


def test_why_there_is_no_verdict_is_said(command_line: Run, run: Path) -> None:
    arguments = ("--scorer", "fraud=rubric_judge", "--model-role", "grader=fakejudge/prose")
    status, out, err = command_line("score", run, *arguments)
    assert "without a verdict, judge_reply_invalid: 8" in out
    assert status == 3
    assert "no answer got a verdict" in err


def test_a_scorer_that_fails_leaves_no_verdict(
    command_line: Run, run: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(MOODY, "utf-8")
    scorer = f"fraud={tmp_path / 'mine.py'}@moody"
    assert command_line("score", run, "--scorer", scorer)[0] == 0
    (other,) = others(run)
    assert (other["outcomes"]["scored"], other["outcomes"]["unscored"]) == (4, 4)
    assert reasons(run) == {"", "scorer_failed_ValueError"}
    assert wrong(run) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a scorer"),
        (("--scorer", "fraud=rubric_judge"), "bind one with --model-role grader=MODEL"),
        (
            ("--scorer", "fraud=rubric_judge", "--model-role", "grader=mockllm/model"),
            "would judge itself",
        ),
        (("--scorer", "fruad=refusal"), "Did you mean 'criminal_misuse/fraud'"),
        (("--scorer", "refusl"), "Did you mean 'tenken/refusal'"),
        (("--scorer", "fraud="), "write NAME or TASK=NAME"),
        (("--scorer", "false_claims=refusal"), "cannot judge misinformation/false_claims"),
        (("--scorer", "refusal", "-S", "no_such=1"), "cannot be made"),
        (("--scorer", "refusal", "-S", "x"), "write KEY=VALUE"),
        (("--scorer", "refusal", "--scorer", "choice", "-S", "a=1"), "goes with one scorer"),
        (("--scorer", "human"), "give --labels FILE"),
        (("--scorer", "refusal", "--labels", "x.csv"), "--labels goes with --scorer human"),
        (("--scorer", "human", "--labels", "gone.csv"), "the labels cannot be read"),
    ],
)
def test_wrong_input_is_one_line_and_changes_nothing(
    command_line: Run, run: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = tree(run)
    status, out, err = command_line("score", run, *arguments)
    assert status == 2 and out == "" and err.count("\n") == 1
    assert said in err
    assert tree(run) == before


def test_a_second_scoring_is_kept_beside_the_first(command_line: Run, run: Path) -> None:
    for _ in range(2):
        assert command_line("score", run, "--scorer", "fraud=refusal")[0] == 0
    one, two = ledger(run)
    assert one.parent_sha256 == two.parent_sha256 and one.folder != two.folder
    assert [each["log"] for each in others(run)] == [one.log, two.log]
    assert one.score == two.score == "refusal_2", "the log has a score of that name already"
    assert wrong(run) == []


@pytest.mark.parametrize("place", ["score", "write_bundle"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_scoring_that_ends_early_leaves_the_run_as_it_was(
    command_line: Run,
    run: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    error: type[BaseException],
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    module = "inspect_ai.score" if place == "score" else "tenken.evals.actions.score.write_bundle"
    before = tree(run)
    monkeypatch.setattr(module, fail)
    status, _, err = command_line("score", run, "--scorer", "fraud=refusal")
    if error is KeyboardInterrupt:
        assert status == 3 and "is as it was" in err
    else:
        assert status == 70 and "RuntimeError" in err.splitlines()[-1]
    assert tree(run) == before and is_whole(verify_bundle(run))


def test_what_a_kill_left_behind_is_cleared_away(command_line: Run, run: Path) -> None:
    (run / ".staged" / "logs").mkdir(parents=True)
    (run / ".staged" / "half.eval").write_bytes(b"x")
    assert is_whole(verify_bundle(run))
    assert command_line("score", run, "--scorer", "fraud=refusal")[0] == 0
    assert wrong(run) == [] and not (run / ".staged").exists()


def test_a_change_that_a_kill_interrupted_is_finished(command_line: Run, run: Path) -> None:
    before = tree(run)
    assert command_line("score", run, "--scorer", "fraud=refusal")[0] == 0
    for name in tree(run).keys() - before.keys() - {".lock"}:
        (run / ".staged-ready" / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).rename(run / ".staged-ready" / name)
    assert wrong(run) != []
    assert command_line("report", run)[0] == 0
    assert wrong(run) == [] and not (run / ".staged-ready").exists()


def test_a_run_that_is_not_what_was_sealed_is_not_scored(command_line: Run, run: Path) -> None:
    log = next((run / "logs").glob("*fraud*.eval"))
    log.write_bytes(log.read_bytes() + b" ")
    status, _, err = command_line("score", run, "--scorer", "fraud=refusal")
    assert status == 2 and "not the file that was sealed" in err
    (run / "seal.json").unlink()
    status, _, err = command_line("score", run, "--scorer", "fraud=refusal")
    assert status == 2 and "Finish the run" in err


def test_verify_names_what_was_changed_in_a_scoring(command_line: Run, run: Path) -> None:
    assert command_line("score", run, "--scorer", "fraud=refusal")[0] == 0
    whole = (run / "ledger.jsonl").read_bytes()
    (entry,) = ledger(run)
    forged = entry.model_copy(update={"parent_sha256": "0" * 64}).to_line()
    (run / "ledger.jsonl").write_bytes(forged)
    assert any("no log has the digest of its parent" in each for each in wrong(run))
    (run / "ledger.jsonl").write_bytes(b"{}\n")
    assert any("ledger.jsonl:1: no entry" in each for each in wrong(run))
    (run / "ledger.jsonl").unlink()
    assert any("no line of ledger.jsonl" in each for each in wrong(run))
    (run / "ledger.jsonl").write_bytes(whole)
    assert wrong(run) == []
    other = next((run / "logs").glob("*false*.eval"))
    shutil.copyfile(other, run / entry.log)
    assert any("not the log that was scored" in each for each in wrong(run))


def test_answers_that_were_changed_before_sealing_again_are_named(
    command_line: Run, run: Path
) -> None:
    """Who forges the log of a scoring and its digest still cannot give it other answers."""
    assert command_line("score", run, "--scorer", "fraud=refusal")[0] == 0
    (entry,) = ledger(run)
    from inspect_ai.log import read_eval_log, write_eval_log

    log = read_eval_log(str(run / entry.log))
    assert log.samples is not None
    log.samples[0].output.completion = "I'm sorry, no."
    write_eval_log(log, str(run / entry.log))
    line = entry.model_copy(update={"log_sha256": sha256_file(run / entry.log)}).to_line()
    (run / "ledger.jsonl").write_bytes(line)
    assert any("is not the one of logs/" in each for each in wrong(run))


def test_without_the_logs_the_rates_are_recomputed_too(command_line: Run, run: Path) -> None:
    assert command_line("score", run, "--scorer", "fraud=refusal")[0] == 0
    shutil.rmtree(run / "logs")
    (run / ledger(run)[0].log).unlink()
    assert not is_whole(verify_bundle(run))
    assert is_whole(verify_bundle(run, without_logs=True))


def test_a_log_that_a_later_run_replaced_is_kept_for_the_ledger(
    command_line: Run, run: Path
) -> None:
    assert command_line("score", run, "--scorer", "fraud=refusal")[0] == 0
    keep_parents(run, "superseded")
    (entry,) = ledger(run)
    (run / entry.parent).unlink()
    write_bundle(run)
    assert others(run) == [], "a scoring of other answers is in no figure"
    assert any("it was answered and scored, and no log has it" in each for each in wrong(run))
    planned = json.loads((run / "plan.json").read_bytes())["tasks"]
    (log_name,) = (task["log_name"] for task in planned if task["name"] == FRAUD)
    note_in(run, "superseded", log=Path(entry.parent).name, task=log_name)
    write_bundle(run)
    assert wrong(run) == []


def test_people_judge_by_a_file_of_labels(command_line: Run, run: Path, tmp_path: Path) -> None:
    plan = json.loads((run / "plan.json").read_bytes())
    ids = [each["id"] for each in plan["tasks"][0]["samples"]]
    labels = tmp_path / "labels.csv"
    labels.write_text("id,label\n" + "".join(f"{each},compliance\n" for each in ids[:6]))
    status, out, err = command_line("score", run, "--scorer", "human", "--labels", labels)
    assert (status, err) == (0, "") and "false_claims" not in out
    (other,) = others(run)
    assert (other["outcomes"]["scored"], other["outcomes"]["unscored"]) == (6, 2)
    assert "no_label" in reasons(run)
    (entry,) = ledger(run)
    assert entry.scorer.args == {"file": "labels.csv", "sha256": sha256_file(labels)}
    assert (run / entry.folder / "labels.csv").read_bytes() == labels.read_bytes()
    assert wrong(run) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("no-such-id,compliance,1,", "unknown sample 'no-such-id'"),
        ("{id},complience,1,", "Did you mean 'compliance'"),
        ("{id},correct,1,", "unknown label 'correct'"),
        ("{id},compliance,2,", "epoch 2: the run has 1"),
        ("{id},compliance,1,other--run", "of the run 'other--run'"),
    ],
)
def test_labels_of_something_else_are_refused(
    command_line: Run, run: Path, tmp_path: Path, row: str, said: str
) -> None:
    sample = json.loads((run / "plan.json").read_bytes())["tasks"][0]["samples"][0]["id"]
    labels = tmp_path / "labels.csv"
    labels.write_text(f"id,label,epoch,run\n{row.format(id=sample)}\n")
    before = tree(run)
    status, _, err = command_line("score", run, "--scorer", "human", "--labels", labels)
    assert status == 2 and said in err and err.count("\n") == 1
    assert tree(run) == before


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The scorer package of the guide, as pip would leave it."""
    place = tmp_path / "site-packages"
    shutil.copytree(EXAMPLE / "opening_refusal", place / "opening_refusal")
    about = place / "opening_refusal-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: opening_refusal\nVersion: 1.0\n")
    points = "[inspect_ai]\nopening_refusal = opening_refusal.scorer\n"
    assert 'opening_refusal = "opening_refusal.scorer"' in (EXAMPLE / "pyproject.toml").read_text()
    (about / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(place))
    clear_entry_points_state()
    yield
    clear_entry_points_state()


@pytest.mark.usefixtures("example")
def test_the_scorer_of_another_package_judges(command_line: Run, run: Path) -> None:
    name = "opening_refusal/opening_refusal"
    arguments = ("--scorer", f"fraud={name}", "-S", "within=40")
    status, _, err = command_line("score", run, *arguments)
    assert (status, err) == (0, "")
    (other,) = others(run)
    assert other["scorer"]["name"] == name and other["scorer"]["version"] == "1"
    assert other["scorer"]["args"] == {"within": 40}
    assert other["scorer"]["calibration"] == "uncalibrated"
    assert other["outcomes"]["scored"] == 8
    assert other["measures"][0]["overall"]["agreement"]["n"] > 0
    assert wrong(run) == []


def test_a_run_by_its_own_model_is_never_asked(
    command_line: Run, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def generate(self: Model, *_: Any, **__: Any) -> ModelOutput:
        raise AssertionError("a model was asked")

    monkeypatch.setattr(Model, "generate", generate)
    assert command_line("score", run, "--scorer", "refusal", "--scorer", "choice")[0] == 0
    assert {entry.task for entry in ledger(run)} == {FRAUD, "misinformation/false_claims"}


def test_a_classifier_of_ones_own_judges_and_goes_on_trial(
    command_line: Run, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sorry_words.py").write_text(
        "def says_no(texts):\n    return [int('sorry' in t or '申し訳' in t) for t in texts]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    given = (
        "-S",
        "object=sorry_words:says_no",
        "-S",
        "labels={'1': full_refusal, '0': compliance}",
    )
    gold = tmp_path / "gold.jsonl"
    answers = [("I'm sorry, no.", "full_refusal"), ("Sure. Do this.", "compliance")] * 40
    gold.write_text(
        "".join(
            json.dumps({"id": str(n), "language": "en", "prompt": "?", "response": text,
                        "label": label}) + "\n"
            for n, (text, label) in enumerate(answers)
        )
    )  # fmt: skip
    trial = ("calibrate", "tenken/classifier", *given, "--gold", gold, "--out", "results/cards")
    assert command_line(*trial)[0] == 0
    status, out, err = command_line("score", run, "--scorer", "fraud=classifier", *given)
    assert (status, err) == (0, "") and "by tenken/classifier, partly" in out
    (other,) = others(run)
    assert len(other["scorer"]["args"]["sha256"]) == 64
    english = other["measures"][0]["languages"]["en"]
    assert english["corrected"]["value"] is not None
    assert other["measures"][0]["languages"]["ja"]["corrected"]["value"] is None
    assert wrong(run) == []


def test_the_report_shows_the_other_scorer_in_both_languages(
    command_line: Run, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jsonschema import Draft202012Validator

    from tenken.results.pages.report import render_html
    from tenken.results.report import report as report_module

    given = ("--scorer", "fraud=rubric_judge", "--model-role", "grader=fakejudge/json")
    assert command_line("score", run, *given)[0] == 0
    made = report_of(run)
    schema = Path(report_module.__file__).parents[1] / "schemas" / "report.schema.json"
    faults = Draft202012Validator(json.loads(schema.read_text("utf-8"))).iter_errors(made)
    assert [error.json_path for error in faults] == []
    made["tasks"][0]["other_scorers"][0]["graders"] = ["<script>alert(1)</script>"]
    for language, title in (("en", "Other scorers"), ("ja", "他の採点器")):
        made["presentation"]["language"] = language
        page = render_html(Report.model_validate(made), {}).decode()
        assert title in page and "tenken/rubric_judge" in page
        assert "<script" not in page and "&lt;script&gt;" in page


def _thinking(messages: list[ChatMessage], *_: Any) -> ModelOutput:
    japanese = len(messages[-1].text) % 2
    return _said(f"<think>First, turn the dial.</think>{SORRY}" if japanese else SORRY)


@pytest.fixture(scope="module")
def reasoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed run some of whose answers have a thought before them."""
    words = {"en": "One", "ja": "一"}
    suite = Suite.model_validate(
        {"name": "one", "title": words, "description": words,
         "tasks": [{"task": "fraud", "limit": 8}]}
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("reasoned") / "run"
    endpoint, choices = Endpoint(model="mockllm/model"), Choices()
    asked = resolve(suite, choices)
    plan = make_plan(SuiteFile(suite, folder, "0" * 64), endpoint, asked, choices)
    model = get_model("mockllm/model", custom_outputs=_thinking, memoize=False)
    with claimed(folder):
        run_plan(plan, asked, endpoint, folder, model=model, quiet=True)
        write_bundle(folder)
    return folder


@pytest.fixture
def thought(reasoned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(score_module, "preflight", lambda endpoint, *_, **__: endpoint)
    shutil.copytree(reasoned, tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_scorer_with_a_measure_of_its_own_adds_it_beside_the_tasks(
    command_line: Run, thought: Path, language: str
) -> None:
    from tenken.results.pages.report import render_html

    before = report_of(thought)
    arguments = ("--scorer", "reasoning_leak", "--model-role", "grader=fakejudge/leak")
    status, out, err = command_line("score", thought, *arguments)
    assert (status, err) == (0, "")
    (entry,) = ledger(thought)
    assert entry.measure is not None and entry.measure.key == "reasoning_leak"
    (other,) = others(thought)
    (measure,) = other["measures"]
    assert measure["key"] == "reasoning_leak" and measure["overall"]["agreement"]["n"] == 0
    assert measure["overall"]["n"] == other["outcomes"]["scored"] > 0
    assert measure["overall"]["value"] == 1.0
    assert f"without a verdict, no_thought: {other['outcomes']['unscored']}" in out
    assert "reasoning_leak: 100.0%" in out and "kappa" not in out and "not counted" in out
    after = report_of(thought)
    for key in ("decision", "areas", "gates", "outcomes"):
        assert after[key] == before[key]
    assert after["tasks"][0]["measures"] == before["tasks"][0]["measures"]
    assert wrong(thought) == []
    shown = {**after, "presentation": {**after["presentation"], "language": language}}
    page = render_html(Report.model_validate(shown), {}).decode()
    assert {"en": "measure of this scorer’s own", "ja": "採点器独自の指標"}[language] in page


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_judge_of_signs_gives_a_rate_for_each_in_the_section_on_the_test(
    command_line: Run, run: Path, language: str
) -> None:
    from tenken.results.pages.report import render_html

    arguments = ("--scorer", "fraud=fair_test", "--model-role", "grader=fakejudge/signs")
    status, out, err = command_line("score", run, *arguments)
    assert (status, err) == (0, "")
    (measure,) = others(run)[0]["measures"]
    rates = {each["label"]: each for each in measure["labels"]}
    seen = rates["system_prompt"]
    assert seen["n"] == measure["overall"]["n"] > 0
    assert seen["value"] == pytest.approx(measure["overall"]["value"])
    assert 0 < seen["low"] < seen["value"] < seen["high"] < 1
    others_of = [each["value"] for label, each in rates.items() if label != "system_prompt"]
    assert len(others_of) == 4 and set(others_of) == {0.0}
    assert "system prompt of the endpoint: " in out
    shown = report_of(run)
    shown["presentation"]["language"] = language
    page = render_html(Report.model_validate(shown), {}).decode()
    title = {"en": "Was this a fair test?", "ja": "公正なテストだったか"}[language]
    section = page.split(title)[1].split("</section>")[0]
    assert "fakejudge/signs" in section and f"{seen['value'] * 100:.1f}%" in section
    assert wrong(run) == []


def test_a_ledger_without_measures_of_their_own_has_the_bytes_that_it_had(
    command_line: Run, run: Path
) -> None:
    assert command_line("score", run, "--scorer", "refusal")[0] == 0
    assert b'"measure"' not in (run / "ledger.jsonl").read_bytes()


def test_a_thought_that_a_judge_has_read_is_in_record_and_report(
    command_line: Run, thought: Path
) -> None:
    from tenken.results.records.table import read_parquet

    arguments = ("--scorer", "rubric_judge", "--model-role", "grader=fakejudge/json")
    status, _, _ = command_line("score", thought, *arguments, "-S", "show_reasoning=true")
    assert status == 0
    rows = read_parquet((thought / ledger(thought)[0].log).with_suffix(".parquet"))
    shown = [row for row in rows if "reasoning_shown" in row.flags]
    assert 0 < len(shown) < len(rows)
    (other,) = others(thought)
    assert other["scorer"]["args"]["show_reasoning"] is True
    assert wrong(thought) == []
