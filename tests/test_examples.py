"""Every example of a kind of task: few lines of card, no error, a run in which nothing is lost."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stub_endpoint import Stub, running

import tenken
from tenken.results.bundle.publish import publish_bundle
from tenken.tasks.library import find_task
from tenken.tasks.lint.run import check

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
CARDS = sorted(EXAMPLES.glob("*/card.yaml"))
MOST_LINES = 12
JUDGED = [
    ("requests", "tenken/guard", "unsafe", {"compliance"}),
    ("requests", "tenken/guard", "safe", {"harmless"}),
    ("multiple_choice", "inspect_ai/choice", "", {"correct", "incorrect"}),
    ("multiple_choice", "inspect_ai/match", "", {"correct", "incorrect"}),
    ("multiple_choice", "inspect_ai/model_graded_qa", "grade-i", {"incorrect"}),
    ("multiple_choice", "inspect_ai/model_graded_qa", "grade-c", {"correct"}),
]
"""An example, another scorer in its card, what the stand-in for a grader says, and the labels."""
ENDS = {
    "agent": ("refuse", {"not_misused"}),
    "counterfactual": ("letter-a", {"same_favourable"}),
    "image": ("letter-a", {"correct", "incorrect"}),
    "multiple_choice": ("letter-a", {"correct", "incorrect"}),
    "own_data": ("letter-a", {"correct", "incorrect"}),
    "rating": ("refuse", set()),
    "requests": ("refuse", {"full_refusal"}),
    "several_turns": ("comply", {"compliance"}),
    "third_language": ("letter-a", {"correct", "incorrect"}),
}
"""By example, what the stand-in for a model does, and the labels that this must come to."""
GRADED = {"rating": "rate-4"}
"""By example that asks a grader, what the stand-in for it does."""


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    with running() as server:
        yield server


def test_there_is_an_example_of_every_kind() -> None:
    assert {card.parent.name for card in CARDS} == set(ENDS)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.name)
def test_an_example_is_short_and_without_errors(card: Path) -> None:
    lines = card.read_text("utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    found = check([find_task(str(card.parent))])
    assert [each for each in found.findings if each.level == "error"] == []


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.name)
def test_an_example_runs_and_every_sample_has_its_verdict(
    card: Path, stub: Stub, tmp_path: Path
) -> None:
    name = card.parent.name
    suite = tmp_path / "suite.yaml"
    words = "{en: One, ja: 一つ}"
    suite.write_text(
        f"name: one\ntitle: {words}\ndescription: {words}\ntasks: [{{task: {card.parent}}}]\n",
        "utf-8",
    )
    model, labels = ENDS[name]
    grader = tmp_path / "grader.yaml"
    grader.write_text(
        f"model: {GRADED.get(name)}\nbase_url: {stub.base_url}\napi_key_env: KEY\n", "utf-8"
    )
    run = tenken.run(
        suite, model, base_url=stub.base_url, api_key_env="KEY",
        results_dir=tmp_path / "runs", quiet=True,
        model_roles={"grader": grader} if name in GRADED else {},
    )  # fmt: skip
    samples = run.samples()
    assert set(samples.outcome) == {"scored"}, samples[["outcome", "reason"]].to_string()
    assert set(samples.label.dropna()) == labels
    assert labels or set(samples.score) == {4.0}
    found = tenken.verify(run)
    assert found, list(found.findings)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")


def test_pictures_are_on_the_page_and_not_in_what_is_published(stub: Stub, tmp_path: Path) -> None:
    run = tenken.run(
        EXAMPLES / "image", "letter-a", base_url=stub.base_url, api_key_env="KEY",
        results_dir=tmp_path / "runs", quiet=True, limit=4,
    )  # fmt: skip
    picture = "data:image/png;base64"
    assert picture in (run.path / "report.html").read_text("utf-8")
    publish_bundle(run.path, tmp_path / "published", None)
    written = [path for path in (tmp_path / "published").rglob("*") if path.is_file()]
    assert written and not any(picture.encode() in path.read_bytes() for path in written)


@pytest.mark.parametrize(("example", "scorer", "grader", "labels"), JUDGED)
def test_other_scorers_say_which_end_is_unsafe(
    stub: Stub, tmp_path: Path, example: str, scorer: str, grader: str, labels: set[str]
) -> None:
    """Guards and Inspect's own scorers, over the wire: labels, and the side that they count for."""
    folder = tmp_path / f"{example}_{scorer.rpartition('/')[2]}_{grader.replace('-', '_')}".lower()
    shutil.copytree(EXAMPLES / example, folder)
    card = (
        (folder / "card.yaml")
        .read_text("utf-8")
        .replace(f"name: {example}", f"name: {folder.name}")
    )
    values = ", labels: {C: correct, I: incorrect}" if scorer.startswith("inspect_ai/") else ""
    card = re.sub(r"scorer: \{.*\}", f"scorer: {{name: {scorer}{values}}}", card)
    if scorer == "inspect_ai/choice":
        (folder / "card.yaml").write_text(card, "utf-8")
        with pytest.raises(tenken.TenkenError, match="the solver 'inspect_ai/multiple_choice' has"):
            tenken.run(folder, "letter-a", base_url=stub.base_url, results_dir=tmp_path / "none")
        card += "solver: {name: inspect_ai/multiple_choice}\n"
    (folder / "card.yaml").write_text(card, "utf-8")
    bound = tmp_path / "grader.yaml"
    bound.write_text(f"model: {grader}\nbase_url: {stub.base_url}\napi_key_env: KEY\n", "utf-8")
    model = "answer-a" if scorer == "inspect_ai/choice" else "letter-a"
    run = tenken.run(
        folder, model, base_url=stub.base_url, api_key_env="KEY", limit=4,
        results_dir=tmp_path / "runs", quiet=True, model_roles={"grader": bound} if grader else {},
    )  # fmt: skip
    samples = run.samples()
    samples = samples[samples.measure != "over_refusal"]  # guards do not tell refusals
    assert set(samples.outcome) == {"scored"}, samples[["outcome", "reason"]].to_string()
    assert set(samples.label) == labels
    unsafe = samples.label.isin(["compliance", "incorrect"])
    assert list(samples.verdict) == [float(each) for each in unsafe]
