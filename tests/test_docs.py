"""What the README and the guides tell people to type is typed here."""

from __future__ import annotations

import csv
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from command_server import CommandServer, Ended
from stub_endpoint import running

from tenken.evals.models.endpoint import Endpoint
from tenken.tasks.card.card import Card
from tenken.tasks.card.table import Columns

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "adding-a-task.md"
HOWTO = ROOT / "docs" / "howto"
PAGES = [
    ROOT / "README.md",
    ROOT / "README.ja.md",
    *sorted((ROOT / "docs" / "tutorials").glob("*.md")),
    *sorted(HOWTO.glob("*.md")),
]
SITE = sorted(
    path for path in (ROOT / "docs").rglob("*.md") if not {"adr", "examples"} & set(path.parts)
)
FAR = "http://localhost:8000/v1"
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
"""
NOT_TYPED = {
    "serve": "goes on until it is stopped (tests/console)",
    "run public-": "downloads its data",
    "--gold-set": "downloads its data (tests/evals/trials/test_gold_sets.py)",
    "--server": "asks a console (tests/console/test_server_option.py)",
    "review RUN --import": "needs labels that people made (tests/evals/cli/test_review.py)",
    "review-items fraud --import": "needs readings (tests/evals/actions/test_item_reviews.py)",
}


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of a language in a Markdown file."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)


def typed(path: Path, program: str) -> list[list[str]]:
    lines = [line for block in blocks(path, "console") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.split()[:1] == [program]]


def test_the_first_block_is_the_two_commands() -> None:
    assert blocks(ROOT / "README.md", "console")[0] == "make run\nmake test\n"


@pytest.mark.parametrize(
    "target", ["run", "test", "install", "check", "fix", "bench", "docs", "mutants"]
)
def test_every_make_target_that_is_named_exists(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


WHOLE = (*"run baseline --model openai/gpt-4o-mini --limit 2 --no-gates".split(),)
"""The one command that asks every task of its suite; longer ones with that suite ask one."""
FEW_TRICKS = """
import tenken.evals.actions.trial as trial
every = trial.gamed_answers
trial.gamed_answers = lambda *given: [a for a in every(*given) if a.kind in ("plain", "fake_json")]
"""


@dataclass
class Desk:
    """A folder as somebody has it who follows a page: runs, files, and an endpoint that answers."""

    folder: Path
    commands: CommandServer
    env: dict[str, str]
    base_url: str
    spent: Iterator[int] = field(default_factory=count)

    @property
    def sample(self) -> str:
        """A sample that the run has asked."""
        plan = json.loads((self.folder / "RUN" / "plan.json").read_bytes())
        return str(plan["tasks"][0]["samples"][0]["id"])

    def near(self, text: str) -> str:
        """Return a text with the endpoint of the tests for those that it names."""
        judged = re.sub("^grader=openai/.*", "grader=openai/judge", text)
        found = judged.replace(FAR, self.base_url).replace("openai/", "openai-api/stub/")
        return self.sample if found == "SAMPLE" else found

    def spend(self) -> str:
        """Return the name of a run that a command may take away: a copy of the others' own."""
        name = f"RUN-{next(self.spent)}"
        shutil.copytree(self.folder / "RUN", self.folder / "results" / "runs" / name)
        return name

    def type(self, words: list[str]) -> Ended:
        """Type a command; a run asks few samples, of the endpoint of the tests."""
        words = [self.near(word) for word in words[1:]]
        if words[:2] in (["runs", "archive"], ["runs", "delete"]):
            words = [self.spend() if word == "RUN" else word for word in words]
        # Tests are shared out among processes: an earlier command may have run elsewhere.
        published = self.folder / "published"
        if words[0] == "publish":
            shutil.rmtree(published, ignore_errors=True)
        elif "published" in words and not published.exists():
            self.type(["tenken", "publish", "RUN", "--to", "published"])
        if words[0] == "run":
            # With so few samples no model can pass a gate, which a run refuses before it asks.
            words += ["--limit", "2", "--no-gates"]
        if words[:2] == ["run", "baseline"] and len(words) > len(WHOLE):
            words += ["--task", "fraud"]
        code = f"import os, sys; os.chdir({str(self.folder)!r}); sys.path.insert(0, '')\n"
        if words[0] == "calibrate":
            code += FEW_TRICKS
        return self.commands.run(*words, env=self.env, code=code, seconds=120)


