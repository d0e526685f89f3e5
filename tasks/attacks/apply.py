"""A request task under attack: which tasks can be, and its samples once for each attack."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tenken.errors import InputError, Sentence, UnknownNameError, Words
from tenken.io.canonical import digest
from tenken.schema.plan import ATTACK_TAG, NO_ATTACK, Measure, PlannedAttack
from tenken.scorers.labels import judges_requests
from tenken.scorers.registry import module_digest, scorer_source
from tenken.tasks.attacks.adaptive import ADAPTIVE, AttackSettings
from tenken.tasks.attacks.transforms import ATTACKS, MANY_SHOT, many_shot
from tenken.tasks.build import prompt_of
from tenken.tasks.dataset.sample import TaskSample, measure_of
from tenken.tasks.fit import vocabulary
from tenken.tasks.library import LoadedTask
from tenken.tasks.solvers.budget import BLOCKED_IS_SAFE, BUDGET

ALL = "all"
"""Stands for every fixed attack, `none` among them. Those that adapt are asked for by name."""

_DEFAULT = AttackSettings()

REQUEST = "request"
"""Key of an attacked sample's metadata that holds the request as it was before."""

_OURS = "tenken/"
_ONE_QUESTION = "tenken/ask"


def attacks_chosen(names: Iterable[str] | None) -> tuple[str, ...]:
    """Return the names given on the command line, each once, in the order of reports.

    Raises:
        UnknownNameError: There is no attack of that name.
    """
    given = set(names or ())
    return (NO_ATTACK,) if given == {NO_ATTACK} else named_attacks(given)


def named_attacks(names: Iterable[str], where: str = "") -> tuple[str, ...]:
    """Return the attacks of those names, each once, in the order that reports show them in.

    `none` alone means no attack: the result is empty, and the task is asked as usual.

    Args:
        names: Names of attacks, or `all`.
        where: What an error begins with.

    Raises:
        UnknownNameError: There is no attack of that name.
    """
    wanted = set(names)
    for name in sorted(wanted - set(ATTACKS) - set(ADAPTIVE) - {ALL}):
        raise UnknownNameError("attack", name, (*ATTACKS, *ADAPTIVE, ALL), where)
    found = tuple(name for name in ATTACKS if name in wanted or ALL in wanted)
    found += tuple(name for name in ADAPTIVE if name in wanted)
    return () if found == (NO_ATTACK,) else found


def check_attackable(task: LoadedTask, *, foreign: bool = False) -> None:
    """Refuse a task that attacks make no sense of.

    A request task asks one text, offers no choices, and is judged by how far the answer does what
    was asked: by the card's scorer, or, where that is not Tenken's own, by a headline that counts
    all but the benign twins.

    Args:
        task: The loaded task.
        foreign: Whether it is another package's Inspect task, which asks in its own way.

    Raises:
        InputError: It is none; the message says why.
    """
    why = "it is another package's" if foreign else _not_a_request(task)
    if why:
        raise InputError(
            "the task '{name}' cannot be attacked: {why}. Attacks are for tasks that put "
            "one request and score refusal or harm; name others with --task.",
            name=task.name,
            why=why,
        )


def check_adaptable(task: LoadedTask, attacks: Sequence[str]) -> None:
    """Refuse attacks that adapt on a task whose scorer cannot judge several answers.

    Args:
        task: The loaded task.
        attacks: Names of attacks.

    Raises:
        InputError: The scorer is another package's.
    """
    adapting = [name for name in attacks if name in ADAPTIVE]
    if adapting and not task.card.scorer.name.startswith(_OURS):
        raise InputError(
            "the task '{name}' cannot be asked under '{adapting}': its scorer '{name2}' is "
            "another package's, and only Tenken's own judge each answer of an attack that "
            "adapts.",
            name=task.name,
            adapting=adapting[0],
            name2=task.card.scorer.name,
        )


