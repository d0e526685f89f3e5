"""Change the statistics and the outcome code a little, and see whether a test notices.

    python tools/mutants.py [--sample N] [--seed S] [--minutes M] [--module NAME] [--list]

A mutant is a module with one operator, number or condition replaced (cosmic-ray's operators). Each
runs in a process of its own, forked from one that has imported everything but the module, against
the module's own tests and, where these do not notice, against those of its room. The score is the
share that a test noticed; it is printed with each mutant that survived, and written to
`build/mutants.json`. Nothing in the tree is changed.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import signal
import sys
import time
from ast import AST, AnnAssign, FunctionDef, arg, parse, walk
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
REPORT: Final = ROOT / "build" / "mutants.json"
METRICS: Final = "tests/results/metrics"
OUTCOMES: Final = "results/records/outcomes.py"
OUTCOME_TESTS: Final = "tests/results/records/test_outcomes.py"
SKIPPED: Final = {"__init__", "settings"}
"""Modules without a decision: a list of modules, and constants that the simulations cite."""
PRELOADED: Final = ("numpy", "scipy.stats", "scipy.optimize", "pandas", "hypothesis", "pydantic",
                    "statsmodels.api", "yaml", "pyarrow.parquet", "inspect_ai.scorer")  # fmt: skip
TRIVIAL: Final = {"NoOp", "BitOr", "BitAnd", "BitXor", "LShift", "RShift", "Invert"}
"""Operators that do nothing, or fail on every number that is no whole one: any test notices."""
SLACK: Final = (10.0, 5.0)
"""Seconds, and times of the plain run, after which a mutant counts as one that never ends."""
NAMED: Final = (
    ("results/metrics/ppi.py", "    variance *= k / (k - 1)\n", ""),
    ("results/report/figures.py", "(record.pair_id, record.epoch)", "(record.pair_id, 0)"),
)
"""Mutants that are tried every time: a variance without its correction, epochs in one pair."""


@dataclass(frozen=True)
class Mutant:
    """A module's text with one change.

    Attributes:
        path: The module's file, from the root.
        change: What was done, in cosmic-ray's words.
        line: Line of the change, from 1; 0 where it is named by its text.
        text: The changed text.
    """

    path: str
    change: str
    line: int
    text: str

    def shown(self) -> str:
        """Return the changed lines."""
        old = (ROOT / self.path).read_text("utf-8").splitlines()
        lines = list(difflib.unified_diff(old, self.text.splitlines(), lineterm="", n=0))[2:]
        return "\n".join(f"    {line}" for line in lines if not line.startswith("@@"))


def tests_of(path: str) -> tuple[list[str], list[str]]:
    """Return the tests of a module, nearest first: its own, and those of its room.

    Args:
        path: The module's file, from the root.
    """
    if path == OUTCOMES:
        return [OUTCOME_TESTS], ["tests/results/records", "tests/tasks/test_mutations.py"]
    if path.startswith("results/report"):
        return ["tests/results/report/test_figures.py"], ["tests/results/report"]
    return [f"{METRICS}/test_{Path(path).stem}.py"], [METRICS]


def modules(wanted: str | None) -> list[str]:
    """Return the files that are changed."""
    found = sorted(p for p in (ROOT / "results/metrics").glob("*.py") if p.stem not in SKIPPED)
    paths = [OUTCOMES, *(p.relative_to(ROOT).as_posix() for p in found)]
    return [path for path in paths if wanted is None or wanted in path]


def places(path: str) -> list[tuple[str, int, int]]:
    """Return where each operator applies in a module: its name, the occurrence, the line.

    Args:
        path: The module's file, from the root.
    """
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    text = (ROOT / path).read_text("utf-8")
    silent, heads, tree = _without_effect(text), _heads(text), get_ast(text)
    found: list[tuple[str, int, int]] = []
    for name in operator_names():
        cls = get_operator(name)
        if cls.arguments() or set(name.partition("/")[2].split("_")) & TRIVIAL:
            continue
        operator, occurrence = cls(), 0
        for node in ast_nodes(tree):
            for start, _ in operator.mutation_positions(node):
                if start not in silent and not ("BinaryOp" in name and start[0] in heads):
                    found.append((name, occurrence, start[0]))
                occurrence += 1
    return found


def _heads(text: str) -> set[int]:
    """Return the lines of functions' heads, where a star is no multiplication."""
    functions = [each for each in walk(parse(text)) if isinstance(each, FunctionDef)]
    return {line for each in functions for line in range(each.lineno, each.body[0].lineno)}


def _without_effect(text: str) -> set[tuple[int, int]]:
    """Return the places of annotations, which nothing evaluates, as (line, column)."""

    def notes(node: AST) -> Iterator[AST | None]:
        if isinstance(node, (arg, AnnAssign)):
            yield node.annotation
        elif isinstance(node, FunctionDef):
            yield node.returns

    spans = [each for node in walk(parse(text)) for each in notes(node) if each is not None]
    return {
        (line, column)
        for span in spans
        for line in range(span.lineno, span.end_lineno + 1)  # type: ignore[attr-defined]
        for column in range(
            span.col_offset if line == span.lineno else 0,  # type: ignore[attr-defined]
            span.end_col_offset if line == span.end_lineno else 100,  # type: ignore[attr-defined]
        )
    }


