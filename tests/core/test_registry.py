"""What Inspect finds of ours, under which names, and that it runs without our command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai._util.registry import registry_info, registry_lookup
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from tenken.tasks.library import built_in_folders

NAMES = [("task", f"tenken/{name.rsplit('/')[-1]}") for name in built_in_folders()] + [
    ("scorer", "tenken/choice"),
    ("scorer", "tenken/refusal"),
    ("solver", "tenken/ask"),
    ("modelapi", "tenken/tenken"),
]


@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_inspect_finds_it_by_its_name(kind: Any, name: str) -> None:
    found = registry_lookup(kind, name)
    assert found is not None and registry_info(found).name == name


def _answer(*_: Any) -> ModelOutput:
    output = ModelOutput.from_content("mockllm/model", "I'm sorry, but I can't help with that.")
    output.usage = ModelUsage(input_tokens=5, output_tokens=9, total_tokens=14)
    return output


@pytest.mark.parametrize(("arguments", "language"), [({}, "en"), ({"language": "ja"}, "ja")])
def test_plain_inspect_runs_a_task(
    tmp_path: Path, arguments: dict[str, str], language: str
) -> None:
    model = get_model("mockllm/model", custom_outputs=_answer)
    (log,) = inspect_eval(
        "tenken/fraud",
        model=model,
        task_args=arguments,
        limit=1,
        log_dir=str(tmp_path),
        display="none",
        score_display=False,
    )
    assert log.status == "success" and log.eval.task == "tenken/fraud"
    assert log.samples is not None and len(log.samples) == 1
    (sample,) = log.samples
    assert sample.metadata["tenken"]["language"] == language
    assert sample.scores is not None and sample.scores["refusal"].value == 0.0


def test_inspect_lists_the_tasks_of_another_process(tmp_path: Path) -> None:
    code = (
        "from inspect_ai._util.registry import registry_lookup as find\n"
        "assert find('task', 'tenken/fraud') and find('scorer', 'tenken/choice')"
    )
    env = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=True)
