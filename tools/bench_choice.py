"""Compare the reading of choices with the rules of other harnesses, on the same answers.

python tools/bench_choice.py [--show]      --show prints every answer that `choice` reads wrongly

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
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenken.io.documents import read_mapping
from tenken.scorers._choice.reading import parse_choice

ANSWERS: Final = Path(__file__).with_name("choice_answers.yaml")
LETTERS: Final = string.ascii_uppercase
Rule = Callable[[str, Sequence[str]], str | None]


@dataclass(frozen=True)
class Answer:
    """An answer with the letter that a person reads in it, None where there is none."""

    text: str
    choices: tuple[str, ...]
    letter: str | None


def answers(forms: str = "forms") -> Iterator[Answer]:
    """Yield every question in every form of a list: `forms`, `held_out` or `none`."""
    raw = read_mapping(ANSWERS.read_bytes())
    for question in raw["questions"]:
        choices = tuple(question["choices"])
        slots = _slots(choices, question["right"])
        right = None if forms == "none" else LETTERS[question["right"]]
        for form in raw[forms]:
            yield Answer(_filled(form, slots), choices, right)


def _slots(choices: Sequence[str], right: int) -> dict[str, str]:
    others = [number for number in range(len(choices)) if number != right]
    lines = [f"{LETTERS[number]}. {text}" for number, text in enumerate(choices)]
    return {
        "L": LETTERS[right],
        "l": LETTERS[right].lower(),
        "T": choices[right],
        "W": LETTERS[others[0]],
        "V": LETTERS[others[1]],
        "WT": choices[others[0]],
        "VT": choices[others[1]],
        "list": "\n".join(lines),
        "rest": "\n".join(lines[number] for number in others),
    }


def _filled(form: str, slots: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: slots[found[1]], form)


def tenken(text: str, choices: Sequence[str]) -> str | None:
    """Return what `choice` reads."""
    return parse_choice(text, choices, "en").letter


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
    """Return a line for each list of forms and each rule."""
    return [
        _line(name, rule, forms, list(answers(forms)))
        for forms in ("forms", "held_out", "none")
        for name, rule in RULES.items()
    ]


def _line(name: str, rule: Rule, forms: str, every: Sequence[Answer]) -> Line:
    read = [(rule(each.text, each.choices), each.letter) for each in every]
    right = sum(found == letter for found, letter in read)
    undecided = sum(found is None and letter is not None for found, letter in read)
    return Line(name, forms, len(read), right, len(read) - right - undecided, undecided)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what `choice` reads wrongly")
    if parser.parse_args().show:
        for each in (*answers(), *answers("none")):
            read = tenken(each.text, each.choices)
            if read != each.letter:
                print(f"{each.letter} read as {read}: {each.text!r} {list(each.choices)}")
    for line in compared():
        print(
            f"{line.forms:9} {line.rule:40} n {line.n:5}  right {line.right / line.n:7.2%}  "
            f"wrong {line.wrong / line.n:7.2%}  undecided {line.undecided / line.n:7.2%}"
        )


if __name__ == "__main__":
    main()
