"""What all models of written files have in common, and how their JSON Schemas are made."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Frozen(BaseModel):
    """A model whose fields never change, and which knows no other fields.

    It is built when first used: most commands need few of the models. In its JSON Schema, what
    the docstring's "Attributes" say is the description of each property.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the descriptions of the properties."""
        names = {name: field.alias or name for name, field in cls.model_fields.items()}
        return described(cls, names, core, handler)


def described(
    kind: type, names: Mapping[str, str], core: CoreSchema, handler: GetJsonSchemaHandler
) -> dict[str, Any]:
    """Return a class's JSON Schema with what its docstring says of it and of its properties.

    Args:
        kind: The class.
        names: By attribute, the name of its property.
        core: Pydantic's schema of the class.
        handler: What makes a JSON Schema of that.
    """
    made = handler(core)
    schema = handler.resolve_ref_schema(made)
    schema["description"] = _summary(kind)
    about = _attributes(kind)
    for name, written in names.items():
        place = schema.get("properties", {}).get(written)
        if place is not None and name in about:
            place["description"] = about[name]
    return made


def json_schema(model: type[BaseModel], address: str) -> dict[str, Any]:
    """Return the JSON Schema of a written file.

    Args:
        model: The model of the whole file.
        address: The schema's name, which the file has under `schema`.
    """
    made = _untitled(model.model_json_schema())
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "$id": address, **made}


def _untitled(node: Any) -> Any:
    """Leave out the titles that pydantic makes of names."""
    if isinstance(node, list):
        return [_untitled(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _untitled(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
    }


def _summary(model: type) -> str:
    return (inspect.getdoc(model) or "").partition("\n\n")[0].replace("\n", " ")


def _attributes(model: type) -> dict[str, str]:
    """Return what the docstrings of a model and its bases say of each attribute."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        _, _, text = inspect.cleandoc(each.__doc__ or "").partition("Attributes:\n")
        text = re.split(r"\n(?=\S)", text)[0]
        for name, words in re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE):
            found[name] = re.sub(r"\s+", " ", words)
    return found
