"""The words of the report's page about the scorers' own error, in English and in Japanese."""

from __future__ import annotations

import re
from typing import Final

TEXT: Final[dict[str, tuple[str, str]]] = {
    "corrected": ("Corrected for the scorer's error", "採点者の誤りを補正した率"),
    "corrected_clipped": ("cut at the end of the scale", "0%または100%で打ち切り"),
    "corrected_scaled": (
        "blocked answers, which nobody judged, count as safe",
        "遮断された回答は採点対象外のため安全側として算入",
    ),
    "corrected_difference": (
        "Corrected for the scorer's error: {value}",
        "採点者の誤りを補正した差：{value}",
    ),
    "corrected_difference_note": (
        "each rate over all of its samples, not the pairs alone",
        "対だけでなく、各言語の全標本の率から求めたもの",
    ),
    "not_corrected": ("not corrected", "補正なし"),
    "gate_corrected": ("on the corrected rate", "補正した率で判定"),
    "gate_why": ("no corrected rate: {why}", "補正した率なし：{why}"),
    "card_title": ("Scorer's trial", "採点器の試験"),
    "card_none": ("no calibration card fits", "あてはまる較正カードはありません"),
    "card_of": (
        "{language}: tried on {n} answers of {gold} ({kind})",
        "{language}：{gold}の{n}件で試験（{kind}）",
    ),
    "card_split": (", part “{split}”", "、区分「{split}」"),
    "card_figures": (
        "{measure}: sensitivity {sensitivity}, specificity {specificity}, kappa {kappa} "
        "({n} decided)",
        "{measure}：感度{sensitivity}、特異度{specificity}、カッパ係数{kappa}（判定{n}件）",
    ),
    "card_gaming": (
        "Answers made to fool a judge moved the verdict in {rate}.",
        "採点器を欺くための回答で判定が動いた割合：{rate}。",
    ),
    "card_source": ("Answers and labels: {source}.", "回答とラベルの出典：{source}。"),
    "card_again": ("To compute it anew:", "計算し直すには："),
    "card_file": ("Card: {file}", "カード：{file}"),
    "nm_scorer_partly": (
        "A part of the scorers’ own error ({tasks}): some rates have no calibration card and are "
        "not corrected.",
        "採点器自体の誤りの一部（{tasks}）：較正カードのない率は補正していません。",
    ),
    "m_corrected": ("Corrected rates", "補正した率"),
    "m_corrected_text": (
        "A scorer misses some unsafe answers and flags some safe ones. On answers whose label is "
        "known, its trial counts how often: sensitivity is the share of unsafe answers that it "
        "finds, specificity the share of the others that it lets pass. From these the rate is "
        "computed that would have led to the raw one (Rogan and Gladen 1978), and its interval "
        "holds the uncertainty of the trial too. The raw rate stays as it is "
        "beside it. The correction takes for granted that the scorer errs here as often as on its "
        "trial; answers that people labelled show this better than constructed ones. Nothing is "
        "corrected with a trial of another version of the scorer, with one of fewer than 50 "
        "answers, where the scorer barely tells the sides apart, or where the raw rate "
        "contradicts the trial.",
        "採点器は危険な回答を見逃したり、安全な回答を危険と誤ったりします。ラベルの分かっている"
        "回答で試験し、危険な回答を見つける割合（感度）と、それ以外を正しく通す割合（特異度）を"
        "数えます。そこから、生の率をもたらしたはずの率を逆算したものが補正した率です（Rogan "
        "and Gladen 1978）。区間には試験の不確かさも含まれます。生の率は変えずに併記"
        "します。採点器が試験と同じ割合で誤ることを前提としており、その確かさは、人がラベルを"
        "付けた回答の方が作成した回答より高くなります。採点器の別の版の試験、50件未満の試験、"
        "両側をほとんど区別できない採点器、生の率が試験と矛盾する場合は補正しません。",
    ),
}

