"""The words of a comparison of runs, in English and in Japanese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tenken.results.pages.words import Pair, Words


class CompareWords(Words):
    """The report's words, and those of a comparison."""

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of that key with its blanks filled.

        Raises:
            KeyError: There is no such text, or a blank is not given.
        """
        pair = _TEXT.get(key)
        return self._of(pair).format(**values) if pair else super().__call__(key, **values)

    def why(self, reason: str) -> str:
        """Return why there is no correction; a reason that is not known stays as it is."""
        pair = _TEXT.get(f"why.{reason}")
        return self._of(pair) if pair else super().why(reason)

    def about(self, method: str, **values: object) -> str:
        """Return what an interval method does; nothing for one that is not known."""
        pair = _TEXT.get(f"about.{method}")
        return self._of(pair) if pair else super().about(method, **values)

    def term(self, kind: str, name: str) -> str:
        """Return the word for a tag, label, reason or method; the name itself if it has none."""
        pair = _TEXT.get(f"{kind}.{name}")
        return self._of(pair) if pair else super().term(kind, name)

    def points_only(self, figure: Mapping[str, Any]) -> str:
        """Return a difference of two rates in points with its interval, without the unit."""
        if figure["value"] is None:
            return self("not_corrected" if "reason" in figure else "none")
        low, high = (self.points_mark(figure[end]) for end in ("low", "high"))
        span = self("span", low=low, high=high)
        return self("with_interval", value=self.points_mark(figure["value"]), span=span)

    def points_mark(self, value: float) -> str:
        """Return a difference in points with its sign."""
        text = f"{value * 100:+.1f}"
        return "0.0" if float(text) == 0 else text.replace("-", "−")

    def finding(self, figure: Mapping[str, Any], comparison: Mapping[str, Any]) -> str:
        """Return in words which of the two runs is safer."""
        letters = {"run_safer": comparison["run"], "baseline_safer": comparison["baseline"]}
        found = str(figure["finding"])
        return self("is_safer", letter=letters[found]) if found in letters else self(found)

    def title_of(self, task: Mapping[str, Any]) -> str:
        """Return a task's title, with the attack that its samples were asked under."""
        title, attack = self.own(task["title"]), task["attack"]
        if attack is None:
            return title
        return self("under_attack", task=title, attack=self.own(attack["title"]))

    def compared_of(self, figure: Mapping[str, Any]) -> str:
        """Return how many of the matched samples were compared."""
        return self("n_of", n=self.count(figure["n_pairs"]), of=self.count(figure["n_items"]))

    def left_out(self, figure: Mapping[str, Any], comparison: Mapping[str, Any]) -> str:
        """Return why matched samples were not compared; empty where all were."""
        missing = figure["undecided"]
        parts = [
            self(key, n=self.count(missing[name]), letter=comparison.get(side, ""))
            for name, key, side in (
                ("baseline_only", "missing_one", "baseline"),
                ("run_only", "missing_one", "run"),
                ("both", "missing_both", ""),
                ("not_counted", "missing_apart", ""),
            )
            if missing[name]
        ]
        return self("comma").join(parts)

    def seal(self, run: Mapping[str, Any]) -> str:
        """Return in words how far a run's bundle was checked."""
        if not run["intact"]:
            first = run["findings"][0]
            more = len(run["findings"]) - 1
            said = f"{first['what']}: {first['message']}"
            if more:
                said += self("and_more", n=more)
            return self("seal.unverified", said=said)
        return self(f"seal.{run['signature']}")

    def incomplete(self, run: Mapping[str, Any]) -> str:
        """Return which tasks of a run are incomplete; empty for a complete one."""
        return self("comma").join(
            self(
                "incomplete_one",
                task=each["task"],
                n=self.count(each["undecided"]),
                of=self.count(each["samples"]),
            )
            for each in run["incomplete_tasks"]
        )


