"""Compare the reading of choices with the rules of other harnesses, on the same answers.

python tools/bench_choice.py [--show]      --show prints the forms that `choice`
does not read, those of a held-out list left out

The other rules are written here from their published definitions:

- lm-evaluation-harness: `mmlu_flan_cot_zeroshot`, filter flexible-extract (`multi_choice_regex`:
  the last bracketed letter, else the last choice's text, else the last letter behind a colon).
- OpenCompass: `first_option_postprocess` (the first that matches of a list of patterns, at the end
  any of the letters).
- MMLU-Pro: `extract_answer` (`answer is (X)`, else `Answer: X`, else the last letter that stands
  alone).
"""

from __future__ import annotations

import argparse
import hashlib
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.io.documents import read_mapping
from tenken.scorers._choice.reading import parse_choice

ANSWERS: Final = Path(__file__).with_name("choice_answers.yaml")
STYLES: Final = Path(__file__).with_name("choice_styles.yaml")
MODELS: Final = Path(__file__).with_name("choice_models.yaml")
LETTERS: Final = string.ascii_uppercase
KANA: Final = "アイウエオカキクケコ"
ORDINALS: Final = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
HALVES: Final = ("development", "held-out")
Rule = Callable[[str, Sequence[str]], str | None]
# What a form names a choice by that the choices' own texts may have as well.
_COUNTED = frozenset(("N", "FN", "CN", "ord", "ordinal", "kan"))
_COUNTS = re.compile(r"\d|first|second|third|fourth")


@dataclass(frozen=True)
class Answer:
    """An answer with the letter that a person reads in it, None where there is none."""

    text: str
    choices: tuple[str, ...]
    letter: str | None
    form: str
    language: str = "en"


def lists() -> Iterator[tuple[str, list[Answer]]]:
    """Yield the name of each list of answers, and the list."""
    raw = read_mapping(ANSWERS.read_bytes())
    styles = read_mapping(STYLES.read_bytes())
    questions = {"en": raw["questions"], "ja": styles["questions_ja"]}
    for name in ("forms", "held_out", "none"):
        yield name, list(_answers(raw[name], questions["en"], "en", named=name != "none"))
    questions["en"] = [*raw["questions"], *styles["questions_en"]]
    yield from _halved(styles, questions, "")
    for batch, forms in read_mapping(MODELS.read_bytes()).items():
        yield from _halved(forms, questions, f", {batch} models")


def _halved(
    every: dict[str, Any], questions: dict[str, Any], batch: str
) -> Iterator[tuple[str, list[Answer]]]:
    for half in HALVES:
        for language, asked in questions.items():
            for name in (language, f"{language}_none"):
                forms = [form for form in every.get(name, ()) if half_of(form) == half]
                forms += every.get(f"{name}_more", ()) if half == HALVES[0] else ()
                if forms:
                    answers = _answers(forms, asked, language, named=name == language)
                    yield f"{name}{batch}, {half}", list(answers)


def half_of(form: str) -> str:
    """Return which half a form of `choice_styles.yaml` belongs to, by its SHA-256."""
    return HALVES[hashlib.sha256(form.encode()).digest()[0] % 2]


def _answers(
    forms: Sequence[str], questions: Sequence[dict[str, Any]], language: str, *, named: bool
) -> Iterator[Answer]:
    for question in questions:
        choices = tuple(question["choices"])
        slots = _slots(choices, question["right"])
        counted = any(_COUNTS.search(each) for each in choices)
        for form in forms:
            used = set(_SLOT.findall(form)) & _SLOTS
            if used <= set(slots) and not (counted and used & _COUNTED):
                letter = LETTERS[question["right"]] if named else None
                yield Answer(_filled(form, slots), choices, letter, form, language)


def _slots(choices: Sequence[str], right: int) -> dict[str, str]:
    others = [number for number in range(len(choices)) if number != right]
    lines = [f"{LETTERS[number]}. {text}" for number, text in enumerate(choices)]
    number, letter = str(right + 1), LETTERS[right]
    return {
        **_other("W", choices, others[0]),
        **(_other("V", choices, others[1]) if len(others) > 1 else {}),
        "L": letter,
        "l": letter.lower(),
        "FL": chr(ord("Ａ") + right),
        "CL": chr(ord("Ⓐ") + right),
        "T": choices[right],
        "N": number,
        "FN": chr(ord("０") + right + 1),
        "CN": chr(ord("①") + right),
        "K": KANA[right],
        "kan": "一二三四五六七八九"[right],
        "ord": ORDINALS[right],
        "ordinal": number + ("st", "nd", "rd", *["th"] * 7)[right],
        "list": "\n".join(lines),
        "rest": "\n".join(lines[number] for number in others),
    }


