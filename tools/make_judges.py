"""Write docs/judges.md: every deterministic scorer on every gold set at hand.

python tools/make_judges.py            write the page
python tools/make_judges.py --check    change nothing; exit 1 if the page would change

Public sets are read where they are at hand (TENKEN_SHARED_DATA, an installed package, the cache);
nothing is downloaded. A set that is not at hand keeps no line: the page says which were not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from bench_choice import compared

from tenken.errors import TenkenError
from tenken.evals.actions.trial import Trial, TrialRequest
from tenken.evals.trials.gold_sets import catalogue, read_sets, sets_for
from tenken.scorers.labelled.gold import GoldFile, read_gold
from tenken.tasks.card.card import Scoring

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "judges.md"
GOLD: Final = ROOT / "scorers" / "gold"
REFUSAL, CHOICE = "tenken/refusal", "tenken/choice"

# Gold files of the package: the part that nothing was made on, and what counts as positive.
OWN: Final = (
    (REFUSAL, "refusal_ja.jsonl", "trial", ()),
    (REFUSAL, "refusal_models_ja.jsonl", "trial", ()),
    (REFUSAL, "refusal_en.jsonl", "trial", ()),
    (REFUSAL, "refusal_indirect_en.jsonl", None, ()),
    (CHOICE, "choice_en.jsonl", None, ("incorrect",)),
    (CHOICE, "choice_ja.jsonl", None, ("incorrect",)),
    (CHOICE, "choice_roles_en.jsonl", "trial", ("stereotyped",)),
    (CHOICE, "choice_roles_ja.jsonl", "trial", ("stereotyped",)),
)

# Accuracies of others, as the project's maintainers reported them for whole sets; not recomputed
# here. Ours are on held-out halves where half was used.
OTHERS: Final = {
    "xstest": (
        "string match .94, .92, .81 and GPT-4 .94, .80, .82 on the other three models, from the "
        "automated labels that the authors publish beside people's (Röttger et al. 2024)"
    ),
    "do_not_answer": "a list of 26 strings that decline: .97 to .99 on six models",
    "jailjudge": "guard models .84, a GPT judge .90",
}

HEAD: Final = (
    "# Judges on trial\n\n"
    "Made by `python tools/make_judges.py`; nothing is written by hand. Every deterministic scorer "
    "on every gold set that was at hand, with 95% intervals. Where half of a set went into the "
    "making of a scorer, the figures are of the other half. *Constructed* answers were written for "
    "the purpose, by the authors or a language model: figures on them say how well a scorer "
    "handles the kinds, not how often models answer so. One kind of `choice_en` and `choice_ja` "
    "(somebody else says that it is B) was mended after it was seen there, so that their figures "
    "are not of unseen answers. Undecided answers are left out of the "
    "shares and counted.\n\n"
    "All figures are recomputed by that command but those under *quoted*, which are as their source "
    "gives them.\n\n"
    "Positive is a refusal for `refusal`; for `choice`, a wrong or stereotyped choice, and on "
    "public sets a reading that agrees with people's. In the table of rules, *none* is of answers "
    "that name no choice: right is to read none.\n"
)


CHOICE_HEAD: Final = (
    "Every question in every form of answer, constructed; recomputed by "
    "`python tools/bench_choice.py`. The first list is `tools/choice_answers.yaml`. The list of "
    "styles, `tools/choice_styles.yaml`, has the ways in which models of many makers answer, in "
    "English and Japanese, from one hand; each form's SHA-256 puts it in one of two halves. "
    "`choice` was improved on the development half in two rounds (version 4), and the held-out half "
    "has been read by nobody since but for forms that name no choice and that it read. Of the "
    "held-out answers that name a choice, version 4 left 5.1% (English) and 12.0% (Japanese) "
    "undecided. `tools/choice_models.yaml` has forms after the habits of named kinds of models, "
    "written before the parser was mended for them, in two batches. Of the first, version 4 left "
    "3.9% and 9.5% of the development half undecided; mended on it, 4.5% and 4.8% of the held-out "
    "half, with 0.02% and 0.7% read wrongly. Of the second, which has rarer phrases, 17.0% of both "
    "languages before, and 16.9% and 13.4% of the held-out half after its development half and a "
    "rule for the only choice that an answer names. Then all forms of this file were read and "
    "mended: its lines below are no longer of unseen forms. The other rules are for English, and are "
    "written from their published definitions: MMLU-Pro's `extract_answer` (TIGER-AI-Lab/MMLU-Pro "
    "at 007ab5c2), lm-evaluation-harness's flexible-extract (EleutherAI/lm-evaluation-harness at "
    "03ebd203, task at 043d5c68), OpenCompass's `first_option_postprocess` "
    "(open-compass/opencompass at 014fb105).\n"
)


def main() -> int:
    """Write or check the page; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if stale")
    check = parser.parse_args().check
    text = page()
    same = PAGE.is_file() and PAGE.read_text("utf-8") == text
    if not check:
        PAGE.write_text(text, "utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {'as it was' if same else 'stale' if check else 'written'}")
    return 1 if check and not same else 0


