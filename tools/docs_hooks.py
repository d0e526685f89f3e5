"""Fills the reference pages of the site from the code, while `make docs` builds it.

A line `<!-- keys: MODULE:CLASS -->` becomes a table of the class's keys, those of the classes in
it below; `<!-- columns: NAME -->` the columns of a pandas table; `<!-- parts: KIND -->` every
scorer or solver with its arguments, labels and what it needs of a sample; `<!-- commands -->` every
command with its options; `<!-- tools -->` the tools of an agent; `<!-- file: FILE:LINES -->` the
first lines of a file of the repository; `<!-- include: FILE -->` a page of it. MkDocs calls
`on_page_markdown` (see `hooks` in mkdocs.yml).
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tenken.tasks.dataset.sample import LEFT_OUT

_MARK = re.compile(r"^<!-- (include|file|keys|columns|parts|commands|tools)(?:: (\S+))? -->$", re.M)
_RAISES = "\n\nRaises:"
_ROOT = Path(__file__).resolve().parents[1]


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Return a page's text with every mark filled in."""
    return _MARK.sub(lambda mark: _filled(mark[1], mark[2] or ""), markdown)


def on_post_build(config: Any, **_: Any) -> None:
    """Put an example report in each language into the site, made from a bundle of the tests."""
    from tenken.results.bundle.made import HTML
    from tenken.results.bundle.write import make_files
    from tenken.results.report.shown import Presentation

    bundle = next((_ROOT / "tests" / "data" / "bundles").iterdir())
    folder = Path(config["site_dir"]) / "example"
    folder.mkdir(parents=True, exist_ok=True)
    for language in ("en", "ja"):
        page = make_files(bundle, Presentation(language)).files[HTML]
        (folder / f"report.{language}.html").write_bytes(page)


def _filled(kind: str, name: str) -> str:
    if kind == "include":  # a page of the repository; its links are seen from docs
        text = (_ROOT / name).read_text("utf-8")
        text = text.replace("](README.ja.md)", "](index.ja.md)").replace(
            "](README.md)", "](index.md)"
        )
        return re.sub(
            r"\]\((?!http|#|index)(?:docs/)?", lambda m: "](" if "docs/" in m[0] else "](../", text
        )
    if kind == "file":  # a file of the repository as it is, a long one cut after two lines
        place, _, most = name.partition(":")
        lines = (_ROOT / place).read_text("utf-8").splitlines()
        shown = lines[: int(most)] if most else lines
        more = ["…"] if len(shown) < len(lines) else []
        return "\n".join(["```" + Path(place).suffix[1:].lower(), *shown, *more, "```"])
    if kind == "columns":
        columns = getattr(import_module("tenken.results.frames.columns"), name)
        rows = ((f"`{each.name}`", f"`{each.dtype}`", each.about) for each in columns)
        return _table(("column", "dtype", "what a cell holds"), rows)
    if kind in ("parts", "tools", "commands"):
        made = {"parts": lambda: _parts(name), "tools": _tools, "commands": _commands}[kind]()
        return "\n\n".join(made)
    module, _, cls = name.partition(":")
    return "\n\n".join(_sections(getattr(import_module(module), cls), "", set()))


def _sections(model: type, path: str, seen: set[type]) -> Iterator[str]:
    """Yield a table of a class's keys, and one for each class in it that has keys of its own."""
    seen.add(model)
    about = _attributes(model)
    rows, inner = [], []
    for key, kind, default in _fields(model):
        rows.append((f"`{key}`", _words(kind), default, about.get(key, "")))
        inner += [(each, f"{path}{key}.") for each in _models(kind)]
    title = f"### `{path.rstrip('.')}`\n\n" if path else ""
    summary = inspect.getdoc(model).split("\n\n")[0] if path and inspect.getdoc(model) else ""
    yield f"{title}{summary}\n\n" + _table(("key", "type", "default", "meaning"), rows)
    for each, place in inner:
        if each not in seen:
            yield from _sections(each, place, seen)


def _fields(model: type) -> Iterator[tuple[str, Any, str]]:
    if issubclass(model, BaseModel):
        for key, field in model.model_fields.items():
            if field.is_required():
                yield key, field.annotation, "needed"
            else:
                yield key, field.annotation, _default(field.get_default(call_default_factory=True))
        return
    hints = typing.get_type_hints(model)
    for field in dataclasses.fields(model):
        needed = field.default is field.default_factory is dataclasses.MISSING
        made = field.default is dataclasses.MISSING and not needed
        value = field.default_factory() if made else field.default  # type: ignore[misc]
        own = field.metadata.get(LEFT_OUT) or ("needed" if needed else _default(value))
        yield field.name, hints[field.name], own


def _default(value: Any) -> str:
    if value is None or value is PydanticUndefined or value in ("", [], (), {}):
        return ""
    if isinstance(value, BaseModel):
        return "see below"
    return f"`{value}`"


def _attributes(model: type) -> dict[str, str]:
    """Return what a class's docstring, and those that it inherits from, say of each key."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        doc = inspect.cleandoc(cls.__doc__ or "")
        _, _, section = doc.partition("Attributes:\n")
        section = inspect.cleandoc("\n" + section.split("\n\n")[0])
        for names, text in re.findall(r"^([\w, ]+):\s(.*(?:\n\s+.*)*)", section, re.M):
            found |= dict.fromkeys(re.split(r",\s*", names), " ".join(text.split()))
    return found


def _models(kind: Any) -> list[type]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [each for part in get_args(kind) for each in _models(part)]


def _words(kind: Any) -> str:  # noqa: PLR0911 - one phrase for each kind of type
    """Return a type in words that the author of a YAML file knows."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(f"`{each}`" for each in args)
    if origin in (typing.Union, UnionType):
        return " or ".join(_words(each) for each in args if each is not NoneType)
    if origin is typing.Annotated:
        return _words(args[0])
    if origin in (list, tuple, set):
        return f"list of {_words(args[0])}"
    if origin is dict:
        return f"mapping to {_words(args[1])}"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "mapping, see below"
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return plain.get(kind, "anything" if kind is Any else getattr(kind, "__name__", "mapping"))


