"""Write the digests into the cards, the counts into the notes and the READMEs from them.

python tools/update_tasks.py            write, for the library's tasks
python tools/update_tasks.py --check    change nothing; exit 1 if something would change

The same is done by `tenken check --fix`, which then says what is wrong with the items.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tenken.errors import CardError
from tenken.tasks.scaffold.refresh import refresh

TASKS = Path(__file__).resolve().parent.parent / "tasks"


def main() -> int:
    """Update or check every task's folder; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if stale")
    check = parser.parse_args().check
    stale: list[Path] = []
    for path in sorted(TASKS.glob("*/*/card.yaml")):
        try:
            stale += refresh(path.parent, write=not check, risk_folder=False)
        except CardError as error:
            print(error, file=sys.stderr)
            return 2
    for path in stale:
        print(f"{path}: {'is stale: run make fix' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
