"""Texts that are not what their row says: in another language, left to be filled in, an example's.

Checking a task, planning a run and making one all ask here: such a text is asked like any other,
and the figure would say nothing of the risk.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from tenken.errors import Sentence, Words
from tenken.schema.record import LANGUAGES
from tenken.schema.vocabulary import Bilingual
from tenken.tasks.card.card import Card
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.examples import descriptions, is_example
from tenken.terms.known import languages as known_languages

Level = Literal["error", "warning"]
AS_WRITTEN: Final = "as_written"
"""The tag, `true` or `false`, of a sample whose texts are meant as they stand."""

_PROSE_KEYS: Final = ("turns", "swapped", "world")
"""Keys of a sample's metadata whose texts are put to the model too."""
LISTS: Final = ("world", "choices")
"""Parts of a sample that are lists, names and figures rather than sentences."""
_UNSEEN: Final = ("role", "keywords")
"""Keys inside them that no model reads: who speaks, and the words that a search answers to."""

_LEFT: Final = re.compile(
    r"(?=(?i:[{$<【こ\[tfxlpiy]))(?:"  # how each of them begins: most places are passed at once
    r"\{\{.*?\}\}|(?<![\\\w}^])\{[A-Za-z_]+\}|\$\{|<[A-Z][A-Z_ ]+>|\b(?:TODO|TBD|FIXME|XXX+)\b"
    r"|(?i:\[(?:insert|your|name|todo|tbd)\b[^\]]*\]|lorem ipsum|\bplaceholder (?:text|prompt)\b"
    r"|<(?:insert|your|todo)\b[^>]*>|\binsert (?:your |the |a )?(?:text|prompt|question) here\b"
    r"|\byour (?:text|prompt|question) here\b)"
    r"|【(?:記入|要記入|ここに)[^】]*】"
    r"|ここに(?:質問|文|文章|本文|テキスト|プロンプト|内容)?を?(?:記入|入力|書))"
)
_NOTHING: Final = frozenset(
    "todo tbd tba fixme placeholder xxx text input prompt question test testing sample example foo "
    "bar foobar asdf none null nan n/a na undefined テスト 未定 未記入 要記入 記入 未入力 ダミー "
    "サンプル 例 例文 仮 質問 質問文 本文 テキスト 文章 プロンプト".split()
)
"""Texts that, alone, stand for one that was never written."""
_SPARE: Final = frozenset("todo tbd tba fixme placeholder 未記入 要記入".split())
"""Those that are no answer to choose either."""
_ODD_SIGN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]")
"""Control signs (Unicode's category Cc) but tab and line ends, and what stands for no sign."""
_EDGE: Final = re.compile(r"^[\W_]+|[\W_]+$")

_JUDGED: Final = 12
"""Letters, or words of English, from which the share of a script is judged."""
_SHORT: Final = 3
"""Words of English that are no Japanese text, however short it is."""
_SAME: Final = 8
"""Weight of a text that cannot be the same in two languages, as a number or a name can."""

_LATIN_WORD: Final = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_KANA: Final = re.compile("[\u3041-\u309f\u30a0-\u30ff\uff66-\uff9d]")
_HAN: Final = re.compile("[\u3005\u3400-\u9fff]")
_SIGNS: Final = re.compile(f"[{_KANA.pattern[1:-1]}{_HAN.pattern[1:-1]}\u0370-\u1fff\uac00-\ud7af]")
"""Kana, kanji and the letters of other scripts."""
_LATIN_WORD_WEIGHT: Final = 2
"""Characters of Japanese that say about as much as a word of English, by the library's pairs."""
_LATIN: Final = "Latn"
_NO_KANA: Final = "is not in Japanese: it has hardly any kana or kanji"


@dataclass(frozen=True, slots=True)
class TextFault:
    """One text that is not what it is said to be.

    Attributes:
        rule: What was looked at: `language`, `placeholder` or `example`.
        message: What is wrong and what to write instead.
        level: Whether the task can be asked all the same.
        key: Key of the card that it is about.
        sample: Id of the sample that it is about; empty for the card.
    """

    rule: Literal["language", "placeholder", "example"]
    message: Words
    level: Level = "error"
    key: str = ""
    sample: str = ""


