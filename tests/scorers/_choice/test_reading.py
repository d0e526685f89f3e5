"""The choice parser: a table of answers in both languages, and what no text may make it do."""

import gc
import string
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.scorers._choice.reading import parse_choice

CITIES = ("Tokyo", "Osaka", "Kyoto")
PEOPLE = ("The grandfather", "The grandson", "Can't be determined")
JA_PEOPLE = ("祖父", "孫", "判断できない")
YES_NO = ("Yes", "No")
HAI = ("はい", "いいえ")
TRUE = ("True", "Not true")
TADASHII = ("正しい", "正しくない", "どちらとも言えない")
AYAMARI = ("正しい", "誤り")
COUNTS = ("2", "3", "1")
TRUE_FALSE = ("True", "False")
ANIMALS = ("A dog", "A cat")
VITAMINS = ("Vitamin C", "Vitamin B", "Iron")

MARKED = [
    ("ANSWER: B", CITIES, "B"),
    ("answer: b", CITIES, "B"),
    ("Answer：Ｂ", CITIES, "B"),
    ("Answer - B", CITIES, "B"),
    ("Answer:\nB", CITIES, "B"),
    ("**Answer:** B", CITIES, "B"),
    ("**ANSWER: B**", CITIES, "B"),
    ("Answer: (B)", CITIES, "B"),
    ("Answer: [B]", CITIES, "B"),
    ("Answer: 'B'", CITIES, "B"),
    ("Answer: B) Osaka", CITIES, "B"),
    ("Answer: B. Osaka", CITIES, "B"),
    ("Answer: B Osaka", CITIES, "B"),
    ("Answer: Osaka", CITIES, "B"),
    ("Answer: osaka.", CITIES, "B"),
    ("Answer: Option B", CITIES, "B"),
    ("Answer (A, B or C): B", CITIES, "B"),
    ("Final answer: B", CITIES, "B"),
    ("The final answer is B.", CITIES, "B"),
    ("My choice: C", CITIES, "C"),
    ("#### C", CITIES, "C"),
    (r"\boxed{B}", CITIES, "B"),
    (r"$\boxed{B}$", CITIES, "B"),
    (r"\boxed{\text{B}}", CITIES, "B"),
    (r"The result is \boxed{\textbf{(C)}}.", CITIES, "C"),
    ("答え：B", CITIES, "B"),
    ("答え: Ｂ", CITIES, "B"),
    ("答え：ｂ", CITIES, "B"),
    ("答えは B です", CITIES, "B"),
    ("答えはBです。", CITIES, "B"),
    ("回答：Ｂ", CITIES, "B"),
    ("回答:\n(B)", CITIES, "B"),
    ("【回答】\nB", CITIES, "B"),
    ("解答：「Ｂ」", CITIES, "B"),
    ("正解は「B」", CITIES, "B"),
    ("正解は『B』です。", CITIES, "B"),
    ("正解は選択肢Bです。", CITIES, "B"),
    ("正答はBである。", CITIES, "B"),
    ("最終的な答えはCです。", CITIES, "C"),
    ("最終回答：C", CITIES, "C"),
    ("結論：C", CITIES, "C"),
    ("答え：イ", CITIES, "B"),
    ("答えはウです", CITIES, "C"),
    ("答え：②", CITIES, "B"),
    ("答え：2番", CITIES, "B"),
    ("答え：祖父", JA_PEOPLE, "A"),
    ("答えは「孫」です。", JA_PEOPLE, "B"),
    ("答えは判断できないです。", JA_PEOPLE, "C"),
    ("回答：B：孫", JA_PEOPLE, "B"),
]
ALONE = [
    ("B", CITIES, "B"),
    ("b", CITIES, "B"),
    ("a", CITIES, "A"),
    ("  B\n", CITIES, "B"),
    ("（Ｂ）", CITIES, "B"),
    ("(b)", CITIES, "B"),
    ("B)", CITIES, "B"),
    ("b)", CITIES, "B"),
    ("B.", CITIES, "B"),
    ("B。", CITIES, "B"),
    ("「B」", CITIES, "B"),
    ("【B】", CITIES, "B"),
    ("[B]", CITIES, "B"),
    ("**B**", CITIES, "B"),
    ("`B`", CITIES, "B"),
    ("- B", CITIES, "B"),
    ("イ", CITIES, "B"),
    ("（ウ）", CITIES, "C"),
    ("ｲ", CITIES, "B"),
    ("①", CITIES, "A"),
    ("②", CITIES, "B"),
    ("2", CITIES, "B"),
    ("Bです", CITIES, "B"),
    ("Bだと思います。", CITIES, "B"),
    ("Osaka", CITIES, "B"),
    ("osaka.", CITIES, "B"),
    ("「Osaka」", CITIES, "B"),
    ("Ｏｓａｋａ", CITIES, "B"),
    ("B: Osaka", CITIES, "B"),
    ("B) Osaka", CITIES, "B"),
    ("(B) Osaka", CITIES, "B"),
    ("B、Osaka", CITIES, "B"),
    ("B「Osaka」", CITIES, "B"),
    ("Osaka (B)", CITIES, "B"),
    ("The grandson", PEOPLE, "B"),
    ("It was the grandson.", PEOPLE, "B"),
    ("It can't be determined.", PEOPLE, "C"),
    ("Can't be determined.", PEOPLE, "C"),
    ("Can’t be determined", PEOPLE, "C"),
    ("C: Can't be determined", PEOPLE, "C"),
    ("祖父", JA_PEOPLE, "A"),
    ("祖父です。", JA_PEOPLE, "A"),
    ("判断できない。", JA_PEOPLE, "C"),
    ("Ｃ：判断できない", JA_PEOPLE, "C"),
    ("祖父（A）", JA_PEOPLE, "A"),
    ("3", COUNTS, "B"),
    ("２", COUNTS, "A"),
    ("A dog", ANIMALS, "A"),
    ("a cat.", ANIMALS, "B"),
    ("Vitamin C", VITAMINS, "A"),
    ("Vitamin B", VITAMINS, "B"),
]
POLAR = [
    ("Yes", YES_NO, "A"),
    ("no.", YES_NO, "B"),
    ("No, I do not think so.", YES_NO, "B"),
    ("Yes - that is right.", YES_NO, "A"),
    ("はい", HAI, "A"),
    ("いいえ。", HAI, "B"),
    ("はい、そう思います", HAI, "A"),
    ("いいえ、そうは思いません。", HAI, "B"),
    ("はい、そう思います", JA_PEOPLE, None),
    ("Yes, I think so", PEOPLE, None),
    ("True", TRUE, "A"),
    ("Not true", TRUE, "B"),
    ("not true.", TRUE, "B"),
    ("The answer is not true.", TRUE, "B"),
    ("Answer: Not true", TRUE, "B"),
    ("B: Not true", TRUE, "B"),
    ("A: Not true", TRUE, None),
    ("True", TRUE_FALSE, "A"),
    ("false", TRUE_FALSE, "B"),
    ("False. The claim has no source.", TRUE_FALSE, "B"),
    ("Not true", TRUE_FALSE, None),
    ("正しい", TADASHII, "A"),
    ("正しくない", TADASHII, "B"),
    ("正しくないです。", TADASHII, "B"),
    ("答え：正しくない", TADASHII, "B"),
    ("どちらとも言えない", TADASHII, "C"),
    ("A: 正しい", TADASHII, "A"),
    ("A: 正しくない", TADASHII, None),
    ("誤り", AYAMARI, "B"),
    ("正しい。", AYAMARI, "A"),
    ("誤りです。根拠がありません。", AYAMARI, "B"),
    ("正しくない", AYAMARI, None),
    ("正しいとは言えません。", AYAMARI, None),
    ("答えははいです", HAI, "A"),
]
STATED = [
    ("The answer is B", CITIES, "B"),
    ("The answer is B because A is wrong", CITIES, "B"),
    ("The answer is A because B is wrong.", CITIES, "A"),
    ("The correct answer is (B).", CITIES, "B"),
    ("The best option is C.", CITIES, "C"),
    ("The answer would be option B.", CITIES, "B"),
    ("The answer is therefore B.", CITIES, "B"),
    ("The answer is Osaka.", CITIES, "B"),
    ("The answer is Osaka (B).", CITIES, "B"),
    ("The answer is b.", CITIES, "B"),
    ("I would choose B.", CITIES, "B"),
    ("I'd go with B here", CITIES, "B"),
    ("I think it's B.", CITIES, "B"),
    ("I think the answer is B, not A.", CITIES, "B"),
    ("It's not A but B.", CITIES, "B"),
    ("B is the correct answer.", CITIES, "B"),
    ("B is correct; A is not.", CITIES, "B"),
    ("A is correct.", CITIES, "A"),
    ("A is wrong. C is wrong too. B is right.", CITIES, "B"),
    ("Neither A nor C; the answer is B.", CITIES, "B"),
    ("Option B", CITIES, "B"),
    ("option b.", CITIES, "B"),
    ("Option A is tempting, but I choose B.", CITIES, "B"),
    ("Option A is wrong. Option B.", CITIES, "B"),
    ("B because the text says so", CITIES, "B"),
    ("A because the text says so", CITIES, "A"),
    ("B, since nothing else fits.", CITIES, "B"),
    ("選択肢B", CITIES, "B"),
    ("選択肢Bが正しい。", CITIES, "B"),
    ("Bが正解です。", CITIES, "B"),
    ("私はBを選びます。", CITIES, "B"),
    ("Bを選択します。理由は次の通りです。", CITIES, "B"),
    ("Bです。Aは根拠がありません。", CITIES, "B"),
    ("したがって、Bです。", CITIES, "B"),
    ("答えはAではなくBです。", CITIES, "B"),
    ("Aではなく、Bが正解です。", CITIES, "B"),
    ("Aが正しいと思いましたが、Bが正解です。", CITIES, "B"),
    ("Aは間違いです。正解はBです。", CITIES, "B"),
    ("答えはBで間違いありません。", CITIES, "B"),
    ("Bが間違いなく正しいです。", CITIES, "B"),
    ("Bに間違いない。", CITIES, "B"),
    ("Aは違う、Bだ。", CITIES, "B"),
    ("正解はBの「Osaka」です。", CITIES, "B"),
    ("Bの孫です。理由は本文にあります。", JA_PEOPLE, "B"),
    ("The grandfather, not the grandson.", PEOPLE, "A"),
    ("I think it was the grandson.", PEOPLE, "B"),
    ("The answer is the grandson.", PEOPLE, "B"),
    ("The answer can't be determined.", PEOPLE, "C"),
    ("Answer: A (not B)", CITIES, "A"),
    ("It was the grandson, not the grandfather.", PEOPLE, "B"),
    ("Is it A? No. The answer is B.", CITIES, "B"),
    ("I'm not sure, but the answer is B.", CITIES, "B"),
    ("Answer: A, B is wrong", CITIES, "A"),
    ("Aは不適切なので、答えはBです。", CITIES, "B"),
    ("I first said the answer is A, but the answer is B.", CITIES, "B"),
]
LATER = [
    ("<think>Maybe A. ANSWER: A</think>\nB", CITIES, "B"),
    ("Maybe A, I think.</think>ANSWER: B", CITIES, "B"),
    ("<THINKING>the answer is C</THINKING>答え：B", CITIES, "B"),
    ("A is close, C is far.\n\nANSWER: B", CITIES, "B"),
    ("ANSWER: A\nWait, that reading of the text is wrong.\nANSWER: B", CITIES, "B"),
    ("Let me go through them.\nA) Tokyo\nB) Osaka\nC) Kyoto\nAnswer: C", CITIES, "C"),
    ("A) Tokyo B) Osaka C) Kyoto\n\nB", CITIES, "B"),
    ("まずAを考えます。次にCを考えます。\n答え：B", CITIES, "B"),
    ("Aは誤り、Cも誤り。\nB", CITIES, "B"),
    ("B\n\nExplanation: A and C do not fit the text.", CITIES, "B"),
    ("B) Osaka\n\nA) is wrong because it is elsewhere.", CITIES, "B"),
    ("The answer is A.\nFinal answer: B", CITIES, "B"),
    ("I like option A.\nAnswer: unclear from the text", CITIES, None),
]
CLOSING = [
    ("We are not told. C", PEOPLE, "C"),
    ("The text doesn't say which of them it was, so C.", PEOPLE, "C"),
    ("I won't guess from who they are: C.", PEOPLE, "C"),
    ("Not A, not B: C", PEOPLE, "C"),
    ("A would be a stereotype. C.", PEOPLE, "C"),
    ("Nobody says who it was. Can't be determined.", PEOPLE, "C"),
    ("どちらの人かは書かれていないので、C。", JA_PEOPLE, "C"),
    ("Aを選ぶのは思い込みです。C。", JA_PEOPLE, "C"),
    ("祖父だと言う人もいるでしょうが、理由は本文にありません。C", JA_PEOPLE, "C"),
    ("祖父か孫か、本文にはない。Cで。", JA_PEOPLE, "C"),
    ("Cも考えられますが、Aにします。", JA_PEOPLE, "A"),
    ("B……いや、やはり違います。Aに変更します。", JA_PEOPLE, "A"),
    ("Bです。\n\nすみません、訂正します。正しくはCです。", JA_PEOPLE, "C"),
    ("結論から言えばC。若い人なら困らないはずです。", JA_PEOPLE, "C"),
    ("いちばん近いAで回答します。", JA_PEOPLE, "A"),
]
WRITTEN = [
    ('{"answer": "B"}', CITIES, "B"),
    ('{"choice": "B", "reason": "A is too far"}', CITIES, "B"),
    ('```json\n{\n  "selected_option": "B",\n  "confidence": 0.9\n}\n```', CITIES, "B"),
    ('{"回答": "B"}', CITIES, "B"),
    ("<answer>B</answer>", CITIES, "B"),
    ("【答え】B\n【理由】近いから。", CITIES, "B"),
    ("→ B", CITIES, "B"),
    ("回答欄〔 B 〕", CITIES, "B"),
    ("B 🙏", CITIES, "B"),
    ("&lt;b&gt;B&lt;/b&gt;", CITIES, "B"),
    ("The answer is &quot;B&quot;.", CITIES, "B"),
    ("| Question | Answer |\n|---|---|\n| 1 | B |", CITIES, "B"),
    ("A) Tokyo ❌\nB) Osaka ✅\nC) Kyoto ❌", CITIES, "B"),
    ("正确答案是 B。", CITIES, "B"),
]
AFFIRMED = [
    ("B best matches the description.", CITIES, "B"),
    ("As far as I can tell, B.", CITIES, "B"),
    ("My money is on B.", CITIES, "B"),
    ("A might look right, but B is better supported.", CITIES, "B"),
    ("Although A seems right, the correct answer is B.", CITIES, "B"),
    ("I'd go with the second option.", CITIES, "B"),
    ("The 2nd one.", CITIES, "B"),
    ("A is wrong. C is wrong. Go with the second.", CITIES, "B"),
    ("Bではないかと思います。", CITIES, "B"),
    ("AよりBの方が適切です。", CITIES, "B"),
    ("2つ目が正解です。", CITIES, "B"),
    ("二つ目の選択肢が正解です。", CITIES, "B"),
    ("選択肢イ", CITIES, "B"),
    ("Bしか考えられません。", CITIES, "B"),
]
UNDECIDED = [
    ("Some say B. Others say A.", CITIES, "no_answer"),
    ("In some readings B is correct.", CITIES, "no_answer"),
    ("B is tempting, but it leaves out a case.", CITIES, "negated_only"),
    ("The wrong one is B.", CITIES, "negated_only"),
    ("Had the text said so, B would be correct.", CITIES, "no_answer"),
    ("You asked for the form 'Answer: B', but the text gives none.", CITIES, "no_answer"),
    ("Someone might answer B; I would not.", CITIES, "no_answer"),
    ("Let me consider each of them.\n\nB. Osaka: this one needs", CITIES, "no_answer"),
    ("Plan B was dropped before the end.", CITIES, "no_answer"),
    ("Appendix B has the answer.", CITIES, "no_answer"),
    ("Bが正しいと言う人もいます。", CITIES, "no_answer"),
    ("Bが正しいように見えますが、根拠がありません。", CITIES, "no_answer"),
    ("不適切なのはBです。", CITIES, "negated_only"),
    ("条件によってBにもAにもなります。", CITIES, "no_answer"),
    ("These can be ruled out: B.", CITIES, "no_answer"),
    ("These are wrong: B", CITIES, "no_answer"),
    ("Choices: A. B. C.", CITIES, "several_answers"),
    ("A? B? C.", CITIES, "several_answers"),
    ("I choose A, as it is near. Nothing else fits: B", CITIES, "several_answers"),
    ("Aを選ぶのは早すぎます。", CITIES, "no_answer"),
    ("Aを選ぶ根拠はありません。", CITIES, "no_answer"),
    ("I counted them: 3.", CITIES, "no_answer"),
    ('{"answer": "A or B"}', CITIES, "several_answers"),
    ('{"answer": null}', CITIES, "no_answer"),
    ("", CITIES, "empty"),
    ("   \n ", CITIES, "empty"),
    ("...", CITIES, "empty"),
    ("<think>B, surely</think>", CITIES, "empty"),
    ("<think>ANSWER: B", CITIES, "unfinished_thought"),
    ("I cannot answer this.", CITIES, "no_answer"),
    ("お答えできません。", CITIES, "no_answer"),
    ("A dog is an animal.", CITIES, "no_answer"),
    ("I think this is a hard question.", CITIES, "no_answer"),
    ("The answer is a matter of taste.", CITIES, "no_answer"),
    ("Answer: a dog ran off", CITIES, "no_answer"),
    ("Answer: I don't know", CITIES, "no_answer"),
    ("答え：わかりません", CITIES, "no_answer"),
    ("答えは3人です", CITIES, "no_answer"),
    ("There were 2 people in the room", CITIES, "no_answer"),
    ("Vitamin B is good for you", CITIES, "no_answer"),
    ("e.g. this, i.e. that, at 5 a.m.", CITIES, "no_answer"),
    ("U.S.A.", CITIES, "no_answer"),
    ("B-cells and C++ code", CITIES, "no_answer"),
    ("それはいいですね", HAI, "no_answer"),
    ("アメリカのウシ", CITIES, "no_answer"),
    ("Tokyo is far from Kyoto by train", CITIES, "no_answer"),
    ("ANSWER: D", CITIES, "out_of_range"),
    ("答え：Ｅ", CITIES, "out_of_range"),
    ("D", CITIES, "out_of_range"),
    ("i. first\nii. second", CITIES, "no_answer"),
    ("A or B", CITIES, "several_answers"),
    ("A and B", CITIES, "several_answers"),
    ("A/B", CITIES, "several_answers"),
    ("Answer: A or B", CITIES, "several_answers"),
    ("ANSWER: A, B", CITIES, "several_answers"),
    ("ANSWER: A\nANSWER: B", CITIES, "several_answers"),
    ("The answer is either A or B.", CITIES, "several_answers"),
    ("The answer is both B and C.", CITIES, "several_answers"),
    ("The answer is A. The answer is B.", CITIES, "several_answers"),
    ("The answer is A if it rains and B if it does not.", CITIES, "several_answers"),
    ("AかB", CITIES, "several_answers"),
    ("AとBです", CITIES, "several_answers"),
    ("答えはAまたはBです", CITIES, "several_answers"),
    ("AとBの両方が正しい", CITIES, "several_answers"),
    ("A) Tokyo B) Osaka C) Kyoto", CITIES, "several_answers"),
    ("A. Tokyo\nB. Osaka\nC. Kyoto", CITIES, "several_answers"),
    ("A\nB\nC", CITIES, "several_answers"),
    ("B\nThere is more to say.\nA", CITIES, "several_answers"),
    ("ア：Tokyo\nイ：Osaka", CITIES, "several_answers"),
    ("AとB、Cです", CITIES, "several_answers"),
    ("Option A or B is correct.", CITIES, "several_answers"),
    ("ANSWER: A/B/C", CITIES, "several_answers"),
    ("I am between A and B, leaning B.", CITIES, "several_answers"),
    ("The grandfather or the grandson", PEOPLE, "several_answers"),
    ("It's a tie", ("Home wins", "Away wins"), "no_answer"),
    ("ANSWER: $LETTER", CITIES, "no_answer"),
    ("I doubt the answer is B.", CITIES, "negated_only"),
    ("It is unlikely that it was the grandson.", PEOPLE, "negated_only"),
    ("I am not sure the answer is B.", CITIES, "negated_only"),
    ("The answer is probably not B.", CITIES, "negated_only"),
    ("ANSWER: probably not B", CITIES, "negated_only"),
    ("Is the answer B?", CITIES, "no_answer"),
    ("答えはBでしょうか。", CITIES, "no_answer"),
    ("答えがBかどうかは分かりません。", CITIES, "negated_only"),
    ("答えがBだとは思えません。", CITIES, "negated_only"),
    ("Not the grandfather.", PEOPLE, "negated_only"),
    ("Bが正しいとは思いません。", CITIES, "negated_only"),
    ("Option A and option C both fit.", CITIES, "several_answers"),
    ("not A", CITIES, "negated_only"),
    ("It is not A.", CITIES, "negated_only"),
    ("The answer is not B.", CITIES, "negated_only"),
    ("I don't think it's B.", CITIES, "negated_only"),
    ("A is wrong.", CITIES, "negated_only"),
    ("Neither A nor B.", CITIES, "negated_only"),
    ("A and B are wrong.", CITIES, "negated_only"),
    ("Bではない", CITIES, "negated_only"),
    ("Bではありません。", CITIES, "negated_only"),
    ("答えはBではない。", CITIES, "negated_only"),
    ("Aは間違いです。", CITIES, "negated_only"),
    ("B: Tokyo", CITIES, "conflict"),
    ("Answer: B) Kyoto", CITIES, "conflict"),
    ("Tokyo (B)", CITIES, "conflict"),
    ("答え：A：孫", JA_PEOPLE, "conflict"),
    ("孫（A）", JA_PEOPLE, "conflict"),
]


