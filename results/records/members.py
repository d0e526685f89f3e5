"""A member of a log from its bytes: the header whole, of a sample what is read, and its images."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic_core import SchemaValidator, core_schema, from_json

_ATTACHED: Final = "attachment://"
_IMAGE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}\Z")
_MOST_IMAGES: Final = 8
"""Most images of a sample that are shown."""
_FIELDS: Final = (
    "id", "epoch", "input", "messages", "output", "error", "limit", "scores", "completed_at",
    "model_usage", "choices", "target", "metadata", "attachments",
)  # fmt: skip
_READ: Final = SchemaValidator(
    core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(core_schema.any_schema(), required=False)
            for name in _FIELDS
        },
        extra_behavior="ignore",
    )
)
"""Reads the named fields alone: half the time of reading a sample whole."""


def object_in(data: bytes) -> dict[str, Any]:
    """Return a member whole.

    Raises:
        ValueError: It is not JSON, or nested too deeply.
        TypeError: It is no object.
    """
    try:
        raw = from_json(data)  # twice as fast as the standard library
    except ValueError as error:  # it refuses halves of characters
        if "recursion" in str(error):
            raise
        raw = _whole_characters(json.loads(data))
    if not isinstance(raw, dict):
        raise TypeError("not an object")
    return raw


def sample_in(data: bytes) -> dict[str, Any]:
    """Return what is read of a sample; of the rest, most of a log, nothing is made."""
    try:
        raw: dict[str, Any] = _READ.validate_json(data)
    except ValueError:
        return object_in(data)
    return raw


def _whole_characters(value: Any) -> Any:
    """Replace halves of characters, which JSON can spell and no file can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_whole_characters(each) for each in value]
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(each) for key, each in value.items()}
    return value


def images_in(sample: dict[str, Any]) -> Iterator[str]:
    """Yield the images of a logged sample's input, as `data:` addresses and no other.

    Inspect sets long texts apart as attachments. Whatever is no image of a known kind is left out.

    Args:
        sample: The sample as the log has it.
    """
    turns, attached = sample.get("input"), sample.get("attachments")
    if isinstance(turns, str):
        return
    parts = [part for turn in _list(turns) for part in _list(_dict(turn).get("content"))]
    images = (_dict(part).get("image") for part in parts if _dict(part).get("type") == "image")
    for image in list(images)[:_MOST_IMAGES]:
        found = image
        if isinstance(found, str) and found.startswith(_ATTACHED):
            found = _dict(attached).get(found.removeprefix(_ATTACHED))
        if isinstance(found, str) and _IMAGE.match(found):
            yield found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
