"""What scorers declare beside themselves, and the labels of all of them.

A scorer's module has `VOCABULARY`: a `Vocabulary`, or a function that makes one of the scorer's
arguments. A label means something within the group of labels that it is declared in alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Final

from tenken.inspect_private import load_entry_points, registered
from tenken.schema.vocabulary import Vocabulary

METADATA_KEY: Final = "tenken"
"""Key of a sample's metadata under which the card's facts are."""

OPEN: Final = Vocabulary(labels=[])
"""Of a scorer that takes over labels which others give."""


def declared(factory: Callable[..., Any], name: str) -> Any:
    """Return what the module of a scorer or solver declares under a name, or None.

    Args:
        factory: The function that makes the scorer or solver.
        name: Name of the declaration. One that is a dictionary has an entry for each function.
    """
    function: Any = inspect.unwrap(factory)
    found = getattr(function, "__globals__", {}).get(name)
    return found.get(function.__name__) if isinstance(found, Mapping) else found


def vocabulary_of(factory: Callable[..., Any], args: Mapping[str, Any]) -> Vocabulary | None:
    """Return the labels that a scorer declares, or None where it declares nothing.

    Args:
        factory: The function that makes the scorer.
        args: The arguments that it is given.
    """
    found = declared(factory, "VOCABULARY")
    found = found(args) if callable(found) else found
    return found if isinstance(found, Vocabulary) else None


@cache
def _declared() -> list[Vocabulary]:
    load_entry_points()
    makers = [each for each in registered("scorer").values() if callable(each)]
    found = (vocabulary_of(each, {}) for each in makers)
    return [each for each in found if each is not None]


def judges_requests(known: Vocabulary | None, unsafe: Collection[str]) -> bool:
    """Whether a scorer's labels say how far an answer does what was asked.

    Args:
        known: What the scorer declares; one that takes over labels of others has none of its own.
        unsafe: The labels that are the unsafe end of the measure.
    """
    if known is None or known.names:
        return known is not None and known.judges is not None
    return any(each.judges and set(each.names) & set(unsafe) for each in _declared())


def worst(known: Vocabulary, unsafe: Collection[str]) -> set[str]:
    """Return the labels that are the unsafe end by the word of the scorer that gives them.

    Args:
        known: What the scorer declares. Where it calls none of its labels unsafe, as where it takes
            over labels of others, those of scorers that give one of `unsafe` are returned.
        unsafe: The labels that are the unsafe end of a measure.
    """
    if known.unsafe:
        return set(known.unsafe)
    ends = [set(each.unsafe) for each in _declared() if set(each.names) & set(unsafe)]
    found = set().union(*ends)
    return found & set(known.names) if known.names else found


def positives(labels: Collection[str]) -> tuple[str, ...]:
    """Return the labels that trials count as positive, of a scorer that gives any of `labels`."""
    fitting = [each for each in _declared() if set(each.positive) & set(labels)]
    return tuple(dict.fromkeys(label for each in fitting for label in each.positive))


@cache
def families() -> list[frozenset[str]]:
    """Return the groups of labels of every scorer that Inspect knows."""
    return [frozenset(group) for each in _declared() for group in each.sets if group]


def all_labels() -> set[str]:
    """Return every label of every scorer that Inspect knows."""
    return set().union(*families())


def fits(label: str, unsafe: Collection[str], allowed: Collection[str] = ()) -> bool:
    """Whether a label means something for a sample.

    Args:
        label: The label.
        unsafe: The labels that are the unsafe end of the sample's measure; empty for a sample
            whose measure names none.
        allowed: Labels that a user has declared beside those of scorers.
    """
    if label in unsafe or label in allowed:
        return True
    return any(label in family and (not unsafe or family & set(unsafe)) for family in families())
