"""What is wrong with a document that people wrote, in plain words instead of pydantic's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, LiteralString, get_args

from pydantic import BaseModel, ValidationError

from tenken.errors import Sentence, Words, joined, nearest, said_by
from tenken.io.documents import unknown_key

_EXPECTED: Final[dict[str, LiteralString]] = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list, such as [one, two]",
    "tuple_type": "a list, such as [one, two]",
    "dict_type": "a mapping, such as {key: value}",
    "model_type": "a mapping, such as {key: value}",
    "model_attributes_type": "a mapping, such as {key: value}",
    "literal_error": "{expected}",
    "finite_number": "a finite number",
    "greater_than_equal": "{ge} or more",
    "less_than_equal": "{le} or less",
    "greater_than": "more than {gt}",
    "less_than": "less than {lt}",
    "too_short": "{min_length} or more, and there are {actual_length}",
    "too_long": "{max_length} or fewer, and there are {actual_length}",
    "string_too_short": "{min_length} characters or more",
    "string_too_long": "{max_length} characters or fewer",
    "string_pattern_mismatch": "the form {pattern}",
    "multiple_of": "a multiple of {multiple_of}",
    "none_required": "nothing",
    "enum": "{expected}",
    "set_type": "a list, such as [one, two]",
    "frozen_set_type": "a list, such as [one, two]",
    "bytes_type": "a text",
    "path_type": "a path, such as folder/file.yaml",
    "int_parsing_size": "a whole number of fewer digits",
    "mapping_type": "a mapping, such as {key: value}",
    "date_type": "a day, such as 2026-01-31",
    "date_parsing": "a day, such as 2026-01-31",
    "date_from_datetime_parsing": "a day, such as 2026-01-31",
    "datetime_type": "a time, such as 2026-01-31T12:00:00+00:00",
    "datetime_parsing": "a time, such as 2026-01-31T12:00:00+00:00",
    "datetime_from_date_parsing": "a time, such as 2026-01-31T12:00:00+00:00",
    "timezone_aware": "a time with its zone, such as 2026-01-31T12:00:00+00:00",
}
"""What is expected, by the kind of error; the words of our own checks are kept."""

_UNQUOTED: Final = "a text; put it in quotes"
_UNQUOTED_SWITCH: Final = (
    "a text; put it in quotes (YAML reads yes, no, on and off as true and false)"
)

_FORMS: Final[dict[str, LiteralString]] = {
    "^[0-9a-f]{64}$": "a SHA-256, 64 digits from 0 to f",
    "^[0-9a-f]{16}$": "16 digits from 0 to f",
    "^[a-z][a-z0-9_]*$": "small letters, digits and _, such as my_task",
}
"""What the patterns of several files mean."""

_TYPES: Final = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "none"})
"""What pydantic calls the alternatives of a value that may be of several kinds."""
_BILINGUAL: Final = "a text in English and Japanese, such as {en: ..., ja: ...}"


def explain(error: ValidationError, model: type[BaseModel]) -> Sentence:
    """Return the first thing that is wrong, in one sentence, with the nearest known key.

    Args:
        error: What pydantic found.
        model: The model that was being filled.
    """
    errors = error.errors(include_url=False)
    first, place = errors[0], _place(errors[0]["loc"], model)
    where = ".".join(str(part) for part in place)
    inside = _model_at(model, place[:-1])
    if first["type"] == "extra_forbidden" and set(_keys(inside)) == {"en", "ja"}:
        return Sentence(
            "unknown key '{key}': a text is in English and Japanese, {form}.",
            key=where,
            form="{en: ..., ja: ...}",
        )
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return unknown_key(str(place[-1]), set(_keys(inside)), where)
    if first["type"] == "missing":
        meant = _misspelt(str(place[-1]), first["input"], inside)
        return Sentence("the key '{key}' is missing.{meant}", key=where, meant=meant)
    here = [each for each in errors if _place(each["loc"], model) == place]
    # A value of several kinds fails at each of them: at the right one for a reason of its own.
    nearer = [each for each in here if not each["type"].endswith("_type")] or here
    inside = _model_at(model, place)
    said = dict.fromkeys(_words(each, inside, alone=len(nearer) == 1) for each in nearer)
    message = joined(" or ", said)
    if nearer[0]["type"] in _EXPECTED:
        message = Sentence("expected {what}", what=message)
    if not message.endswith("."):
        message = Sentence("{said}.", said=message)
    return Sentence("{where}: {said}", where=where, said=message) if where else message


def _place(loc: Sequence[int | str], model: type[BaseModel]) -> list[int | str]:
    """Return where an error is, without the names of types that pydantic puts in between."""
    plain = [part for part in loc if not (isinstance(part, str) and "[" in part)]
    if (
        len(plain) > 1
        and plain[-1] in _TYPES
        and plain[-1] not in _keys(_model_at(model, plain[:-1]))
    ):
        return plain[:-1]
    return plain


def _words(error: Mapping[str, Any], model: type[BaseModel] | None, *, alone: bool) -> Sentence:
    """Return what was expected, or what a check of our own found wrong.

    Args:
        error: What pydantic found.
        model: The model at the place, None where none is.
        alone: Whether nothing else was expected there, so that quotes are what is wanting.
    """
    about = dict(error.get("ctx", {}))
    if model is not None and set(_keys(model)) == {"en", "ja"}:
        if error["type"] in ("model_type", "model_attributes_type"):
            return Sentence(_BILINGUAL)
    if error["type"] == "json_invalid":
        return Sentence("not JSON: {error}", error=str(about["error"]))
    if (other := _another_type(error["type"], error.get("input"), alone=alone)) is not None:
        return other
    if "expected" in about:
        about["expected"] = joined(" or ", about["expected"].rsplit(" or ", 1))
    template = _FORMS.get(about.get("pattern", "")) or _EXPECTED.get(str(error["type"]))
    if template is not None:
        return Sentence(template, **{k: v for k, v in about.items() if "{" + k in template})
    found = about.get("error")
    if isinstance(found, Exception):
        return said_by(found)
    return Sentence("{said}", said=str(error["msg"]).rstrip("."))


def _another_type(kind: str, given: Any, *, alone: bool) -> Sentence | None:
    """Return what to write in place of a value that YAML took for another type, None if it fits."""
    if alone and kind == "string_type" and isinstance(given, (bool, int, float, date)):
        return Sentence(_UNQUOTED_SWITCH if isinstance(given, bool) else _UNQUOTED)
    if kind == "list_type" and isinstance(given, Mapping):
        return Sentence("a list, such as [{key: value}]")
    return None


def _misspelt(key: str, given: Any, model: type[BaseModel] | None) -> Words:
    """Return a hint at a key that may be meant for the one that is missing."""
    spare = set(given) - set(_keys(model)) if isinstance(given, Mapping) else set()
    near = nearest(key, spare)
    return Sentence(" Is '{near}' meant?", near=near) if near else ""


def _keys(model: type[BaseModel] | None) -> list[str]:
    fields = model.model_fields if model is not None else {}
    return [info.alias or name for name, info in fields.items()]


def _model_at(model: type[BaseModel], place: Sequence[int | str]) -> type[BaseModel] | None:
    """Return the model that is filled at a place of a document, None where no model is."""
    found: type[BaseModel] | None = model
    for part in place:
        if isinstance(part, int) or found is None:
            continue  # an item of a list is of the model that the list is of
        info = found.model_fields.get(part)
        if info is not None:
            found = _model_in(info.annotation)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
