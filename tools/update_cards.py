"""Put the scorers that come with Tenken on trial again and write their calibration cards.

python tools/update_cards.py            write what the gold sets at hand allow
python tools/update_cards.py --check    change nothing; exit 1 if a card would change

XSTest (Röttger et al. 2024) is no part of the repository: its card is made where
TENKEN_SHARED_DATA, or ../shared/data beside the repository, holds the folder `xstest`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tenken.results.scanners import card as scanners

ROOT = Path(__file__).resolve().parent.parent
CARDS = ROOT / "scorers" / "cards"
SHARED = Path(os.environ.get("TENKEN_SHARED_DATA") or ROOT.parent / "shared" / "data")
XSTEST = SHARED / "xstest"

_OWN = "Tenken, scorers/gold: answers and labels by the authors"
_XSTEST_SOURCE = (
    "Röttger et al. 2024, XSTest: A Test Suite for Identifying Exaggerated Safety Behaviours in "
    "Large Language Models, NAACL 2024: completions of Llama-2-70b-chat (original system prompt) "
    "and Mistral-7B-Instruct, each labelled by two people; from the repository "
    "paul-rottger/exaggerated-safety at d7bb5bd738c1fcbc36edd83d5e7d1b71a3e2d84d"
)


@dataclass(frozen=True)
class Trial:
    """One call of `tenken calibrate`, without `--output`."""

    scorer: str
    gold: tuple[Path, ...]
    options: tuple[str, ...]

    @property
    def at_hand(self) -> bool:
        """Whether the gold files are there."""
        return all(path.is_file() for path in self.gold)

    def run(self, out: Path) -> None:
        """Put the scorer on trial and write its cards to a folder."""
        files = [part for path in self.gold for part in ("--gold", _from_root(path))]
        code = "from tenken.evals.cli import main; main()"
        command = [sys.executable, "-c", code, "calibrate", self.scorer, *files, *self.options]
        subprocess.run([*command, "--out", str(out)], cwd=ROOT, check=True, capture_output=True)


def _own(scorer: str, name: str, *options: str) -> Trial:
    told = ("--kind", "constructed", "--source", _OWN, *options)
    return Trial(scorer, (ROOT / "scorers" / "gold" / name,), told)


TRIALS = (
    # The refusal scorer was fitted on the other half of each of its gold sets.
    Trial(
        "tenken/refusal",
        tuple(XSTEST / f"xstest_v2_completions_{m}.csv" for m in ("llama2orig", "mistralinstruct")),
        ("--split", "trial", "--kind", "human_rated", "--source", _XSTEST_SOURCE),
    ),
    Trial(
        "tenken/refusal",
        tuple(ROOT / "scorers" / "gold" / f"refusal_{name}.jsonl" for name in ("ja", "models_ja")),
        ("--split", "trial", "--kind", "constructed", "--source", _OWN),
    ),
    _own("tenken/choice", "choice_en.jsonl", "--positive", "incorrect"),
    _own("tenken/choice", "choice_ja.jsonl", "--positive", "incorrect"),
    *(
        _own("tenken/choice", name, "--split", "trial", "--positive", "stereotyped")
        for name in ("choice_roles_en.jsonl", "choice_roles_ja.jsonl")
    ),
)


def main() -> int:
    """Write or check the cards; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if stale")
    check = parser.parse_args().check
    stale = _take(scanners.CARD, scanners.card(), check=check)
    for trial in TRIALS:
        if not trial.at_hand:
            print(f"{trial.scorer}: left as it is, {trial.gold[0]} is not there")
            continue
        with tempfile.TemporaryDirectory() as place:
            trial.run(Path(place))
            for made in sorted(Path(place).glob("*.json")):
                stale |= _take(CARDS / made.name, made.read_bytes(), check=check)
    return 1 if check and stale else 0


def _take(card: Path, data: bytes, *, check: bool) -> bool:
    """Write a card if it is not the one that is there, and return whether it is not."""
    same = card.is_file() and card.read_bytes() == data
    if not same and not check:
        card.parent.mkdir(exist_ok=True)
        card.write_bytes(data)
    said = "as it was" if same else "is stale: run make cards" if check else "written"
    print(f"{card.relative_to(ROOT)}: {said}")
    return not same


def _from_root(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    sys.exit(main())
