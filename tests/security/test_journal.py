"""The journal says what happened, in order, and cannot be changed without being found out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stub_endpoint import running

from tenken.io.canonical import canonical_json, sha256_bytes
from tenken.io.chain import START, read_chain
from tenken.results.verify.verify import verify_bundle

Command = Callable[..., tuple[int, str, str]]


def entries(run: Path) -> list[dict[str, Any]]:
    return read_chain(run / "journal.jsonl")[0]


def rechained(run: Path, changed: list[dict[str, Any]]) -> None:
    """Write a journal whose chain is whole, as a forger would."""
    last, lines = START, []
    for entry in changed:
        lines.append(canonical_json({**entry, "previous": last}))
        last = sha256_bytes(lines[-1])
    (run / "journal.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def said(run: Path) -> list[str]:
    found = verify_bundle(run).findings
    return [f"{each.what}: {each.message}" for each in found if each.status == "wrong"]


def test_every_sample_is_asked_answered_and_scored_once(lab: Any, run: Path) -> None:
    lines = entries(run)
    counted = Counter(each["event"] for each in lines)
    assert counted["asked"] == counted["answered"] == counted["scored"] + counted["unscored"] == 16
    assert [each["event"] for each in lines if "sample" not in each] == [
        "started", "met", "connected", "completed", "reported",
    ]  # fmt: skip
    digests = [each["answer"] for each in lines if each["event"] == "answered"]
    assert len(set(digests)) == 16, "equal answers have no equal digests"
    page = (run / "report.html").read_text("utf-8")
    first = page[: page.index("</header>")]
    assert first.count('<div class="yes"><dt>') == 2, "consistent and preregistered"
    assert first.count('<div class="unknown"><dt>') == 3
    (ok,) = [each for each in verify_bundle(run).findings if each.what == "journal.jsonl"]
    assert ok.message == "16 of 16 samples were queued, answered and scored once."


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("drop-score", "it was scored never, not once"),
        ("score-twice", "it was scored 2 times, not once"),
        ("drop-asked", "it was scored and never asked"),
        ("answer", "the log holds another answer than the one that was scored"),
        ("more", "it was asked, and the plan does not have it"),
        ("start", "its last start is of another commitment"),
        ("report", "it does not speak of this report.json"),
    ],
)
def test_a_journal_forged_as_a_whole_chain_does_not_fit_the_logs(
    run: Path, change: str, message: str
) -> None:
    lines = [{k: v for k, v in each.items() if k != "previous"} for each in entries(run)]
    scored = next(each for each in lines if each["event"] == "scored")
    mine = [each for each in lines if each.get("sample") == scored["sample"]]
    match change:
        case "drop-score":
            lines.remove(scored)
        case "score-twice":
            lines.insert(lines.index(scored), dict(scored))
        case "drop-asked":
            lines = [each for each in lines if each not in mine or each is scored]
        case "answer":
            scored["answer"] = "0" * 64
        case "more":
            lines.append({**scored, "sample": "fc-invented-en"})
        case "start":
            lines[0]["commitment_sha256"] = "0" * 64
        case "report":
            lines[-1]["report_sha256"] = "0" * 64
    rechained(run, lines)
    assert any(message in each for each in said(run)), said(run)


@pytest.mark.parametrize("other", [False, True])
def test_an_answer_may_be_scored_again_after_another_start_and_not_exchanged(
    run: Path, attacks: Any, other: bool
) -> None:
    lines = [{k: v for k, v in each.items() if k != "previous"} for each in entries(run)]
    at = next(i for i, each in enumerate(lines) if each["event"] == "scored")
    first = {**lines[at], **({"answer": "0" * 64} if other else {})}
    again = {"event": "resumed", "at": lines[at]["at"]}
    lines[at : at + 1] = [first, again, lines[at]]
    rechained(run, lines)
    attacks.seal_again(run)
    assert any("it was scored 2 times, not once" in each for each in said(run)) == other
    assert bool(said(run)) == other
    notes = [each.message for each in verify_bundle(run).findings if each.status == "note"]
    assert any("1 answers were scored again, unchanged" in each for each in notes) != other


@pytest.mark.parametrize("change", ["drop", "swap", "edit", "junk", "gone"])
def test_a_broken_chain_is_found_whatever_the_seal_says(run: Path, change: str) -> None:
    path = run / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    match change:
        case "drop":
            del lines[5]
        case "swap":
            lines[5], lines[6] = lines[6], lines[5]
        case "edit":
            lines[5] = lines[5].replace(b"asked", b"nsked")
        case "junk":
            lines.append(b"[1]\n")
        case "gone":
            path.unlink()
    if change != "gone":
        path.write_bytes(b"".join(lines))
    wanted = "the journal that the commitment speaks of is missing" if change == "gone" else "chain"
    assert any(wanted in each for each in said(run)), said(run)


def test_errors_retries_and_a_second_start_are_in_the_journal_and_on_the_page(
    lab: Any, tmp_path: Path, command_line: Command
) -> None:
    def ran(name: str, model: str, *options: str) -> Path:
        with running() as stub:
            where = ("--base-url", stub.base_url, "--results-dir", tmp_path / name, "--json")
            status, _, err = command_line("run", lab.command[1], "--model", model, *where, *options)
        assert status in (0, 1, 3, 4), err
        (run,) = (path for path in (tmp_path / name).iterdir() if path.is_dir())
        return run

    run = ran("failing", "letter-hash@5-6:http-500")
    again = [each for each in entries(run) if each["event"] == "retried"]
    assert len(again) == 2 and {each["after"] for each in again} == {"Http500Error"}
    report = json.loads((run / "report.json").read_bytes())["evidence"]
    assert report["journal"]["asked_again"] == 2 and not said(run)
    assert report["deviations"] == []
    assert "requests sent once more 2" in (run / "report.html").read_text("utf-8")

    run = ran("capped", "letter-hash", "--max-tokens", "60")
    report = json.loads((run / "report.json").read_bytes())["evidence"]
    (stopped,) = [each for each in report["deviations"] if each["code"] == "stopped"]
    assert "60 tokens" in stopped["what"] and not said(run)
    assert "60 tokens" in (run / "report.html").read_text("utf-8")


def test_an_endpoint_that_is_another_model_is_a_finding_on_the_first_screen(
    lab: Any, tmp_path: Path, command_line: Command, endpoint: Any
) -> None:
    suite = lab.command[1]
    where = ("--base-url", endpoint.base_url, "--results-dir", tmp_path / "new", "--json")
    assert command_line("run", suite, "--model", "letter-hash+says-other", *where)[0] in (
        0,
        1,
        3,
        4,
    )
    (run,) = (path for path in (tmp_path / "new").iterdir() if path.is_dir())
    about = json.loads((run / "report.json").read_bytes())["evidence"]["endpoint"]
    assert {each["value"] for each in about["models"]} == {"quite-another-model"}
    assert sorted(each["value"] for each in about["fingerprints"]) == ["fp_one", "fp_two"]
    page = (run / "report.html").read_text("utf-8")
    head = page[: page.index("</header>")]
    assert "answered by quite-another-model" in head and "fp_one" in head and "fp_two" in head
    answered = [each for each in entries(run) if each["event"] == "answered"]
    assert all(each["id"].startswith("chatcmpl-") and each["request"] for each in answered)


def test_a_withdrawn_item_is_on_record_with_the_figures_before_and_after(
    run: Path, command_line: Command, default_key: Path
) -> None:
    before = json.loads((run / "report.json").read_bytes())
    plan = json.loads((run / "plan.json").read_bytes())
    task = plan["tasks"][0]
    name = f"{task['name'].rsplit('/', 1)[-1]}:{task['samples'][0]['id']}"
    given = "--withdraw", name, "--by", "A. Reader", "--why", "two choices are right"
    for wrong, said_ in (
        (given[:2], "who withdraws the item"),
        (("--by", "A. Reader"), "go with --withdraw"),
        (("--withdraw", f"{task['name']}:none", *given[2:]), "unknown item 'none'"),
        (("--withdraw", "none:x", *given[2:]), "unknown task 'none'"),
    ):
        status, _, err = command_line("report", run, *wrong)
        assert status == 2 and said_ in err, err
    status, _, err = command_line("report", run, *given)
    assert status == 0, err
    after = json.loads((run / "report.json").read_bytes())
    told = after["evidence"]["withdrawals"]
    (item,) = told["items"]
    assert (item["task"], item["by"]) == (task["name"], "A. Reader")
    whole = next(each for each in told["figures"] if each["language"] is None)
    assert whole["after"]["n"] == whole["before"]["n"] - task["epochs"]
    assert after["evidence"]["deviations"][-1]["code"] == "withdrawn_item"
    for each in (before, after):
        del each["evidence"]
    assert before == after, "no figure and no decision rests on it"
    assert verify_bundle(run).grades["consistent"].holds == "yes", said(run)
    page = (run / "report.html").read_text("utf-8")
    assert "two choices are right (A. Reader" in page
    status, _, err = command_line("report", run, *given)
    assert status == 2 and "withdrawn already" in err
    entry = json.loads((run / "withdrawn.jsonl").read_bytes())
    for change in ({"why": "none"}, {"previous": "0" * 63 + "1"}):
        (run / "withdrawn.jsonl").write_bytes(canonical_json({**entry, **change}) + b"\n")
        assert verify_bundle(run).grades["consistent"].holds != "yes"


def test_a_later_card_is_a_dated_addendum_shown_post_hoc(
    lab: Any, run: Path, tmp_path: Path, command_line: Command, default_key: Path
) -> None:
    before = json.loads((run / "report.json").read_bytes())
    cards = json.loads((run / "plan.json").read_bytes())["calibration"]
    card = next(c for n, c in sorted(cards.items()) if "choice_en--en" in n)
    flattering = tmp_path / "flattering.json"
    flattering.write_bytes(canonical_json({**card, "n": card["n"] + 1}))
    status, _, err = command_line("report", run, "--add-card", flattering)
    assert status == 0, err
    after = json.loads((run / "report.json").read_bytes())
    told = after["evidence"].pop("addendum")
    assert [each["file"] for each in told["cards"]] == ["flattering.json"]
    assert told["figures"] and all(each["planned"] != each["post_hoc"] for each in told["figures"])
    assert [each["code"] for each in after["evidence"].pop("deviations")] == ["added_card"]
    for each in (before, after):
        del each["evidence"]
    assert before == after, "no figure and no decision rests on it"
    assert verify_bundle(run).grades["consistent"].holds == "yes", said(run)
    page = (run / "report.html").read_text("utf-8")
    assert "Post hoc. No decision rests on these figures." in page
    status, _, err = command_line("report", run, "--add-card", flattering)
    assert status == 2 and "has this card already" in err
    entry = json.loads((run / "addendum.jsonl").read_bytes())
    for change in ({"added": "2000-01-01"}, {"previous": "0" * 63 + "1"}):
        (run / "addendum.jsonl").write_bytes(canonical_json({**entry, **change}) + b"\n")
        assert said(run)
