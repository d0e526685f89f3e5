"""The arguments that a card gives a solver or scorer, checked against the function's own types."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, PydanticUserError, ValidationError, create_model
from pydantic_core import SchemaError

from tenken.errors import InputError, Sentence, Words
from tenken.io.faults import explain

_LISTED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def check_arguments(what: Words, factory: Callable[..., Any], args: Mapping[str, Any]) -> None:
    """Refuse arguments that a function does not take, and values of another type than it says.

    A misspelt choice (`turns: harmfull`) or a number in quotes would otherwise be taken for
    something else in silence. A type that has no meaning in a card is not checked.

    Args:
        what: What the function is, for the message, such as `the scorer 'tenken/refusal'`.
        factory: The function that makes the solver or scorer.
        args: The arguments, as read from YAML or JSON.

    Raises:
        InputError: An argument is missing, unknown, or of the wrong type.
    """
    model = arguments_of(factory)
    try:
        text = json.dumps(dict(args), ensure_ascii=False)
    except (TypeError, ValueError):
        return  # made in Python, of objects that no card can hold
    try:
        model.model_validate_json(text, strict=True)
    except ValidationError as error:
        missing = [each["loc"][0] for each in error.errors() if each["type"] == "missing"]
        if missing and set(args) <= set(model.model_fields):
            raise InputError(
                "{what} needs a value for {names}: give it as an argument, such as {first}=VALUE.",
                what=Sentence(what),
                names=", ".join(map(str, missing)),
                first=missing[0],
            ) from None
        raise InputError(
            "{what} cannot be made: {why}", what=Sentence(what), why=explain(error, model)
        ) from None


def arguments_of(factory: Callable[..., Any]) -> type[BaseModel]:
    """Return a function's arguments as a model, each with its type and default.

    Args:
        factory: The function that makes the solver or scorer.
    """
    function = inspect.unwrap(factory)
    hints = _hints(function)
    found: dict[str, Any] = {}
    takes_all = False
    for name, about in inspect.signature(function).parameters.items():
        takes_all = takes_all or about.kind is about.VAR_KEYWORD
        if about.kind in _LISTED:
            default = ... if about.default is about.empty else about.default
            found[name] = (_checkable(hints.get(name, Any)), default)
    config = ConfigDict(extra="allow" if takes_all else "forbid", protected_namespaces=())
    made: type[BaseModel] = create_model(function.__name__, __config__=config, **found)
    return made


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError):
        return {}  # a name that is imported for type checkers alone


def _checkable(hint: Any) -> Any:
    """Return a type that JSON can be checked against, Any for every other one."""
    try:
        create_model("Argument", value=(hint, ...)).model_json_schema()
    except (PydanticUserError, SchemaError, TypeError, NameError):
        return Any
    return hint