def text_faults(card: Card, samples: Sequence[TaskSample]) -> Iterator[TextFault]:
    """Yield the texts of a task that are not what they are said to be.

    Args:
        card: The task's card; its prompts and titles are looked at too.
        samples: The samples to look at.
    """
    yield from _of_card(card)
    for sample in samples:
        if not is_as_written(card, sample):
            yield from _of_sample(card, sample)
    yield from _same_in_two(card, samples)


def parts_of_sample(sample: TaskSample) -> Iterator[tuple[str, str]]:
    """Yield the name (`input`, `turn 1`, `swapped`, ...) and text of all that a model is shown."""
    if isinstance(sample.input, str):
        yield "input", sample.input
    else:
        for number, message in enumerate(sample.input, 1):
            yield Sentence("message {number}", number=number), message["content"]
    for key in _PROSE_KEYS:
        texts = list(_texts_in(sample.metadata.get(key)))
        if key == "turns":
            for number, text in enumerate(texts, 1):
                yield Sentence("turn {number}", number=number), text
        elif texts:
            yield key, "\n".join(texts)


def wrong_signs(sample: TaskSample) -> Iterator[Words]:
    """Yield what a wrong encoding leaves behind: another text would be asked than was written.

    Args:
        sample: The sample.
    """
    texts = (
        [sample.input] if isinstance(sample.input, str) else [m["content"] for m in sample.input]
    )
    for text in (*texts, *sample.choices):
        if odd := _ODD_SIGN.search(text):
            yield Sentence(
                "a text has the sign U+{ord:04X}, which shows nothing; it was probably read in "
                "a wrong encoding (dataset.encoding).",
                ord=ord(odd[0]),
            )
            return


def weight(text: str) -> int:
    """Return a length that is comparable between the languages, in characters of Japanese.

    Args:
        text: English, Japanese, or one that quotes the other.
    """
    return _LATIN_WORD_WEIGHT * len(_LATIN_WORD.findall(text)) + _other_signs(text)


def _texts_in(value: Any) -> Iterator[str]:
    """Yield the texts inside a value of metadata, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key not in _UNSEEN:
                yield from _texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)


def is_as_written(card: Card, sample: TaskSample) -> bool:
    """Whether a sample's texts are meant as they stand.

    Args:
        card: The task's card, which can say so for all.
        sample: The sample, whose tag decides.
    """
    return sample.tags.get(AS_WRITTEN, "true" if card.as_written else "false") == "true"


def _of_card(card: Card) -> Iterator[TextFault]:
    if card.description.en.strip() in descriptions():
        said = "the description is still that of 'tenken new'; say what is measured."
        yield TextFault("example", said, key="description")
    if card.as_written:
        return
    for code in card.languages:
        template = card.prompt.of(code).replace("{input}", "").replace("{choices}", "")
        flaw = _language_flaw(code, template, prose=False)
        if flaw is not None:
            said = Sentence(
                "prompt.{code} {flaw}. Where that is meant, write as_written: true in the card.",
                code=code, flaw=flaw[1],
            )  # fmt: skip
            yield TextFault("language", said, flaw[0], key="prompt")
    criterion = card.scorer.args.get("criterion")
    for text in criterion.values() if isinstance(criterion, dict) else (criterion,):
        if isinstance(text, str) and _left_in(text):
            said = "the criterion of the scorer is left to fill in."
            yield TextFault("placeholder", said, key="scorer")
    named = [("title", Sentence("title"), card.title)]
    named += [("description", Sentence("description"), card.description)]
    named += [
        ("measures", Sentence("title of measure '{key}'", key=each.key), each.title)
        for each in card.measures
    ]
    for key, name, text in named:
        if _left_in(text.en) or _left_in(text.ja):
            said = Sentence("the {name} is left to fill in.", name=name)
            yield TextFault("placeholder", said, key=key)
        elif _swapped(text):
            said = Sentence("en and ja of the {name} are swapped.", name=name)
            yield TextFault("language", said, key=key)


def _of_sample(card: Card, sample: TaskSample) -> Iterator[TextFault]:
    if is_example(sample):
        said = Sentence("'{id}' is an example of 'tenken new'; write your own item.", id=sample.id)
        yield TextFault("example", said, sample=sample.id)
    parts = list(parts_of_sample(sample))
    for name, text in [*parts, *(("choices", each) for each in sample.choices)]:
        found = _left_in(text, choice=name == "choices")
        if found:
            shown = Sentence("'{found}'", found=found[:40])
            shown = Sentence("a place") if card.dataset.private else shown
            said = Sentence(
                "the {name} of '{id}' has {shown} left to fill in. Where that is meant, write "
                "as_written: \"true\" among its tags.",
                name=name, id=sample.id, shown=shown,
            )  # fmt: skip
            yield TextFault("placeholder", said, sample=sample.id)
    for name, text in [*parts, ("choices", "\n".join(sample.choices))]:
        prose, short = name not in LISTS, name != "world"
        flaw = _language_flaw(sample.language, text, prose=prose, short=short)
        if flaw is not None:
            level: Level = "warning" if name == "choices" else flaw[0]
            said = Sentence(
                "the {name} of '{id}' {flaw}. Where that is meant, write as_written: \"true\" "
                "among its tags.",
                name=name, id=sample.id, flaw=flaw[1],
            )  # fmt: skip
            yield TextFault("language", said, level, sample=sample.id)


def _same_in_two(card: Card, samples: Sequence[TaskSample]) -> Iterator[TextFault]:
    """Yield samples with the very text of their other language's."""
    by_pair: dict[str, list[TaskSample]] = {}
    for sample in samples:
        by_pair.setdefault(sample.pair_id, []).append(sample)
    for pair in by_pair.values():
        for first, second in pairwise(pair):
            if first.language == second.language:
                continue
            one, other = (
                "\n".join(text for _, text in parts_of_sample(each)) for each in (first, second)
            )
            if one != other or weight(one) < _SAME:
                continue
            if not is_as_written(card, second):
                said = Sentence(
                    "'{id}' has the text of '{other}', which is in another language. Where that is "
                    "meant, write as_written: \"true\" among its tags.",
                    id=second.id, other=first.id,
                )  # fmt: skip
                yield TextFault("language", said, sample=second.id)