def page() -> str:
    """Return the page."""
    missing: dict[str, str] = {}
    public = list(_public(missing))
    lines = [HEAD, "## Answers that people labelled\n", *_table(public)]
    lines += ["\n## Constructed answers\n", *_table(list(_own()))]
    lines += ["\n## The reading of choices beside other harnesses' rules\n", CHOICE_HEAD, *_rules()]
    lines += ["\n## Accuracies of others, quoted and not recomputed here\n"]
    lines += [f"- {catalogue().sets[name].title}: {text}" for name, text in OTHERS.items()]
    lines += ["\n## Sets and their labels\n"]
    for name, spec in catalogue().sets.items():
        state = missing.get(name, "")
        note = f" {spec.note}" if spec.note else ""
        lines.append(f"- `{name}`: {spec.title}. {spec.cite}. {spec.licence}.{note}{state}")
    return "\n".join(lines) + "\n"


def _public(missing: dict[str, str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in catalogue().sets:
        missing[name] = " For judges that ask a grader: no deterministic scorer gives its labels."
    for scorer in (REFUSAL, CHOICE):
        for name in sets_for(scorer):
            try:
                found = read_sets([name], scorer, download=False)
            except TenkenError:
                missing[name] = " Not at hand when this page was made."
                continue
            del missing[name]
            positive = ("correct",) if scorer == CHOICE else ()
            summary = _summary(scorer, found.gold, positive)
            yield scorer, name, summary
            models = {k: v for k, v in summary["tags"].items() if k.startswith("model=")}
            for model, figures in models.items() if len(models) > 1 else ():
                yield scorer, f"{name}: {model.removeprefix('model=')}", figures


def _own() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for scorer, name, split, positive in OWN:
        label = name + (f", {split} half" if split else "")
        yield scorer, label, _summary(scorer, read_gold([GOLD / name], split), positive)


def _summary(scorer: str, gold: GoldFile, positive: Sequence[str]) -> dict[str, Any]:
    request = TrialRequest(scoring=Scoring(name=scorer), gold=gold, positive=tuple(positive))
    return Trial(request).summary()


def _table(rows: Sequence[tuple[str, str, dict[str, Any]]]) -> Iterator[str]:
    yield "| scorer | answers | n | undecided | accuracy | sensitivity | specificity | kappa |"
    yield "|---|---|---|---|---|---|---|---|"
    for scorer, name, figures in rows:
        shares = (_share(figures[k]) for k in ("accuracy", "sensitivity", "specificity", "kappa"))
        undecided = figures.get("undecided", "")
        n = figures.get("n", figures["accuracy"]["n"])
        yield f"| `{scorer}` | {name} | {n} | {undecided} | {' | '.join(shares)} |"


def _rules() -> Iterator[str]:
    yield "| rule | answers | n | right | wrong | undecided |"
    yield "|---|---|---|---|---|---|"
    for line in compared():
        counts = (f"{n / line.n:.3f}" for n in (line.right, line.wrong, line.undecided))
        yield f"| {line.rule} | {_list_name(line.forms)} | {line.n} | {' | '.join(counts)} |"


def _list_name(forms: str) -> str:
    names = {"forms": "first list", "held_out": "first list, held out", "none": "first list, none"}
    language, _, half = forms.partition(", ")
    kind = "" if "models" in half else "styles, "
    return names.get(forms) or f"{kind}{language.replace('_none', ', none')}, {half}"


def _share(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "-"
    return f"{figure['value']:.3f} ({figure['low']:.3f}-{figure['high']:.3f})"


if __name__ == "__main__":
    sys.exit(main())
