"""What people's labels come to in a report: rates, agreement, gold, cards; and their seal."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import tenken.results
from tenken.errors import BundleError
from tenken.io.canonical import pretty_json
from tenken.results.bundle.write import write_bundle
from tenken.results.metrics.ppi import ppi_rate
from tenken.results.metrics.settings import Statistics
from tenken.results.pages.report import render_html
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import RunRecords, read_records
from tenken.results.review.choices import CANNOT_SAY
from tenken.results.review.draw import Draw, draw
from tenken.results.review.items import Item, read_items
from tenken.results.review.labels import Label, file_name, to_bytes
from tenken.results.verify.verify import is_whole, verify_bundle
from tenken.schema.figures import CorrectedRate
from tenken.schema.reasons import Reason
from tenken.schema.report import Report

TASK = "criminal_misuse/requests"
pytestmark = pytest.mark.usefixtures("plain_page")


class Reviewing:
    """A run that people look at."""

    def __init__(self, run: Path, sample: int = 10_000) -> None:
        self.run, self.plan = run, read_sound_plan(run)
        self.found: RunRecords = read_records(run, self.plan)
        self.items: dict[str, Item] = {
            item.digest: item for item in read_items(run, self.plan, self.found, [])
        }
        self.draw(sample)

    def draw(self, sample: int, seed: int = 1) -> Draw:
        self.made = draw(self.plan, list(self.items.values()), sample, seed)
        (self.run / "reviews").mkdir(exist_ok=True)
        (self.run / self.made.file_name).write_bytes(self.made.to_bytes())
        return self.made

    def of(self, task: str, language: str = "en") -> list[Item]:
        drawn = [self.items[each.item] for each in self.made.items]
        return [i for i in drawn if (i.record.task, i.record.language) == (task, language)]

    def say(self, labels: Mapping[str, str], who: str = "Aoi", role: str = "reviewer") -> Path:
        data = to_bytes(
            Label.model_validate(
                {"draw": self.made.sha256, "item": item, "reviewer": who, "role": role,
                 "label": label}
            )
            for item, label in labels.items()
        )  # fmt: skip
        path = self.run / file_name(data)
        path.write_bytes(data)
        return path

    def report(self) -> dict[str, Any]:
        return write_bundle(self.run)[0].contents()

    def block(self, language: str = "en", measure: str = "violation_rate") -> Any:
        task = next(task for task in self.report()["tasks"] if task["name"] == TASK)
        found = next(each for each in task["measures"] if each["key"] == measure)
        return found["languages"][language] if language else found["overall"]


@pytest.fixture(scope="module")
def finished(make_run: Callable[..., Path]) -> Path:
    return make_run(160)


@pytest.fixture
def reviewing(finished: Path, tmp_path: Path) -> Reviewing:
    return Reviewing(Path(shutil.copytree(finished, tmp_path / "run")))


def harmful(items: list[Item]) -> list[Item]:
    return [item for item in items if item.record.measure == "violation_rate"]


def test_without_labels_nothing_is_corrected_by_them(reviewing: Reviewing) -> None:
    block = reviewing.block()["corrected"]
    assert (block["basis"], block["labelled"], block["reason"]["code"]) == (None, None, "no_card")
    about = reviewing.report()["reviews"]
    assert (about["labelled"], about["reviewers"], about["agreement"]) == (0, 0, [])
    assert not list(reviewing.run.glob("reviews/card--*"))
    shutil.rmtree(reviewing.run / "reviews")
    assert reviewing.report()["reviews"] is None


def test_the_rate_is_that_of_ppi_on_the_same_numbers(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))
    labelled, rest = items[:8], items[8:]
    said = {i.digest: "compliance" if n < 3 else "neither" for n, i in enumerate(labelled)}
    reviewing.say(said)
    found = reviewing.block()
    wanted = ppi_rate(
        np.array([1.0] * 3 + [0.0] * 5),
        np.array([i.record.verdict for i in labelled], dtype=float),
        np.array([i.record.verdict for i in rest], dtype=float),
        clusters_labelled=np.array([i.record.cluster for i in labelled]),
        clusters_rest=np.array([i.record.cluster for i in rest]),
    )
    block = found["corrected"]
    assert wanted.value is not None and wanted.interval is not None
    # Blocked answers count as safe and were judged by nobody: the rate is scaled by the share.
    assert block["value"] == pytest.approx(wanted.value * block["scored_share"])
    assert block["scored_share"] == 1.0 and block["high"] == pytest.approx(wanted.interval.high)
    assert (block["basis"], block["labelled"], block["card"]) == ("labels", 8, None)
    assert block["method"] == "prediction-powered (PPI++)"
    raw = sum(i.record.verdict or 0 for i in items) / len(items)
    assert found["value"] == pytest.approx(raw)  # the raw rate stays what it was


def test_with_all_answers_labelled_the_rate_is_peoples(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK, "ja"))
    reviewing.say(
        {i.digest: "compliance" if n % 4 == 0 else "neither" for n, i in enumerate(items)}
    )
    block = reviewing.block("ja")["corrected"]
    assert block["labelled"] == len(items)
    assert block["value"] == pytest.approx(-(-len(items) // 4) / len(items))
    assert block["low"] < block["value"] < block["high"]


def test_weights_undo_an_uneven_draw(reviewing: Reviewing) -> None:
    """Answers drawn ten times as often count a tenth each."""
    one = reviewing
    items = harmful(one.of(TASK))
    often = {item.digest for item in items[: len(items) // 2]}
    uneven = [
        each.model_copy(update={"probability": 1.0 if each.item in often else 0.1})
        for each in one.made.items
    ]
    (one.run / one.made.file_name).unlink()
    one.made = one.made.model_copy(update={"items": uneven})
    (one.run / one.made.file_name).write_bytes(one.made.to_bytes())
    one.say({i.digest: "compliance" if i.digest in often else "neither" for i in items})
    value = one.block()["corrected"]["value"]
    part, rest = len(often), len(items) - len(often)
    assert value < 0.3 < part / len(items)
    assert value == pytest.approx(part / (part + 10 * rest), abs=0.12)


def test_languages_corrected_in_two_ways_are_not_joined(reviewing: Reviewing) -> None:
    from tenken.results.report import corrections

    labels = CorrectedRate(
        basis="labels", value=0.2, low=0.1, high=0.3, kind="human_rated", scored_share=1.0
    )
    both = [labels, labels.model_copy(update={"basis": "card"})]
    reason = Reason(code="two_ways")
    parts = [corrections.Part(10, x) for x in both]
    assert corrections.overall(parts, [], Statistics()).reason == reason
    assert corrections.difference_of(*both).reason == reason
    assert corrections.area(both).reason == reason
    assert corrections.area([labels, labels]).basis == "labels"


def test_open_disagreement_stops_the_rate_until_it_is_settled(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))[:6]
    first = {i.digest: "neither" for i in items}
    reviewing.say(first)
    torn = items[0].digest
    reviewing.say({**first, torn: "compliance"}, "Ben")
    block = reviewing.block()["corrected"]
    assert block["value"] is None and block["reason"]["code"] == "awaiting_adjudicator"
    assert reviewing.report()["reviews"]["open"] == 1
    reviewing.say({torn: "compliance"}, "Chie", "adjudicator")
    about = reviewing.report()["reviews"]
    assert (about["open"], about["adjudicated"], about["labelled"]) == (0, 1, 6)
    assert reviewing.block()["corrected"]["value"] > 0


def test_labels_on_the_same_side_need_no_adjudicator_for_the_rate(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))[:6]
    reviewing.say({i.digest: "neither" for i in items})
    reviewing.say({i.digest: "full_refusal" for i in items}, "Ben")
    assert reviewing.block()["corrected"]["reason"] is None
    assert reviewing.report()["reviews"]["open"] == 6  # the gold file wants one label


def test_who_cannot_say_has_said_nothing(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))[:4]
    reviewing.say({i.digest: CANNOT_SAY for i in items})
    assert reviewing.block()["corrected"]["basis"] is None
    assert reviewing.report()["reviews"]["cannot_say"] == 4
    reviewing.say({i.digest: "neither" for i in items}, "Ben")
    about = reviewing.report()["reviews"]
    assert (about["labelled"], about["open"], about["agreement"]) == (4, 0, [])


def test_agreement_is_that_of_a_worked_table(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))[:10]
    reviewing.say({i.digest: "compliance" if n < 5 else "neither" for n, i in enumerate(items)})
    reviewing.say(
        {i.digest: "compliance" if n < 4 else "neither" for n, i in enumerate(items)}, "Ben"
    )
    (found,) = reviewing.report()["reviews"]["agreement"]
    (pair,) = found["kappa"]
    assert (found["scorer"], found["answers"], pair["reviewers"]) == ("tenken/refusal", 10, [1, 2])
    assert pair["value"] == pytest.approx((0.9 - 0.5) / 0.5)
    # Krippendorff: Do = 2/20, De = 2 * 9 * 11 / (20 * 19).
    assert found["alpha"]["value"] == pytest.approx(1 - 0.1 / (2 * 9 * 11 / (20 * 19)))
    assert found["alpha"]["low"] < found["alpha"]["value"] <= found["alpha"]["high"]


def test_gold_and_card_say_what_people_said(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))[:9]
    reviewing.say({i.digest: i.record.label for i in items})
    reviewing.report()
    gold = (reviewing.run / "logs" / "gold--tenken-refusal.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in gold]
    assert [row["response"] for row in rows] and {row["reviewer_1"] for row in rows} == {
        i.record.label for i in items
    }
    assert all(row["weight"] >= 1 for row in rows)
    card = json.loads((reviewing.run / "reviews/card--tenken-refusal--en.json").read_bytes())
    assert card["n"] == 9 == sum(cell["count"] for cell in card["confusion"])
    (reading,) = card["readings"]
    assert reading["accuracy"]["value"] == 1.0 and reading["accuracy"]["low"] < 1.0


def test_the_gold_file_can_be_tried_by_calibrate(reviewing: Reviewing) -> None:
    from tenken.scorers.labelled.gold import read_gold

    reviewing.say({i.digest: "neither" for i in reviewing.of(TASK)})
    reviewing.report()
    gold = read_gold([reviewing.run / "logs" / "gold--tenken-refusal.jsonl"])
    assert {answer.label for answer in gold.answers} == {"neither"}


def test_the_report_keeps_to_its_schema_and_names_no_reviewer(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))
    reviewing.say({i.digest: "neither" for i in items}, "Aoi Tanaka")
    reviewing.say({i.digest: "neither" for i in items[3:]}, "Ben")
    report = reviewing.report()
    schema = json.loads(
        (Path(tenken.results.__path__[0]) / "schemas/report.schema.json").read_bytes()
    )
    assert list(Draft202012Validator(schema).iter_errors(report)) == []
    assert b"Tanaka" not in pretty_json(report)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_tells_labels_from_cards(reviewing: Reviewing, language: str) -> None:
    items = harmful(reviewing.of(TASK))
    reviewing.say({i.digest: "neither" for i in items})
    report = reviewing.report()
    report["presentation"]["language"] = language
    html = render_html(Report.model_validate(report), {}).decode()
    said = {
        "en": f"corrected, from {len(items)} answers of this run that people labelled (PPI++)",
        "ja": f"補正済み：この実行の回答のうち人がラベルを付けた{len(items)}件に基づく（PPI++）",
    }
    assert said[language] in html and 'id="people"' in html


def test_verify_recomputes_from_the_labels(reviewing: Reviewing) -> None:
    reviewing.say({i.digest: "neither" for i in reviewing.of(TASK)})
    reviewing.report()
    assert is_whole(verify_bundle(reviewing.run))
    shutil.rmtree(reviewing.run / "logs")
    assert is_whole(verify_bundle(reviewing.run, without_logs=True))


def test_verify_names_a_label_that_was_changed(reviewing: Reviewing) -> None:
    path = reviewing.say({i.digest: "neither" for i in reviewing.of(TASK)})
    reviewing.report()
    path.write_bytes(path.read_bytes().replace(b"neither", b"compliance"))
    wrong = [each for each in verify_bundle(reviewing.run).findings if each.status == "wrong"]
    assert any(path.name in each.what for each in wrong)
    assert any("not the labels that its name says" in each.message for each in wrong)


def test_verify_names_labels_swapped_under_a_seal_of_old(reviewing: Reviewing) -> None:
    items = harmful(reviewing.of(TASK))
    path = reviewing.say({i.digest: "neither" for i in items})
    reviewing.report()
    path.unlink()
    new = reviewing.say({i.digest: "compliance" for i in items})
    wrong = {each.what for each in verify_bundle(reviewing.run).findings if each.status == "wrong"}
    assert {f"reviews/{path.name}", f"reviews/{new.name}"} <= wrong
    assert any(each.startswith("report.json: tasks") for each in wrong)


def test_labels_of_an_answer_that_was_replaced_count_nowhere(
    reviewing: Reviewing, log_named: Any, rewrite_samples: Any
) -> None:
    items = harmful(reviewing.of(TASK))[:5]
    reviewing.say({i.digest: "compliance" for i in items})

    def change(sample: dict[str, Any]) -> dict[str, Any]:
        if sample["id"] == items[0].record.sample_id:
            sample["output"]["completion"] = "Another answer."
        return sample

    rewrite_samples(log_named(reviewing.run, "requests"), change)
    about = reviewing.report()["reviews"]
    assert (about["stale"], about["labelled"]) == (1, 4)


def test_two_draws_are_joined(reviewing: Reviewing) -> None:
    first = reviewing.draw(40, seed=2)
    reviewing.say({i.digest: "neither" for i in reviewing.of(TASK)})
    second = reviewing.draw(60, seed=3)
    assert first.sha256 != second.sha256
    reviewing.say({i.digest: "neither" for i in reviewing.of(TASK)})
    report = reviewing.report()
    assert len(report["reviews"]["draws"]) == 3
    assert report["reviews"]["open"] == 0
    assert reviewing.block()["corrected"]["value"] == 0.0


@pytest.mark.parametrize("line", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"draw":"x"}'])
def test_odd_files_among_the_labels_are_named(reviewing: Reviewing, line: bytes) -> None:
    (reviewing.run / "reviews" / ("0" * 64 + ".jsonl")).write_bytes(line + b"\n")
    with pytest.raises(BundleError, match="not readable as labels"):
        reviewing.report()
