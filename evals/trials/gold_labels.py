"""The labels of gold answers against those that a scorer gives, and which of them are positive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tenken.errors import InputError, Sentence, UnknownNameError
from tenken.evals.trials.gold_left import Tally
from tenken.evals.trials.trial import TrialLabel
from tenken.schema.calibration import UNDECIDED
from tenken.schema.vocabulary import Vocabulary
from tenken.scorers.labelled.gold import GoldAnswer
from tenken.scorers.labels import all_labels, families, positives


def positive_labels(
    answers: Sequence[GoldAnswer], given: Sequence[str], vocabulary: Vocabulary | None
) -> tuple[str, ...]:
    """Return the labels that a trial counts as positive.

    Args:
        answers: The gold answers.
        given: The labels that the user names; empty for those that the scorer declares.
        vocabulary: What the scorer declares, None where it declares nothing.

    Returns:
        The labels. Of declared ones all, also those that no gold answer has: a partial refusal
        is on that side where people made no difference.

    Raises:
        InputError: None are named, and the scorer declares none that the answers have.
    """
    if given:
        return tuple(given)
    labels = {answer.label for answer in answers}
    declared = vocabulary.positive if vocabulary and vocabulary.names else positives(labels)
    if not labels & set(declared):
        raise InputError(
            "say which labels are positive: --positive LABEL; the gold answers have {labels}.",
            labels=", ".join(sorted(labels)),
        )
    return tuple(declared)


def check_labels(
    answers: Sequence[GoldAnswer],
    positive: Sequence[str],
    vocabulary: Vocabulary | None,
    scorer: str,
) -> None:
    """Refuse labels that the scorer never gives, as no answer could ever agree with them.

    Args:
        answers: The gold answers, with the labels of their raters.
        positive: The labels that the command line names as positive; may be empty.
        vocabulary: The labels that the scorer declares; None where it declares none.
        scorer: The scorer's name, for the error.

    Raises:
        UnknownNameError: A label is not among the scorer's, or, for a scorer that takes over
            those of others, not among those of any; or a positive label is not in the file.
    """
    used = {answer.label for answer in answers}
    beside = {label for family in families() if used & family for label in family}
    for each in positive:
        if each not in used | beside:
            raise UnknownNameError("label", each, used | beside, "--positive")
    if vocabulary is None:
        return
    known = {*(vocabulary.names or (*all_labels(), *positive)), UNDECIDED}
    if not vocabulary.names and not used & all_labels():
        return  # a classifier's own words
    for answer in answers:
        for label in (answer.label, *filter(None, answer.ratings)):
            if label not in known:
                said = "the answer '{id}', for {scorer}"
                where = Sentence(said, id=answer.id, scorer=scorer)
                raise UnknownNameError("label", label, known, where)


def check_given(answers: Sequence[GoldAnswer], seen: Sequence[TrialLabel], scorer: str) -> None:
    """Refuse the trial of a scorer without declared labels if it gave others than the file's.

    Args:
        answers: The gold answers.
        seen: What the scorer gave them.
        scorer: The scorer's name, for the error.

    Raises:
        InputError: It gave a label that no answer of the file has.
    """
    used = {answer.label for answer in answers}
    given = {each.label for each in seen} - {UNDECIDED}
    if given - used:
        raise InputError(
            "the scorer '{scorer}' gives the labels {given}, the gold file has {used}: "
            "write the scorer's labels into the file.",
            scorer=scorer,
            given=", ".join(sorted(given)),
            used=", ".join(sorted(used)),
        )


def check_any_given(seen: Sequence[TrialLabel], scorer: str) -> None:
    """Refuse a trial in which the scorer gave no label at all: a card would be about nothing.

    Args:
        seen: What the scorer gave the gold answers.
        scorer: The scorer's name, for the error.

    Raises:
        InputError: Every answer is undecided.
    """
    if all(each.label == UNDECIDED for each in seen):
        reasons = sorted({each.reason or UNDECIDED for each in seen})
        raise InputError(
            "the scorer '{scorer}' gave none of the {n} gold answers a label ({reasons}): there "
            "is nothing to measure.",
            scorer=scorer,
            n=len(seen),
            reasons=", ".join(reasons),
        )


def relabelled(
    answers: Sequence[GoldAnswer], meaning: Mapping[str, str | None], name: str, tally: Tally
) -> Iterator[GoldAnswer]:
    """Yield the answers of a public set with labels of the scorer's.

    Args:
        answers: The answers, with the set's labels.
        meaning: What each label of the set means for the scorer, None for nothing.
        name: The set's name, for the error.
        tally: Takes the answers whose label means nothing.

    Raises:
        UnknownNameError: The set never had such a label.
    """
    ours = {each: each for each in meaning.values() if each}
    means = {_plain(key): value for key, value in {**ours, **meaning}.items()}
    for answer in answers:
        if _plain(answer.label) not in means:
            known = {*meaning, *ours}
            where = Sentence("the gold set '{name}'", name=name)
            raise UnknownNameError("label", answer.label, known, where)
        label = means[_plain(answer.label)]
        if label is None:
            tally.leave("label", answer.id)
            continue
        rated = tuple(means.get(_plain(each or ""), each) for each in answer.ratings)
        yield replace(answer, label=label, ratings=rated)


def _plain(label: str) -> str:
    """Return a label without the differences that no set makes: capitals, blanks, hyphens."""
    return re.sub(r"[\s_-]+", "_", label.strip().casefold())
