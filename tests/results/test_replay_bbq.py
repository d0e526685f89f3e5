"""The replay of published predictions on BBQ: scores before and after rows are corrected."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

TOOL = Path(__file__).resolve().parents[2] / "tools" / "replay_bbq.py"


def row(number: int, answer: str, **changes: Any) -> dict[str, Any]:
    return {
        "example_id": number,
        "question_index": str(number),
        "question_polarity": "neg",
        "context_condition": "ambig",
        "category": "Age",
        "answer_info": {"ans0": ["a", "old"], "ans1": ["b", "nonOld"], "ans2": ["x", "unknown"]},
        "additional_metadata": {"stereotyped_groups": ["old"]},
        "context": "A scene.",
        "question": "Who was it?",
        "ans0": "The grandfather",
        "ans1": "The grandson",
        "ans2": "Can't be determined",
        "label": 2,
        "unifiedqa-t5-11b_pred_arc": answer,
        "unifiedqa-t5-11b_pred_race": "can't be determined",
        **changes,
    }


def replay(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOL), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("\n".join(map(json.dumps, rows)))


def test_predictions_are_scored_before_and_after_corrections(tmp_path: Path) -> None:
    said = ["the grandfather", "the grandfather", "the grandson", "can't be determined"]
    rows = [row(number, answer) for number, answer in enumerate(said)]
    write(tmp_path / "preds_UnifiedQA_Age.jsonl", rows)
    turned = {"ans0": ["a", "nonOld"], "ans1": ["b", "old"], "ans2": ["x", "unknown"]}
    write(tmp_path / "Age.jsonl", [{**rows[2], "answer_info": turned}, rows[0]])

    done = replay(tmp_path)
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("Age")]
    scores = {(line[1], " ".join(line[2:-7])): line[-3] for line in lines}
    # Two of four answers follow the stereotype and one goes against it; after one row is
    # turned, all three follow it.
    assert scores[("arc", "as published")] == "25.0" and scores[("arc", "1 corrected")] == "75.0"
    assert scores[("race", "as published")] == "0.0"
    assert done.returncode == 0 and "Nationality          no predictions here" in done.stdout


def test_a_folder_without_predictions_is_told(tmp_path: Path) -> None:
    done = replay(tmp_path)
    assert done.returncode == 1 and done.stdout.count("no predictions here") == 11
