"""The process of one run, which leaves its exit status in a file.

    python -m tenken.console.live.runner FILE ARGUMENTS

The file outlives both this process and the server that started it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tenken.evals.cli import main


def run() -> None:
    """Run `tenken` with the arguments and write down how it ended."""
    path, sys.argv = Path(sys.argv[1]), ["tenken", *sys.argv[2:]]
    try:
        main()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    path.write_text(str(status), "ascii")
    sys.exit(status)


if __name__ == "__main__":
    run()