def _left_in(text: str, *, choice: bool = False) -> str:
    """Return what is left to be filled in, empty where nothing is."""
    found = _LEFT.search(text)
    if found:
        return found[0]
    whole = unicodedata.normalize("NFKC", text).strip()
    plain = _EDGE.sub("", whole).casefold()
    if plain in (_SPARE if choice else _NOTHING):
        return whole
    empty = not choice and not any(sign.isalnum() or ord(sign) > 0xFFFF for sign in whole)
    return (whole or "nothing") if empty else ""


def _language_flaw(
    wanted: str, text: str, *, prose: bool, short: bool = True
) -> tuple[Level, Words] | None:
    """Return how grave it is and what is wrong, or None where nothing is.

    Args:
        wanted: The language that the text is said to be in.
        text: The text.
        prose: Whether it is sentences; lists and tables need only be in the right script.
        short: Whether a few words are enough to tell; in files they may be names.
    """
    term = known_languages().get(wanted)
    if term is None:
        return None
    words, others = len(_LATIN_WORD.findall(text)), _other_signs(text)
    letters = _LATIN_WORD_WEIGHT * words + others
    least = 2 if short else _JUDGED
    if term.script == _LATIN:
        if others >= least and (words == 0 or (letters >= _JUDGED and others > 0.6 * letters)):
            said = "is not in {language}: most of it is in another script"
            return "error", Sentence(said, language=term.title)
        return None
    if words >= (_SHORT if short else _JUDGED) and not _own_script(text):
        if wanted == "ja":
            return "error", _NO_KANA
        return "error", Sentence("is not in {language}: it is in Latin letters", language=wanted)
    return _unlike_japanese(text, letters, prose) if wanted == "ja" and letters >= _JUDGED else None


def _unlike_japanese(text: str, letters: int, prose: bool) -> tuple[Level, Words] | None:
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    if kana + han < 0.2 * letters:
        return "error", _NO_KANA
    if prose and kana < 0.1 * (kana + han):
        return "error", "may be Chinese: it has hardly any kana"
    return None


def _own_script(text: str) -> bool:
    """Whether there is a letter that is not Latin."""
    return any(
        sign.isalpha() and not unicodedata.name(sign, "").startswith(("LATIN", "FULLWIDTH LATIN"))
        for sign in text
    )


def _other_signs(text: str) -> int:
    return 0 if text.isascii() else len(_SIGNS.findall(text))


def _swapped(text: Bilingual) -> bool:
    """Whether the English text is in Japanese alone, and the Japanese one in English alone."""
    one, other = ({code: _language_flaw(code, each, prose=False) for code in LANGUAGES}
                  for each in (text.en, text.ja))  # fmt: skip
    return bool(one["en"] and not one["ja"] and other["ja"] and not other["en"])
