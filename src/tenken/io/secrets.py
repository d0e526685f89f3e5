"""Secrets that a run could know, in every spelling, so that none of them is ever written."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

MASK: Final = "[secret]"
"""What is written in the place of a secret."""

_SECRET_NAME: Final = re.compile(
    r"(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(_|$)", re.IGNORECASE
)
"""Names of variables that hold secrets: every one that Inspect's providers read is among them."""

_NO_SECRET: Final = re.compile(r"(_FILE|_PATH|_URL|_ID)$|^TENKEN_SIGNING_KEY$")
_SHORTEST: Final = 8
"""A shorter value, such as the `none` or `EMPTY` that local servers take, is in ordinary words."""


class Secrets:
    """Secrets by the name of their variable, with all of their spellings."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Take secrets by name; empty values are none."""
        self._names = {
            form: name for name, value in sorted(values.items()) if value for form in forms(value)
        }
        self._forms = sorted(self._names, key=len, reverse=True)
        self._bytes = [(form.encode(), self._names[form]) for form in self._forms]

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._forms)

    def masked(self, value: Any) -> Any:
        """Return a text, or a value made of texts, with every secret masked."""
        if isinstance(value, str):
            for form in self._forms:
                if form in value:
                    value = value.replace(form, MASK)
            return value
        if isinstance(value, dict):
            return {self.masked(key): self.masked(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            parts = [self.masked(each) for each in value]
            return parts if isinstance(value, list) else tuple(parts)  # of a named one too
        return value

    def found_in(self, data: bytes) -> str:
        """Return the name of a secret that is in some bytes, empty for none."""
        return next((name for form, name in self._bytes if form in data), "")


def known_secrets(named: Iterable[str | None] = ()) -> Secrets:
    """Return the secrets in the environment.

    Args:
        named: Variables that hold a secret because somebody said so, whatever they are called.
    """
    certain = {name for name in named if name}
    return Secrets(
        {
            name: value
            for name, value in os.environ.items()
            if len(value) >= _SHORTEST and (name in certain or _is_secret(name, value))
        }
    )


def _is_secret(name: str, value: str) -> bool:
    looks = _SECRET_NAME.search(name) and not _NO_SECRET.search(name)
    return bool(looks) and not os.path.exists(value)


def forms(secret: str) -> set[str]:
    """Return the spellings of a secret: plain, JSON, Python, base64, URL and hexadecimal."""
    raw = secret.encode()
    found = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    found |= {json.dumps(secret, ensure_ascii=False)[1:-1]}
    found |= {each.replace("/", "\\/") for each in found}
    found |= {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    found |= {raw.hex(), raw.hex().upper()}
    found |= {each.lower() for each in found if "%" in each}
    return found | set(_base64_forms(raw))


def _base64_forms(raw: bytes) -> Iterator[str]:
    """Yield what base64 makes of a secret at each place in a longer text (RFC 4648)."""
    if len(raw) < _SHORTEST:
        yield from (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode())
        return
    for before, start in ((0, 0), (1, 2), (2, 3)):
        padded = bytes(before) + raw
        end = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(padded).decode()[start:end]