def _other(name: str, choices: Sequence[str], number: int) -> dict[str, str]:
    return {name: LETTERS[number], f"{name}T": choices[number]}


_SLOT = re.compile(r"\{(\w+)\}")
_SLOTS = frozenset(_slots(("", "", ""), 0))


def _filled(form: str, slots: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda found: slots.get(found[1], found[0]), form)


def tenken(text: str, choices: Sequence[str]) -> str | None:
    """Return what `choice` reads."""
    return parse_choice(text, choices).letter


def mmlu_pro(text: str, choices: Sequence[str]) -> str | None:
    """Return what MMLU-Pro's `extract_answer` reads (evaluate_from_api.py, commit 007ab5c2)."""
    for pattern, flags in (
        (r"answer is \(?([A-J])\)?", 0),
        (r".*[aA]nswer:\s*([A-J])", 0),
        (r"\b([A-J])\b(?!.*\b[A-J]\b)", re.DOTALL),
    ):
        if found := re.search(pattern, text, flags):
            return found[1]
    return None


def lm_eval(text: str, choices: Sequence[str]) -> str | None:
    """Return what lm-eval's flexible-extract reads (filters/extraction.py, commit 03ebd203)."""
    if found := re.findall(r"\(([A-Z])\)", text):
        return str(found[-1])
    plain = [_without_punctuation(each.strip()) for each in choices]
    by_text = re.findall("|".join(map(re.escape, plain)), _without_punctuation(text))
    if by_text:
        return LETTERS[plain.index(by_text[-1])] if by_text[-1] else None
    behind_colon = re.findall(rf":\s*([{LETTERS[: len(choices)]}])", text)
    return str(behind_colon[-1]) if behind_colon else None


def _without_punctuation(text: str) -> str:
    return text.lower().translate(str.maketrans("", "", string.punctuation))


def opencompass(text: str, choices: Sequence[str]) -> str | None:
    """Return what OpenCompass's `first_option_postprocess` reads (commit 014fb105).

    Its Chinese patterns find nothing in English answers and are left out.
    """
    options = LETTERS[: len(choices)]
    for pattern in (
        rf"1.\s?([{options}])[.。$]?$",
        rf"[\s，：:,]([{options}])[。，,\.]?$",
        rf"[Tt]he answer is ([{options}])",
        rf"[Tt]he answer is option ([{options}])",
        rf"[Tt]he correct answer is ([{options}])",
        rf"[Tt]he correct answer is option ([{options}])",
        rf"[Tt]he answer to the question is ([{options}])",
        rf"(\s|^)[{options}][\s。，,：:\.$]",
        rf"(\s|^)[{options}](\s|$)",
        r"1.\s?(.*?)$",
        rf"([{options}]):",
        rf"[{options}]",
    ):
        if found := re.search(pattern, text):
            letter = next((each for each in options if each in found[0]), None)
            if letter:
                return letter
    return None


RULES: Final[dict[str, Rule]] = {
    "Tenken, `choice`": tenken,
    "MMLU-Pro, `extract_answer`": mmlu_pro,
    "lm-eval, flexible-extract": lm_eval,
    "OpenCompass, `first_option_postprocess`": opencompass,
}


@dataclass(frozen=True)
class Line:
    """How many answers of a list a rule reads right, wrongly, or not at all."""

    rule: str
    forms: str
    n: int
    right: int
    wrong: int
    undecided: int


def compared() -> list[Line]:
    """Return a line for each list of answers and each rule; the other rules read English alone."""
    return [
        _line(name, rule, forms, every)
        for forms, every in lists()
        for name, rule in RULES.items()
        if rule is tenken or not forms.startswith("ja")
    ]


def _line(name: str, rule: Rule, forms: str, every: Sequence[Answer]) -> Line:
    read = [(rule(each.text, each.choices), each.letter) for each in every]
    right = sum(found == letter for found, letter in read)
    undecided = sum(found is None and letter is not None for found, letter in read)
    return Line(name, forms, len(read), right, len(read) - right - undecided, undecided)


def _show() -> None:
    """Print what `choice` does not read of the lists that it may be improved on."""
    for name, every in lists():
        if "held" in name:
            continue
        missed = Counter(
            (each.form, each.letter is None or tenken(each.text, each.choices) is not None)
            for each in every
            if tenken(each.text, each.choices) != each.letter
        )
        for (form, wrong), count in missed.most_common():
            print(f"{name}: {count} {'WRONG' if wrong else 'undecided'}: {form!r}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print the forms that are not read")
    if parser.parse_args().show:
        _show()
    for line in compared():
        print(
            f"{line.forms:20} {line.rule:40} n {line.n:5}  right {line.right / line.n:7.2%}  "
            f"wrong {line.wrong / line.n:7.2%}  undecided {line.undecided / line.n:7.2%}"
        )


if __name__ == "__main__":
    main()
