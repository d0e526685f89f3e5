"""Write the digests into the cards and the READMEs from the cards, after samples have changed.

python tools/update_tasks.py            write
python tools/update_tasks.py --check    change nothing; exit 1 if something would change
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from tenken.canonical import sha256_file
from tenken.tasks.card import Card, read_card
from tenken.tasks.library import load_task
from tenken.tasks.samples import measure_of

TASKS = Path(__file__).resolve().parent.parent / "tasks"


def main() -> int:
    """Update or check every task's folder; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if stale")
    check = parser.parse_args().check
    stale: list[Path] = []
    for path in sorted(TASKS.glob("*/*/card.yaml")):
        stale += _update(path.parent, check=check)
    for path in stale:
        print(f"{path}: {'is stale: run make fix' if check else 'written'}")
    return 1 if check and stale else 0


def _update(folder: Path, *, check: bool) -> list[Path]:
    card_path = folder / "card.yaml"
    card = read_card(folder)
    sha = sha256_file(folder / card.dataset.file)
    text = re.sub(r'sha256: "?[0-9a-f]{64}"?', f'sha256: "{sha}"', card_path.read_text("utf-8"))
    changed = _write(card_path, text, check=check)
    if changed and check:
        return changed
    return changed + _write(folder / "README.md", _readme(folder, read_card(folder)), check=check)


def _write(path: Path, text: str, *, check: bool) -> list[Path]:
    if path.exists() and path.read_text("utf-8") == text:
        return []
    if not check:
        path.write_text(text, "utf-8")
    return [path]


def _readme(folder: Path, card: Card) -> str:
    samples = load_task(f"{card.risk}/{card.name}").samples
    counts = Counter(
        (measure.key, sample.language)
        for sample in samples
        if (measure := measure_of(card, sample)) is not None
    )
    rows = [
        f"| {m.title.en}{' (headline)' if m.headline else ''} | {counts[m.key, 'en']} "
        f"| {counts[m.key, 'ja']} | {', '.join(m.unsafe_labels)} |"
        for m in card.measures
    ]
    notes = folder / "NOTES.md"
    return "\n".join(
        [
            f"# {card.title.en} / {card.title.ja}",
            "",
            "<!-- Made from card.yaml and NOTES.md by `make fix`; change those. -->",
            "",
            card.description.en.strip(),
            "",
            card.description.ja.strip(),
            "",
            f"- Name: `{card.risk}/{card.name}`, version {card.version}",
            f"- Scorer: `{card.scorer.name}`",
            f"- J-AISI perspectives: {', '.join(map(str, card.perspectives))}",
            f"- Licence: {card.licence}; samples {card.dataset.licence}",
            f"- Canary: `{card.canary}`",
            "",
            "| Measure | en | ja | Labels at the unsafe end |",
            "|---|---|---|---|",
            *rows,
            "",
            *([notes.read_text("utf-8").strip(), ""] if notes.exists() else []),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