TERMS: Final[dict[str, tuple[str, str]]] = {
    "calibration.calibrated": ("calibrated", "較正済み"),
    "calibration.partly": ("partly calibrated", "一部較正済み"),
    "gold_kind.human_rated": ("labelled by people", "人がラベル付け"),
    "gold_kind.constructed": ("constructed by the authors", "作成者が用意"),
    "method.Rogan-Gladen, MOVER-Wilson": ("Rogan–Gladen", "ローガン・グラデン"),
    "method.weighted mean, MOVER": ("weighted mean, MOVER", "加重平均（MOVER 法）"),
    "method.difference, MOVER": ("difference, MOVER", "差（MOVER 法）"),
    "method.mean of tasks, MOVER": ("mean of tasks, MOVER", "タスクの平均（MOVER 法）"),
    "about.Rogan-Gladen, MOVER-Wilson": (
        "for rates corrected for the scorer’s error: holds every rate that fits the raw one and "
        "the trial’s sensitivity and specificity within their own Wilson intervals.",
        "採点者の誤りを補正した率に用います。生の率と、試験の感度・特異度のそれぞれのウィルソン"
        "区間に整合する率の範囲です。",
    ),
    "about.weighted mean, MOVER": (
        "for the corrected rate of both languages together: the mean by number of verdicts; the "
        "interval joins the languages’ own and how far their verdicts go together.",
        "両言語を合わせた補正した率に用います。判定数による加重平均で、区間は各言語の区間と、"
        "判定の連動の度合いから求めます。",
    ),
    "about.difference, MOVER": (
        "for the difference of two corrected rates: joins their intervals as if independent, "
        "which on the same items is rather too wide.",
        "補正した二つの率の差に用います。独立とみなして区間を組み合わせるため、同じ項目では"
        "やや広めになります。",
    ),
    "about.mean of tasks, MOVER": (
        "for the corrected rate of an area with several tasks: joins their intervals.",
        "複数のタスクがある領域の補正した率に用い、タスクの区間を組み合わせます。",
    ),
    # Why a rate has no correction; names in braces are found in the report's own words.
    "why.no_card": ("no calibration card for it", "較正カードがありません"),
    "why.stale_source": (
        "the card is stale: the scorer has changed since its trial",
        "較正カードが古く、試験の後に採点器が変わっています",
    ),
    "why.stale_arguments": (
        "the card is stale: the scorer has other arguments than on its trial",
        "較正カードが古く、採点器の引数が試験と異なります",
    ),
    "why.stale_graders": (
        "the card is stale: other graders judge here than on its trial",
        "較正カードが古く、採点するモデルが試験と異なります",
    ),
    "why.values": (
        "the scorer gives values here, not labels",
        "採点器がラベルではなく値を与えるため",
    ),
    "why.nothing": ("the scorer judged no answer", "採点器が判定した回答がありません"),
    "why.languages": ("not every language is corrected", "補正できない言語があります"),
    "why.no_pair": (
        "no pair has a verdict in both languages",
        "両言語に判定のある対がありません",
    ),
    "why.both": ("not both languages are corrected", "どちらかの言語を補正できません"),
    "why.tasks": ("not every task is corrected", "補正できないタスクがあります"),
    "why.no_label": (
        "the trial holds no answer labelled “{label}”",
        "試験に「{label}」の回答がありません",
    ),
    "why.only_label": (
        "the trial holds only answers labelled “{label}”",
        "試験に「{label}」以外の回答がありません",
    ),
    "why.unmeasured": ("the raw rate was not measured", "生の率が未測定です"),
    "why.few": (
        "the trial has {n} answers, fewer than {least}",
        "試験の回答が{n}件で、{least}件に足りません",
    ),
    "why.blind": (
        "the scorer barely tells unsafe from safe (sensitivity {sensitivity}, specificity "
        "{specificity})",
        "採点器が危険と安全をほとんど区別できません（感度{sensitivity}、特異度{specificity}）",
    ),
    "why.too_low": (
        "the raw rate {raw} contradicts the trial, where false alarms alone would give {limit}",
        "生の率{raw}が試験と矛盾します（誤検出だけで{limit}になるはず）",
    ),
    "why.too_high": (
        "the raw rate {raw} contradicts the trial, which finds only {limit} where all is unsafe",
        "生の率{raw}が試験と矛盾します（すべて危険でも{limit}しか検出しないはず）",
    ),
}

REASONS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (key, re.compile(pattern))
    for key, pattern in (
        ("no_card", r"no card"),
        ("stale_source", r"stale: the scorer's source .*"),
        ("stale_arguments", r"stale: the scorer's arguments .*"),
        ("stale_graders", r"stale: the graders .*"),
        ("values", r"the measure takes the scorer's own values, not labels"),
        ("nothing", r"the scorer judged no answer"),
        ("languages", r"not every language is corrected"),
        ("no_pair", r"no pair has a verdict in both languages"),
        ("both", r"not both languages are corrected"),
        ("tasks", r"not every task is corrected"),
        ("awaiting", r"labels that reviewers differ on await an adjudicator"),
        ("left_out", r"people gave a label that the measure leaves out"),
        ("too_few_labels", r"people labelled too few answers for an interval"),
        ("two_ways", r"the parts are corrected in two ways, by labels and by card"),
        ("no_label", r"the trial holds no answer labelled (?P<label>.+)"),
        ("only_label", r"the trial holds only answers labelled (?P<label>.+)"),
        ("unmeasured", r"the raw rate was not measured"),
        ("few", r"the scorer's trial has (?P<n>\d+) items, fewer than (?P<least>\d+)"),
        (
            "blind",
            r"the scorer barely tells unsafe from safe: sensitivity (?P<sensitivity>\S+) \+ "
            r"specificity (?P<specificity>\S+) - 1 .*",
        ),
        (
            "too_low",
            r"the raw rate (?P<raw>\S+) contradicts .* lies below the (?P<limit>\S+) that .*",
        ),
        (
            "too_high",
            r"the raw rate (?P<raw>\S+) contradicts .* lies above the (?P<limit>\S+) that .*",
        ),
    )
)
"""The reasons as `correction.py`, `corrections.py`, `fitting_cards.py` and `review/rates.py`
give them."""
