"""Bundles that earlier versions wrote still verify."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenken.results.verify.verify import is_whole, verify_bundle

BUNDLES = sorted((Path(__file__).resolve().parents[2] / "data" / "bundles").iterdir())


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.name)
def test_a_bundle_of_an_earlier_version_verifies(bundle: Path) -> None:
    findings = verify_bundle(bundle, None)
    assert is_whole(findings), [each for each in findings if each.status == "wrong"]