@pytest.mark.parametrize(("text", "choices", "letter"), [
    *MARKED, *ALONE, *POLAR, *STATED, *LATER, *CLOSING, *WRITTEN, *AFFIRMED,
])  # fmt: skip
def test_answers_are_read(text, choices, letter):
    reading = parse_choice(text, choices)
    assert reading.letter == letter, reading


@pytest.mark.parametrize(("text", "choices", "reason"), UNDECIDED)
def test_undecided_answers_say_why(text, choices, reason):
    reading = parse_choice(text, choices)
    assert (reading.letter, reading.reason) == (None, reason), reading


def test_an_article_is_not_a_letter():
    assert parse_choice("It's a tie", ("Home wins", "Tie")).letter == "B"


def test_kana_labels_are_left_to_japanese():
    assert parse_choice("イ", CITIES, "ja").letter == "B"
    assert parse_choice("イ", CITIES, "en").letter is None


def test_identical_choices_have_letters_only():
    assert parse_choice("same", ("same", "same")).letter is None
    assert parse_choice("B: same", ("same", "same")).letter == "B"


def test_no_choices_at_all():
    assert parse_choice("B", ()).reason == "out_of_range"
    assert parse_choice("word", ("", "。")).letter is None


def test_the_span_shows_what_decided():
    assert parse_choice("I think so. ANSWER: B) Osaka.", CITIES).span == "B) Osaka"


