"""The package as users get it: a wheel and an editable install, each in an environment of its own.

Nothing is fetched: the dependencies are those of the environment that runs the tests.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stub_endpoint import running

from tenken.evals.actions.run import run_one
from tenken.evals.config import RunConfig
from tenken.results.bundle.publish import publish_bundle
from tenken.results.seal.keys import make_key

ROOT = Path(__file__).resolve().parents[2]
SITE = sysconfig.get_paths()["purelib"]
PIP = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]

pytestmark = pytest.mark.packaging

LOOK = """
import json, sys
import tenken, tenken.tasks
from inspect_ai._util.entrypoints import ensure_entry_points
from inspect_ai._util.registry import registry_find, registry_info
ensure_entry_points()
names = {
    kind: sorted(
        registry_info(each).name
        for each in registry_find(lambda info: info.type == kind)
        if registry_info(each).name.startswith("tenken")
    )
    for kind in ("task", "scorer", "solver", "modelapi")
}
print(json.dumps({"file": tenken.__file__, "tasks": tenken.tasks.__file__, "names": names}))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git tracks or would track, so that the checkout is left alone."""
    copy = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    run = copy / "results" / "runs" / "some-run"
    run.mkdir(parents=True)
    (run / "plan.json").write_text("{}")
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    _pip(Path(sys.executable), "wheel", *PIP, "--wheel-dir", str(out), str(source))
    return next(out.glob("tenken-*.whl"))


@pytest.fixture(scope="module", params=["wheel", "editable"])
def installed(
    request: pytest.FixtureRequest, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of an environment that has the package in one way or the other."""
    place = tmp_path_factory.mktemp(request.param)
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    site = next((place / "lib").glob("python*")) / "site-packages"
    (site / "dependencies.pth").write_text(f"{SITE}\n")
    if request.param == "wheel":
        wheel = request.getfixturevalue("wheel")
        _pip(python, "install", *PIP, "--force-reinstall", str(wheel))
    else:
        _pip(python, "install", *PIP, "--force-reinstall", "--editable", str(source))
    return place


def test_the_wheel_holds_data_and_no_runs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "tenken/py.typed",
        "tenken/evals/suites/baseline.yaml",
        "tenken/tasks/criminal_misuse/fraud/card.yaml",
        "tenken/tasks/criminal_misuse/fraud/samples.jsonl",
        "tenken/results/pages/templates/report.html",
        "tenken/results/schemas/comparison.schema.json",
        "tenken/results/schemas/plan.schema.json",
        "tenken/results/schemas/report.schema.json",
    ):
        assert wanted in names
    assert {name.split("/", 1)[0].split("-", 1)[0] for name in names} == {"tenken"}
    assert not [name for name in names if "/runs/" in name]


def test_inspect_finds_everything_under_its_full_name(installed: Path) -> None:
    printed = _run(installed, "python", "-c", LOOK)
    found = json.loads(printed.splitlines()[-1])
    names = found["names"]
    assert {"tenken/false_claims", "tenken/fraud", "tenken/ambiguous_qa"} <= set(names["task"])
    assert {"tenken/choice", "tenken/refusal"} <= set(names["scorer"])
    assert "tenken/ask" in names["solver"]
    assert names["modelapi"] == ["tenken/endpoint", "tenken/tenken"]


def test_the_command_works_from_another_folder(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(_run(installed, "tenken", "list", "--json", cwd=tmp_path))
    assert {task["name"] for task in listed["tasks"]} >= {
        "misinformation/false_claims",
        "criminal_misuse/fraud",
        "bias/ambiguous_qa",
    }
    assert "no-such-suite" not in _run(installed, "tenken", "plan", "smoke", cwd=tmp_path)


def test_a_tasks_module_of_the_user_does_not_shadow_ours(installed: Path, tmp_path: Path) -> None:
    for name in ("tasks", "results", "scorers", "evals"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('shadowed')")
    code = "import tenken.tasks, tenken.results, tenken.scorers, tenken.evals"
    _run(installed, "python", "-c", code, cwd=tmp_path)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A published bundle of a small signed run, and the laboratory's public key."""
    place = tmp_path_factory.mktemp("laboratory")
    private, public = place / "lab.pem", place / "lab.pub"
    make_key(private, public)
    with running() as stub:
        endpoint = place / "endpoint.yaml"
        endpoint.write_text(json.dumps({"model": "letter-hash", "base_url": stub.base_url}))
        config = RunConfig.of(
            suite="smoke", tasks=["fraud"], limit=8, gates=False, endpoint_file=endpoint,
            results_dir=place / "runs", quiet=True, key=private,
        )  # fmt: skip
        ended = run_one(config)
    publish_bundle(ended.folder, place / "published", private)
    return place / "published", public


def test_a_published_bundle_verifies_elsewhere_with_the_public_key_alone(
    installed: Path, published: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name not in ("PATH", "PYTHONPATH")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    bundle = shutil.copytree(published[0], tmp_path / "bundle")
    shutil.copy(published[1], tmp_path / "laboratory.pub")
    arguments = ("verify", "bundle", "--key", "laboratory.pub", "--json")
    found = json.loads(_run(installed, "tenken", *arguments, cwd=tmp_path))
    assert {name: each["holds"] for name, each in found["grades"].items()} == {
        "consistent": "yes",
        "authentic": "yes",
        "preregistered": "yes",
        "rescored": "unknown",
        "page_remade": "yes",
    }
    rows = (bundle / "samples.csv").read_bytes()
    (bundle / "samples.csv").write_bytes(rows + b"more\r\n")
    with pytest.raises(AssertionError):
        _run(installed, "tenken", *arguments, cwd=tmp_path)


def _run(place: Path, command: str, *args: str, cwd: Path | None = None) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(place / "bin" / command), *args],
        cwd=cwd or place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _pip(python: Path, *args: str) -> None:
    done = subprocess.run(
        [str(python), "-m", "pip", "--disable-pip-version-check", *args],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_wheel_built_twice_from_other_times_has_the_same_bytes(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    built = []
    for name, moment in (("one", 1_600_000_000), ("two", 1_700_000_000)):
        copy, out = tmp_path / name, tmp_path / f"{name}-out"
        shutil.copytree(source, copy)
        for path in copy.rglob("*"):
            os.utime(path, (moment, moment))
        _pip(Path(sys.executable), "wheel", *PIP, "--wheel-dir", str(out), str(copy))
        built.append(next(out.glob("tenken-*.whl")).read_bytes())
    assert built[0] == built[1]
