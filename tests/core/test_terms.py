"""Languages and risk areas are data that packages and folders add to."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tenken.errors import InputError
from tenken.results.pages.words import Words
from tenken.schema.record import in_order
from tenken.schema.vocabulary import Bilingual
from tenken.terms import known


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_DECLARED", {})
    known._installed.cache_clear()


def test_a_package_and_a_folder_add_and_take_nothing_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (
        ("terms_whole", "languages: {ain: {title: {en: Ainu, ja: アイヌ語}, script: Kana}, "
                        "en: {title: {en: Mine}}}"),
        ("terms_broken", "languages: {x: 1}"),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / known.TERMS_FILE).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    names = ("terms_broken", "terms_gone", "terms_whole")
    monkeypatch.setattr(
        known, "plugin_points", lambda group: [EntryPoint(each, each, group) for each in names]
    )
    (tmp_path / known.TERMS_FILE).write_text("areas: {privacy: {title: {en: Privacy}}}")
    known.declare(tmp_path / known.TERMS_FILE)
    known.declare(tmp_path / "no_such" / known.TERMS_FILE)
    assert known.languages()["ain"].title.ja == "アイヌ語"
    assert known.languages()["en"].title.en == "English"
    assert list(known.areas()) == ["misinformation", "criminal_misuse", "bias", "privacy"]
    assert known.title_of_area("privacy") == Bilingual(en="Privacy", ja="Privacy")
    assert known.title_of_area("bias") is None
    said = capsys.readouterr().err.splitlines()
    assert [line.split("'")[1] for line in said] == ["terms_broken", "terms_gone"]


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / known.TERMS_FILE
    path.write_text("areas: {Privacy Rights: {title: {en: X}}}")
    with pytest.raises(InputError, match=r"terms.yaml: areas"):
        known.declare(path)


def test_pages_name_what_they_know_and_show_the_rest() -> None:
    words = Words("ja", {"risk:privacy": Bilingual(en="Privacy", ja="プライバシー")})
    assert words.term("language", "vi") == "ベトナム語"
    assert words.term("risk", "privacy") == "プライバシー"
    assert Words("en").term("risk", "labour_rights") == "labour rights"
    assert in_order({"vi", "ar", "ja"}) == ("ja", "ar", "vi")
