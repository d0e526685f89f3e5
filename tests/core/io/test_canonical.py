"""The one byte form of values, and the digests over it."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.io import canonical

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(each) for key, each in reversed(list(value.items()))}
    return [_reversed(each) for each in value] if isinstance(value, list) else value


@given(VALUES)
def test_the_order_of_keys_changes_nothing(value: Any) -> None:
    assert canonical.canonical_json(value) == canonical.canonical_json(_reversed(value))


@given(VALUES)
def test_both_forms_read_back_as_the_same_value(value: Any) -> None:
    assert json.loads(canonical.canonical_json(value)) == value
    assert json.loads(canonical.pretty_json(value)) == value


def test_the_form_is_the_one_of_rfc_8785_for_what_reports_hold() -> None:
    value = {"b": [1, 0.5, 1e-7, True, None], "a": "点検\n", "é": {}}
    assert canonical.canonical_json(value).decode() == (
        '{"a":"点検\\n","b":[1,0.5,1e-07,true,null],"é":{}}'
    )


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical.canonical_json({"x": number})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical.pretty_json([number])
    assert canonical.finite(number) is None


def test_finite_keeps_numbers_and_none() -> None:
    assert canonical.finite(0.25) == 0.25
    assert canonical.finite(None) is None


def test_digests_are_those_of_the_bytes(tmp_path: Path) -> None:
    data = b"x" * ((1 << 20) + 7)
    (tmp_path / "file").write_bytes(data)
    expected = hashlib.sha256(data).hexdigest()
    assert canonical.sha256_file(tmp_path / "file") == canonical.sha256_bytes(data) == expected
    assert canonical.digest("A") == hashlib.sha256(b'"A"').hexdigest()


def test_a_salt_hides_what_a_plain_digest_would_give_away() -> None:
    with_one, with_other = (canonical.salted_digest(salt, "A") for salt in (b"1" * 32, b"2" * 32))
    assert len({with_one, with_other, canonical.digest("A")}) == 3
    assert with_one == canonical.salted_digest(b"1" * 32, "A")


@given(VALUES)
def test_the_form_for_people_is_the_one_of_the_standard_library(value: Any) -> None:
    plain = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    assert canonical.pretty_json(value) == (plain + "\n").encode()


@pytest.mark.parametrize("value", [1e-5, {"rate": 1e16}, [2**70], "3e-05", {"e-5": {}}])
def test_numbers_in_scientific_form_are_spelt_as_ever(value: Any) -> None:
    plain = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False)
    assert canonical.pretty_json(value) == (plain + "\n").encode()


def test_deep_values_have_a_form_for_people() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert json.loads(canonical.pretty_json(deep)) == deep
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical.pretty_json({"rate": math.nan})


@given(st.binary(max_size=200), st.binary(max_size=300))
def test_the_keyed_digest_is_the_one_of_the_standard_library(key: bytes, data: bytes) -> None:
    assert canonical.hmac_sha256(key, data) == hmac.digest(key, data, "sha256")