_TEXT: Final[dict[str, Pair]] = {
    "compare_kind": Pair("Tenken comparison of runs", "Tenken 比較報告書"),
    "compare_page": Pair("{names} – Tenken comparison", "{names} – Tenken 比較"),
    "compare_title": Pair("{run} against {baseline}", "{baseline}に対する{run}"),
    "versus": Pair(" against ", " と "),
    "runs": Pair("Runs", "比較する評価"),
    "unverified_run": Pair(
        "{letter} does not fit its seal, or has none: nothing below is evidence about it.",
        "{letter}は証拠と一致しないか、封印がありません。以下の結果は{letter}の証拠になりません。",
    ),
    "the_run": Pair("Run", "評価"),
    "baseline": Pair("baseline", "比較の基準"),
    "bundle": Pair("Bundle", "証拠の照合"),
    "complete": Pair("Complete", "完了状況"),
    "is_complete": Pair("complete", "完了"),
    "incomplete_one": Pair(
        "{task}: {n} of {of} without a verdict", "{task}：{of}件中{n}件に判定なし"
    ),
    "seal.good": Pair(
        "signed by the given key; all digests fit", "指定の鍵で署名済み、全要約値が一致"
    ),
    "seal.unchecked": Pair(
        "all digests fit; signed, signature not checked", "全要約値が一致（署名あり、未検証）"
    ),
    "seal.unsigned": Pair("all digests fit; unsigned", "全要約値が一致（署名なし）"),
    "seal.unverified": Pair("UNVERIFIED: {said}", "未検証：{said}"),
    "and_more": Pair(" ({n} more)", "（ほか{n}件）"),
    "from_table": Pair("read from samples.parquet; no logs", "ログなし、samples.parquetより"),
    "under_attack": Pair("{task}, under attack: {attack}", "{task}（攻撃：{attack}）"),
    "one_task": Pair(
        "its one task, {task}: {points}; {finding}", "タスクは「{task}」のみ、{points}、{finding}"
    ),
    "settings": Pair("Set otherwise", "設定の違い"),
    "setting": Pair("Setting", "設定"),
    "no_settings": Pair("Nothing else is set otherwise.", "ほかに設定の違いはありません。"),
    "summary_line": Pair(
        "{compared} of {comparable} comparable samples have a verdict in both runs. Differences "
        "are {run} − {baseline}, in percentage points of the unsafe end: below 0, {run} is better.",
        "比較できる標本{comparable}件のうち、両方に判定があるのは{compared}件です。差は"
        "{run} − {baseline}（望ましくない結果の割合、ポイント）で、負なら{run}の方が良好です。",
    ),
    "nothing_comparable": Pair(
        "The runs share no comparable sample, so there is no difference to give.",
        "比較できる標本がないため、差は出せません。",
    ),
    "is_safer": Pair("{letter} is better", "{letter}の方が良好"),
    "no_difference_shown": Pair("no difference shown", "差は示されず"),
    "not_compared": Pair("not compared", "比較なし"),
    "what": Pair("Part", "区分"),
    "measure_of": Pair("{measure}", "{measure}"),
    "compared": Pair("Compared", "比較数"),
    "n_of": Pair("{n} of {of}", "{of}件中{n}件"),
    "missing_one": Pair("{n} without a verdict in {letter} alone", "{letter}だけで判定なし{n}件"),
    "missing_both": Pair("{n} without a verdict in both", "両方で判定なし{n}件"),
    "missing_apart": Pair("{n} outside of the measure", "指標の対象外{n}件"),
    "raw_difference": Pair("Difference ({level} interval), raw", "差（{level}信頼区間）、補正前"),
    "corrected_points": Pair(
        "Difference corrected for the scorer’s error", "採点器の誤りを補正した差"
    ),
    "corrected_sides": Pair("{baseline} {left}, {run} {right}", "{baseline} {left}、{run} {right}"),
    "corrected_at_end": Pair(
        "a rate or limit lies at an end of its scale", "率または区間が端に達しています"
    ),
    "finding": Pair("Finding", "結果"),
    "p_holm": Pair("p, adjusted", "調整後のp値"),
    "one_way": Pair(
        "better in {run}: {run_safer}, in {baseline}: {baseline_safer}",
        "{run}の方が良好{run_safer}件、{baseline}の方が良好{baseline_safer}件",
    ),
    "test_of": Pair("{test}, {p}", "{test}、{p}"),
    "raw_chart": Pair("Raw differences, headline measures", "主指標の差（補正前）"),
    "corrected_chart": Pair("Corrected differences, headline measures", "主指標の差（補正後）"),
    "chart_note": Pair(
        "Marks show {run} − {baseline} in percentage points, lines their {level} intervals.",
        "印は{run} − {baseline}（ポイント）、横線は{level}信頼区間です。",
    ),
    "differences_alt": Pair(
        "Differences in points with intervals, by task and language: {figures}.",
        "タスクと言語ごとの差（ポイント）と区間：{figures}。",
    ),
    "apart": Pair("Not comparable", "比較できない標本"),
    "apart_none": Pair("Every sample of both runs is compared.", "すべての標本が比較の対象です。"),
    "reason": Pair("Reason", "理由"),
    "samples_in": Pair("Samples in {letter}", "{letter}の標本"),
    "all_measures": Pair("whole task", "タスク全体"),
    "apart.task_missing": Pair("the task is only in {detail}", "{detail}だけにあるタスク"),
    "apart.version": Pair("versions that are not comparable: {detail}", "比較できない版：{detail}"),
    "apart.scorer": Pair("judged by another scorer: {detail}", "採点器が異なる：{detail}"),
    "apart.graders": Pair("judged by other graders: {detail}", "採点モデルが異なる：{detail}"),
    "apart.prompt": Pair(
        "asked in another way: digest {detail}", "質問の仕方が異なる：要約値 {detail}"
    ),
    "apart.data": Pair(
        "other samples, and without the logs of {detail} their texts cannot be compared",
        "標本が異なり、{detail}のログがないため本文を照合できない",
    ),
    "apart.measure_missing": Pair("the other run lacks this measure", "片方にない指標"),
    "apart.measure_rule": Pair("the measure counts other labels as unsafe", "指標の数え方が異なる"),
    "apart.sample_missing": Pair("asked in one run only", "片方だけで使われた標本"),
    "apart.epoch": Pair("asked again in one run only", "片方だけで繰り返された標本"),
    "apart.sample_measure": Pair("belongs to another measure", "属する指標が異なる"),
    "apart.sample_place": Pair("another language, pair or cluster", "言語・対・クラスターが異なる"),
    "apart.text": Pair("the text is another", "本文が異なる"),
    "apart.attack": Pair(
        "under an attack that the other run lacks or makes otherwise: {detail}",
        "片方にない攻撃、または作り方が異なる攻撃：{detail}",
    ),
    "why.no sample has a verdict in both runs": Pair(
        "no sample has a verdict in both runs", "両方に判定のある標本がありません"
    ),
    "method.paired difference / J, MOVER": Pair(
        "paired difference / J, MOVER", "対応のある差÷J（MOVER 法）"
    ),
    "about.paired difference / J, MOVER": Pair(
        "for corrected differences: the paired difference divided by sensitivity + specificity "
        "− 1 of the scorer’s trial, with the uncertainty of both.",
        "補正した差に用います。対応のある差を、採点器の試験の感度＋特異度−1で割り、両方の"
        "不確かさを含めます。",
    ),
    "about.mean of tasks, MOVER": Pair(
        "for an area with several tasks: the mean of their differences; joins their intervals.",
        "複数のタスクがある領域に用い、タスクの差の平均と区間を組み合わせます。",
    ),
    "about.weighted mean, MOVER": Pair(
        "for the corrected difference of both languages together: the mean by number of pairs; "
        "joins the languages’ intervals and how far their differences go together.",
        "両言語を合わせた補正した差に用います。対の数による加重平均で、区間は各言語の区間と"
        "連動の度合いから求めます。",
    ),
    "m_match": Pair("What is compared", "比較の対象"),
    "m_match_text": Pair(
        "Samples with the same id and epoch in the same task, of the same comparable version, "
        "asked in the same way and under the same attack, if any, and judged by the same scorer "
        "and graders for the same measure. Areas and the chart rest on plain requests alone. "
        "Only those with a verdict in both runs enter a difference; how many that are stands in "
        "each row. What is left out may differ from what is compared.",
        "同じタスク・同じ回の同じIDの標本で、版が比較でき、質問の仕方、攻撃の有無と種類、採点器、"
        "採点モデル、指標が同じものです。領域とグラフは攻撃のない依頼だけによります。両方に判定のある標本だけが差に入り、その数を各行に示します。除かれた標本は"
        "性質が異なるかもしれません。",
    ),
    "m_tests": Pair("Tests", "検定"),
    "m_tests_text": Pair(
        "Exact McNemar for one verdict a cluster; where clusters hold several verdicts, or epochs, "
        "whole clusters change sign. All {n} tests of this comparison are one family, adjusted by "
        "Holm. A run is called better only where the adjusted p is below {alpha}; intervals are "
        "not adjusted. No difference shown does not mean that the runs are equal.",
        "クラスターごとに判定が一つなら、マクネマーの正確検定を用います。一つのクラスターに複数の"
        "判定や繰り返しがあれば、クラスター全体の符号を反転させます。この比較の{n}件の検定を一つの"
        "族としてホルム法で調整し、調整後のp値が{alpha}未満のときだけ「良好」と述べます。区間は"
        "調整していません。差が示されないことは、同等を意味しません。",
    ),
    "m_corrected_pairs": Pair("Corrected differences", "補正した差"),
    "m_corrected_pairs_text": Pair(
        "In each language, both runs are corrected with one calibration card that fits the scorer "
        "there. This takes for granted that the scorer errs as often on one run’s answers as on "
        "the other’s. Findings rest on the raw differences; the corrected ones stand beside them.",
        "言語ごとに、採点器にあてはまる同じ較正カードで両方を補正します。どちらの回答でも採点器が"
        "同じ割合で誤ることを前提とします。「結果」は補正前の差によるもので、補正した差は併記です。",
    ),
    "detectable": Pair(
        "smallest detectable difference {points} points at {share} pairs that differ, unadjusted",
        "検出できる最小の差は{points}ポイント（判定の異なる対{share}、多重比較の調整前）",
    ),
    "made_by": Pair("Computed by", "計算に用いた版"),
    "again": Pair("To compute it anew:", "計算し直すには："),
}