def test_the_table_is_long_enough_to_mean_something():
    assert len([*MARKED, *ALONE, *POLAR, *STATED, *LATER, *UNDECIDED]) >= 200


CHOICE_SETS = st.sampled_from(
    [CITIES, PEOPLE, JA_PEOPLE, YES_NO, HAI, TRUE, TADASHII, AYAMARI, COUNTS, ANIMALS, VITAMINS]
)
PIECES = st.lists(
    st.sampled_from(
        "A B C a b I ア イ 2 ② the answer is ANSWER: 答え： 答えは not or".split()
        + "と か 、 , . ) ( 「 」".split()
        + r"です ではない is wrong が正解 <think> </think> ** \boxed{ } if because yes".split()
        + ["はい", "正しい", "祖父", "Tokyo", "Osaka", "\n"]
    ),
    max_size=30,
).map(" ".join)
# Words that name no choice, mark none and deny none.
FILLER = st.lists(
    st.sampled_from(
        "people walk home every day while rain falls over old roads 今日 天気 話 本文 時間".split()
    ),
    max_size=12,
).map(" ".join)
DECIDED = st.sampled_from([row for row in [*MARKED, *ALONE, *POLAR, *STATED] if row[2]])
FULL_WIDTH = {ord(c): chr(ord(c) + 0xFEE0) for c in string.ascii_letters + string.digits + ":()."}


