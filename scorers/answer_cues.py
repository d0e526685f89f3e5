"""The wording that marks a choice as chosen, rejected or only mentioned, in English and Japanese.

Every pattern runs over normalised text (NFKC, one space, one newline), has no nested repetition,
and so takes time linear in the text.
"""

from __future__ import annotations

import re

# What may stand between a cue and the choice that it points to, and around a choice.
# Possessive, so that a long run of them is walked once.
OPENERS = r"[\s:=\-–—>→⇒\"'「『(\[{<【〈《]*+"
CLOSERS = r"[ \"'」』)\]}>】〉》]*+"

_ADVERBS = (
    r"(?:(?:therefore|thus|then|definitely|clearly|probably|likely|most\ likely|simply|hence|"
    r"indeed|actually|certainly|both|either|that|option|choice|letter|answer|number)[\s:,]+)*"
)
_BE = r"(?:is|was|would\ be|must\ be|should\ be|will\ be|might\ be|could\ be|seems\ to\ be)"
_JA_NOUN = (
    r"(?:最終(?:的な)?)?(?:回答|解答|答え|答|正解|正答|結論|正しいの|正しい選択肢|適切なの|"
    r"適切な選択肢|該当するの|選ぶの|選択するの|選択)"
)
_JA_FILL = r"(?:[、,\s]|おそらく|たぶん|やはり|もちろん|恐らく|明らかに|選択肢|記号|番号|の)*"

# A cue ends where the choice begins; alternatives are tried in this order at each place.
CUES = re.compile(
    rf"""
    (?P<strong>
        (?i:\b(?:final\ |correct\ |my\ |the\ )?(?:answer|ans|choice)\b\.?)
            (?:\ ?\([^()\n]{{1,20}}\))?\ ?[:=]{OPENERS}(?i:{_ADVERBS})(?:選択肢)?{OPENERS}
      | (?i:\bfinal\ (?:answer|choice)\ {_BE}){OPENERS}(?i:{_ADVERBS}){OPENERS}
      | \\boxed\{{{OPENERS}
      | \#{{4}}{OPENERS}
      | {_JA_NOUN}\ ?[:=]{OPENERS}(?:選択肢)?{OPENERS}
      | 最終(?:的な|的に)?(?:回答|解答|答え|結論|選択)?は{_JA_FILL}{OPENERS}
    )
  | (?P<against>
        (?i:(?:\bnot|n't|\bnever|\bneither|\bnor|\bcannot)\s+(?:be\s+|think\s+|believe\s+|say\s+|choose\s+|pick\s+|select\s+)?
            (?:that\s+)?(?:it's\s+|it\s+(?:is|was)\s+)?(?:(?:the\s+)?(?:correct\s+)?answer\s+(?:is\s+)?)?
            (?:option\s+|choice\s+|either\s+)?){OPENERS}
      | (?i:\b(?:except|eliminate|eliminates|reject|rule\ out|exclude|unlike|instead\ of|rather\ than|
            than)\s+(?:for\s+)?(?:option\s+|choice\s+)?){OPENERS}
    )
  | (?P<stated>
        (?i:\b(?:answer|option|choice|response|one)\s+(?:here\s+)?{_BE}){OPENERS}(?i:{_ADVERBS}){OPENERS}
      | (?i:\b(?:i|we)(?:'d|'ll|'m|\s+would|\s+will|\s+am|\s+have\ to|\s+must)?\s+(?:\w{{3,10}}ly\s+)?
            (?:choose|pick|select|go(?:ing)?\ with|say|answer|think|believe|vote\ for|opt\ for|guess)
            \s+(?:that\s+)?(?:it's\s+|it\s+(?:is|was)\s+|the\ (?:correct\ )?answer\ is\s+)?){OPENERS}(?i:{_ADVERBS}){OPENERS}
      | {_JA_NOUN}(?:としては|として|は|が){_JA_FILL}{OPENERS}(?:選択肢)?{OPENERS}
      | (?:では|じゃ|で)なく(?:て)?[、,]?{OPENERS}(?:選択肢)?{OPENERS}
      | (?i:\b(?:therefore|thus|hence|so)\b)[,:]{OPENERS}
      | (?:したがって|従って|よって|ゆえに|つまり)[、,:]?{OPENERS}(?:選択肢)?{OPENERS}
    )
  | (?P<wrap>
        (?i:\b(?:it|that|this)(?:'s|\s{_BE})?\s+){OPENERS}(?i:{_ADVERBS}){OPENERS}
      | (?i:\b(?:probably|maybe|perhaps|definitely|likely)\s+){OPENERS}
      | (?:私は|わたしは|それは|これは|おそらく|たぶん|やはり|もちろん|恐らく)[、,]?{OPENERS}
    )
  | (?P<named>
        (?i:\b(?:option|choice|answer|alternative)\ ){OPENERS}
      | (?:選択肢|記号)の?{OPENERS}
    )
    """,
    re.VERBOSE,
)

