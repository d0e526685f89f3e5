"""Runs of Latin words in Japanese texts: English that somebody forgot to put into words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_RUN = re.compile(r"[A-Za-z][A-Za-z'’]*(?:[,;]? [A-Za-z][A-Za-z'’]*)+")
_PLAIN = re.compile(r"\b[a-z]{2,}\b")
_DETAIL = re.compile("（詳細：.*）")
"""What a reader of a file said of it, which pages quote as it is."""
_ASIDE = frozenset({"script", "style", "code", "pre", "kbd", "samp", "textarea"})
"""What is code, or a model's text."""
_VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "wbr", "line", "circle", "path"})
_READ = ("aria-label", "title", "alt", "placeholder", "data-label")

_QUOTED = re.compile(r"「[^」]*」|`[^`]*`|\{[^}]*\}|\[[^\]]*\]|https?://\S+|：tenken [ -~]+")
"""Values, commands and what is to be written, which are the same in every language."""
_THREE = re.compile(r"(?:[A-Za-z][A-Za-z'’]* ){2,}[A-Za-z]+")


def english_in(sentence: str) -> list[str]:
    """Return the runs of at least three Latin words in a sentence, but for what it quotes.

    Args:
        sentence: A line of the terminal in Japanese.
    """
    return _THREE.findall(_QUOTED.sub("・", sentence))


class _Text(HTMLParser):
    """Collects what a reader reads of a page in Japanese, without code and foreign texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = given.get("lang") not in (None, "ja") or given.get("translate") == "no"
        aside = tag in _ASIDE or foreign or bool(self._open and self._open[-1][1])
        if tag not in _VOID:
            self._open.append((tag, aside))
        if not aside:
            self.found += [value for name in _READ if (value := given.get(name))]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1][1]):
            self.found.append(_DETAIL.sub("", data))


def english_on(page: str) -> set[str]:
    """Return the runs of at least two Latin words, one of them a plain word, on a page.

    Args:
        page: The page's HTML; what it marks as code, as of another language, or as not to be
            translated is passed over.
    """
    runs = {each for part in texts_of(page) for each in _RUN.findall(part)}
    return {each for each in runs if _PLAIN.search(each)}


def texts_of(page: str) -> list[str]:
    """Return what a reader reads of a page in Japanese, without code and foreign texts.

    Args:
        page: The page's HTML.
    """
    text = _Text()
    text.feed(page)
    return [" ".join(part.split()) for part in text.found]