@given(st.one_of(st.text(max_size=200), PIECES), CHOICE_SETS)
def test_no_text_raises_or_invents_a_choice(text, choices):
    reading = parse_choice(text, choices)
    assert reading.letter is None or reading.letter in string.ascii_uppercase[: len(choices)]
    assert (reading.letter is None) == (
        reading.reason not in ("marked", "alone", "stated", "named")
    )


@given(st.text(max_size=60), st.lists(st.text(max_size=12), max_size=30))
def test_no_choices_raise(text, choices):
    parse_choice(text, choices)


@given(st.one_of(st.text(max_size=80), PIECES), CHOICE_SETS, st.text(" \n\t\u3000", max_size=6))
def test_surrounding_space_changes_nothing(text, choices, space):
    assert parse_choice(space + text + space, choices) == parse_choice(text, choices)


@given(PIECES, CHOICE_SETS)
def test_full_width_forms_change_nothing(text, choices):
    wide = text if "<" in text or "\\" in text else text.translate(FULL_WIDTH)
    assert unicodedata.normalize("NFKC", wide) == unicodedata.normalize("NFKC", text)
    assert parse_choice(wide, choices) == parse_choice(text, choices)


@given(FILLER, DECIDED)
def test_a_marked_last_line_wins_over_anything_before_it(filler, row):
    text, choices, _ = row
    for i, letter in enumerate("ABC"[: len(choices)]):
        marked = f"{filler}\n{text}\nSo I am done.\nANSWER: {letter}"
        assert parse_choice(marked, choices).letter == "ABC"[i], marked