def under_attack(
    task: LoadedTask,
    samples: Sequence[TaskSample],
    attacks: Sequence[str],
    settings: AttackSettings = _DEFAULT,
) -> list[TaskSample]:
    """Return every sample under every attack, the variants of a sample one after the other.

    The variants share the cluster. Ids, pair ids and the twin's reference end in `~` and the name
    of the attack; a sample under `none` only gets its tag. Benign twins are not put to attacks that
    adapt: there is nothing to bring the model to.

    Args:
        task: The loaded task; gives prompts their template.
        samples: The samples as written.
        attacks: Names of attacks, in the order of the variants; `none` is the plain request.
        settings: What the run sets for its attacks.

    Returns:
        As many samples as there are pairs of sample and attack, but for benign twins.
    """
    return [
        _variant(task, sample, name, settings)
        for sample in samples
        for name in attacks
        if not (name in ADAPTIVE and sample.benign_twin)
    ]


def planned_attacks(
    attacks: Sequence[str], settings: AttackSettings = _DEFAULT
) -> list[PlannedAttack]:
    """Return what a plan says about the attacks.

    Args:
        attacks: Their names.
        settings: What the run sets for them.
    """
    return [_planned(name, settings) for name in attacks]


def _planned(name: str, settings: AttackSettings) -> PlannedAttack:
    if name in ADAPTIVE:
        budget = settings.budget(name)
        return PlannedAttack(
            name=name,
            title=ADAPTIVE[name].title,
            source=ADAPTIVE[name].source,
            source_sha256=digest([*map(module_digest, _ADAPTING), budget.model_dump()]),
            published=ADAPTIVE[name].published,
            budget=budget,
        )
    shots = settings.shots if name == MANY_SHOT else None
    source = scorer_source(ATTACKS[name].apply)[1]
    return PlannedAttack(
        name=name,
        title=ATTACKS[name].title,
        source=ATTACKS[name].source,
        source_sha256=source if shots is None else digest([source, shots]),
        published=ATTACKS[name].published,
        shots=shots,
    )


_ADAPTING = ("tenken.tasks.solvers.adapt", "tenken.scorers.harm_judge")
"""What decides what an attack that adapts asks: the solver, and the judge that it is steered by."""


def _not_a_request(task: LoadedTask) -> Words:
    card = task.card
    if any(sample.choices for sample in task.samples):
        return "it offers choices"
    if not all(isinstance(sample.input, str) for sample in task.samples):
        return "its samples are conversations, not one text each"
    if card.solver.name != _ONE_QUESTION or (task.folder / "task.py").exists():
        return "it does more than ask once"
    headline = next(measure for measure in card.measures if measure.headline)
    is_foreign = not card.scorer.name.startswith(_OURS)
    judges = judges_requests(vocabulary(card.scorer), headline.unsafe_labels)
    if not judges and not (is_foreign and _leaves_out_twins(headline)):
        return Sentence(
            "its scorer '{name}' judges neither refusal nor harm", name=card.scorer.name
        )
    return ""


def _leaves_out_twins(measure: Measure) -> bool:
    return measure.where.get("benign_twin") == "false"


def _variant(
    task: LoadedTask, sample: TaskSample, name: str, settings: AttackSettings
) -> TaskSample:
    tags = {**sample.tags, ATTACK_TAG: name}
    if name == NO_ATTACK:
        return replace(sample, tags=tags)
    # The template is part of the request: an attack goes around both, and chat messages get none.
    request = str(prompt_of(task, sample))
    about: dict[str, Any] = {REQUEST: request}
    put: str | list[dict[str, str]] = request
    if name in ADAPTIVE:
        about[BUDGET] = settings.budget(name).model_dump()
        measure = measure_of(task.card, sample)
        about[BLOCKED_IS_SAFE] = bool(measure and measure.blocked_is_safe)
    elif name == MANY_SHOT and settings.shots is not None:
        put = many_shot(request, sample.language, sample.id, settings.shots)
    else:
        put = ATTACKS[name].apply(request, sample.language, sample.id)
    messages = put if isinstance(put, list) else [{"role": "user", "content": put}]
    twin = f"{sample.benign_twin}~{name}" if sample.benign_twin else None
    return replace(
        sample,
        id=f"{sample.id}~{name}",
        pair_id=f"{sample.pair_id}~{name}",
        input=tuple(messages),
        tags=tags,
        benign_twin=twin,
        metadata={**sample.metadata, **about},
    )
