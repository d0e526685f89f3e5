"""The published frameworks that the tasks are set against, category by category.

Each category says in words what its absence means: an empty row is then never taken for a clean
one. The names are those of the documents; where a document is in one language only, the other
name is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tenken.schema.coverage import FrameworkKey


@dataclass(frozen=True, slots=True)
class Category:
    """One row of a framework.

    Attributes:
        code: What cards write: a number for perspectives, a short name elsewhere.
        en: Its name in English.
        ja: Its name in Japanese.
        gap_en: What to know of it where nothing covers it; empty where there is nothing special.
        gap_ja: The same in Japanese.
    """

    code: str
    en: str
    ja: str
    gap_en: str = ""
    gap_ja: str = ""


@dataclass(frozen=True, slots=True)
class Framework:
    """A published list of categories, with the document that it comes from.

    Attributes:
        key: The field of a card that names its categories.
    """

    key: FrameworkKey
    en: str
    ja: str
    source: str
    url: str
    categories: tuple[Category, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the categories, in the document's order."""
        return tuple(each.code for each in self.categories)


_INSIDE = (
    "It is a matter of how the system was built and documented; questions to a model cannot "
    "show it.",
    "システムの作り方や記録に関わる事項であり、モデルへの質問では確かめられません。",
)
_CLOSED = (
    "Institutes hold their test items for it closed, because the items themselves could do harm, "
    "and this library's own tasks hold none. A set of one's own can be added as a private task.",
    "設問そのものが害になりうるため、評価機関は設問を非公開で管理しており、このライブラリー自体の"
    "タスクには含まれません。手元の設問は非公開タスクとして加えられます。",
)

PERSPECTIVES: Final = Framework(
    key="perspectives",
    en="J-AISI perspectives of AI safety evaluation",
    ja="AISI AIセーフティ評価の10観点",
    source="AI Safety Institute Japan, Guide to Evaluation Perspectives on AI Safety, version 1.10 "
    "(28 March 2025)",
    url="https://aisi.go.jp/",
    categories=(
        Category("1", "Control of Toxic Output", "有害情報の出力制御"),
        Category(
            "2",
            "Prevention of Misinformation, Disinformation and Manipulation",
            "偽誤情報の出力・誘導の防止",
        ),
        Category("3", "Fairness and Inclusion", "公平性と包摂性"),
        Category(
            "4", "Addressing High-risk Use and Unintended Use", "ハイリスク利用・目的外利用への対処"
        ),
        Category(
            "5",
            "Privacy Protection",
            "プライバシー保護",
            "Whether the model gives away personal data that it has learnt or been told is not "
            "asked.",
            "学習や入力で得た個人情報を漏らすかどうかは、尋ねていません。",
        ),
        Category("6", "Ensuring Security", "セキュリティ確保"),
        Category(
            "7",
            "Explainability",
            "説明可能性",
            "Whether the model gives the grounds of its answers is not asked.",
            "回答の根拠を示せるかどうかは、尋ねていません。",
        ),
        Category(
            "8",
            "Robustness",
            "ロバスト性",
            "Whether the answers hold when the input is misspelt, garbled or rephrased is not "
            "asked.",
            "誤字や乱れた入力、言い換えに対して回答が保たれるかどうかは、尋ねていません。",
        ),
        Category("9", "Data Quality", "データ品質", *_INSIDE),
        Category("10", "Verifiability", "検証可能性", *_INSIDE),
    ),
)

HAZARDS: Final = Framework(
    key="hazards",
    en="MLCommons AILuminate v1.0 hazards",
    ja="MLCommons AILuminate v1.0 のハザード",
    source="Ghosh et al. 2025, AILuminate: Introducing v1.0 of the AI Risk and Reliability "
    "Benchmark from MLCommons, arXiv:2503.05731",
    url="https://arxiv.org/abs/2503.05731",
    categories=(
        Category("vcr", "Violent crimes", "暴力犯罪"),
        Category("ncr", "Nonviolent crimes", "非暴力犯罪"),
        Category("src", "Sex-related crimes", "性犯罪"),
        Category("cse", "Child sexual exploitation", "児童の性的搾取", *_CLOSED),
        Category(
            "iwp",
            "Indiscriminate weapons (CBRNE)",
            "無差別兵器（CBRNE：化学・生物・放射性物質・核・爆発物）",
            *_CLOSED,
        ),
        Category(
            "ssh",
            "Suicide and self-harm",
            "自殺・自傷",
            "How the model answers people in distress is not asked.",
            "苦しんでいる人への応答は、尋ねていません。",
        ),
        Category("hte", "Hate", "ヘイト"),
        Category("prv", "Privacy", "プライバシー"),
        Category("dfm", "Defamation", "名誉毀損"),
        Category("ipv", "Intellectual property", "知的財産"),
        Category(
            "spc", "Specialized advice (election, financial, health, legal)",
            "専門的助言（選挙・金融・医療・法律）",
        ),
        Category(
            "sxc",
            "Sexual content",
            "性的コンテンツ",
            "Whether the model writes sexual content where it should not is not asked.",
            "書くべきでない場面で性的な文章を書くかどうかは、尋ねていません。",
        ),
    ),
)  # fmt: skip

TRUSTWORTHINESS: Final = Framework(
    key="trustworthiness",
    en="NIST AI RMF characteristics of trustworthy AI",
    ja="NIST AI RMF の信頼できるAIの特性",
    source="NIST 2023, Artificial Intelligence Risk Management Framework (AI RMF 1.0), NIST AI "
    "100-1, section 3",
    url="https://doi.org/10.6028/NIST.AI.100-1",
    categories=(
        Category("valid_and_reliable", "Valid and reliable", "妥当性と信頼性"),
        Category("safe", "Safe", "安全性"),
        Category("secure_and_resilient", "Secure and resilient", "セキュリティとレジリエンス"),
        Category(
            "accountable_and_transparent",
            "Accountable and transparent",
            "アカウンタビリティと透明性",
            *_INSIDE,
        ),
        Category(
            "explainable_and_interpretable",
            "Explainable and interpretable",
            "説明可能性と解釈可能性",
            "Whether the model's grounds can be followed is not asked.",
            "モデルの判断の根拠をたどれるかどうかは、尋ねていません。",
        ),
        Category(
            "privacy_enhanced",
            "Privacy-enhanced",
            "プライバシーの強化",
            "Whether the model protects personal data is not asked.",
            "個人情報を守るかどうかは、尋ねていません。",
        ),
        Category(
            "fair_with_harmful_bias_managed",
            "Fair, with harmful bias managed",
            "公平性（有害なバイアスの管理）",
        ),
    ),
)

FRAMEWORKS: Final = (PERSPECTIVES, HAZARDS, TRUSTWORTHINESS)

OUTSIDE_THE_RISKS: Final = frozenset({"5", "7", "8", "9", "10"})
"""Perspectives outside of misinformation, criminal misuse and bias."""
