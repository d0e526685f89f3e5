"""The wording that marks a choice as chosen, rejected or only mentioned, in English and Japanese.

Every pattern is written for the normal form of `answer_text`. Runs of brackets and punctuation
are possessive and gaps are bounded, so that each place in a text is walked a fixed number of times.
"""

from __future__ import annotations

import re

_OPENERS = r"[\s:=\-–—>→⇒\"'「『(\[{<【〈《〔]*+"
_CLOSERS = r"[ \"'」』)\]}>】〉》〕]*+"
_ADVERBS = (
    r"(?:(?:therefore|thus|then|definitely|clearly|probably|likely|most\ likely|simply|hence|"
    r"indeed|actually|certainly|both|either|that|option|choice|(?:the\ )?letter|"
    r"answer|number)[\s:,]+)*"
)
_BE = r"(?:is|was|would\ be|must\ be|should\ be|will\ be|might\ be|could\ be|seems\ to\ be)"
_SAID = r"(?:claim|statement|premise|assertion|post|remark)"
_JA_SAID = r"(?:主張|説明|記述|内容|文|発言|投稿|話|情報|前提|理解)"
_JA_ANSWER = (
    r"(?:最終(?:的な)?)?(?:回答|解答|答え|答|正解|正答|結論|正しいの|正しい選択肢|適切なの|"
    r"適切な選択肢|該当するの|選ぶの|選択するの|選択)"
)
_KEY = (
    r"(?:(?:\w+_)?(?:answer|choice|option|selection|selected|letter|label|prediction)|"
    r"回答|解答|答え|記号|選択肢|選択|番号)"
)
_JA_SO = (
    r"(?:したがって|従って|よって|ゆえに|つまり|ですので|なので|だから|ですから|それなら|以上から|"
    r"以上より|正しくは|残ったのは|残るのは|結論から(?:言えば|言うと|いえば|いうと)|"
    r"(?:選ぶ|絞る|答える)(?:なら|とすれば|としたら|と))"
)
_JA_FILL = r"(?:[、,\s]|おそらく|たぶん|やはり|もちろん|恐らく|明らかに|選択肢|記号|番号|の)*"
# 「Aを選ぶのは」 and 「Aだと言う人も」 speak of a choice and do not make it.
_JA_ASIDE = r"(?:ぶの[はがもに]|ぶこと|ぶと|べば|んだら|ぶ人|びがち|びたくな|ばせ|ぶ根拠|ぶ理由)"
_JA_OTHERS = (
    r"(?:[言いう云]う?(?:人|声|意見|向き)|[思考]う?え?る?(?:人|かも)|思われがち|思い込|決めつけ|"
    r"する(?:の|人|と|根拠|理由)|言われ)"
)

