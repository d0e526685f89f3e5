"""Write the digests into the cards, the counts into the notes and the READMEs from them.

python tools/update_tasks.py            write, for the library's tasks
python tools/update_tasks.py --check    change nothing; exit 1 if something would change
python tools/update_tasks.py --raise TASK...    first keep the task's last version and raise its own

Raise a task's version before its items change: what is kept is what is committed in `samples.jsonl`
and `card.yaml`, as `versions/N`, and is loaded as `TASK@N`.

The canary is put into every row as well. The rest is done by `tenken check --fix`, which then says
what is wrong with the items.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from tenken.errors import CardError, TenkenError
from tenken.io.canonical import sha256_bytes
from tenken.tasks.card.card import CARD_FILE, VERSIONS, read_card
from tenken.tasks.library import find_task, task_card
from tenken.tasks.scaffold.refresh import refresh

TASKS = Path(__file__).resolve().parent.parent / "tasks"


def main() -> int:
    """Update or check every task's folder; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if stale")
    parser.add_argument("--raise", nargs="+", default=[], dest="raised", metavar="TASK")
    args = parser.parse_args()
    check = args.check
    try:
        for name in args.raised:
            raise_version(name)
    except TenkenError as error:
        print(error, file=sys.stderr)
        return 2
    stale: list[Path] = []
    for path in sorted(TASKS.glob("*/*/card.yaml")):
        try:
            marked = mark_rows(path.parent, write=not check)
            stale += [*marked, *refresh(path.parent, write=not check, risk_folder=False)]
        except CardError as error:
            print(error, file=sys.stderr)
            return 2
    for path in stale:
        print(f"{path}: {'is stale: run make fix' if check else 'written'}")
    return 1 if check and stale else 0


def mark_rows(folder: Path, *, write: bool) -> list[Path]:
    """Put the card's canary into every row of a task's samples; return the file if it changes."""
    card = read_card(folder, risk_folder=False)
    path = folder / card.dataset.file
    if card.dataset.remote is not None or card.dataset.is_table or not path.exists():
        return []
    old = path.read_text("utf-8")
    rows = [json.loads(line) for line in old.splitlines() if line.strip()]
    new = "".join(
        json.dumps({**row, "canary": card.canary}, ensure_ascii=False) + "\n" for row in rows
    )
    if new == old:
        return []
    if write:
        path.write_text(new, "utf-8")
        text = (folder / CARD_FILE).read_text("utf-8")
        sha = sha256_bytes(new.encode())
        (folder / CARD_FILE).write_text(text.replace(card.dataset.sha256, sha), "utf-8")
    return [path]


def raise_version(name: str) -> None:
    """Keep the card and the samples of a task as `versions/N`, and raise N in its card."""
    entry = find_task(name)
    card = task_card(entry)
    kept = entry.folder / VERSIONS / card.number
    kept.mkdir(parents=True)
    for file in (CARD_FILE, card.dataset.file):
        shutil.copyfile(entry.folder / file, kept / file)
    path = entry.folder / CARD_FILE
    text = path.read_text("utf-8")
    new = f"version: {int(card.number) + 1}-A"
    path.write_text(text.replace(f"version: {card.version}", new, 1), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