def drawn(paths: Sequence[str], sample: int, seed: int) -> list[Mutant]:
    """Return a random sample of mutants, each place with the same chance; all of them for 0."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    every = [(path, *place) for path in paths for place in places(path)]
    chosen = random.Random(seed).sample(every, min(sample, len(every))) if sample else every
    found = []
    for path, name, occurrence, line in chosen:
        text = (ROOT / path).read_text("utf-8")
        changed = mutate_code(text, get_operator(name)(), occurrence)
        if changed is not None and changed != text:
            found.append(Mutant(path, name.partition("/")[2], line, changed))
    print(f"{len(found)} of {len(every)} mutants of {len(paths)} modules, seed {seed}", flush=True)
    return found


def named() -> list[Mutant]:
    """Return the mutants that are tried every time."""
    found = []
    for path, old, new in NAMED:
        text = (ROOT / path).read_text("utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"{path}: expected {old!r} once: name the mutant anew.")
        found.append(Mutant(path, "Named", 0, text.replace(old, new)))
    return found


class Changed(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Loads one module from a changed text, as if that were in its file."""

    def __init__(self, mutant: Mutant) -> None:
        self.module = "tenken." + mutant.path.removesuffix(".py").replace("/", ".")
        super().__init__(self.module, str(ROOT / mutant.path))
        self.text = mutant.text

    def find_spec(self, fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        """Find the one module."""
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed text."""
        return compile(self.text, self.path, "exec", dont_inherit=True)


def tried(mutant: Mutant | None, tests: Sequence[str], seconds: float) -> str:
    """Run tests in a process of their own and return what came of it.

    Args:
        mutant: The mutant; None for the code as it is.
        tests: Files and folders of tests.
        seconds: After this time it counts as one that never ends.

    Returns:
        `passed`, `noticed` or `endless`.
    """
    child = os.fork()
    if child == 0:
        _in_child(mutant, tests)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "passed" if os.waitstatus_to_exitcode(status) == 0 else "noticed"
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "endless"


def _in_child(mutant: Mutant | None, tests: Sequence[str]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    if mutant is not None:
        sys.meta_path.insert(0, Changed(mutant))
    try:
        status = int(
            pytest.main(
                [
                    "-x",
                    "-q",
                    "-W",
                    "ignore::pytest.PytestAssertRewriteWarning",
                    "-p",
                    "no:cacheprovider",
                    "-n",
                    "0",
                    *tests,
                ]
            )
        )
    except BaseException:
        status = 1
    os._exit(status)


def plain_seconds(paths: Sequence[str]) -> dict[tuple[str, ...], float]:
    """Return how long the tests take with the code as it is; they must pass.

    Args:
        paths: The modules' files, from the root.
    """
    found: dict[tuple[str, ...], float] = {}
    for tests in dict.fromkeys(tuple(each) for path in paths for each in tests_of(path)):
        began = time.monotonic()
        if tried(None, tests, 3600) != "passed":
            raise SystemExit(f"{' '.join(tests)}: the tests fail without any change.")
        found[tests] = time.monotonic() - began
    return found


def judged(mutant: Mutant, plain: dict[tuple[str, ...], float]) -> str:
    """Return what the tests made of a mutant, the nearest first."""
    for tests in tests_of(mutant.path):
        outcome = tried(mutant, tests, SLACK[0] + SLACK[1] * plain[tuple(tests)])
        if outcome != "passed":
            return outcome
    return "survived"


def report(outcomes: list[tuple[Mutant, str]], left: int, seed: int) -> int:
    """Print the score and write it; return the exit status, 1 where a named mutant survived."""
    counts = Counter(outcome for _, outcome in outcomes)
    noticed = counts["noticed"] + counts["endless"]
    survivors = [mutant for mutant, outcome in outcomes if outcome == "survived"]
    score = noticed / len(outcomes)
    late = f", {left} not tried for want of time" if left else ""
    print(f"{noticed} of {len(outcomes)} mutants noticed ({score:.1%}){late}.")
    contents = {
        "seed": seed, "tried": len(outcomes), "noticed": counts["noticed"],
        "endless": counts["endless"], "not_tried": left, "score": round(score, 4),
        "survivors": [
            {"path": each.path, "line": each.line, "change": each.change, "lines": each.shown()}
            for each in survivors
        ],
    }  # fmt: skip
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(contents, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(f"Written: {REPORT.relative_to(ROOT)}")
    return int(any(mutant.change == "Named" for mutant in survivors))


def main() -> int:
    """Try a sample of mutants and say how many a test noticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=60, help="mutants to draw; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=15.0, help="begin none after this time")
    parser.add_argument("--module", help="modules whose path has this in it")
    parser.add_argument("--list", action="store_true", help="show the mutants and end")
    options = parser.parse_args()
    os.chdir(ROOT)
    mutants = drawn(modules(options.module), options.sample, options.seed)
    mutants = ([] if options.module else named()) + mutants
    if options.list:
        for each in mutants:
            print(f"{each.path}:{each.line} {each.change}\n{each.shown()}")
        return 0
    for name in PRELOADED:
        importlib.import_module(name)
    plain = plain_seconds(list(dict.fromkeys(each.path for each in mutants)))
    until = time.monotonic() + 60 * options.minutes
    outcomes: list[tuple[Mutant, str]] = []
    for mutant in mutants:
        if time.monotonic() > until and mutant.change != "Named":
            break
        outcomes.append((mutant, judged(mutant, plain)))
        if outcomes[-1][1] == "survived":
            place = f"{mutant.path}:{mutant.line}"
            print(f"survived: {place} {mutant.change}\n{mutant.shown()}", flush=True)
    return report(outcomes, len(mutants) - len(outcomes), options.seed)


if __name__ == "__main__":
    raise SystemExit(main())
