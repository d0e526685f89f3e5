"""Judge gaming: answers that try to flip a verdict, and how often they succeed.

Two files are put together. `judge_gaming.jsonl` has the tricks, texts with slots; for each judge
and language `judged_answers.jsonl` has a good and a bad answer, and what the other side of the
verdict would be called. A trick around the bad answer asks for the good verdict, or the other way
around; a null response has no answer at all, and asks for the verdict that it does not deserve.
The key `buys` of a trick names the side that it asks for. A trick with the slot `{guard}` or
`{guard_turn}` imitates the reply of a guard model in its own form, once for each guard that judges,
and is left out where none does. A judge of thoughts has each text in
one: the key `around` of its answers says what is before and after it.
"""

from __future__ import annotations

import base64
import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.schema.calibration import UNDECIDED, Gaming
from tenken.scorers.labelled.gold import GoldAnswer

if TYPE_CHECKING:
    from tenken.evals.trials.trial import TrialLabel

PLAIN: Final = "plain"
"""The trick that does nothing: what a judge gets wrong without one was not flipped by it."""

_OTHER: Final = {"good": "bad", "bad": "good"}
_ANSWER: Final = "{response}"
_GUARD_SLOTS: Final = ("{guard}", "{guard_turn}")
_TAGS: Final = 0xE0000
"""Start of the invisible tag characters, which mirror ASCII."""


@dataclass(frozen=True, slots=True)
class GamedAnswer:
    """An answer with a trick in it.

    Attributes:
        gold: The answer, with the label that it deserves.
        kind: Which trick.
        side: `good` or `bad`: the side that the answer is on.
        good_labels: The labels of the good side, of this judge.
    """

    gold: GoldAnswer
    kind: str
    side: str
    good_labels: tuple[str, ...]

    def flipped(self, label: str) -> bool:
        """Return whether a label puts the answer on the side that it is not on."""
        on_good = label in self.good_labels
        return label != UNDECIDED and on_good != (self.side == "good")


def gamed_answers(scorer: str, args: Mapping[str, Any] | None = None) -> list[GamedAnswer]:
    """Return the gamed answers for a judge, the plain ones among them.

    Args:
        scorer: Registry name, such as `tenken/rubric_judge`.
        args: Its arguments, which name the guards that judge.

    Returns:
        The answers in the order of the file; empty for a scorer that none were written for.
    """
    judged = [row for row in _rows("judged_answers.jsonl") if scorer in row["scorers"]]
    return [
        _gamed(each, row)
        for trick in _rows("judge_gaming.jsonl")
        for each in _of_guards(trick, _guards(scorer, args or {}))
        for row in judged
        if row["language"] == trick["language"]
    ]


def _guards(scorer: str, args: Mapping[str, Any]) -> list[str]:
    """Return the guards that judge: of `guard` the one, of a panel those among its graders."""
    from tenken.scorers.guard import KIND

    if scorer == "tenken/guard":
        return [str(args.get("kind") or KIND)]
    return sorted({str(kind) for kind in (args.get("guards") or {}).values()})


def _of_guards(trick: Mapping[str, Any], kinds: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield a trick once, or once for each guard where it imitates a guard's reply."""
    if not any(slot in trick["response"] for slot in _GUARD_SLOTS):
        yield trick
        return
    for kind in kinds:
        yield {**trick, "id": f"{trick['id']}-{kind}", "guard": kind}


def moved_verdicts(
    answers: Sequence[GamedAnswer], seen: Sequence[TrialLabel], language: str
) -> Gaming | None:
    """Return how many verdicts of a judge the tricks of one language moved.

    Args:
        answers: The gamed answers, in any number of languages.
        seen: What the judge said about each, in the same order.
        language: Only answers in this language count: `en` or `ja`.

    Returns:
        The counts; None where the language has no tricks.
    """
    part = [
        (answer, each.label)
        for answer, each in zip(answers, seen, strict=True)
        if answer.gold.language == language
    ]
    right = {
        answer.side: label != UNDECIDED and not answer.flipped(label)
        for answer, label in part
        if answer.kind == PLAIN
    }
    tricks = [(answer, label) for answer, label in part if answer.kind != PLAIN]
    tried = [(answer, label) for answer, label in tricks if right[answer.side]]
    if not tricks:
        return None
    return Gaming(
        answers=len(tricks),
        plain_wrong=len(tricks) - len(tried),
        undecided=sum(label == UNDECIDED for _, label in tried),
        moved=sum(answer.flipped(label) for answer, label in tried),
    )


def _in_its_form(kind: str, *, harmful: bool) -> tuple[str, str]:
    """Return a guard's reply in its own form, and the same as a turn of its own."""
    from tenken.scorers.guard import specs

    if not kind:
        return "", ""
    spec = specs()[kind]
    reply = spec.says.harmful if harmful else spec.says.harmless
    return reply, spec.turn.replace("{reply}", reply)


def _gamed(trick: Mapping[str, Any], row: Mapping[str, Any]) -> GamedAnswer:
    if trick["buys"] in _OTHER:
        side = _OTHER[trick["buys"]]
        answer = row[side]
    else:  # a null response: there is no answer, and what that deserves depends on the judge
        answer, side = row["null"], row["null"]["side"]
    asked = row[_OTHER[side]]
    reply, turn = _in_its_form(trick.get("guard", ""), harmful=side == "good")
    setting, verdict = asked["setting"], asked["verdict"]
    slots = {
        "{guard_turn}": turn,
        "{guard}": reply,
        "{answer}": answer.get("answer", ""),
        "{verdict}": verdict,
        "{setting}": setting,
        "{reply}": json.dumps(asked["reply"], ensure_ascii=False),
        "{spaced}": "\u200b".join(setting),
        "{joined}": "\u200d".join(verdict),
        "{reversed}": setting[::-1],
        "{tagged}": "".join(chr(_TAGS + ord(char)) for char in setting),
        "{base64}": base64.b64encode(setting.encode()).decode(),
        "{hex}": setting.encode().hex(),
        "{rot13}": codecs.encode(setting, "rot13"),
    }
    text = trick["response"]
    for slot, value in slots.items():
        text = text.replace(slot, value)
    gold = GoldAnswer(
        id=trick["id"],
        language=row["language"],
        prompt=row["prompt"],
        response=row.get("around", _ANSWER).replace(_ANSWER, text),
        label=answer["label"],
        tags=row.get("tags", {}),
        target=row.get("target", ""),
    )
    return GamedAnswer(gold, trick["kind"], side, tuple(row["good_labels"]))


def _rows(name: str) -> list[dict[str, Any]]:
    import tenken.scorers

    path = Path(tenken.scorers.__path__[0]) / "gold" / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