# A cue ends where the choice begins; alternatives are tried in this order at each place.
CUES = re.compile(
    rf"""
    (?P<strong>
        (?i:\b(?:final\ |correct\ |my\ |the\ )?(?:answer|ans|choice)\b\.?)
            (?:\ ?\([^()\n]{{1,20}}\))?\ ?[:=\-]{_OPENERS}(?i:{_ADVERBS})(?:選択肢)?{_OPENERS}
      | (?i:\bfinal\ (?:answer|choice)\ {_BE}){_OPENERS}(?i:{_ADVERBS}){_OPENERS}
      | ["']{_KEY}["']\ ?:{_OPENERS}
      | <(?:final_)?(?:answer|ans|choice|option|回答|答え)>{_OPENERS}
      | \\boxed\{{{_OPENERS}
      | \#{{4}}{_OPENERS}
      | {_JA_ANSWER}欄?(?:[」】』]?\ ?[:=\n]|[】〕])[\s:]?{_OPENERS}(?:選択肢)?{_OPENERS}
      | (?:回答|解答)欄\ ?[〔(\[「]{_OPENERS}
      | 最終(?:的な|的に)?(?:回答|解答|答え|結論|選択)?は{_JA_FILL}{_OPENERS}
    )
  | (?P<against>
        (?i:(?:\bnot|n't|\bnever|\bneither|\bnor|\bcannot|\bdoubt|\bunlikely|\bunsure|\bhardly)\s+
            (?:(?:be|to\ be|think|believe|say|choose|pick|select|sure|certain|clear)\s+)?
            (?:(?:that|if|whether)\s+)?(?:it's\s+|it\s+(?:is|was)\s+)?
            (?:(?:the\s+)?(?:correct\s+)?answer\s+(?:is\s+)?)?
            (?:option\s+|choice\s+|either\s+)?){_OPENERS}
      | (?i:\b(?:except|eliminate|eliminates|reject|rule\ out|exclude|unlike|instead\ of|
            rather\ than|than)\s+(?:for\s+)?(?:option\s+|choice\s+)?){_OPENERS}
    )
  | (?P<stated>
        (?i:\b(?:answer|option|choice|response|one)\s+(?:here\s+)?{_BE})
            {_OPENERS}(?i:{_ADVERBS}){_OPENERS}
      | (?i:\b(?:i|we)(?:'d|'ll|'m|\s+would|\s+will|\s+am|\s+have\ to|\s+must)?
            \s+(?:\w{{3,10}}ly\s+)?
            (?:choose|pick|select|go(?:ing)?\ with|say|answer|think|believe|guess|(?:vote|opt)\ for)
            \s+(?:that\s+)?
            (?:it's\s+|it\s+(?:is|was)\s+|the\ (?:correct\ )?answer\ is\s+)?)
            {_OPENERS}(?i:{_ADVERBS}){_OPENERS}
      | {_JA_ANSWER}(?:としては|として|は|が|を){_JA_FILL}{_OPENERS}(?:選択肢)?{_OPENERS}
      | (?:では|じゃ|で)なく(?:て)?[、,]?{_OPENERS}(?:選択肢)?{_OPENERS}
      | (?i:\b(?:therefore|thus|hence|so)\b)[,:]{_OPENERS}
      | {_JA_SO}[、,:]?{_OPENERS}(?:選択肢)?{_OPENERS}
    )
  | (?P<wrap>
        (?i:\b(?:it|that|this|(?:the|this|that)\ {_SAID})(?:'s|\s{_BE})?\s+)
            {_OPENERS}(?i:{_ADVERBS}){_OPENERS}
      | (?i:\b(?:probably|maybe|perhaps|definitely|likely)\s+){_OPENERS}
      | (?:私は|わたしは|それは|これは
          |(?:この|その|上の|以上の)?{_JA_SAID}は
          |おそらく|たぶん|やはり|もちろん|恐らく)[、,]?{_OPENERS}
    )
  | (?P<named>
        (?i:\b(?:option|choice|answer|alternative|letter)\ ){_OPENERS}
      | (?:選択肢|記号)の?{_OPENERS}
    )
    """,
    re.VERBOSE,
)

# The rest is matched right behind a choice.
REJECTED = re.compile(
    rf"""{_CLOSERS}(?:
        (?i:\s*(?:
            (?:is|was|are|were|would\ be|can|could|seems|looks)(?:n't|\ not|\ never|not)\b
          | (?:is|was|are|were|would\ be|seems|looks)\ (?:\w+\ ){{0,2}}
            (?:wrong|incorrect|false|untrue|ruled\ out|eliminated|excluded|invalid|unlikely|out)\b
          | (?:can|cannot)\ be\ (?:ruled\ out|eliminated|excluded|right|correct)\b))
      | \s*(?:では|じゃ|で)(?:な|ありませ|ございませ)
      | \s*(?:は|が|も)[^。、\n]{{0,8}}
            (?:間違(?!いな[くい]|いありませ)|誤り|誤って|不正解|(?<!間)(?:違い|違う)|ちがう|不適切
            |正しくな|正しくあり|当てはまらな|当てはまりませ|該当しな|該当しませ|除外
            |適切で(?:は)?な|適切で(?:は)?あり|正解で(?:は)?な|正解で(?:は)?あり|正解とは|正しいとは)
      | \s*を(?:除|排除|選びませ|選ばな|選べ)
      | \s*以外
      | \s*だ?と(?:は|も)[^。、\n]{{0,4}}(?:言え|言い切れ|いえ|思え|思わ|思いませ|限|考えられな)
      | \s*(?:なの|である)?かどうか
      | \s*わけでは
    )""",
    re.VERBOSE,
)
CONFIRMED = re.compile(
    rf"""{_CLOSERS}(?:
        (?i:\s*(?:is|was|would\ be|must\ be|should\ be|seems|looks|remains)\ 
            (?:(?:the|most|clearly|definitely|my|a|probably|likely|best|more|to\ be|single|only)\ )
            {{0,4}}(?:correct|right|best|true|answer|appropriate|accurate|one|choice|option)\b)
      | \s*(?:が|こそ)[、,]?\s*(?:最も|一番|もっとも)?\s*
            (?:正解|正しい|正答|適切|妥当|答え|回答|ふさわしい|適当|当てはま|該当)
      | \s*を\s*(?:選(?!{_JA_ASIDE})|回答|解答|答え|推|正解)
      | \s*と(?:答え|回答|解答|なります|判断)
      | \s*[にでが](?:間違いな[いく]|間違いありませ|決まり|なります)
      | \s*に(?:変更|直し|訂正|修正|一票|絞|します|しました|しておき|しとき|しとく|いたします
            |する(?=[。\s]|$))
      | \s*を(?:取り|採り|お選び)
      | \s*と(?:させて|だけ(?:お答え|申し|答え)|み(?:ます|る)|します|いたします)
      | \s*で(?:回答|解答|お願い|いき|お答え)
      | \s*しか(?:残|あり|な)
    )""",
    re.VERBOSE,
)
QUESTION = re.compile(rf"{_CLOSERS}(?:\?|(?:です|でしょう|なの|なのでしょう)か)")
COPULA = re.compile(
    rf"{_CLOSERS}\s*(?:です|だと(?!{_JA_OTHERS})|だろう|だ[。\s]|だ$|である|でしょう|でした|になります|"
    rf"と(?:思|考|な|判断|答)|を選(?!{_JA_ASIDE}))"
)
CONDITIONAL = re.compile(rf"{_CLOSERS}\s*(?:(?i:if|when|unless)\b|の場合|なら|であれば)")
LINE_END = re.compile(
    rf"{_CLOSERS}[,.、。!:;]*+{_CLOSERS}(?:です|だと思います|と思います|だと考えます|と考えます|"
    rf"だ|でした|である|でしょう|になります|番|ですね|だね|だよ|かな|で|でお願いします|にします|"
    rf"を選びます|と判断します)?[.。! ]*+{_CLOSERS}(?=\n|$)"
)
# Letters: a choice is not the beginning of a longer word or phrase.
EDGE = re.compile(
    r"[ ]?(?:$|[\n,.:;!?)\]}>、。」』】〉》\"'\-–—/&+~…]|"
    r"です|だ|で|が|を|は|と|に|か|の|も|や|より|番|こそ|なら|または|および)"
)
WORD_EDGE = re.compile(
    r"[ ]?(?:[(\[「『【=]|(?i:because|since|as|and|or|but|for|if|due|given|based|which|not|with|"
    r"is|was|are|would|must|should|in|here|seems|looks|remains|vs|nor|when|unless|from|to)\b)"
)
LEADING = re.compile(
    r"[ ]?(?:$|[\n,.:;!)\]」\-–—、。(「=]|"
    rf"(?i:because|since|as|due|given|based|for)\b|です|だ(?!と{_JA_OTHERS}))"
)
SHORT_TEXT_EDGE = re.compile(r"[ ]?(?:$|[\n,.:;、。)」]|です|だ|でし)")

