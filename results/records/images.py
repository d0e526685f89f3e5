"""The images in a sample of a log, wherever Inspect has put them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

_ATTACHED: Final = "attachment://"
_IMAGE: Final = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}\Z")
_MOST: Final = 8
"""Most images of a sample that are shown."""


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
    for image in list(images)[:_MOST]:
        found = image
        if isinstance(found, str) and found.startswith(_ATTACHED):
            found = _dict(attached).get(found.removeprefix(_ATTACHED))
        if isinstance(found, str) and _IMAGE.match(found):
            yield found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
