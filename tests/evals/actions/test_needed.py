"""What a report needs is imported while answers come, so that nobody waits for it afterwards."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

CODE = """
import json, sys
from pathlib import Path
from tenken.evals.actions import ending
from tenken.results.bundle import write as module

write = module.write_bundle


def watched(*args, **more):
    ending.import_all()
    before = set(sys.modules)
    written = write(*args, **more)
    Path({path!r}).write_text(json.dumps(sorted(set(sys.modules) - before)))
    return written


module.write_bundle = watched
"""
OWN = {"google", *sys.stdlib_module_names}  # `google` is a namespace without code


def test_the_report_of_a_run_imports_no_further_module(runs: Any, tmp_path: Path) -> None:
    path = tmp_path / "imported.json"
    ended = runs.start("refuse", "--task", "fraud", code=CODE.format(path=str(path))).wait(60)
    assert ended.status == 5, ended.stderr  # it has no gates
    late = [name for name in json.loads(path.read_text()) if name.partition(".")[0] not in OWN]
    assert late == []
