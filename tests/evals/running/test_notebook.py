"""A notebook's cell shows one display of a run that is written anew, and nothing twice."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from stub_endpoint import running

import tenken
from tenken.evals.running import progress as progress_module
from tenken.evals.running.notebook import Bar, Cell, notebook_cell


class Notebook:
    """Keeps what IPython would put into the cell: by place, its latest version, and how many."""

    def __init__(self) -> None:
        self.places: dict[str, list[dict[str, str]]] = {}

    def display(self, data: dict[str, str], *, raw: bool, display_id: str, update: bool) -> None:
        assert raw and update is (display_id in self.places)
        self.places.setdefault(display_id, []).append(data)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    found = Notebook()
    ipython, shown = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object(), config={"IPKernelApp": {}})  # type: ignore[attr-defined]
    shown.display = found.display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    monkeypatch.setattr(progress_module, "_BARS_EVERY", 0.0)
    return found


def test_a_run_in_a_cell_has_one_display_that_grows(
    notebook: Notebook, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def cell(url: str) -> tenken.Run:
        return tenken.run(
            "smoke", "refuse", base_url=url, tasks=["fraud"], limit=4, results_dir=tmp_path
        )

    with running() as stub:
        made = asyncio.run(cell(stub.base_url))
    (versions,) = notebook.places.values()
    total = made.report["outcomes"]["scored"]
    done = [f'value="{n}"' for n in range(total + 1)]
    assert (
        total == 4 and done[0] in versions[0]["text/html"] and done[-1] in versions[-1]["text/html"]
    )
    order = [int(each["text/html"].partition('value="')[2].partition('"')[0]) for each in versions]
    assert order == sorted(order) and len(set(order)) > 2
    assert "4 samples in" in versions[-1]["text/plain"]
    out, err = capfd.readouterr()
    assert out == "" and "samples in" not in err and "4/4" not in err
    lines = err.splitlines()
    assert len(lines) == len(set(lines))


def test_a_quiet_run_shows_nothing(
    notebook: Notebook, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running() as stub:
        tenken.run(
            "smoke", "refuse", base_url=stub.base_url, tasks=["fraud"], limit=2,
            results_dir=tmp_path, quiet=True,
        )  # fmt: skip
    assert notebook.places == {}
    assert capfd.readouterr() == ("", "")


def test_names_are_shown_as_text(notebook: Notebook) -> None:
    Cell(notebook.display).show([Bar("<b>x</b>", 1, 2, "0:01")], ["a < b"])
    ((data,),) = notebook.places.values()
    assert "&lt;b&gt;x" in data["text/html"] and "<b>" not in data["text/html"]
    assert 'max="2" value="1"' in data["text/html"] and "a &lt; b" in data["text/html"]
    assert data["text/plain"] == "<b>x</b>: 1/2\na < b"


@pytest.mark.parametrize("shell", [None, SimpleNamespace(), SimpleNamespace(kernel=None)])
def test_a_shell_in_a_terminal_is_no_notebook(
    monkeypatch: pytest.MonkeyPatch, shell: object
) -> None:
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert notebook_cell() is None
    monkeypatch.delitem(sys.modules, "IPython")
    assert notebook_cell() is None
