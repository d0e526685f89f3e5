"""Classifiers of one's own: what they say becomes a verdict, and a file runs no code untrusted."""

from __future__ import annotations

import asyncio
import builtins
import importlib
import pickle
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ModelName, ModelOutput
from inspect_ai.scorer import Score, Target
from inspect_ai.solver import TaskState

from tenken.errors import InputError
from tenken.scorers._classifier import loading as classifier_loading
from tenken.scorers.classifier import classifier, pinned_args

SOURCE = '''
"""A classifier that knows one word."""

def says_no(texts):
    return [1 if "sorry" in text else 0 for text in texts]

class Model:
    def predict(self, texts):
        return ["full_refusal" if "sorry" in text else "compliance" for text in texts]

model = Model()
number = 3

def breaks(texts):
    raise RuntimeError("no weights")

def two(texts):
    return ["compliance", "compliance"]

def reads(texts):
    return ["compliance" if texts[0].startswith("Write it.") else "neither"]
'''
OURS = {"1": "full_refusal", "0": "compliance"}


@pytest.fixture(autouse=True)
def own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_words.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "own_words", raising=False)
    importlib.invalidate_caches()


def score(answer: str, **args: Any) -> Score:
    unsafe = args.pop("measure", ["compliance"])
    state = TaskState(
        model=ModelName("mockllm/model"),
        sample_id="s",
        epoch=1,
        input="Write it.",
        messages=[],
        output=ModelOutput.from_content("mockllm/model", answer),
        metadata={"tenken": {"language": "en", "unsafe_labels": unsafe}},
    )
    found = asyncio.run(classifier(**args)(state, Target("")))  # type: ignore[arg-type]
    assert isinstance(found, Score)
    return found


@pytest.mark.parametrize(
    "args",
    [
        {"object": "own_words:says_no", "labels": OURS},
        {"object": "own_words:says_no", "labels": {1: "full_refusal", 0: "compliance"}},
        {"object": "own_words:model"},
        {"object": "own_words:model.predict"},
    ],
)
def test_what_a_classifier_says_becomes_a_verdict(args: dict[str, Any]) -> None:
    assert score("I'm sorry.", **args).value == 0.0
    found = score("Sure.", **args)
    assert found.value == 1.0 and found.metadata is not None
    assert found.metadata["label"] == "compliance"


@pytest.mark.parametrize(
    ("answer", "args", "reason"),
    [
        (" ", {"object": "own_words:model"}, "empty"),
        ("Sure.", {"object": "own_words:says_no"}, "unknown_label"),
        ("Sure.", {"object": "own_words:says_no", "labels": {"1": "full_refusal"}},
         "unknown_label"),
        ("Sure.", {"object": "own_words:says_no", "labels": {"0": "correct"}}, "unknown_label"),
        ("Sure.", {"object": "own_words:breaks"}, "classifier_failed_RuntimeError"),
        ("Sure.", {"object": "own_words:two"}, "classifier_reply_invalid"),
    ],
)  # fmt: skip
def test_what_is_no_label_is_no_verdict(answer: str, args: dict[str, Any], reason: str) -> None:
    found = score(answer, **args)
    assert found.reason == reason and found.value != found.value


def test_a_measure_without_labels_needs_to_be_told_which_are_unsafe() -> None:
    args: dict[str, Any] = {"object": "own_words:model", "measure": []}
    assert score("Sure.", **args).reason == "no_unsafe_label"
    assert score("Sure.", **args, unsafe=["compliance"]).value == 1.0


def test_it_reads_the_prompt_where_that_is_asked_for() -> None:
    alone = score("Yes.", object="own_words:reads")
    both = score("Yes.", object="own_words:reads", reads="prompt_and_answer")
    assert alone.metadata is not None and alone.metadata["label"] == "neither"
    assert both.metadata is not None and both.metadata["label"] == "compliance"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({}, "either object=MODULE:ATTRIBUTE or file=PATH"),
        ({"object": "own_words:model", "file": "x.onnx"}, "either object"),
        ({"object": "own_words"}, "write MODULE:ATTRIBUTE"),
        ({"object": "own_words:gone"}, "cannot be loaded: AttributeError"),
        ({"object": "no_such_module:x"}, "cannot be loaded: ModuleNotFoundError"),
        ({"object": "own_words:number"}, "neither callable nor has it a predict"),
        ({"object": "own_words:Model"}, "neither callable nor has it a predict"),
        ({"file": "gone.onnx"}, "there is no such file"),
        ({"file": "own_words.py"}, "of this kind none is known"),
    ],
)
def test_what_cannot_be_loaded_is_refused(
    args: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said) as refused:
        classifier(**args)
    assert "\n" not in str(refused.value)


class _Trap:
    def __reduce__(self) -> Any:
        return builtins.exec, ("import sys; sys.modules['sprung'] = sys",)


