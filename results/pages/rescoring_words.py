"""The words of the report's page about other scorers of the same answers, in both languages."""

from __future__ import annotations

from typing import Final

TEXT: Final[dict[str, tuple[str, str]]] = {
    "others": ("Other scorers", "他の採点器"),
    "others_note": (
        "The same answers, judged again without asking the model anything. The figures above, the "
        "gates and the decision rest on the first scorer alone.",
        "同じ回答を、モデルに何も尋ねずに採点し直した結果です。上の数値、合格基準、総合判定は、"
        "最初の採点器だけに基づいています。",
    ),
    "others_measure": ("Measure", "指標"),
    "others_first": ("First scorer", "最初の採点器"),
    "others_kappa": ("Agreement (kappa)", "一致度（カッパ係数）"),
    "others_both": ("Same verdict", "同じ判定"),
    "others_agreed": ("{agreed} of {n}", "{n}件中{agreed}件"),
    "others_graders": ("Judged by {graders}.", "判定者：{graders}。"),
    "others_when": ("Scored {when}; log:", "採点：{when}。ログ："),
}
