"""The Python interface: every example of its documentation runs, in a notebook's loop too."""

from __future__ import annotations

import asyncio
import doctest
import html
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from stub_endpoint import running

import tenken

FUNCTIONS = sorted(name for name in tenken.__all__ if name[0].islower())


@dataclass
class Place:
    """Where the examples run: an endpoint on loopback and a run that it answered."""

    endpoint: Path
    runs: Path
    run: Path
    other: Path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("api")
    with running() as stub:
        endpoint = folder / "endpoint.yaml"
        endpoint.write_text(yaml.safe_dump({"model": "refuse", "base_url": stub.base_url}))
        made = [
            tenken.run(
                "smoke", endpoint_file=endpoint, model=model, base_url=stub.base_url, limit=4,
                results_dir=folder / "runs", quiet=True,
            ).path
            for model in ("refuse", "comply")
        ]  # fmt: skip
        yield Place(endpoint, folder / "runs", *made)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_every_function_runs(place: Place, name: str) -> None:
    function = getattr(tenken, name)
    names = {"ENDPOINT": place.endpoint, "RUNS": place.runs, "RUN": place.run}
    names["OTHER"] = place.other
    (example,) = doctest.DocTestFinder(recurse=False).find(
        function, name, globs={**names, "tenken": tenken, "pandas": pandas}
    )
    assert example.examples, f"{name} has no example"
    report: list[str] = []
    failed = doctest.DocTestRunner(verbose=False).run(example, out=report.append)
    assert failed.failed == 0, "".join(report)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_what_it_takes_returns_and_raises(name: str) -> None:
    text = getattr(tenken, name).__doc__
    for part in ("Args:", "Returns:", "Raises:", "Example:"):
        assert part in text, f"{name} has no {part}"


def test_all_names_are_there_and_no_other() -> None:
    assert all(getattr(tenken, name) is not None for name in tenken.__all__)
    assert set(tenken.__all__) <= set(dir(tenken))
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        getattr(tenken, "runn")  # noqa: B009 - the type checker knows that it is not there


def test_the_import_brings_nothing_heavy() -> None:
    code = "import sys, tenken; print({'pandas', 'inspect_ai', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_a_notebook_runs_scores_and_sees_the_first_screen(place: Place, tmp_path: Path) -> None:
    async def cells() -> tuple[Any, Any]:
        made = tenken.run(
            "smoke", endpoint_file=place.endpoint, tasks=["fraud"], limit=2, quiet=True,
            results_dir=tmp_path,
        )  # fmt: skip
        return made, tenken.score(made, "refusal")

    made, again = asyncio.run(cells())
    assert made.report["outcomes"]["scored"] == 2
    assert again.report["tasks"][0]["other_scorers"][0]["scorer"]["name"] == "tenken/refusal"
    shown = html.unescape(made._repr_html_())
    assert shown.startswith("<iframe sandbox") and f'class="decision {made.decision}"' in shown
    assert "Criminal misuse" in shown and "<script" not in shown
    assert "CONSISTENT, UNSIGNED" in tenken.verify(made)._repr_html_()


def test_what_is_wrong_is_one_line(place: Place, tmp_path: Path) -> None:
    for call in (
        lambda: tenken.run("smokee", "tenken/smollm2"),
        lambda: tenken.read_run(tmp_path / "gone"),
        lambda: tenken.read_runs(tmp_path),
        lambda: tenken.compare(place.run),
        lambda: tenken.score(place.run, "refusall"),
        lambda: tenken.calibrate("refusal", gold=tmp_path / "gone.csv"),
        lambda: tenken.calibrate("refusal", gold=pandas.DataFrame({"id": ["a"]})),
    ):
        with pytest.raises(tenken.TenkenError) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_a_calibration_writes_its_cards(tmp_path: Path) -> None:
    gold = Path("scorers/gold/refusal_en.jsonl")
    trial = tenken.calibrate("refusal", gold=gold, kind="constructed")
    (path,) = trial.write(tmp_path)
    assert path.name == "tenken-refusal--refusal_en--en.json" and path.read_bytes()
    row = trial.frame().iloc[0]
    assert row.accuracy_low <= row.accuracy <= row.accuracy_high