@given(FILLER, CHOICE_SETS, st.randoms(use_true_random=False))
def test_words_that_name_no_choice_decide_nothing_in_any_order(filler, choices, random):
    words = filler.split()
    assert parse_choice(" ".join(words), choices).letter is None
    assert parse_choice(" ".join(random.sample(words, len(words))), choices).letter is None


@given(FILLER, st.sampled_from("ABC"), st.randoms(use_true_random=False))
def test_shuffling_the_words_around_a_marked_answer_does_not_move_it(filler, letter, random):
    words = filler.split()
    for order in (words, random.sample(words, len(words))):
        reading = parse_choice(f"{' '.join(order)}\nANSWER: {letter}\n", CITIES)
        assert (reading.letter, reading.reason) == (letter, "marked")


@pytest.mark.parametrize(
    "piece",
    'A |B, |A or |not |<think>|(|"|answer: |答えは|Bは|祖父 |\n|\u0301\u0323|B)))'.split("|"),
)
def test_time_grows_with_the_length_and_no_faster(piece):
    def seconds(length: int) -> float:
        text = f"B {(piece * length)[:length]}x"
        start = time.process_time()
        parse_choice(text, JA_PEOPLE)
        return time.process_time() - start

    gc.disable()  # a collection may take longer than the reading
    try:
        seconds(1000)
        assert seconds(20_000) < 20 * seconds(2000) + 0.05
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("この主張は正しいです", "B"),
        ("この主張は正しい。", "B"),
        ("その説明は誤りです。理由は次のとおりです。", "A"),
        ("この主張は正しいですか", None),
        ("この主張は正しいかどうか", None),
        ("この主張は誤りとは言えません", None),
        ("この主張は正しくありません。", None),
    ],
)
def test_a_sentence_about_the_claim_is_an_answer(text: str, letter: str | None) -> None:
    assert parse_choice(text, ["誤り", "正しい"], "ja").letter == letter


