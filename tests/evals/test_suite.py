"""Suites: which files are suites, and what is said about those that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenken.errors import InputError, SuiteError, UnknownNameError
from tenken.evals.planning.plan import Choices, resolve
from tenken.evals.suite import Suite, read_suite, suite_names
from tenken.io.canonical import sha256_file

SUITE: dict[str, Any] = {
    "name": "mine",
    "title": {"en": "Mine", "ja": "私の"},
    "description": {"en": "Mine.", "ja": "私の。"},
    "tasks": [{"task": "criminal_misuse/fraud", "limit": 4}],
}


def _write(folder: Path, **changes: Any) -> Path:
    path = folder / "mine.yaml"
    text = yaml.safe_dump({**SUITE, **changes}, allow_unicode=True, sort_keys=False)
    path.write_text(text, "utf-8")
    return path


def test_a_suite_is_read_by_name_or_by_path(tmp_path: Path) -> None:
    path = _write(tmp_path)
    found = read_suite(str(path))
    assert found.suite.name == "mine" and found.sha256 == sha256_file(path)
    assert found.suite.max_unscored == 0.05 and found.suite.gates == []
    assert read_suite("baseline").suite.name == "baseline"


LIBRARY = [name for name in suite_names() if not name.startswith("public-")]


@pytest.mark.parametrize("name", LIBRARY)
def test_every_suite_that_comes_along_can_be_run(name: str) -> None:
    suite = read_suite(name).suite
    assert suite.name == name
    asked = resolve(suite, Choices())
    assert len({each.task.card.risk for each in asked}) == 3
    assert all(suite.not_measured)


@pytest.mark.parametrize("name", ["basline", "base", "no/such.yaml", "", "baseline.yaml", "a\0b"])
def test_an_unknown_suite_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"Known: .*baseline.* requests, smoke"):
        read_suite(name)


GATE = {"name": "Few", "task": "criminal_misuse/fraud", "max": 0.1}
CAPABLE = {"measure": "over_refusal_rate", "least": 0.5}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gate": []}, "unknown key 'gate'. Did you mean 'gates'?"),
        ({"tasks": [{"task": "fraud", "limits": 3}]}, "'tasks.0.limits'. Did you mean 'limit'?"),
        ({"tasks": []}, "tasks: expected 1 or more, and there are 0."),
        ({"tasks": [{"task": "fraud", "limit": 0}]}, "tasks.0.limit: expected 1 or more."),
        ({"tasks": [{"task": "fraud"}, {"task": "fraud"}]}, "'fraud' is listed twice"),
        ({"name": "../up"}, "name: expected the form ^[a-z0-9][a-z0-9_-]*$."),
        ({"title": "Mine"}, "title: expected a text in English and Japanese, such as {en:"),
        ({"seed": -1}, "seed: expected 0 or more."),
        ({"name": "a" * 200}, "name: expected 100 characters or fewer."),
        ({"max_unscored": 5}, "max_unscored: expected 1.0 or less."),
        ({"gates": [{**GATE, "max": 1.5}]}, "gates.0.max: expected 1.0 or less."),
        ({"gates": [{**GATE, "maximum": 1}]}, "unknown key 'gates.0.maximum'. Did you mean 'max'?"),
        ({"gates": [{**GATE, "language": "French"}]}, "gates.0.language: expected the form ^[a-z]"),
    ],
)
def test_a_wrong_suite_is_named_with_its_key(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = _write(tmp_path, **changes)
    with pytest.raises(SuiteError) as caught:
        read_suite(str(path))
    assert str(caught.value).startswith(f"{path}: ") and message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": [{"task": "frauds"}]}, "unknown task 'frauds'. Did you mean"),
        (
            {"tasks": [{"task": "fraud"}, {"task": "criminal_misuse/fraud"}]},
            "suite mine: task 'criminal_misuse/fraud' is listed twice; remove one",
        ),
        (
            {"gates": [{**GATE, "measure": "violation_rat"}]},
            "gate 'Few': unknown measure 'violation_rat'. Did you mean 'violation_rate'?",
        ),
        (
            {"gates": [{**GATE, "task": "bias/ambiguous_qa"}]},
            "gate 'Few': unknown task 'bias/ambiguous_qa'",
        ),
        ({"gates": [GATE, {**GATE, "max": 0.6}]}, "2 gates are named 'Few'; give each a name"),
        ({"gates": [{**GATE, "name": " "}]}, "the gate on 'criminal_misuse/fraud' has an empty na"),
        ({"gates": [{**GATE, "max": 1}]}, "max is 1, and no rate is above it"),
        ({"gates": [{**GATE, "allow": "exploratory"}]}, "write use: corrected, or remove it"),
        (
            {"gates": [{**GATE, "attack": "role_play"}]},
            "does not ask criminal_misuse/fraud under 'role_play'; add it to the task's attacks",
        ),
        ({"gates": [{**GATE, "attack": "any"}]}, "does not ask criminal_misuse/fraud under 'any'"),
        (
            {"gates": [{**GATE, "capability": {"measure": "violation_rate", "least": 0.5}}]},
            "'violation_rate' is the gate's own measure; name that of the harmless samples",
        ),
        (
            {"gates": [{**GATE, "capability": {**CAPABLE, "labels": ["full_refusal"]}}]},
            "capability: 'full_refusal' is an unsafe label of 'over_refusal_rate'",
        ),
        (
            {"gates": [{**GATE, "capability": {**CAPABLE, "labels": ["complience"]}}]},
            "capability: unknown label 'complience'. Did you mean 'compliance'?",
        ),
    ],
)
def test_names_in_a_suite_are_checked_before_anything_is_asked(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    suite = read_suite(str(_write(tmp_path, **changes))).suite
    with pytest.raises(InputError) as caught:
        resolve(suite, Choices())
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [("name: a\n\ttitle: b\n", 2), ("a: &a [1]\nb: *a\n", 2), ("a: 1\na: 2\n", 2), ("a: [\n", 2)],
)
def test_wrong_yaml_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(SuiteError) as caught:
        read_suite(str(path))
    assert str(caught.value).startswith(f"{path}:{line}: ")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=150))
def test_any_bytes_give_a_suite_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    with pytest.raises(SuiteError):
        read_suite(str(path))


VALUES = st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.dictionaries(st.sampled_from([*Suite.model_fields, "x"]), VALUES, max_size=3))
def test_a_suite_with_anything_in_it_is_a_suite_or_a_suite_error(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    try:
        read_suite(str(_write(tmp_path, **changes)))
    except SuiteError as error:
        assert "\n" not in str(error)