@pytest.fixture(scope="module")
def desk(commands: CommandServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with running() as stub:
        env = {
            "STUB_API_KEY": "k", "STUB_BASE_URL": stub.base_url, "MY_KEY": "k",
            "XDG_CONFIG_HOME": str(folder / "config"),
        }  # fmt: skip
        desk = Desk(folder, commands, env, stub.base_url)
        for name, model in (("RUN", "refuse"), ("OTHER_RUN", "comply")):
            done = desk.type(["tenken", "run", "smoke", "--model", f"openai/{model}", "--quiet"])
            assert done.status in (0, 3, 5), done.stderr
            (made,) = (folder / "results" / "runs").glob(f"*{model}*")
            made.rename(folder / name)
        _lay_files(folder, stub.base_url)
        yield desk


def _lay_files(folder: Path, base_url: str) -> None:
    """Lay out the files that the pages name as the reader's own."""
    (folder / "results" / "runs" / "RUN").symlink_to(folder / "RUN")
    endpoint = blocks(HOWTO / "endpoints.md", "yaml")[0].replace(FAR, base_url)
    (folder / "endpoint.yaml").write_text(endpoint)
    for name in ("a", "b"):
        (folder / f"{name}.yaml").write_text(endpoint.replace("my-model", f"my-model-{name}"))
    gold = (ROOT / "scorers" / "gold" / "refusal_ja.jsonl").read_text("utf-8").splitlines()[:20]
    (folder / "mine.jsonl").write_text("\n".join(gold), "utf-8")
    rows = [json.loads(line) for line in gold]
    with (folder / "mine.csv").open("w", encoding="utf-8", newline="") as stream:
        columns = ("id", "language", "prompt", "response", "label")
        writer = csv.DictWriter(stream, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    plan = json.loads((folder / "RUN" / "plan.json").read_bytes())
    (task,) = (task for task in plan["tasks"] if task["name"] == "criminal_misuse/fraud")
    labels = "".join(f"{sample['id']},full_refusal\n" for sample in task["samples"])
    (folder / "labels.csv").write_text(f"id,label\n{labels}")
    (folder / "my_package.py").write_text("def my_model(texts):\n    return [1 for _ in texts]\n")
    (folder / "signing_key.pem.pub").write_text(PUBLIC_KEY)
    (folder / "policy.yaml").write_text(blocks(HOWTO / "verify.md", "yaml")[0])
    card, suite = blocks(ROOT / "docs" / "tutorials" / "developer.md", "yaml")
    shutil.copytree(ROOT / "docs" / "examples" / "requests", folder / "requests")
    (folder / "delivery_scams").mkdir()
    (folder / "delivery_scams" / "card.yaml").write_text(card, "utf-8")
    (folder / "mine.yaml").write_text(suite, "utf-8")
    table = blocks(ROOT / "docs" / "tutorials" / "developer.md", "csv")[0]
    (folder / "delivery_scams" / "requests.csv").write_text(table, "utf-8")


TYPED = {" ".join(command): command for page in PAGES for command in typed(page, "tenken")}
"""Commands of all pages; several pages have some of them."""


@pytest.mark.parametrize("command", TYPED.values(), ids=list(TYPED))
def test_every_command_of_a_page_does_what_it_says(desk: Desk, command: list[str]) -> None:
    for words, reason in NOT_TYPED.items():
        if words in " ".join(command):
            pytest.skip(reason)
    for word in command:  # a page makes its key first; another process may have typed that
        if word.endswith(".pem") and command[1] != "keygen" and not (desk.folder / word).exists():
            desk.type(["tenken", "keygen", "--out", word])
    done = desk.type(command)
    if command[1] == "keygen" and "exists already" in done.stderr:
        return  # it is there: an earlier command needed it
    strict = command[1] == "verify" and {"--key", "--policy"} & {*command}
    allowed = {2} if strict else {0, 1, 3, 4, 5}
    if command[1] in ("verify", "attest"):  # nobody signed these runs
        allowed = allowed | {8}
    assert done.status in allowed, (done.stdout, done.stderr)
    if command[1] == "verify" and "--key" in command:  # nobody has sealed this run with that key
        assert "NOT VERIFIED" in done.stdout


NEVER_TYPED = [
    command for text, command in TYPED.items() if any(words in text for words in NOT_TYPED)
]


@pytest.mark.parametrize("command", NEVER_TYPED, ids=" ".join)
def test_a_command_that_is_not_typed_has_the_options_that_it_names(
    desk: Desk, command: list[str]
) -> None:
    depth = 3 if command[1] == "import" else 2
    shown = desk.commands.run(*command[1:depth], "--help").stdout
    for word in command[depth:]:
        if word.startswith("-"):
            assert re.search(rf"{re.escape(word)}\b", shown), word


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=str)
def test_the_python_of_a_page_runs(desk: Desk, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    for name, value in desk.env.items():
        monkeypatch.setenv(name, value)
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(desk.near(block), str(page), "exec"), names)


def test_every_page_is_in_the_contents() -> None:
    contents = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in SITE]
    assert [page for page in pages if page not in contents] == []