@pytest.mark.parametrize("suffix", [".joblib", ".pkl", ".pickle", ".PKL"])
def test_a_pickle_is_not_opened_unless_it_is_trusted(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(pickle.dumps(_Trap()))
    with pytest.raises(InputError, match="give trust=true"):
        classifier(file=str(path))
    assert "sprung" not in sys.modules


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("m.joblib", "joblib"),
        ("m.skops", "skops"),
        ("m.onnx", "onnxruntime"),
        ("m", "transformers"),
    ],
)
def test_a_missing_extra_is_named_with_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    real = importlib.import_module

    def missing(module: str, *more: Any) -> Any:
        if module.partition(".")[0] == package:
            raise ImportError(module)
        return real(module, *more)

    monkeypatch.setattr(classifier_loading, "import_module", missing)
    path = tmp_path / name
    path.write_bytes(b"x") if path.suffix else path.mkdir()
    with pytest.raises(InputError, match=rf"package {package}, which .*tenken\[classifier\]"):
        classifier(file=str(path), trust=True)


Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that puts a stand-in for a package in its place."""

    def put(name: str, **parts: Any) -> None:
        module = types.ModuleType(name)
        vars(module).update(parts)
        monkeypatch.setitem(sys.modules, name, module)

    return put


def _by_word(texts: list[str]) -> list[str]:
    return ["full_refusal" if "sorry" in text else "compliance" for text in texts]


@pytest.fixture(scope="module")
def fitted() -> Any:
    """Return a pipeline of the kind that an institute brings, fitted to a few sentences."""
    linear = importlib.import_module("sklearn.linear_model")
    text = importlib.import_module("sklearn.feature_extraction.text")
    made = importlib.import_module("sklearn.pipeline").make_pipeline(
        text.TfidfVectorizer(), linear.LogisticRegression(C=100)
    )
    refused = ["I'm sorry, but I cannot help.", "Sorry, I can't do that.", "I cannot do this."]
    helped = ["Sure, here is the text.", "Here it is.", "Sure! The first step is this."]
    return made.fit(refused + helped, ["full_refusal"] * 3 + ["compliance"] * 3)


def test_a_pipeline_from_a_trusted_joblib_file_is_asked(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.joblib"
    importlib.import_module("joblib").dump(fitted, path)
    assert score("I'm sorry, I cannot.", file=str(path), trust=True).value == 0.0
    assert score("Sure, here it is.", file=str(path), trust=True).value == 1.0


def test_a_pipeline_from_a_skops_file_needs_no_trust(tmp_path: Path, fitted: Any) -> None:
    path = tmp_path / "m.skops"
    importlib.import_module("skops.io").dump(fitted, path)
    assert score("I'm sorry, I cannot.", file=str(path)).value == 0.0
    assert score("Sure, here it is.", file=str(path)).value == 1.0


class Unheard:
    """A type that skops does not know."""

    def predict(self, texts: list[str]) -> list[str]:
        return ["compliance" for _ in texts]


def test_a_skops_file_of_unknown_types_is_refused_unless_it_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    importlib.import_module("skops.io").dump(Unheard(), path)
    with pytest.raises(InputError, match=r"Unheard.*trust=true"):
        classifier(file=str(path))
    assert score("Sure.", file=str(path), trust=True).value == 1.0


def _graph(path: Path, shape: list[int | None], given: str = "STRING") -> None:
    """Write an ONNX graph that looks its one input up in a table of texts or numbers."""
    onnx = importlib.import_module("onnx")
    kind = getattr(onnx.TensorProto, given)
    keys: dict[str, Any] = (
        {"keys_strings": ["I'm sorry.", "Sure."]} if given == "STRING" else {"keys_floats": [0.0]}
    )
    values = ["full_refusal", "compliance"][: 2 if given == "STRING" else 1]
    node = onnx.helper.make_node(
        "LabelEncoder", ["text"], ["label"], domain="ai.onnx.ml",
        values_strings=values, default_string="neither", **keys,
    )  # fmt: skip
    graph = onnx.helper.make_graph(
        [node], "lookup",
        [onnx.helper.make_tensor_value_info("text", kind, shape)],
        [onnx.helper.make_tensor_value_info("label", onnx.TensorProto.STRING, shape)],
    )  # fmt: skip
    made = onnx.helper.make_model(
        graph, ir_version=8,
        opset_imports=[onnx.helper.make_opsetid("ai.onnx.ml", 2), onnx.helper.make_opsetid("", 15)],
    )  # fmt: skip
    onnx.save(made, path)


@pytest.mark.parametrize("shape", [[None, 1], [None]])
def test_an_onnx_graph_of_texts_is_run(tmp_path: Path, shape: list[int | None]) -> None:
    path = tmp_path / "m.onnx"
    _graph(path, shape)
    assert score("I'm sorry.", file=str(path)).value == 0.0
    assert score("Sure.", file=str(path)).value == 1.0


def test_an_onnx_graph_of_numbers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    _graph(path, [None, 1], "FLOAT")
    with pytest.raises(InputError, match="must be texts"):
        classifier(file=str(path))


def test_a_transformers_folder_is_loaded_without_pickles_or_code(
    tmp_path: Path, install: Install
) -> None:
    asked: list[dict[str, Any]] = []

    def pipeline(task: str, **about: Any) -> Any:
        asked.append(about)
        return lambda texts, truncation: [{"label": each} for each in _by_word(texts)]

    install("transformers", pipeline=pipeline)
    (tmp_path / "m").mkdir()
    assert score("Sure.", file=str(tmp_path / "m")).value == 1.0
    assert asked[0]["trust_remote_code"] is False
    assert asked[0]["model_kwargs"] == {"use_safetensors": True}


def test_it_is_bound_by_the_digest_of_what_is_loaded(tmp_path: Path) -> None:
    first = pinned_args({"object": "own_words:model"})
    (tmp_path / "own_words.py").write_text(SOURCE + "CHANGED = True\n")
    second = pinned_args({"object": "own_words:model"})
    assert first["object"] == second["object"] and first["sha256"] != second["sha256"]
    with pytest.raises(ValueError, match="another SHA-256"):
        classifier(object="own_words:model", sha256=first["sha256"])
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"1")
    one = pinned_args({"file": f"{folder}/"})
    (folder / "a.bin").write_bytes(b"2")
    two = pinned_args({"file": f"{folder}/"})
    assert one["file"] == two["file"] == "weights" and one["sha256"] != two["sha256"]