# Matched right behind a choice.
REJECTED = re.compile(
    rf"""{CLOSERS}(?:
        (?i:\s*(?:(?:is|was|are|were|would\ be|can|could|seems|looks)(?:n't|\ not|\ never|not)\b
          | (?:is|was|are|were|would\ be|seems|looks)\ (?:\w+\ ){{0,2}}(?:wrong|incorrect|false|untrue|ruled\ out|
            eliminated|excluded|invalid|unlikely|out)\b
          | (?:can\ be|cannot\ be)\ (?:ruled\ out|eliminated|excluded|right|correct)\b))
      | \s*(?:では|じゃ|で)(?:な|ありませ|ございませ)
      | \s*(?:は|が|も)[^。、\n]{{0,8}}(?:間違(?!いな[くい]|いありませ)|誤り|誤って|不正解|違い|違う|ちがう|不適切|正しくな|正しくあり|
            当てはまらな|当てはまりませ|該当しな|該当しませ|除外|適切で(?:は)?な|適切で(?:は)?あり|
            正解で(?:は)?な|正解で(?:は)?あり|正解とは|正しいとは)
      | \s*を(?:除|排除|選びませ|選ばな|選べ)
      | \s*以外
      | \s*と(?:は|も)(?:[^。、\n]{{0,4}})(?:言え|いえ|思え|思わ|思いませ|限ら|考えられな)
      | \s*(?:わけでは|とは限)
    )""",
    re.VERBOSE,
)
CONFIRMED = re.compile(
    rf"""{CLOSERS}(?:
        (?i:\s*(?:is|was|would\ be|must\ be|should\ be|seems|looks|remains)\ (?:(?:the|most|clearly|definitely|my|a|probably|
            likely|best|more|to\ be|single|only)\ ){{0,4}}(?:correct|right|best|true|answer|appropriate|accurate|one|choice|option)\b)
      | \s*(?:が|こそ)[、,]?\s*(?:最も|一番|もっとも)?\s*(?:正解|正しい|正答|適切|妥当|答え|回答|ふさわしい|適当|当てはま|該当)
      | \s*を\s*(?:選|回答|解答|答え|推|正解)
      | \s*と(?:答え|回答|解答|なります|判断)
      | \s*[にで](?:間違いな[いく]|間違いありませ|決まり|なります)
    )""",
    re.VERBOSE,
)
COPULA = re.compile(
    rf"{CLOSERS}\s*(?:です|だと|だろう|だ[。\s]|だ$|である|でしょう|でした|になります|と(?:思|考|な|判断|答)|を選)"
)
CONDITIONAL = re.compile(rf"{CLOSERS}\s*(?:(?i:if|when|unless)\b|の場合|なら|であれば)")
LINE_END = re.compile(
    rf"{CLOSERS}[,.、。!:;]*+{CLOSERS}(?:です|だと思います|と思います|だと考えます|と考えます|だ|でした|"
    rf"である|でしょう|になります|番)?[.。! ]*+{CLOSERS}(?=\n|$)"
)
LINE_START = re.compile(r"(?:^|\n)[\s\-•・>#+(\[「『【\"'{<]*$")
SENTENCE_START = re.compile(r"(?:^|[\n。、.!?])[\s(\[「『【\"']*$")
# A choice is not the beginning of a longer word or phrase.
EDGE = re.compile(
    r"[ ]?(?:$|[\n,.:;!?)\]}>、。」』】〉》\"'\-–—/&+~…]|です|だ|で|が|を|は|と|に|か|の|も|や|より|番|こそ|なら|または|および)"
)
WORD_EDGE = re.compile(
    r"[ ]?(?:[(\[「『【=]|(?i:because|since|as|and|or|but|for|if|due|given|based|which|not|with|is|was|are|"
    r"would|must|should|in|here|seems|looks|remains|vs|nor|when|unless|from|to)\b)"
)
LEADING = re.compile(
    rf"{CLOSERS}[ ]?(?:$|[\n,.:;!)\-–—、。(「=]|(?i:because|since|as|due|given|based|for)\b|です|だ)"
)
# "A or B", "A, B", "AとB"
LINK = re.compile(
    rf"{CLOSERS}\s*(?:,|、|/|&|\+|・|と|か|や|または|又は|もしくは|あるいは|および|及び|かつ|"
    rf"(?i:,?\s*(?:and/or|and|or|nor|vs\.?)\b))\s*(?i:also\ |then\ |even\ |both\ )?"
    rf"(?:(?i:option|choice)\ |選択肢)?[ \"'「『(\[{{<【]*"
)
BUT = re.compile(rf"{CLOSERS},? but (?:rather |with )?(?:(?i:option|choice) )?{OPENERS}")
TURN = re.compile(
    r"(?i:\b(?:therefore|thus|hence|so|final|finally|overall|conclusion|but|however|actually|wait|instead|"
    r"correction|second thought|reconsider\w*|rather)\b)|したがって|従って|よって|ゆえに|つまり|最終|結論|"
    r"しかし|ですが|ましたが|だが|けれど|いや|訂正|やはり|実際|ではなく|以上"
)
THOUGHT = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