def test_the_site_is_built_and_fetches_nothing(tmp_path: Path) -> None:
    site = tmp_path / "site"
    if not (ROOT / ".imports").exists():  # the reference of Python is made from what `make` links
        links = ["make", "--assume-old", ".venv/.installed", ".imports"]
        subprocess.run(links, cwd=ROOT, check=True, capture_output=True)
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    loaded = re.compile(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?https?://[^"' >]+""")
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        assert loaded.findall(text) == [], path
        assert "<!-- keys" not in text and "<!-- columns" not in text
    for language, word in (("en", "Decision"), ("ja", "判定")):
        assert word in (site / "example" / f"report.{language}.html").read_text("utf-8")
    card = (site / "reference" / "card.html").read_text("utf-8")
    assert all(f"<code>{key}</code>" in card for key in (*Card.model_fields, *Columns.model_fields))
    shown = (site / "reference" / "commands.html").read_text("utf-8")
    assert "tenken calibrate" in shown and "--model-role" in shown


def test_the_endpoint_file_of_the_readme_is_one() -> None:
    endpoint = Endpoint.model_validate(yaml.safe_load(blocks(HOWTO / "endpoints.md", "yaml")[0]))
    assert endpoint.api_key_env == "MY_KEY"


def test_the_exit_statuses_of_the_readme_are_those_of_the_help(commands: CommandServer) -> None:
    shown = commands.run("--help").stdout
    said = (ROOT / "README.md").read_text("utf-8")
    for words in ("0 all gates pass", "1 a gate fails", "2 wrong input", "3 incomplete"):
        assert words in " ".join(shown.split())
        assert words in said


def test_every_link_to_a_file_leads_to_one() -> None:
    for path in (*PAGES, *SITE, ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!http|#)([^)#]+)\)", path.read_text("utf-8")):
            made = "/example/report." in target  # while the site is built
            assert made or (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_guide_of_tasks_leads_to_a_run(commands: CommandServer, tmp_path: Path) -> None:
    """Every step is typed as it stands; only the model is Inspect's own stand-in."""
    site = tmp_path / "site"
    pip = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(site)]
    here = f"import os, sys; os.chdir({str(tmp_path)!r}); sys.path.insert(0, {str(site)!r})"

    def run_here(*words: str) -> Ended:
        return commands.run(*words, env={"TENKEN_PLUGINS": ""}, code=here)

    laid, checked, shown, run = typed(GUIDE, "tenken")
    assert run_here(*laid[1:]).status == 0
    (folder,) = (path.parent for path in tmp_path.rglob("card.yaml"))
    samples, (card, suite) = blocks(GUIDE, "json")[0], blocks(GUIDE, "yaml")
    (folder / "card.yaml").write_text(card, "utf-8")
    (folder / "samples.jsonl").write_text(samples, "utf-8")
    (tmp_path / "my_suite.yaml").write_text(suite, "utf-8")
    done = run_here(*checked[1:])
    assert done.stdout.endswith("1 task, 4 samples: 0 errors, 0 warnings\n"), done.stdout
    assert typed(GUIDE, "python") == [["python", "-m", "pip", "install", "-e", "my_tasks"]]
    install = [sys.executable, "-m", "pip", "install", *pip, "./my_tasks"]
    installed = subprocess.run(install, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    assert "Units of measure / 計量単位" in run_here(*shown[1:]).stdout
    words = ["mockllm/model" if word == "tenken/smollm2" else word for word in run[1:]]
    planned = run_here(*words, "--dry-run")
    assert "4 calls" in planned.stdout, planned.stderr
