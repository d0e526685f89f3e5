"""What is wrong with a document that people wrote, in plain words instead of pydantic's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from tenken.errors import nearest
from tenken.io.documents import unknown_key

_EXPECTED: Final = {
    "string_type": "expected a text",
    "int_type": "expected a whole number",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "list_type": "expected a list, such as [one, two]",
    "tuple_type": "expected a list, such as [one, two]",
    "dict_type": "expected a mapping, such as {{key: value}}",
    "model_type": "expected a mapping, such as {{key: value}}",
    "model_attributes_type": "expected a mapping, such as {{key: value}}",
    "literal_error": "expected {expected}",
    "finite_number": "expected a finite number",
    "greater_than_equal": "expected {ge} or more",
    "less_than_equal": "expected {le} or less",
    "greater_than": "expected more than {gt}",
    "less_than": "expected less than {lt}",
    "too_short": "expected {min_length} or more, and there are {actual_length}",
    "too_long": "expected {max_length} or fewer, and there are {actual_length}",
    "string_too_short": "expected {min_length} characters or more",
    "string_too_long": "expected {max_length} characters or fewer",
    "string_pattern_mismatch": "expected the form {pattern}",
    "multiple_of": "expected a multiple of {multiple_of}",
    "none_required": "expected nothing",
    "enum": "expected {expected}",
    "json_invalid": "not JSON: {error}",
    "set_type": "expected a list, such as [one, two]",
    "frozen_set_type": "expected a list, such as [one, two]",
    "bytes_type": "expected a text",
    "path_type": "expected a path, such as folder/file.yaml",
    "int_parsing_size": "expected a whole number of fewer digits",
    "mapping_type": "expected a mapping, such as {{key: value}}",
    "date_type": "expected a day, such as 2026-01-31",
    "date_parsing": "expected a day, such as 2026-01-31",
    "date_from_datetime_parsing": "expected a day, such as 2026-01-31",
    "datetime_type": "expected a time, such as 2026-01-31T12:00:00+00:00",
    "datetime_parsing": "expected a time, such as 2026-01-31T12:00:00+00:00",
    "datetime_from_date_parsing": "expected a time, such as 2026-01-31T12:00:00+00:00",
    "timezone_aware": "expected a time with its zone, such as 2026-01-31T12:00:00+00:00",
}
"""Words for the kinds of errors that documents run into; those of our own checks are kept."""

_UNQUOTED: Final = "expected a text; put it in quotes"
_UNQUOTED_SWITCH: Final = f"{_UNQUOTED} (YAML reads yes, no, on and off as true and false)"

_FORMS: Final = {
    "^[0-9a-f]{64}$": "expected a SHA-256, 64 digits from 0 to f",
    "^[0-9a-f]{16}$": "expected 16 digits from 0 to f",
    "^[a-z][a-z0-9_]*$": "expected small letters, digits and _, such as my_task",
}
"""What the patterns of several files mean."""

_TYPES: Final = frozenset({"str", "int", "float", "bool", "list", "dict", "tuple", "none"})
"""What pydantic calls the alternatives of a value that may be of several kinds."""
_BILINGUAL: Final = "expected a text in English and Japanese, such as {en: ..., ja: ...}"


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """Return the first thing that is wrong, in one sentence, with the nearest known key.

    Args:
        error: What pydantic found.
        model: The model that was being filled.
    """
    errors = error.errors(include_url=False)
    first, place = errors[0], _place(errors[0]["loc"], model)
    where = ".".join(str(part) for part in place) or "the whole"
    inside = _model_at(model, place[:-1])
    if first["type"] == "extra_forbidden" and set(_keys(inside)) == {"en", "ja"}:
        return f"unknown key '{where}': a text is in English and Japanese, {{en: ..., ja: ...}}."
    if first["type"] == "extra_forbidden":
        return unknown_key(str(place[-1]), set(_keys(inside)), where)
    if first["type"] == "missing":
        return f"the key '{where}' is missing.{_misspelt(str(place[-1]), first['input'], inside)}"
    here = [each for each in errors if _place(each["loc"], model) == place]
    # A value of several kinds fails at each of them: at the right one for a reason of its own.
    nearer = [each for each in here if not each["type"].endswith("_type")] or here
    said = dict.fromkeys(_words(each, _model_at(model, place)) for each in nearer)
    first_words, *others = said
    message = " or ".join([first_words, *(each.removeprefix("expected ") for each in others)])
    return f"{message}." if where == "the whole" else f"{where}: {message}."


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


def _words(error: Mapping[str, Any], model: type[BaseModel] | None) -> str:
    if model is not None and set(_keys(model)) == {"en", "ja"}:
        if error["type"] in ("model_type", "model_attributes_type"):
            return _BILINGUAL
    form = error.get("ctx", {}).get("pattern")
    if form in _FORMS:
        return _FORMS[form]
    given = error.get("input")
    if error["type"] == "string_type" and isinstance(given, (bool, int, float, date)):
        return _UNQUOTED_SWITCH if isinstance(given, bool) else _UNQUOTED
    if error["type"] == "list_type" and isinstance(given, Mapping):
        return "expected a list, such as [{key: value}]"
    known = _EXPECTED.get(error["type"])
    if known is not None:
        return known.format(**error.get("ctx", {}))
    return str(error["msg"]).removeprefix("Value error, ").rstrip(".")


def _misspelt(key: str, given: Any, model: type[BaseModel] | None) -> str:
    """Return a hint at a key that may be meant for the one that is missing."""
    spare = set(given) - set(_keys(model)) if isinstance(given, Mapping) else set()
    near = nearest(key, spare)
    return f" Is '{near}' meant?" if near else ""


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
