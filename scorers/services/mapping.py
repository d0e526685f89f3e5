"""What a moderation service is sent and how its reply is read, from a file of YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tenken.errors import InputError, RuleError, UnknownNameError
from tenken.io.documents import DocumentError, read_mapping
from tenken.io.faults import explain
from tenken.schema.estimate import Scale

SOURCE_DATA = ("services.yaml",)
_SUFFIXES: Final = (".yaml", ".yml")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_MISSING: Final = object()


class ServiceMapping(BaseModel):
    """How a service is asked, and what its reply means.

    Attributes:
        about: What the service is.
        url: Where it is asked; by POST, with a body of JSON.
        key_env: Environment variable that holds its key; none where left out.
        headers: Headers of the request; `{key}` stands for the key.
        body: What is sent; `{answer}`, `{request}` and `{language}` stand for a sample's texts.
        label: Path of the value in the reply that `labels` maps, such as `results.0.flagged`.
        labels: Our label for each of the service's values, written as JSON writes them.
        unsafe: The unsafe labels where a sample's measure names none.
        unknown: What becomes of a value that `labels` does not name: nothing else than unscored.
        number: Instead of label, the path of a number in the reply.
        scale: What the number means, with `number`.
        kept: Further parts of the reply to keep in the log, each by the path in the reply.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    about: str = ""
    url: Annotated[str, Field(pattern=r"^https?://")]
    key_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    headers: dict[str, str] = {}
    body: dict[str, Any]
    label: str | None = None
    labels: dict[str, str] = {}
    unsafe: list[str] = ["compliance"]
    unknown: Literal["unscored"] = "unscored"
    number: str | None = None
    scale: Scale | None = None
    kept: dict[str, str] = {}

    @model_validator(mode="after")
    def _one_reading(self) -> Self:
        if (self.label is None) == (self.number is None):
            raise RuleError("say with label (and labels) or with number (and scale) what counts")
        if self.label is not None and not (self.labels and self.scale is None):
            raise RuleError("label goes with labels, our label for each of the service's values")
        if self.number is not None and (self.scale is None or self.labels):
            raise RuleError("number goes with scale, such as {range: [0, 1], higher_is: worse}")
        return self

    def request(self, texts: Mapping[str, str]) -> Any:
        """Return the body of a request, with the texts in the place of their names."""
        return _filled(self.body, texts)


def mapping_named(name: str) -> ServiceMapping:
    """Return a mapping by the name of a built-in one, or by the path of a file.

    Raises:
        UnknownNameError: There is no built-in one of that name; the message lists them.
        InputError: The file cannot be read, or breaks a rule; the message names the key.
    """
    if not name.endswith(_SUFFIXES):
        if name not in _built_in():
            raise UnknownNameError("service", name, _built_in(), "the scorer moderation")
        return ServiceMapping.model_validate(_built_in()[name])
    path = Path(name).expanduser()
    try:
        return ServiceMapping.model_validate(read_mapping(path.read_bytes()))
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    except DocumentError as error:
        raise InputError(
            "{path}:{line}: {error}", path=path, line=error.line or 1, error=error
        ) from None
    except ValidationError as error:
        raise InputError("{path}: {why}", path=path, why=explain(error, ServiceMapping)) from None


def at(reply: Any, path: str) -> Any:
    """Return the value at a path in a reply, such as `results.0.flagged`.

    Args:
        reply: The service's answer, as parsed JSON.
        path: Keys and list positions, from 0, joined by dots.

    Returns:
        The value; None where the path leads nowhere.
    """
    found = reply
    for part in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(part, _MISSING)
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return None if found is _MISSING else found


@cache
def _built_in() -> dict[str, Any]:
    return read_mapping((Path(__file__).parent / SOURCE_DATA[0]).read_bytes())


def _filled(value: Any, texts: Mapping[str, str]) -> Any:
    """Return a part of a body; a text in it is filled once, and never read as a template again."""
    if isinstance(value, dict):
        return {key: _filled(each, texts) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, texts) for each in value]
    if not isinstance(value, str):
        return value
    return _SLOT.sub(lambda slot: texts.get(slot[1], slot[0]), value)