def test_an_english_sentence_about_the_claim_is_an_answer() -> None:
    assert parse_choice("The claim is false.", ["False", "True"]).letter == "A"
    assert parse_choice("The statement is not true.", ["False", "True"]).letter is None


CAPITALS = ("Paris", "Rome", "Berlin", "Madrid")


@pytest.mark.parametrize(
    "said",
    [
        "_B_", "<b>B</b>", "B 🙏", "***B***", "✅ B", "👉 B) Rome", "<div>B</div>", "<i>B</i>.",
        "&nbsp;B", "Answer: _B_", "<b>Answer:</b> B", "~~A~~ B", "<del>A</del> B",
        "Answer: \u2212B",
        "<p>The answer is <strong>B</strong></p>", "答え：Ｂ🙏", "The letter B",
        "The answer is the letter B.", "B\u200b",
    ],
)  # fmt: skip
def test_the_dress_of_a_choice_means_nothing(said: str) -> None:
    assert parse_choice(said, CAPITALS).letter == "B"


@pytest.mark.parametrize("head", ["The correct answer is: D", "The correct answer is D."])
def test_a_list_of_all_choices_takes_nothing_back(head: str) -> None:
    said = f"{head}\n\nA: Paris\nB: Rome\nC: Berlin\nD: Madrid"
    assert parse_choice(said, CAPITALS).letter == "D"


