"""Errors and findings are said in the terminal's language: every sentence has a Japanese one."""

from __future__ import annotations

import ast
import errno
import json
import os
import pickle
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import tenken.errors
from tenken.errors import (
    BundleError,
    CardError,
    InputError,
    RuleError,
    Sentence,
    UnknownNameError,
    joined,
    said_by,
)
from tenken.io.documents import DocumentError, read_mapping
from tenken.schema.vocabulary import Bilingual
from tenken.terms.sentences import PLACE, catalogue, sentence_in

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = {"at": 3, "on_card": 3, "on_page": 4, "_found": 2, "_met": 2}
"""What makes a finding of a check, and which of its arguments is the sentence."""
CHECKS = ("tasks/lint/", "evals/planning/meeting")
PLACES = {"CardError": 1, "SuiteError": 1, "TextFault": 1, **FINDINGS}
ROOMS = ("src/tenken", "evals", "tasks", "scorers", "results")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
KNOWN = catalogue("ja")
SYSTEM = {os.strerror(number) for number in errno.errorcode}
UNSEEN = {unicodedata.name(chr(n), "") for n in range(0x10000)
          if n == 0xFFFD or unicodedata.category(chr(n)) == "Cf"}  # fmt: skip
"""Names of signs that show nothing, which Unicode's tables hold and the code does not."""


JSONS = ("{a", "[", '{"a" 1}', "[1 2]", "[] x", '"x', '"\x01"', '"\\q"', '"\\u12"')
YAMLS = (
    "a: [b\n", "x: [", "a: {b", "a: b\n c\n- d", "a: b: c", "a: @x", 'a: "x', "- a\nb: c",
    'a: "\\q"', "a: \x01", "a: b\nc\nd: e",
)  # fmt: skip


def words_of_parsers() -> Iterator[str]:
    """Yield what Python says of broken JSON, and libyaml of broken YAML."""
    for text in JSONS:
        with pytest.raises(json.JSONDecodeError) as caught:
            json.loads(text)
        yield caught.value.msg
    for text in YAMLS:
        with pytest.raises(DocumentError) as broken:
            read_mapping(text)
        yield str(said_by(broken.value).values["said"])


def errors_of_the_package() -> set[str]:
    """Return names of classes whose first text is a sentence, wherever they are defined."""
    own = [each for each in vars(tenken.errors).values() if isinstance(each, type)]
    names = {"Sentence"} | {each.__name__ for each in own if issubclass(each, Exception)}
    trees = [tree for _, tree in modules()]
    for _ in range(3):  # classes of classes
        names |= {
            node.name
            for tree in trees
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef)
            and names & {getattr(base, "id", "") for base in node.bases} - {"TypedDict"}
        }
    return names | {"EndpointFault", "DocumentError", "Misfit", "TextFault", "interruptible"}


@cache
def modules() -> list[tuple[str, ast.Module]]:
    files = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    named = ((path.relative_to(ROOT).as_posix(), path) for path in files)
    return [(name, ast.parse(path.read_text("utf-8"))) for name, path in named]


def given_as(name: str, tree: ast.Module) -> list[ast.expr]:
    """Return the expressions that a name stands for in a module."""
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets):
            found.append(node.value)
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == name:
            found.append(node.value)
    return [each for each in found if each is not None]


