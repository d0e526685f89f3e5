"""Which models a scorer or a solver asks beside the tested one, each bound to another than it."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence

from tenken.errors import InputError, Sentence, hint
from tenken.evals.asked import TaskSelection
from tenken.evals.models.endpoint import Endpoint, is_same_model
from tenken.io.plugins import warn
from tenken.schema.model import PlannedModel
from tenken.scorers.labels import declared
from tenken.tasks.attacks.adaptive import ADAPTIVE, ROLES
from tenken.tasks.card.card import Asking, Scoring
from tenken.tasks.fit import vocabulary
from tenken.tasks.parts import scorer_factory, solver_factory


def grader_roles(scoring: Scoring) -> list[str]:
    """Return the roles of the models that a scorer asks, none for one that asks no model.

    A scorer says so by an argument `role`, `roles` or `model_role` with a default; of Inspect's
    own, the model-graded ones are known by name: with no grader bound, they would let the tested
    model judge itself.
    """
    factory = scorer_factory(scoring.name)
    if factory is None:
        return []
    takes = inspect.signature(factory).parameters
    for name in ("role", "roles", "model_role"):
        if name in takes:
            value = scoring.args.get(name, takes[name].default)
            names = [value] if isinstance(value, str) else list(value or ())
            return [each for each in names if isinstance(each, str)]
    return ["grader"] if scoring.name.startswith("inspect_ai/model_graded") else []


def solver_roles(solving: Asking) -> list[str]:
    """Return the roles of the models that a solver asks beside the tested one, where bound."""
    factory = solver_factory(solving.name)
    takes = inspect.signature(factory).parameters if factory is not None else {}
    if "attacker" not in takes:
        return []
    return [str(solving.args.get("attacker", takes["attacker"].default))]


def with_grader(scoring: Scoring, headline: Collection[str], roles: Collection[str]) -> Scoring:
    """Return the scorer that judges in a card's place where a grader is bound to its role.

    What a scorer can tell without a grader is a fallback (refusal, where harm is meant); it names
    the better one as `WITH_GRADER`, which takes the same arguments.

    Args:
        scoring: The card's scorer.
        headline: The unsafe labels of the task's headline; where they are refusals, refusal is
            what is meant, and stays.
        roles: The roles that models are bound to.
    """
    factory = scorer_factory(scoring.name)
    better = declared(factory, "WITH_GRADER") if factory is not None else None
    if not isinstance(better, str):
        return scoring
    judged = Scoring(name=better, args=scoring.args)
    known = vocabulary(judged)
    harm = known is not None and (not headline or set(known.unsafe) & set(headline))
    return judged if harm and set(grader_roles(judged)) <= set(roles) else scoring


def check_unasked(asked: Sequence[TaskSelection], roles: Collection[str]) -> None:
    """Refuse a role that nothing asks, or say so where it is one that other tasks ask.

    A model that is bound to no purpose looks like a judge that judged.

    Args:
        asked: The tasks with their samples and scorers.
        roles: The roles that models are bound to.

    Raises:
        InputError: Nothing asks the role, and no task has code that could.
    """
    known = sorted({role for each in asked for role in each.task.asks(each)})
    for role in sorted(set(roles) - set(known)):
        said = Sentence(
            "the role '{role}' has a model and this run asks nothing of it; roles that it asks: "
            "{known}.{hint}",
            role=role,
            known=", ".join(known) or "-",
            hint=hint(role, {*known, *ROLES} - {role}),
        )
        if role not in ROLES and all(each.task.says_all_roles for each in asked):
            raise InputError(said)
        warn(said)


def check_attackers(
    attacks: Sequence[str], task: str, tested: PlannedModel, roles: Mapping[str, Endpoint]
) -> None:
    """Refuse attacks that adapt without a model that attacks, and one that judges on the way.

    Args:
        attacks: Names of the task's attacks.
        task: Full name of the task that is asked under them.
        tested: The model under test; it may attack itself, and never judges itself.
        roles: The models in roles beside it.

    Raises:
        InputError: A role has no model, or the tested one judges.
    """
    names = ", ".join(name for name in attacks if name in ADAPTIVE)
    missing = [role for role in ROLES if role not in roles]
    if missing:
        given = " ".join(f"--model-role {role}=MODEL" for role in missing)
        raise InputError(
            "the task '{task}' is asked under attacks that adapt ({names}), which need a "
            "model that attacks and one that judges: add {given}.",
            task=task,
            names=names,
            given=given,
        )
    if is_same_model(roles["grader"], tested):
        raise InputError(
            "the tested model {name} would judge the attacks on itself ({names}, task "
            "'{task}'): bind another model to the role 'grader'.",
            name=tested.name,
            names=names,
            task=task,
        )


def check_graders(
    scoring: Scoring, task: str, tested: PlannedModel, roles: Mapping[str, Endpoint]
) -> None:
    """Refuse a scorer whose grader is not named, or would be the tested model itself.

    Args:
        scoring: The scorer.
        task: Full name of the task whose answers it judges.
        tested: The model whose answers they are.
        roles: The models in roles beside it.

    Raises:
        InputError: A role has no model, or the tested one.
    """
    for role in grader_roles(scoring):
        grader = roles.get(role)
        if grader is None:
            raise InputError(
                "the scorer '{name}' of the task '{task}' asks a grader: bind one with "
                "--model-role {role}=MODEL.",
                name=scoring.name,
                task=task,
                role=role,
            )
        if is_same_model(grader, tested) and not scoring.args.get("allow_self"):
            raise InputError(
                "the tested model {name} would judge itself in the task '{task}': bind another "
                "model to the role '{role}', or let the suite say so with the scorer's "
                "argument allow_self: true.",
                name=tested.name,
                task=task,
                role=role,
            )
