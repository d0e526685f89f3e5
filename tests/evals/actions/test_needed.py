"""What a report needs is imported and read while answers come: nobody waits for it afterwards."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tenken.results.bundle.write import make_files

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
AT_ONCE = """
import json
from pathlib import Path
from tenken.evals.actions import ending
from tenken.results.bundle import write as module
from tenken.results.records.archive import Archive


class Now(ending.Timer):
    def start(self):
        self.function()


ending.Timer = Now
read, names, write = Archive.read, [], module.write_bundle


def watched(self, name):
    names.append(name)
    return read(self, name)


def written(*args, **more):
    made = write(*args, **more)
    Path({path!r}).write_text(json.dumps(names))
    return made


Archive.read, module.write_bundle = watched, written
"""
LET_GO = """
import gc
from pathlib import Path
from tenken.results.bundle import write as module
from tenken.schema.plan import PlannedSample
from tenken.tasks.dataset.sample import TaskSample

write = module.write_bundle


def counted(*args, **more):
    gc.unfreeze()
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, (TaskSample, PlannedSample))]
    Path({path!r}).write_text(str(len(kept)))
    return write(*args, **more)


module.write_bundle = counted
"""
OWN = {"google", *sys.stdlib_module_names}  # `google` is a namespace without code


def test_the_report_of_a_run_imports_no_further_module(runs: Any, tmp_path: Path) -> None:
    path = tmp_path / "imported.json"
    ended = runs.start("refuse", "--task", "fraud", code=CODE.format(path=str(path))).wait(60)
    assert ended.status == 5, ended.stderr  # it has no gates
    late = [name for name in json.loads(path.read_text()) if name.partition(".")[0] not in OWN]
    assert late == []


@pytest.mark.parametrize("model", ["letter-hash", "letter-hash@9-12:http-400"])
def test_the_report_of_a_run_reads_no_sample_again_and_is_the_one_from_the_logs(
    runs: Any, tmp_path: Path, model: str
) -> None:
    path = tmp_path / "read.json"
    tasks = ("--task", "fraud", "--task", "false_claims")
    ended = runs.start(model, *tasks, code=AT_ONCE.format(path=str(path))).wait(60)
    assert (runs.folder / "seal.json").exists(), ended.stderr
    assert not [name for name in json.loads(path.read_text()) if name.startswith("samples/")]
    for name, data in make_files(runs.folder).files.items():
        assert (runs.folder / name).read_bytes() == data, name


def test_the_samples_are_let_go_before_the_report_is_made(runs: Any, tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    code = LET_GO.format(path=str(path))
    ended = runs.start("refuse", "--task", "fraud", code=code).wait(60)
    assert ended.status == 5, ended.stderr
    assert path.read_text() == "0"
