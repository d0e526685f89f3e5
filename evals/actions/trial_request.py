"""From what a user names to a trial: gold files or public sets, and the scorer."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

from tenken.errors import InputError
from tenken.evals.actions.trial import Kind, TrialRequest
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.request import full_scorer_name
from tenken.evals.trials.gold_left import OF_FILES
from tenken.evals.trials.gold_sets import catalogue, read_sets, sets_for
from tenken.evals.words import phrase, term
from tenken.io.canonical import canonical_json
from tenken.scorers.labelled.gold import GoldFile, read_gold
from tenken.tasks.card.card import Scoring

_KINDS = ("human_rated", "constructed")
ALL = "all"
"""Stands for every public set whose labels mean something for the scorer."""


def trial_request(
    scorer: str,
    *,
    gold: Sequence[Path] = (),
    held: Mapping[Path, bytes] | None = None,
    gold_sets: Sequence[str] = (),
    data: Mapping[str, Path] | None = None,
    accept: Sequence[str] = (),
    split: str | None = None,
    kind: str = "human_rated",
    source: str = "",
    positive: Sequence[str] = (),
    args: Mapping[str, Any] | None = None,
    roles: Mapping[str, Endpoint] | None = None,
    results_dir: Path = Path("results/runs"),
    say: Callable[[str], None] = print,
    extra: Sequence[tuple[str, str]] = (),
) -> TrialRequest:
    """Return the trial that a user asks for, with its gold answers read.

    Args:
        scorer: Registry name, or `file.py@function`; without a package it is one of Tenken's.
        gold: Gold files.
        held: The contents of gold files that are not on disk.
        gold_sets: Names of public sets, or `all`.
        data: Folders of the user's, by public set.
        accept: Public sets whose terms the user accepts.
        split: The part of the gold files that is used.
        kind: How the labels came about.
        source: Where answers and labels come from.
        positive: Labels that count as positive.
        args: The scorer's arguments.
        roles: The models that can judge, by role.
        results_dir: Where answers of graders are kept.
        say: Takes lines for the user, such as which sets could not be had.
        extra: Options that the card's command has beside these.

    Raises:
        InputError: A value is not known, or no gold answer can be read.
        UnknownNameError: There is no such public set.
    """
    scorer = full_scorer_name(scorer)
    if kind not in _KINDS:
        raise InputError("--kind '{kind}': write {kinds}.", kind=kind, kinds=" or ".join(_KINDS))
    if gold_sets:
        names = sets_for(scorer) if ALL in gold_sets else list(gold_sets)
        found = read_sets(names, scorer, data, accept=accept)
        for name, why in found.missing.items():
            say(phrase("left_out_line", name=name, why=why))
        for name, (rows, left) in found.left.items():
            for each in left:
                key = f"gold_{each.why}" if each.why in OF_FILES else "gold_left"
                why = term("gold_left", each.why)
                say(phrase(key, name=name, n=each.n, of=rows, why=why, first=each.first))
        answers, source = (
            found.gold,
            source or "; ".join(f"{name}: {where}" for name, where in found.sources.items()),
        )
        positive = positive or _positive(scorer)
        said = [("--gold-set", name) for name in found.sources]
    else:
        answers = read_gold([installed_gold(path) for path in gold], split, held)
        said = [("--gold", _shown(path)) for path in gold]
    said += [("--split", split)] if split and not gold_sets else []
    said += [("--kind", kind), *([("--source", source)] if source and not gold_sets else [])]
    said += [("--positive", label) for label in positive]
    return TrialRequest(
        scoring=Scoring(name=scorer, args=dict(args or {})),
        gold=_part(answers, split) if gold_sets else answers,
        kind=cast(Kind, kind),
        source=source,
        split=split,
        positive=tuple(positive),
        roles=dict(roles or {}),
        results_dir=results_dir,
        command=shlex.join(["tenken", "calibrate", scorer, *chain(*said, *extra)]),
        say=say,
    )


def argument_options(args: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a scorer's arguments as options of the command line."""
    return [("--scorer-arg", f"{k}={canonical_json(v).decode()}") for k, v in args.items()]


def installed_gold(path: Path) -> Path:
    """Return a gold file of the package for a path that is one in its repository alone."""
    import tenken.scorers

    if path.exists() or path.parts[:2] != ("scorers", "gold"):
        return path
    inside = Path(tenken.scorers.__path__[0]).joinpath(*path.parts[1:])
    return inside if inside.exists() else path


def _positive(scorer: str) -> tuple[str, ...]:
    groups = catalogue().groups
    return next((tuple(each.positive) for each in groups.values() if scorer in each.scorers), ())


def _part(gold: GoldFile, split: str | None) -> GoldFile:
    if split is None:
        return gold
    answers = tuple(answer for answer in gold.answers if answer.split == split)
    if not answers:
        raise InputError("no answer of the gold sets is in the split '{split}'.", split=split)
    return GoldFile(gold.name, gold.sha256, answers)


def _shown(path: Path) -> str:
    """Return a path below the working directory as it is, of any other the name alone.

    Where a gold file is on someone's disk is nothing that a card should tell.
    """
    below = not path.is_absolute() and ".." not in path.parts
    return path.as_posix() if below else path.name
