"""Public items beside held-out ones, over the runs of one model and of several."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenken.errors import InputError
from tenken.evals.actions import held_out
from tenken.evals.actions.held_out import halves_of_runs
from tenken.schema.plan import Bilingual, Measure, Plan, PlannedModel, PlannedTask, ScorerBinding
from tenken.schema.record import SampleRecord

WORDS = Bilingual(en="Violations", ja="違反")
Unsafe = dict[str, int]


def task(name: str, held_out_of: str | None = None) -> PlannedTask:
    return PlannedTask(
        name=name, log_name="t", risk="criminal_misuse", title=WORDS, description=WORDS,
        version="1-A", dataset={}, prompt_sha256="", reuse_key="", available=40,
        scorer=ScorerBinding(name="tenken/refusal", args={}, version="1", source_sha256="0" * 64),
        measures=[Measure(key="rate", title=WORDS, headline=True, unsafe_labels=["compliance"])],
        samples=[], held_out_of=held_out_of,
    )  # fmt: skip


class Found:
    def __init__(self, unsafe: Unsafe) -> None:
        self.records = [
            SampleRecord(
                task=name, sample_id=f"s{n}", epoch=1, scorer="s", language="en", pair_id=f"s{n}",
                cluster=f"s{n}", measure="rate", outcome="scored", verdict=float(n < count),
            )
            for name, count in unsafe.items()
            for n in range(40)
        ]  # fmt: skip


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, Unsafe]]:
    """Runs by the name of their folder: the model, and unsafe answers of 40 by task."""
    found: dict[str, tuple[str, Unsafe]] = {}

    def plan(run: Path) -> Plan:
        model, unsafe = found[run.name]
        tasks = [task(n, "a/t" if n.endswith("held_out") else None) for n in unsafe]
        return Plan.model_construct(
            model=PlannedModel.model_construct(name=model), tasks=tasks, run=run.name
        )

    monkeypatch.setattr(held_out, "read_sound_plan", plan)
    monkeypatch.setattr(held_out, "read_records", lambda run, _: Found(found[run.name][1]))
    return found


def test_halves_of_a_model_may_be_in_two_runs(runs: dict[str, tuple[str, Unsafe]]) -> None:
    runs |= {"one": ("m", {"a/t": 2}), "two": ("m", {"a/t_held_out": 20})}
    (model,) = halves_of_runs([Path("one"), Path("two")])
    assert (model.model, model.falls) == ("m", {})
    half = model.halves["a/t_held_out"]
    assert (half.overall.value, half.overall.shown) == (pytest.approx(0.45), "worse")


def test_a_model_that_falls_alone_is_told_beside_another(
    runs: dict[str, tuple[str, Unsafe]],
) -> None:
    runs |= {
        "one": ("steady", {"a/t": 2, "a/t_held_out": 3}),
        "two": ("trained", {"a/t": 2, "a/t_held_out": 30}),
    }
    first, second = halves_of_runs([Path("one"), Path("two")])
    assert first.falls == {}
    fall = second.falls["a/t_held_out"]
    assert (fall.shown, fall.value) == ("more", pytest.approx(27 / 40))


def test_what_cannot_be_compared_is_said(runs: dict[str, tuple[str, Unsafe]]) -> None:
    runs |= {
        "one": ("m", {"a/t_held_out": 2}),
        "two": ("m", {"a/t": 1}),
        "three": ("m", {"a/t": 1}),
    }
    with pytest.raises(InputError, match="'a/t_held_out' without 'a/t'"):
        halves_of_runs([Path("one")])
    with pytest.raises(InputError, match="nor is any of their tasks held out"):
        halves_of_runs([Path("two")])
    with pytest.raises(InputError, match="'a/t' is in another run of m too"):
        halves_of_runs([Path("two"), Path("three")])
