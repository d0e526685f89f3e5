"""The text side of the refusal classifier: one normal form, sentences, quotes, prompt overlap."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from tenken.scorers._refusal.wrapping import joined, unescaped
from tenken.scorers._text.lookalikes import latin
from tenken.scorers._text.unicode import uniform

Language = Literal["en", "ja"]

# A refusal shows at the start of an answer or in its last words. Reading no further keeps the
# cost of a 100,000-character answer the same as that of a long one.
HEAD_CHARACTERS: Final = 5000
TAIL_CHARACTERS: Final = 1000

_DASHES: Final = str.maketrans({"\u2013": "-", "\u2014": " - ", "\u2015": " - "})
# Verbs whose apostrophe was left out.
_APOSTROPHE_LEFT_OUT: Final = re.compile(
    r"\b(can|won|don|doesn|isn|couldn|shouldn|wouldn|didn|aren)t\b|\b(i)m\b"
)
_LINE_TAG: Final = re.compile(r"</?(?:p|br|div|li|ul|ol|h[1-6]|tr|table)\b[^<>]{0,80}>")
_WORD_TAG: Final = re.compile(r"</?(?:b|i|u|em|strong|span|font|small|mark|a|td)\b[^<>]{0,200}>")
_EMPHASIS: Final = re.compile(
    r"\*{2,3}|(?<![\w*])[*_](?=[^\W_])|(?<=[^\W_])[*_](?![\w*])|\b__|__\b"
)
_FENCED: Final = re.compile(r"```(?:text|txt|markdown|md|plaintext)?\n([^`;{}=<>]*)```")
_SPACES: Final = re.compile(r"[^\S\n]+")
_BLANK_LINES: Final = re.compile(r" ?\n[ \n]*")
# Spaces between two Japanese characters carry nothing (a full-width habit of some models).
_JAPANESE_GAP: Final = re.compile(r"(?<=[ぁ-んァ-ヶー一-龥、。]) +(?=[ぁ-んァ-ヶー一-龥、。])")
_KANA: Final = re.compile(r"[ぁ-んァ-ヶ]")
_JAPANESE: Final = re.compile(r"[ぁ-んァ-ヶ一-龥]")
_LATIN_WORD: Final = re.compile(r"[a-z][a-z']*")
_FENCE: Final = re.compile(r"```[^`]{0,4000}(?:```|\Z)")
_QUOTE: Final = re.compile(
    r'"[^"\n]{2,600}"|「[^「」\n]{2,600}」|『[^『』\n]{2,600}』|(?<!\w)\'[^\'\n]{12,300}\'(?!\w)'
)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。!?！？])|\n+")
_HEADED: Final = re.compile(
    r"\A(?:【(?:回答|応答|返答|答え|最終回答)】\s*"
    r"|(?:final |the )?(?:answer|response|output|reply|回答|応答|返答)\s*:\s*(?=[\"「`]))"
)
_TICKED: Final = re.compile(r"`([^`\n]+)`")
_WRAPPED: Final = re.compile(r'\s*(?:"([^"]*)"|「([^「」]*)」|『([^『』]*)』)\s*\Z')
_CONTENT_JA: Final = re.compile(r"[一-龥]{2,}|[ァ-ヶー]{2,}|[a-z0-9]{2,}")
_STOPWORDS: Final = frozenset(
    "what which where when does have with that this from your they them there their about would "
    "could should into some someone people best good ways way make many much more most please "
    "write tell give explain describe list help need want just like being been were will".split()
)
QUOTE_MARK: Final = "\u241f"
CODE_MARK: Final = "\u2420"
_STEM_LETTERS: Final = 5
_SHORT_WORD: Final = 4


def normalise(text: str) -> str:
    """Bring a text to the form that every cue is written in.

    Args:
        text: Any text, whatever its width, case or quotation marks.

    Returns:
        NFKC, lower case, straight quotation marks, single spaces, no emphasis, at most the first
        ``HEAD_CHARACTERS`` and the last ``TAIL_CHARACTERS`` characters.
    """
    if len(text) > HEAD_CHARACTERS + TAIL_CHARACTERS:
        text = text[:HEAD_CHARACTERS] + "\n" + text[-TAIL_CHARACTERS:]
    text = latin(uniform(unescaped(text)))[: 2 * (HEAD_CHARACTERS + TAIL_CHARACTERS)]
    text = _WORD_TAG.sub("", _LINE_TAG.sub("\n", text.lower().translate(_DASHES)))
    text = _SPACES.sub(" ", _EMPHASIS.sub("", text))
    text = _APOSTROPHE_LEFT_OUT.sub(_with_apostrophe, joined(text))
    return _BLANK_LINES.sub("\n", _JAPANESE_GAP.sub("", text)).strip()


def _with_apostrophe(found: re.Match[str]) -> str:
    return f"{found[1]}'t" if found[1] else "i'm"


def detect_language(*texts: str) -> Language:
    """Tell Japanese from English by script; the first text that has letters decides.

    Args:
        *texts: Normalised texts, the most telling first (the prompt, then the response).

    Returns:
        ``"ja"`` where kana or kanji make up a fair part of the letters, else ``"en"``.
    """
    for text in texts:
        sample = text[:1500]
        japanese = len(_JAPANESE.findall(sample))
        words = len(_LATIN_WORD.findall(sample))
        if _KANA.search(sample) and 2 * japanese > words:
            return "ja"
        if words:
            return "en"
    return "ja" if any(_JAPANESE.search(text) for text in texts) else "en"


def unwrap(text: str) -> str:
    """Take off a heading, and code marks or quotation marks that hold the whole text."""
    text = _HEADED.sub("", text.strip())
    fenced = _FENCED.fullmatch(text) or _TICKED.fullmatch(text)
    text = text if fenced is None else fenced[1].strip()
    found = _WRAPPED.match(text)
    return text if found is None else next(part for part in found.groups() if part is not None)


def content_terms(text: str, language: Language) -> frozenset[str]:
    """Collect what a text is about: cut-down words, or kanji and katakana pairs.

    Args:
        text: A normalised text.
        language: Which kind of terms to collect.

    Returns:
        Terms that can be compared between a prompt and an answer.
    """
    if language == "en":
        words = _LATIN_WORD.findall(text)
        return frozenset(
            word[:_STEM_LETTERS]
            for word in words
            if len(word) >= _SHORT_WORD and word not in _STOPWORDS
        )
    runs = _CONTENT_JA.findall(text)
    return frozenset(run[i : i + 2] for run in runs for i in range(len(run) - 1))


def fullness(pattern: re.Pattern[str], text: str, most: int = 3) -> float:
    """Count matches up to a number, as a share of it.

    Args:
        pattern: What to look for.
        text: Where to look; reading stops at the last match that counts.
        most: How many matches count in full.

    Returns:
        A share in [0, 1].
    """
    found = 0
    for _ in pattern.finditer(text):
        found += 1
        if found == most:
            break
    return found / most


@dataclass(frozen=True)
class Passage:
    """An answer beside its prompt, both in normal form, with what several cues share.

    Attributes:
        text: The normalised answer, without quotation marks around the whole of it.
        prompt: The normalised prompt, empty where none was given.
        language: The language whose cues are read.
    """

    text: str
    prompt: str
    language: Language

    @cached_property
    def plain(self) -> str:
        """The text with code and quotations replaced by a mark: words the model itself says."""
        return _QUOTE.sub(QUOTE_MARK, _FENCE.sub(CODE_MARK, self.text))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences and lines of ``plain`` that hold anything."""
        return tuple(part.strip() for part in _SENTENCE_END.split(self.plain) if part.strip())

    @cached_property
    def prompt_terms(self) -> frozenset[str]:
        """What the prompt is about."""
        return content_terms(self.prompt, self.language)

    def overlap(self, text: str) -> float:
        """Share of the prompt's content terms that a text holds, in [0, 1]; 0 without any."""
        if not self.prompt_terms:
            return 0.0
        return len(self.prompt_terms & content_terms(text, self.language)) / len(self.prompt_terms)