# Between two choices.
LINK = re.compile(
    rf"{_CLOSERS}\s*(?:,|、|/|&|\+|・|と|か|や|または|又は|もしくは|あるいは|および|及び|かつ|"
    r"(?i:,?\s*(?:and/or|and|or|nor|vs\.?)\b))\s*(?i:also\ |then\ |even\ |both\ )?"
    rf"(?:(?i:option|choice)\ |選択肢)?{_OPENERS}"
)
BUT = re.compile(rf"{_CLOSERS},? ?but (?:rather |with )?(?:(?i:option|choice) )?{_OPENERS}")
ATTACHED = re.compile(r"[ :.)\]」』】、,\-–—の「『\"'(\[=)]+")
BRACKETED = re.compile(r"[ .。」』\"']*[(\[「【]\s?(?:選択肢|(?i:option|choice))?\s?")
TURN = re.compile(
    r"(?i:\b(?:therefore|thus|hence|so|final|finally|overall|conclusion|but|however|actually|wait|"
    r"instead|correction|second thought|reconsider\w*|rather)\b)|したがって|従って|よって|ゆえに|"
    r"つまり|最終|結論|しかし|ですが|ましたが|だが|けれど|いや|訂正|変更|直し|やはり|実際|ではなく|以上"
)

# Matched against the characters before a choice that ends the text.
CLOSES = re.compile(
    rf"(?:[.。!?:;\n]|\b(?i:so|thus|therefore|hence|then),?|"
    rf"(?:ので|から|ため|ゆえに|以上より|なので)[、,]?)\s*{_OPENERS}$"
)
CLOSES_AGAINST = re.compile(
    r"(?:(?i:\b(?:wrong|incorrect|false|reject\w*|eliminat\w*|exclud\w*|unlikely|not|options?|"
    r"choices|out)(?:\ (?:answers?|ones?|choices?|options?))?)|誤り|誤答|不正解|間違い|除外|選択肢|"
    r"違うもの)\W{0,4}$"
)

# Matched against the few characters before a choice.
LINE_START = re.compile(r"(?:^|\n)[\s\-•・>#+(\[「『【\"'{<→⇒〔]*$")
SENTENCE_START = re.compile(r"(?:^|[\n。、.!?])[\s(\[「『【\"']*$")
ARTICLE = re.compile(r"(?<![A-Za-z0-9])(?i:the|an?) $")
