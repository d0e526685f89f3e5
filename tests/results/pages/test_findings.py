"""What a verification found, in words: every code has its sentence, with its own blanks."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from tenken.results.pages.findings import (
    finding_in_english,
    finding_said,
    grade_said,
    in_english,
    place_said,
    verdict_said,
)
from tenken.results.pages.messages import catalogue
from tenken.results.pages.words import Words
from tenken.schema.verification import (
    GRADES,
    Finding,
    Said,
    Verification,
    graded,
    verdict_of,
)

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("results", "evals/running", "src/tenken/schema")
CODES = catalogue("en").term["verified"]


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call in the code that names what was found."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield path.name, node


def names(node: ast.AST) -> set[str]:
    """The texts that an expression can come to."""
    if isinstance(node, ast.IfExp):
        return names(node.body) | names(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def used() -> Iterator[tuple[str, str, set[str] | None]]:
    """File, code and parameters of each finding; None where the parameters are not plain."""
    for file, call in calls():
        of = isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "Finding.of"
        said = isinstance(call.func, ast.Name) and call.func.id == "Said"
        if not call.args or not (of or said):
            continue
        place = 2 if of else 0
        values: set[str] | None = {each.arg for each in call.keywords if each.arg}
        if of and any(each.arg is None for each in call.keywords):
            values = None
        if said and len(call.args) > 1:
            given = call.args[1]
            plain = isinstance(given, ast.Dict) and all(given.keys)
            values = {n for key in given.keys for n in names(key)} if plain else None  # type: ignore[attr-defined,arg-type]
        for code in names(call.args[place]):
            yield file, code, values


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_finding_has_its_sentence_and_gives_what_its_blanks_need() -> None:
    found = list(used())
    assert len({code for _, code, _ in found}) > 100
    unknown = {(file, code) for file, code, _ in found if code not in CODES}
    assert not unknown
    lacking = {
        (file, code, name)
        for file, code, values in found
        if values is not None
        for name in blanks(CODES[code]) - values
    }
    assert not lacking


def test_no_finding_is_made_of_a_sentence() -> None:
    """A finding is made by `Finding.of`: only a file of an earlier version has a message alone."""
    direct = [file for file, call in calls() if ast.unparse(call.func) == "Finding"]
    assert direct == []


def verification(*findings: Finding) -> Verification:
    grades = {name: graded(name, findings, "nothing_compared") for name in GRADES}
    return in_english(
        Verification(
            run="r", model="m", decision="PASS", finished="", grades=grades, findings=findings
        )
    )


def test_a_finding_is_said_in_the_readers_language_with_its_figures() -> None:
    source = Said("from_logs")
    finding = Finding.of(
        "wrong", "report.json: areas[0]", "other_figure", old="0.0", new="0.5", source=source
    )
    assert finding_in_english(finding).message == "says 0.0, the logs give 0.5."
    assert finding_said(finding, Words("ja")) == "0.0とありますが、ログからは0.5です。"
    assert place_said("seal: texts", Words("ja")) == "封印: texts"
    assert place_said("report.json: areas[0]", Words("ja")) == "report.json: areas[0]"


def test_a_grade_and_the_verdict_are_said_in_both_languages() -> None:
    found = verification(
        Finding.of("wrong", "a.json", "file_missing"), Finding.of("wrong", "b.json", "file_changed")
    )
    grade = found.grades["consistent"]
    assert grade.message == "a.json: the file is missing. (1 more)"
    assert grade_said(grade, Words("ja")) == "a.json：ファイルがありません。（ほか1件）"
    assert found.verdict == "NOT VERIFIED: 2 findings are wrong"
    assert verdict_said(verdict_of(found), Words("ja")) == "検証できず：誤りの所見が2件"


def test_what_a_file_holds_is_said_as_what_was_found() -> None:
    keys = ("0123...", "4567...")
    found = verification(
        Finding.of("unknown", "signature", "claim_unchecked", "authentic", keys=keys),
        Finding.of("ok", "recomputation", "recomputed", numbers=12345, n=4, tasks=1,
                   source=Said("from_logs")),
    )  # fmt: skip
    held = json.loads(json.dumps(found.model_dump(mode="json")))
    for language in ("en", "ja"):
        words = Words(language)
        for raw, own in zip(held["findings"], found.findings, strict=True):
            assert finding_said(raw, words) == finding_said(own, words)
        for name in GRADES:
            assert grade_said(held["grades"][name], words) == grade_said(found.grades[name], words)
        assert verdict_said(held["verdict_codes"], words) == verdict_said(verdict_of(found), words)
    assert [each["message"] for each in held["findings"]] == [
        "claims key 0123..., 4567..., not checked: give the public key with --key.",
        "12,345 numbers and 4 sample records of 1 tasks were recomputed from the logs and agree.",
    ]
    assert Verification.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    "raw",
    [
        {"status": "wrong", "what": "plan.json", "message": "the file is missing."},
        {"message": "the file is missing.", "code": "of_another_version", "values": {}},
        {"message": "the file is missing.", "code": "other_figure", "values": {}},
    ],
)
def test_a_file_without_a_known_code_keeps_its_english_sentence(raw: dict[str, object]) -> None:
    assert finding_said(raw, Words("ja")) == "the file is missing."
    old = {"holds": "no", "message": "plan.json: the file is missing."}
    assert grade_said(old, Words("ja")) == "plan.json: the file is missing."
    assert verdict_said([], Words("ja"), "UNSIGNED") == "UNSIGNED"


def test_a_value_is_one_line_and_opens_no_blank() -> None:
    finding = Finding.of("wrong", "x\ny", "not_gone_through", error="{said}\x1b[2J" + "a" * 900)
    said = finding_in_english(finding).message
    assert said.startswith("cannot be gone through again: {said}[U+001B][2J")
    assert said.isprintable() and len(said) <= 400 and re.fullmatch(r"x\[U\+000A\]y", finding.what)
