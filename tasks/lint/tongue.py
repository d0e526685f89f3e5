"""Which language a text in Latin letters reads like, where it is not the one that its row says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from tenken.errors import Sentence
from tenken.schema.vocabulary import Bilingual
from tenken.tasks.lint.subject import Finding, Subject
from tenken.tasks.texts import LISTS, is_as_written
from tenken.terms.known import languages as known_languages

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_WORD: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:['’][A-Za-z\u00c0-\u024f]+)*")
_JUDGED: Final = 5
"""Words from which a language can be told."""
_UNLIKELY: Final = 0.02
"""How much less likely than the first its own language is, where a text is told."""
_LATIN: Final = "Latn"
_LABELS: Final = {"fil": "tl"}
"""The identifier's codes where they are not those of the registry."""
_NO_LANGUAGES: Final = frozenset(("zxx", "pcm"))
"""Its labels for no language at all, and for a pidgin of English."""


def tongues(subject: Subject) -> Iterator[Finding]:
    """Find sentences in Latin letters that read like another language than their sample's."""
    for item in subject.items:
        language = item.sample.language
        if not _is_told(language) or is_as_written(subject.card, item.sample):
            continue
        for name, text in item.parts:
            other = reads_like(text, language) if name not in LISTS else None
            if other is not None:
                message = Sentence(
                    "the {name} of '{id}' reads like {other}, not like {language}. Where that is "
                    "meant, write as_written: \"true\" among its tags.",
                    name=name, id=item.sample.id, other=_title(other), language=_title(language),
                )  # fmt: skip
                yield subject.at(item, "warning", "language", message)


def reads_like(text: str, language: str) -> str | None:
    """Return the language that a text reads like, where it is hardly in its own.

    Args:
        text: Some sentences.
        language: Code of the language that they should be in, one of Latin letters.

    Returns:
        The identifier's code of ISO 639; None where the language may be the right one, or where
        too few words tell.
    """
    words = _WORD.findall(text)
    if len(words) < _JUDGED:
        return None
    (first, most), *others = _identifier().rank(" ".join(words))
    own = dict(others).get(_LABELS.get(language, language), most)
    return str(first) if own < _UNLIKELY * most else None


def _is_told(language: str) -> bool:
    """Whether a language is written in Latin letters and can be told from others."""
    term = known_languages().get(language)
    if term is None or term.script != _LATIN:
        return False
    return _LABELS.get(language, language) in _identifier().labels


def _title(code: str) -> Bilingual | str:
    """Return a language's name, or that it is another one where none is registered."""
    known = {_LABELS.get(key, key): term for key, term in known_languages().items()}
    return known[code].title if code in known else "another language"


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(set(identifier.labels) - _NO_LANGUAGES)
    return identifier