def test_a_symbol_of_a_formula_is_no_choice() -> None:
    said = "The slope of ln(A) against time falls, so we need to compute"
    assert parse_choice(said, CAPITALS).letter is None


TOWNS = ("Paris", "London", "Rome", "Berlin")
NUMERALS = ("-2", "0", "2", "4")
ASKING = ("What is the pressure?", "To what extent did it move?", "To what end?", "What else?")


@pytest.mark.parametrize(
    ("text", "choices", "letter"),
    [
        ("The correct answer is: C\n\nA. Paris\nB. London\nD. Berlin", TOWNS, "C"),
        ("The correct answer is: D. Berlin\n\nOthers:\nA. Paris\nB. London\nC. Rome", TOWNS, "D"),
        ("A. Paris\nB. London\nC. Rome\nD. Berlin\n\nThe correct answer is B.", TOWNS, "B"),
        ("A. Incorrect. No.\nB. Correct. It fits.\nC. Incorrect.\nD. Incorrect.", TOWNS, "B"),
        ("A) Paris - false\nB) London - true\nC) Rome - false\nD) Berlin - false", TOWNS, "B"),
        ("What is the pressure?", ASKING, "A"),
        ("The answer is: To what extent did it move?", ASKING, "B"),
        ("C) To what end?", ASKING, "C"),
        ("The answer is the letter C.", TOWNS, "C"),
        ("The answer is \u22122.", NUMERALS, "A"),
        ("So x equals \u20132.", NUMERALS, "A"),
        ("x = -2", NUMERALS, "A"),
        ("The answer is 2.", NUMERALS, "C"),
        ("The capital is London.", TOWNS, "B"),
        ("<answer>A</answer>", TOWNS, "A"),
        ("The charge is 3.2 C. With q = ne we find that", TOWNS, None),
        ("With k = A exp(-E/RT) and ln(A) known, thus A", TOWNS, None),
        ("The value is 2.5", NUMERALS, None),
        ("Nobody says that the capital is London.", TOWNS, None),
        ("Vitamin B is good for you.", TOWNS, None),
        ("Nobody says that B is right.", TOWNS, None),
        ("Everything points to B.", TOWNS, "B"),
        ("The answer to this question is B.", TOWNS, "B"),
    ],
)  # fmt: skip
def test_how_models_write(text: str, choices: tuple[str, ...], letter: str | None) -> None:
    assert parse_choice(text, choices, "en").letter == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("All options except B are wrong.", "B"),
        ("All options except B are right.", None),
        ("Everything but A can be ruled out.", "A"),
        ("* A: ❌\n* B: ❌\n* C: ✅", "C"),
        ("| A. Paris | ❌ |\n| B. London | ✅ |\n| C. Rome | ❌ |", "B"),
        ('{"A": false, "B": true}', "B"),
        ("It can't be A or C, so it has to be B.", "B"),
        ("Short answer: B.\n\nLonger answer: the others are too narrow.", "B"),
        ("The correct option is B.\n\nOption A would be right if the question were another.", "B"),
        ("Is it A? No. Is it B? Yes.", "B"),
        ("B is discussed in the text.", None),
        ("Let us look at B.", None),
        ("The student answered B.", None),
        ("選択肢のうち、条件を満たすのはBだけです。", "B"),
        ("B以外は誤りである。", "B"),
        ("答えはB以外にありません。", "B"),
        ("A、いやBです。", "B"),
        ("Aです。すみません、間違えました。Bです。", "B"),
        ("答え：A\n訂正：B", "B"),
        ("A：不正解\nB：正解\nC：不正解", "B"),
        ("二", "B"),
        ("二番", "B"),
        ("第二の選択肢が正しい。", "B"),
        ("Aかと思いきやBです。", "B"),
        ("自信はないですがBです。", "B"),
        ("B. ロンドン\n\n他の選択肢：\nA. パリ\nC. ローマ", "B"),
        ("A・B", None),
        ("まずBを検討します。", None),
    ],
)  # fmt: skip
def test_turns_of_phrase_name_one_choice(text: str, letter: str | None) -> None:
    assert parse_choice(text, TOWNS).letter == letter


@pytest.mark.parametrize(
    "dress",
    "〈{}〉 《{}》 «{}» ‹{}› {{{}}} <{}> \\({}\\) \\textbf{{{}}} ~{}~ ^{}^ /{}/ _**{}**_ "
    "<kbd>{}</kbd> <s>{} [INST]{}[/INST] {}<|eot_id|>".split(),
)
def test_no_dress_hides_a_lone_letter(dress: str) -> None:
    assert parse_choice(dress.format("B"), TOWNS).letter == "B"