def _parts(kind: str) -> Iterator[str]:
    """Yield a section for each scorer or solver of ours, as its code says it."""
    import_module("tenken._registry")
    from tenken.inspect_private import registered

    for name, factory in sorted(registered(kind).items()):
        if not name.startswith("tenken/"):
            continue
        about, _, _ = inspect.cleandoc(factory.__doc__ or "").partition("\n\nArgs:")
        yield f"## `{name}`\n\n{about.partition(_RAISES)[0]}"
        meanings = _section(inspect.cleandoc(factory.__doc__ or ""), "Args:")
        taken = inspect.signature(factory).parameters
        hints = _hints(inspect.unwrap(factory)) if taken else {}
        rows = [
            (
                f"`{key}`",
                _words(hints.get(key, Any)),
                "needed" if each.default is each.empty else _default(each.default),
                meanings.get(key, ""),
            )
            for key, each in taken.items()
        ]
        if rows:
            yield _table(("argument", "type", "default", "meaning"), rows)
        yield from _gives(factory)
        yield from _needs(factory)


def _hints(function: Any) -> dict[str, Any]:
    """Return the types of a function's arguments; its result may be known to checkers alone."""
    own = {key: each for key, each in function.__annotations__.items() if key != "return"}
    stand_in = type("Arguments", (), {"__annotations__": own})
    return typing.get_type_hints(stand_in, function.__globals__, include_extras=True)


def _gives(factory: Any) -> Iterator[str]:
    """Yield the labels or numbers that a scorer declares."""
    from tenken.schema.estimate import Scale
    from tenken.schema.vocabulary import Vocabulary
    from tenken.scorers.labels import declared

    for found in (declared(factory, name) for name in ("VOCABULARY", "SCALE")):
        try:
            made = found({}) if callable(found) else found
        except Exception:  # an argument is needed to say
            continue
        if isinstance(made, Vocabulary) and made.labels:
            rows = (
                (f"`{each.name}`", each.title.en, "yes" if each.unsafe else "no")
                for each in made.labels
            )
            yield _table(("label", "meaning", "unsafe unless the card says"), rows)
        elif isinstance(made, Vocabulary):
            yield "It gives the labels that others give."
        elif isinstance(made, Scale):
            low, high = made.range
            key = f", at the key `{made.key}`" if made.key else ""
            yield f"It gives numbers from {low:g} to {high:g}{key}; higher is {made.higher_is}."


def _needs(factory: Any) -> Iterator[str]:
    """Yield what a scorer or solver needs of a sample, key by key."""
    from tenken.sample_form import SampleForm
    from tenken.scorers.labels import declared

    form = declared(factory, "SAMPLE")
    form = form({}) if callable(form) and not isinstance(form, type) else form
    rows = list(_needed(form, "")) if form not in (None, SampleForm) else []
    if rows:
        yield _table(("of a sample", "type", "default"), rows)


def _needed(form: type[BaseModel], path: str) -> Iterator[tuple[str, str, str]]:
    for key, kind, default in _fields(form):
        inner = _models(kind)
        if inner and default in ("needed", "see below", ""):
            listed = "[]" if get_origin(kind) is list else ""
            if listed or not default:
                what = "list of mappings" if listed else "mapping"
                yield f"`{path}{key}`", what, default or "may be left out"
            for each in inner:
                yield from _needed(each, f"{path}{key}{listed}.")
        else:
            yield f"`{path}{key}`", _words(kind), default or "may be left out"


def _section(doc: str, name: str) -> dict[str, str]:
    """Return the entries of a section of a docstring, each as one line."""
    section = inspect.cleandoc("\n" + doc.partition(name + "\n")[2].split("\n\n")[0])
    found = re.findall(r"^(\w+):\s(.*(?:\n\s+.*)*)", section, re.M)
    return {key: " ".join(text.split()) for key, text in found}


def _tools() -> Iterator[str]:
    """Yield the tools that a sample of `tenken/act` may name, as the model is told of them."""
    from tenken.scorers.agent.world import World
    from tenken.tasks.solvers.act import TOOLS

    rows = []
    for name, make in TOOLS.items():
        execute: Any = make(World({}))
        taken = ", ".join(f"`{each}`" for each in inspect.signature(execute).parameters)
        about = inspect.cleandoc(execute.__doc__ or "").partition("\n")[0]
        rows.append((f"`{name}`", taken or "none", about))
    yield _table(("tool", "arguments", "what it does"), rows)


def _commands() -> Iterator[str]:
    """Yield a section for each command, as its own help says it."""
    import typer

    from tenken.evals.cli.main import app

    group: Any = typer.main.get_command(app)
    for name, command in sorted(_leaves(group, "tenken")):
        text = " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())
        rows = [
            (f"`{_option(each)}`", (getattr(each, "help", None) or "")) for each in command.params
        ]
        yield f"## `{name}`\n\n{text}\n\n" + _table(("argument or option", "meaning"), rows)


def _leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for key, each in command.commands.items():
        yield from _leaves(each, f"{name} {key}")


def _option(parameter: Any) -> str:
    options = [each for each in parameter.opts if each.startswith("-")]
    return ", ".join(options) if options else parameter.name.upper()


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    cells = (
        " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in row) for row in lines
    )
    return "\n".join(f"| {row} |" for row in cells)
