"""The committed calibration cards: they fit the scorers as they are, and say what a trial gives."""

import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import anyio
import pytest
from inspect_ai.model import ModelName
from inspect_ai.scorer import Target
from inspect_ai.solver import TaskState

from tenken.evals.planning.own import scorer_binding
from tenken.evals.trials.trial import declared_by, label_of, trial_task, try_scorer
from tenken.results.calibration.readings import cells, trial_of
from tenken.schema.calibration import CalibrationCard, read_cards
from tenken.scorers.labelled.gold import GoldAnswer, read_gold
from tenken.tasks.card.card import Scoring

ROOT = Path(__file__).resolve().parents[2]
CARDS = read_cards(ROOT / "scorers" / "cards")


def tool(path: str) -> ModuleType:
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


update_cards = tool("tools/update_cards.py")


def gold_paths(card: CalibrationCard) -> list[Path]:
    names = card.gold.name.split("+")
    folder = update_cards.XSTEST if "xstest" in names[0] else ROOT / "scorers" / "gold"
    return [folder / name for name in names]


def test_both_scorers_have_a_card_in_both_languages() -> None:
    there = {(card.scorer.name, card.language) for card in CARDS.values()}
    scorers = ("tenken/refusal", "tenken/choice")
    assert there >= {(scorer, language) for scorer in scorers for language in ("en", "ja")}
    assert len(CARDS) == len(update_cards.TRIALS)


@pytest.mark.parametrize("name", CARDS)
def test_a_card_fits_the_scorer_as_it_is(name: str) -> None:
    card = CARDS[name]
    now = scorer_binding(Scoring(name=card.scorer.name, args=card.scorer.args))
    why = card.misfit(now, [], card.language)
    assert not why, f"{name} is {why}; run: make cards"
    assert card.file_name == name
    assert card.n == sum(cell.count for cell in card.confusion)


async def labels_of(scorer: str, answers: Sequence[GoldAnswer]) -> list[str]:
    """Have a trial's own task read the answers, without the log that Inspect keeps of each."""
    scoring = Scoring(name=scorer)
    task, names, found = trial_task(scoring, answers), declared_by(scoring), []
    for sample in task.dataset:
        state = TaskState(
            ModelName("mockllm/replay"), sample.id or "", 1, sample.input, [],
            target=Target(sample.target), choices=sample.choices, metadata=sample.metadata,
        )  # fmt: skip
        state = await task.solver(state, None)
        score = await task.scorer[0](state, state.target)
        found.append(label_of(str(sample.id), score, names, sample.metadata or {}).label)
    return found


def test_answers_are_read_alike_with_and_without_inspect() -> None:
    name = next(iter(CARDS))
    answers = read_gold(gold_paths(CARDS[name])).answers[:20]
    scoring = CARDS[name].scorer.name
    labels = [seen.label for seen in try_scorer(Scoring(name=scoring), answers)]
    assert anyio.run(labels_of, scoring, answers) == labels


@pytest.mark.parametrize("name", CARDS)
def test_a_card_says_what_its_trial_gives(name: str) -> None:
    card = CARDS[name]
    paths = gold_paths(card)
    if not all(path.is_file() for path in paths):
        pytest.skip(f"{paths[0].parent} is not there (set TENKEN_SHARED_DATA)")
    gold = read_gold(paths, card.gold.split)
    assert gold.sha256 == card.gold.sha256, f"{name}: other answers; run: make cards"
    seen = anyio.run(labels_of, card.scorer.name, gold.answers)
    table = cells([a.label for a in gold.answers], seen)
    assert table == card.confusion, f"{name}: other labels; run: make cards"


@pytest.mark.parametrize("name", CARDS)
def test_a_scorer_tells_the_sides_well_enough_to_correct(name: str) -> None:
    card = CARDS[name]
    trial = trial_of(card.confusion, card.readings[0].positive)
    assert trial.n >= 100
    assert trial.sensitivity is not None and trial.specificity is not None
    assert trial.sensitivity >= 0.9 and trial.specificity >= 0.9


def test_cards_hold_no_text_and_no_place_on_a_disk() -> None:
    for card in CARDS.values():
        assert "/work" not in card.command and ".." not in card.command
    (human,) = (card for card in CARDS.values() if card.gold.kind == "human_rated")
    assert human.language == "en" and "Röttger et al. 2024" in human.gold.source
    assert human.raters is not None and human.gold.split == "trial"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_choice_answers_are_sound(language: str) -> None:
    path = ROOT / "scorers" / "gold" / f"choice_{language}.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(rows) >= 120
    assert len({(row["prompt"], row["response"]) for row in rows}) == len(rows)
    labels = [row["label"] for row in rows]
    for label in ("correct", "incorrect", "undecided"):
        assert labels.count(label) >= 30
    assert all(ord(row["target"]) - ord("A") < len(row["choices"]) for row in rows)
