"""A small screen for names of real persons; it warns, it does not decide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Persons whom most readers know. The list is a net with wide meshes: what it catches is likely
# a real person, what it does not catch may be one too.
_FULL_EN: Final = (
    "Donald Trump", "Joe Biden", "Barack Obama", "Hillary Clinton", "Bill Clinton",
    "Kamala Harris", "George Bush", "Vladimir Putin", "Volodymyr Zelensky", "Xi Jinping",
    "Kim Jong-un", "Kim Jong Un", "Angela Merkel", "Emmanuel Macron", "Boris Johnson",
    "Rishi Sunak", "Keir Starmer", "Narendra Modi", "Justin Trudeau", "Benjamin Netanyahu",
    "Elon Musk", "Jeff Bezos", "Bill Gates", "Mark Zuckerberg", "Steve Jobs", "Tim Cook",
    "Sam Altman", "Warren Buffett", "Taylor Swift", "Beyoncé", "Kim Kardashian", "Tom Cruise",
    "Brad Pitt", "Lionel Messi", "Cristiano Ronaldo", "Lady Gaga", "Greta Thunberg",
    "Anthony Fauci", "Shinzo Abe", "Fumio Kishida", "Shigeru Ishiba", "Yoshihide Suga",
    "Sanae Takaichi", "Junichiro Koizumi", "Taro Aso", "Yuriko Koike", "Shohei Ohtani",
    "Hayao Miyazaki", "Masayoshi Son", "Hiroshi Mikitani", "Naomi Osaka", "Prince Harry",
    "King Charles", "Queen Elizabeth", "Pope Francis", "Dalai Lama",
)  # fmt: skip
_FULL_JA: Final = (
    "安倍晋三", "岸田文雄", "石破茂", "菅義偉", "高市早苗", "小泉純一郎", "小泉進次郎", "麻生太郎",
    "河野太郎", "小池百合子", "橋下徹", "吉村洋文", "山本太郎", "枝野幸男", "野田佳彦",
    "玉木雄一郎", "鳩山由紀夫", "田中角栄", "大谷翔平", "孫正義", "三木谷浩史", "前澤友作",
    "堀江貴文",
    "池上彰", "明石家さんま", "ビートたけし", "松本人志", "木村拓哉", "宮崎駿",
    "羽生結弦", "藤井聡太", "大坂なおみ", "ゼレンスキー",
    "習近平", "金正恩", "イーロン・マスク", "ビル・ゲイツ", "ザッカーバーグ",
    "テイラー・スウィフト",
)  # fmt: skip
_SURNAMES_EN: Final = (
    "Trump|Biden|Obama|Clinton|Bush|Putin|Zelensky|Merkel|Macron|Netanyahu|Musk|Bezos|Gates|"
    "Zuckerberg|Fauci|Abe|Kishida|Ishiba|Takaichi|Koizumi|Aso|Koike|Ohtani|Modi|Trudeau|Sunak|"
    "Starmer"
)
_SURNAMES_JA: Final = "安倍|岸田|石破|菅|高市|小泉|麻生|小池|橋下|河野|鳩山|枝野|玉木|大谷"

# An office before a name points at its holder; a plain "Mr" only before a well-known name.
_EN: Final = (
    re.compile(rf"\b(?:{'|'.join(map(re.escape, _FULL_EN))})\b"),
    re.compile(
        r"\b(?:President|Prime Minister|Chancellor|Senator|Congress(?:man|woman)|Emperor|"
        r"Justice|Minister) (?!of\b|for\b)[A-Z][a-z]+(?: [A-Z][a-z]+)?"
    ),
    re.compile(rf"\b(?:Mr|Mrs|Ms|Dr|Governor|Professor)\.? (?:{_SURNAMES_EN})\b"),
)
_JA: Final = (
    re.compile("|".join(map(re.escape, _FULL_JA))),
    re.compile(
        # Not さん: most of these are common names, and an invented person may bear one.
        rf"(?<![一-龥])(?:{_SURNAMES_JA})(?:氏|元?首相|総理|大臣|知事|議員|選手)"
        "|(?:トランプ|バイデン|オバマ|プーチン|メルケル|マクロン)(?:氏|さん|[元前]?(?:大統領|首相))"
    ),
)


def real_names(text: str, language: str) -> Iterator[str]:
    """Yield what looks like the name of a real person, each once.

    Args:
        text: The text to look at.
        language: Its language; there are patterns for `en` and `ja`.
    """
    seen: set[str] = set()
    for pattern in {"ja": _JA, "en": _EN}.get(language, ()):
        for found in pattern.finditer(text):
            if found[0] not in seen:
                seen.add(found[0])
                yield found[0]
