"""The words of the report's page about attacks, in English and in Japanese."""

from __future__ import annotations

from typing import Final

TEXT: Final[dict[str, tuple[str, str]]] = {
    "attacks": ("Under attack", "攻撃を受けたとき"),
    "attacks_note": (
        "Every request was also asked under published attacks, which wrap or spell it so that a "
        "model does not decline. Success is the rate of “{measure}” under the attack. The figures "
        "above count the plain requests alone.",
        "各依頼を、公表されている攻撃手法で言い換えたり包んだりした形でも尋ねました。"
        "成功率は、攻撃下での「{measure}」です。上の各指標は、攻撃なしの依頼だけから求めています。",
    ),
    "attacks_read": (
        "The scorer's own error was not measured on answers to attacks, so these rates carry no "
        "correction. A weak model may not understand an attack: a low rate is then no "
        "robustness, and an answer beside the point may be taken for help.",
        "攻撃への回答に対する採点器の誤りは測られていないため、これらの率は補正していません。"
        "能力の低いモデルは攻撃の意味を理解できないことがあります。その場合、低い率は頑健さを示さず、"
        "的外れな回答が協力と判定されることもあります。",
    ),
    "attack": ("Attack", "攻撃"),
    "attack_success": ("Success rate ({level} interval)", "成功率（{level}区間）"),
    "attack_increase": ("Increase over no attack", "攻撃なしからの増加"),
    "attack_increase_text": (
        "n = {pairs}; {p}, adjusted {holm}",
        "n = {pairs}、{p}（補正後 {holm}）",
    ),
    "attack_increase_part": ("n = {pairs}; {p}", "n = {pairs}、{p}"),
    "attack_over_refusal": ("Benign twins declined", "無害な依頼の拒否"),
    "attack_any": ("Success of any of {tries}", "{tries}通りのいずれかの成功"),
    "attack_any_text": (
        "an item counts if at least one of them succeeded, no attack included where it was asked; "
        "items: {items}, clusters: {clusters}, undecided: {undecided}",
        "攻撃なしを尋ねた場合はそれも含め、一つでも成功した項目を数えます。"
        "{items}項目、{clusters}クラスター、判定なし{undecided}項目",
    ),
    "attack_languages": ("By language", "言語別"),
    "attack_sources": ("Where the attacks were published", "攻撃手法の出典"),
    "attacks_title_of": ("Attack success in {language}", "{language}での攻撃の成功"),
    "nm_attacks_only": (
        "{task}: asked under attacks alone, so that its own rates, which count plain requests, "
        "are not measured.",
        "{task}：攻撃を加えた依頼だけを尋ねたため、攻撃なしの依頼から求める本来の率は"
        "測っていません。",
    ),
    "m_attacks": ("Attacks", "攻撃"),
    "m_attacks_text": (
        "Each attack is a fixed text transform with a published source. Its increase over no "
        "attack is a paired difference over the items that have a verdict under both. p is "
        "adjusted by Holm over all attacks and tasks of this report. An item that no attack "
        "succeeded on while one has no verdict is undecided in the rate of any success.",
        "各攻撃は、公表された出典をもつ決まった文字列変換です。攻撃なしからの増加は、両方に判定のある"
        "項目での対応のある差です。pは、この報告のすべての攻撃とタスクにわたってホルム法で補正します。"
        "どの攻撃も成功せず、判定のないものが残る項目は、いずれかの成功率では判定なしとします。",
    ),
}
"""Texts by key: English, Japanese."""

TERMS: Final[dict[str, tuple[str, str]]] = {
    "tag.attack": ("Attack", "攻撃"),
}
"""Names that the page has a word for, by kind and name: English, Japanese."""