def texts(node: ast.expr) -> Iterator[tuple[str, bool]]:
    """Yield literal texts that an expression may be, and whether it is put together there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, False
    elif isinstance(node, ast.JoinedStr):
        yield ast.unparse(node), True
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.BinOp) and isinstance(node.left, ast.JoinedStr):
        yield ast.unparse(node), True


@cache
def sentences() -> list[tuple[str, str, bool]]:
    """Return place and template of every sentence that an error may be made of."""
    return list(_sentences())


def _sentences() -> Iterator[tuple[str, str, bool]]:
    known = errors_of_the_package()
    for name, tree in modules():
        for node in ast.walk(tree):
            found: list[ast.expr] = []
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                at = PLACES.get(called, 0)
                if called in known or (called in FINDINGS and name.startswith(CHECKS)):
                    found = node.args[at : at + 1]
            elif isinstance(node, ast.FunctionDef) and gives_words(node):
                ends = (
                    each for each in ast.walk(node) if isinstance(each, (ast.Return, ast.Yield))
                )
                found = [each.value for each in ends if each.value is not None]
            elif isinstance(node, ast.AnnAssign) and "LiteralString" in ast.unparse(
                node.annotation
            ):
                found = list(getattr(node.value, "values", ()))
            for each in list(found):
                if isinstance(each, ast.Name):
                    found += given_as(each.id, tree)
            for text, made in (pair for each in found for pair in texts(each)):
                yield f"{name}:{node.lineno}", text, made


def gives_words(function: ast.FunctionDef) -> bool:
    given = ast.unparse(function.returns) if function.returns is not None else ""
    return given in ("Words", "Iterator[Words]")


def key_of(template: str) -> str:
    """Return what the catalogue holds of a template: all but the place that it begins with."""
    place = PLACE.match(template)
    return template[place.end() :] if place else template


def has_words(text: str) -> bool:
    return bool(re.search("[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", text)))


def blanks(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:  # a literal text with braces of its own
        return set()


def test_every_sentence_of_an_error_is_in_the_catalogue() -> None:
    found = [(place, key_of(text)) for place, text, _ in sentences()]
    assert len(found) > 500
    missing = [f"{place}: {text}" for place, text in found if has_words(text) and text not in KNOWN]
    assert not missing, "write these in src/tenken/terms/*.ja.yaml:\n" + "\n".join(missing)
    assert sum(place.startswith("tasks/lint/") for place, _ in found) > 60


def test_no_error_is_made_of_a_text_that_was_put_together() -> None:
    """A template and its values can be said in another language, a finished text cannot."""
    assert not [place for place, _, made in sentences() if made]


def test_the_catalogue_says_the_same_with_the_same_blanks() -> None:
    for english, own in KNOWN.items():
        assert blanks(english) == blanks(own), english
        words = re.sub(r"\{[^}]*\}|--[\w-]+|[\w.]+：|budgets", "", own)
        assert JAPANESE.search(own) or not re.search("[a-z]{3}", words), english


def test_what_parsers_say_is_in_the_catalogue() -> None:
    assert not [each for each in words_of_parsers() if each not in KNOWN]


def test_no_sentence_of_the_catalogue_is_unused() -> None:
    used = {
        node.value
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    used |= {key_of(each) for each in used} | SYSTEM | UNSEEN | set(words_of_parsers())
    used |= {f"{{said}}{link}{{other}}" for link in (" or ", " and ", "; ")}
    assert not sorted(set(KNOWN) - used)


@pytest.mark.parametrize(
    ("error", "english", "japanese"),
    [
        (
            InputError(
                "{path}: cannot be read: {error}.", path="a", error=OSError(2, os.strerror(2))
            ),
            "a: cannot be read: No such file or directory.",
            "a：読み取れません（ファイルやフォルダーがありません）。",
        ),
        (
            CardError("card.yaml", "the key '{key}' is listed twice; remove one.", 3, key="x"),
            "card.yaml:3: the key 'x' is listed twice; remove one.",
            "card.yaml:3：キー「x」が二度書かれています。一つ消してください。",
        ),
        (
            InputError("{where}: {said}", where="w", said=said_by(RuleError("nested too deeply"))),
            "w: nested too deeply",
            "w：入れ子が深すぎます",
        ),
        (
            UnknownNameError("task", "frod", ["fraud"]),
            "unknown task 'frod'. Did you mean 'fraud'? Known: fraud.",
            "タスク「frod」はありません。「fraud」のことでしょうか。使えるもの：fraud。",
        ),
        (
            InputError("not {language}", language=Bilingual(en="French", ja="フランス語")),
            "not French",
            "not フランス語",
        ),
        (
            InputError("not JSON: {error}.", error=json.JSONDecodeError("Expecting value", "", 0)),
            "not JSON: Expecting value: line 1 column 1 (char 0).",
            "JSONではありません（値が必要です：1行目の1字目、先頭から0字）。",
        ),
        (BundleError("somebody else's words."), "somebody else's words.", "somebody else's words."),
        (InputError("{a}", a=joined(" or ", ["x", "y", "z"])), "x or y or z", "xまたはyまたはz"),
        (
            InputError("{what} is a JSON object.", what="a label"),
            "a label is a JSON object.",
            "ラベルはJSONオブジェクトで書いてください。",
        ),
    ],
)
def test_an_error_is_said_in_both_languages(error: InputError, english: str, japanese: str) -> None:
    assert str(error) == english == sentence_in("en", error.sentence)
    assert sentence_in("ja", error.sentence) == japanese


def test_an_error_of_another_process_keeps_its_template() -> None:
    error = pickle.loads(pickle.dumps(InputError(Sentence("not a {kind}", kind="run"))))
    assert error.sentence.template == "not a {kind}" and error.sentence.values == {"kind": "run"}
    again = Sentence(error.sentence)
    assert again is error.sentence and str(error) == "not a run"
