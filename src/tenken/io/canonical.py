"""One byte form for every value, so that equal things have equal digests."""

from __future__ import annotations

import hashlib
import json
import math
import re
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json, to_json

from tenken.errors import RuleError

_CHUNK = 1 << 20
_BLOCK: Final = 64
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)

_EXPONENT = re.compile(rb"[0-9]e[-+][0-9]")
"""What numbers in scientific form have: the fast writer spells them in another way."""


def canonical_json(value: Any) -> bytes:
    """Return the one JSON form of `value`: sorted keys, no blanks, UTF-8, no NaN.

    Numbers are written as Python writes them: the shortest digits that read back as the same
    float, which is what RFC 8785 asks for within the range that the reports use.

    Args:
        value: Anything made of dicts with string keys, lists, strings, numbers, bools and None.

    Raises:
        ValueError: A float is NaN or infinite: neither has a JSON form.
    """
    return _CANONICAL.encode(value).encode()


def pretty_json(value: Any) -> bytes:
    """Return a stable JSON form for people to read: sorted keys, two blanks, a last newline.

    Raises:
        ValueError: A float is NaN or infinite.
    """
    plain = canonical_json(value)
    try:
        if not _EXPONENT.search(plain):
            return to_json(from_json(plain), indent=2) + b"\n"
    except ValueError:
        pass  # nested too deeply for it
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def check_json(data: bytes) -> None:
    """Refuse a JSON text that can be read in two ways, or holds what no reader agrees on.

    Raises:
        ValueError: Not JSON, a key is in one object twice, or a number is not finite.
    """
    try:
        json.loads(data, object_pairs_hook=refuse_doubles, parse_constant=_no_constant)
    except RecursionError:
        raise RuleError("nested too deeply") from None


def refuse_doubles(pairs: list[tuple[str, Any]]) -> None:
    """Refuse a JSON object that has a key twice.

    Args:
        pairs: Its keys and values, as `json.loads` gives them to an `object_pairs_hook`.

    Raises:
        RuleError: A key is there twice.
    """
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise RuleError("the key '{double}' is listed twice", double=double)


def _no_constant(name: str) -> None:
    raise RuleError("{name} is not a finite number", name=name)


def sha256_bytes(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON form of `value`, as 64 hexadecimal digits."""
    return sha256_bytes(canonical_json(value))


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, read in pieces, as 64 hexadecimal digits.

    Raises:
        OSError: The file cannot be read.
    """
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            state.update(piece)
    return state.hexdigest()


def salted_digest(salt: bytes, value: Any) -> str:
    """Return the HMAC-SHA-256 of the canonical form of a value under a salt.

    Short answers ("A", "yes") could be guessed from a plain digest; without the salt they cannot
    be.

    Args:
        salt: Secret random bytes, one salt for a run.
        value: Anything that `canonical_json` takes.

    Returns:
        64 hexadecimal digits.
    """
    return salted_sha256(salt, canonical_json(value))


def answer_digest(salt: bytes, place: tuple[str, str, int], answer: str) -> str:
    """Return the digest of a sample's answer under a key of its own.

    Equal answers of two samples have other digests, so that what is known of one says nothing of
    another.

    Args:
        salt: The run's salt.
        place: Name of the task in the log, id of the sample, epoch.
        answer: The answer.
    """
    task, sample, epoch = place
    named = b'["answer",%b,%b,%d]' % (canonical_json(task), canonical_json(sample), epoch)
    return salted_digest(hmac_sha256(salt, named), answer)


def salted_sha256(salt: bytes, data: bytes) -> str:
    """Return the HMAC-SHA-256 (RFC 2104) of some bytes under a salt.

    Args:
        salt: Secret random bytes; the key of the HMAC.
        data: The bytes.

    Returns:
        64 hexadecimal digits.
    """
    return hmac_sha256(salt, data).hex()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """Return the HMAC-SHA-256 (RFC 2104) of some bytes, in a quarter of the time of `hmac.digest`.

    Args:
        key: The key.
        data: The bytes.
    """
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = hashlib.sha256(block.translate(_INNER) + data).digest()
    return hashlib.sha256(block.translate(_OUTER) + inner).digest()


def finite(value: float | None) -> float | None:
    """Return `value`, or None where it is NaN or infinite: JSON and readers know no NaN."""
    return None if value is None or not math.isfinite(value) else float(value)
