"""Whether an answer says, in English or Japanese, that a question cannot be answered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tenken.scorers._choice.text import key, spoken

_KNOW = r"(?:tell|know|say|determine|determining|identify|identifying|decide|deciding|work\ out)"
_KNOWN = (
    r"(?:told|known|said|stated?|states|says?|tells?|determined|determine|identif(?:y|ies|ied)|"
    r"inferred|infer|established|specif(?:y|ies|ied)|mention(?:s|ed)?|reveal(?:s|ed)?|"
    r"indicated?|indicates|given|clear|know|tell)"
)
_EVIDENCE = r"(?:information|info|details?|context|evidence|clues?)"
_JA_KNOWN = (
    r"(?:分か|わか|判ら|読み取|決められ|決めつけられ|断定でき|特定でき|判断でき|判別でき|断言でき|"
    r"判断しよう|判断がつ|判断はつ|決めよう|知りよう|言い切れ|見分けがつ|申し上げられ|言えるわけでは|"
    r"断定し|決めつけることは?でき)"
)
_JA_STATED = (
    r"(?:書かれて|述べられて|示されて|触れられて|明かされて|記されて|記載されて|言及されて)"
)
_JA_EVIDENCE = r"(?:情報|手がかり|手掛かり|根拠|証拠|記述|記載|材料|ヒント|説明)"

_UNKNOWABLE = re.compile(
    rf"""
    (?i:(?:\b|(?=n't))(?:
        (?:no|any)\ (?:\w+\ )?(?:way|basis|grounds?|means|reason)\ (?:to|of|for)\ {_KNOW}\b
      | (?:impossible|not\ possible|unable)\ (?:for\ \w+\ )?to\ {_KNOW}\b
      | (?:can't|cannot|can\ not|couldn't|could\ not|can\ never)
            \ (?:(?:possibly|really|actually|safely)\ )?(?:be\ )?{_KNOWN}\b
      | (?:doesn't|does\ not|didn't|did\ not|never|isn't|is\ not|aren't|wasn't|was\ not|not)
            \ (?:(?:actually|explicitly|really|ever)\ )?{_KNOWN}\b
      | (?:not|isn't|without|n't\ have|not\ have|n't\ give|not\ give|n't\ provide|not\ provide)
            \ (?:\w+\ ){{0,2}}?(?:enough|sufficient|any)\ (?:\w+\ )?{_EVIDENCE}\b
      | (?:insufficient|lacks?|lacking|without|no)\ (?:(?:the|any|enough|more)\ )?{_EVIDENCE}\b
      | nothing\ (?:\w+\ ){{0,5}}
            (?:settles|says|said|tells|indicates|suggests|shows|identifies|points|decides)\b
      | unknowable\b | undetermined\b
    ))
  | {_JA_KNOWN}[^。\n]{{0,5}}?(?:ない|ません|ず|なく|ぬ|がな)
  | {_JA_STATED}[^。\n]{{0,3}}?(?:ない|ません|おらず)
  | {_JA_EVIDENCE}[^。、\n]{{0,8}}?
        (?:足り|不足|不十分|ない|なし|ありません|ございません|なく|乏し|欠け)
  | 不明(?:です|だ|。|と|の|$) | (?:決定|判断|特定|判別|断定)\ ?不(?:可|能)
  | (?:言い切る|決める|断定する|判断する|特定する)の?(?:は|に)無理
    """,
    re.VERBOSE,
)
_ALL_THE_SAME = re.compile(
    r"(?i:\b(?:but|though|although|however|still|yet|probably|likely|guess|lean\w*|i'd|i\ would|"
    r"if\ i\ (?:had|have))\b)|(?<=[すんいだるたう])(?:が|けど|けれど|ものの)[、,]|しかし|"
    r"ただし|おそらく|恐らく|たぶん|多分|強いて|あえて|でしょうね|可能性が高|を選(?:ぶ|び)"
)
"""A doubt that goes on to a choice all the same."""


def says_unknowable(text: str, choices: Sequence[str] = ()) -> bool:
    """Whether an answer that names no choice says that the question cannot be answered.

    Args:
        text: The answer, as the model gave it; think blocks are left out of account.
        choices: The texts of the choices; an answer that repeats one of them has said nothing by
            it, as in a list of all.

    Returns:
        False where a "but" or a "probably" stands in it: the answer may go on to choose.
    """
    said = spoken(text).text
    for choice in sorted(filter(None, map(key, choices)), key=len, reverse=True):
        said = re.sub(re.escape(choice), "...", said, flags=re.IGNORECASE)
    return _UNKNOWABLE.search(said) is not None and _ALL_THE_SAME.search(said) is None
