"""Loading a text classifier, from an object or a file, without running what nobody trusts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tenken.errors import InputError
from tenken.io.canonical import digest, sha256_file
from tenken.scorers.registry import module_digest

TextClassifier = Callable[[list[str]], Sequence[Any]]
"""From texts to their labels, one each."""

_PICKLES: Final = (".joblib", ".pkl", ".pickle")
_EXTRA: Final = "pip install 'tenken[classifier]'"


def load_classifier(name: str | None, file: str | None, *, trust: bool) -> TextClassifier:
    """Return the classifier that an object's name or a file stands for.

    Args:
        name: `module:attribute`, or None.
        file: A file or folder, or None.
        trust: Whether a file that can run code may be loaded.

    Raises:
        InputError: Neither or both are given, it does not exist, a package is missing, it is no
            classifier, or it would have to be trusted.
    """
    if (name is None) == (file is None):
        raise InputError("classifier: give it either object=MODULE:ATTRIBUTE or file=PATH.")
    made = _object(name) if name is not None else _file(Path(str(file)), trust=trust)
    predict = getattr(made, "predict", made)
    if isinstance(made, type) or not callable(predict):
        raise InputError(
            "classifier: {name} is neither callable nor has it a predict(texts).", name=name or file
        )
    return predict  # type: ignore[no-any-return]


def digest_of(name: str | None, file: str | None) -> str:
    """Return the SHA-256 of what is loaded: the object's source, the file, or a folder's files.

    Args:
        name: `module:object` of an installed package; None for a file.
        file: Path of a file or of a folder; used where there is no name.

    Returns:
        64 hexadecimal digits.

    Raises:
        InputError: There is no such module, file or folder.
    """
    if name is not None:
        found = module_digest(name.partition(":")[0])
        if not found:
            raise InputError("classifier: object '{name}': there is no such module.", name=name)
        return found
    path = Path(str(file))
    try:
        if path.is_dir():
            parts = sorted(each for each in path.rglob("*") if each.is_file())
            return digest({each.relative_to(path).as_posix(): sha256_file(each) for each in parts})
        return sha256_file(path)
    except OSError as error:
        raise InputError(
            "classifier: {path}: cannot be read: {error}.", path=path, error=error
        ) from None


def _object(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise InputError("classifier: object '{name}': write MODULE:ATTRIBUTE.", name=name)
    try:
        found: Any = import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except Exception as error:  # the module is the user's: it may fail in any way
        said = f"{type(error).__name__}: {error}"
        raise InputError(
            "classifier: object '{name}' cannot be loaded: {said}.", name=name, said=said
        ) from None
    return found


def _file(path: Path, *, trust: bool) -> Any:
    if not path.exists():
        raise InputError("classifier: {path}: there is no such file.", path=path)
    kind = path.suffix.lower()
    if kind in _PICKLES and not trust:
        raise InputError(
            "classifier: {path}: a {kind} file can run code when it is loaded; give "
            "trust=true if it is your own, or save it as .skops or .onnx.",
            path=path,
            kind=kind,
        )
    try:
        if path.is_dir():
            return _transformers(path, trust=trust)
        if kind in _PICKLES:
            return _needs("joblib").load(path)
        if kind == ".skops":
            return _skops(path, trust=trust)
        if kind == ".onnx":
            return _onnx(path)
    except InputError:
        raise
    except Exception as error:  # whatever the package makes of the file
        said = f"{type(error).__name__}: {error}"
        raise InputError(
            "classifier: {path} cannot be loaded: {said}.", path=path, said=said
        ) from None
    raise InputError(
        "classifier: {path}: of this kind none is known; it may be .joblib, .pkl, "
        ".skops, .onnx, or the folder of a transformers model.",
        path=path,
    )


def _needs(package: str) -> Any:
    """Import an optional package.

    Raises:
        InputError: It is not installed.
    """
    try:
        return import_module(package)
    except ImportError:
        name = package.partition(".")[0]
        raise InputError(
            "classifier: this file needs the package {name}, which is not installed: "
            "{extra}, or pip install {name}.",
            name=name,
            extra=_EXTRA,
        ) from None


def _skops(path: Path, *, trust: bool) -> Any:
    skops = _needs("skops.io")
    unknown = skops.get_untrusted_types(file=path)
    if unknown and not trust:
        raise InputError(
            "classifier: {path} holds types that skops does not know to be safe ({kinds}); "
            "give trust=true if it is your own.",
            path=path,
            kinds=", ".join(map(str, unknown[:3])),
        )
    return skops.load(path, trusted=unknown)


def _onnx(path: Path) -> TextClassifier:
    """Return a classifier from an ONNX graph that takes texts, as exports of pipelines do."""
    numpy = _needs("numpy")
    session = _needs("onnxruntime").InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (source, *more), target = session.get_inputs(), session.get_outputs()[0].name
    if more or source.type != "tensor(string)":
        raise InputError(
            "classifier: {path}: its one input must be texts (tensor(string)).", path=path
        )
    columns = len(source.shape) == 2

    def predict(texts: list[str]) -> Sequence[Any]:
        given = numpy.array([[text] for text in texts] if columns else texts, dtype=object)
        found = numpy.asarray(session.run([target], {source.name: given})[0])
        return list(found.ravel() if found.size == len(texts) else found)

    return predict


def _transformers(path: Path, *, trust: bool) -> TextClassifier:
    """Return a classifier from a local folder; nothing is fetched, no code of it is run."""
    weights = {} if trust else {"model_kwargs": {"use_safetensors": True}}
    made = _needs("transformers").pipeline(
        "text-classification", model=str(path), tokenizer=str(path), trust_remote_code=False,
        **weights,
    )  # fmt: skip

    def predict(texts: list[str]) -> Sequence[Any]:
        return [each["label"] for each in made(texts, truncation=True)]

    return predict
