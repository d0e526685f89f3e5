"""One trial of a scorer on gold answers, and the calibration cards and figures of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from tenken.answer import parts
from tenken.errors import EndpointError, Sentence
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.preflight import preflight
from tenken.evals.planning.graders import grader_roles
from tenken.evals.planning.own import scorer_binding
from tenken.evals.running.graders import kept_graders
from tenken.evals.trials.gaming import GamedAnswer, gamed_answers, moved_verdicts
from tenken.evals.trials.gold_labels import (
    check_any_given,
    check_given,
    check_labels,
    positive_labels,
)
from tenken.evals.trials.trial import TrialLabel, tried
from tenken.evals.words import phrase
from tenken.results.calibration.exploratory import left_out
from tenken.results.calibration.readings import (
    cells,
    prompt_share,
    raters,
    reading,
    repeated,
    share,
    strata_of,
)
from tenken.results.calibration.sets import between_sets, parts_of
from tenken.results.metrics.settings import digits
from tenken.schema.calibration import (
    CARD_SCHEMA,
    UNDECIDED,
    CalibrationCard,
    Cell,
    Gold,
    Repeated,
    Stratum,
    Usage,
)
from tenken.scorers.labelled.gold import GoldAnswer, GoldFile
from tenken.tasks.card.card import Scoring
from tenken.tasks.fit import vocabulary

Kind = Literal["human_rated", "constructed"]


@dataclass(frozen=True)
class TrialRequest:
    """What is tried, on what, and what the cards say of it.

    Attributes:
        scoring: The scorer and its arguments.
        gold: The answers.
        kind: How the labels came about.
        source: Where answers and labels come from.
        split: The part of the gold files that is used; None for all.
        positive: Labels that count as positive; empty for those that the scorer declares.
        roles: The models that can judge, by role.
        results_dir: Where answers of graders are kept until the trial is done.
        command: What computes the cards anew.
        say: Takes a line about what is about to be asked.
    """

    scoring: Scoring
    gold: GoldFile
    kind: Kind = "human_rated"
    source: str = ""
    split: str | None = None
    positive: tuple[str, ...] = ()
    roles: Mapping[str, Endpoint] = field(default_factory=dict)
    results_dir: Path = Path("results/runs")
    command: str = ""
    say: Callable[[str], None] = print


class Trial:
    """What the scorer saw in each gold answer, and the figures of it."""

    def __init__(self, request: TrialRequest) -> None:
        """Let the scorer see every answer.

        Raises:
            EndpointError: A grader does not answer, or failed on an answer.
            InputError: The labels do not fit the scorer.
        """
        self.request = request
        self.binding = scorer_binding(request.scoring)
        answers = request.gold.answers
        self._declared = vocabulary(request.scoring)
        check_labels(answers, request.positive, self._declared, self.binding.name)
        self.positive = positive_labels(answers, request.positive, self._declared)
        wanted = grader_roles(request.scoring)
        roles = {role: request.roles[role] for role in wanted if role in request.roles}
        self.graders = sorted(endpoint.model for endpoint in roles.values())
        self.gamed: list[GamedAnswer] = (
            gamed_answers(self.binding.name, request.scoring.args) if roles else []
        )
        self.seen, self.gamed_seen = self._judge(roles)
        check_any_given(self.seen, self.binding.name)
        if self._declared is None:
            check_given(answers, self.seen, self.binding.name)

    def _judge(self, roles: Mapping[str, Endpoint]) -> tuple[list[TrialLabel], list[TrialLabel]]:
        gold, sha = self.request.gold.answers, self.request.gold.sha256
        # A gold file may use any id but one with its own digest.
        gamed = [replace(each.gold, id=f"{each.gold.id}~{sha[:8]}") for each in self.gamed]
        roles = {
            role: preflight(
                endpoint, Sentence("the model in the role '{role}'", role=role), structured=True
            )
            for role, endpoint in roles.items()
        }
        said = [parts(each.response) for each in (*gold, *gamed)]
        n = sum(bool(each.answer.strip() and not each.unfinished) for each in said) * len(roles)
        if roles:
            names = ", ".join(self.graders)
            told = {"graders": names, "calls": n, "gold": len(gold), "gamed": len(gamed)}
            self.request.say(phrase("calls_of_trial", **told))
        work = [self.binding.model_dump(mode="json"), sha]
        with kept_graders(roles, self.request.results_dir, work, n) as graders:
            found = tried(self.request.scoring, [*gold, *gamed], graders())
            seen, self._tokens = found.seen, found.tokens
            failed = [each for each in seen[: len(gold)] if each.reason.startswith("judge_failed")]
            if failed:
                raise EndpointError(
                    "a grader failed on {n} of {n2} gold answers, the first '{id}' ({reason}): "
                    "there is no trial. What it answered is kept; give the same command again.",
                    n=len(failed),
                    n2=len(gold),
                    id=failed[0].id,
                    reason=failed[0].reason.removeprefix("judge_failed_"),
                )
        return seen[: len(gold)], seen[len(gold) :]

    def cards(self) -> list[CalibrationCard]:
        """Return a card for each language of the gold answers."""
        by_language: dict[str, list[int]] = defaultdict(list)
        for index, answer in enumerate(self.request.gold.answers):
            by_language[answer.language].append(index)
        return [self._card(language, part) for language, part in sorted(by_language.items())]

    def summary(self) -> dict[str, Any]:
        """Return the figures over all answers, whatever the language."""
        everything = range(len(self.seen))
        table = self._cells(everything)
        whole = reading(table, self.positive)
        by_tag = {
            name: reading(part, self.positive).model_dump()
            for name, part in self._by_tag(everything).items()
        }
        return {
            "scorer": self.binding.name,
            "version": self.binding.version,
            "n": len(self.seen),
            "positive": sorted(self.positive),
            "undecided": sum(cell.count for cell in table if cell.seen == "undecided"),
            "confusion": [cell.model_dump() for cell in table],
            **{
                key: getattr(whole, key).model_dump()
                for key in ("accuracy", "sensitivity", "specificity", "kappa")
            },
            "tags": by_tag,
        }

    def _card(self, language: str, part: Sequence[int]) -> CalibrationCard:
        table = self._cells(part)
        ratings = [self._answer(index).ratings for index in part]
        strata = self._strata(part)
        return CalibrationCard(
            schema=CARD_SCHEMA,
            scorer=self.binding,
            graders=self.graders,
            language="ja" if language == "ja" else "en",
            gold=self._gold(),
            n=len(part),
            confusion=table,
            readings=[reading(table, line, prompt_share(strata)) for line in self._lines()],
            tags=self._by_tag(part),
            strata=strata,
            left_out=left_out(strata, self.positive),
            sets=parts_of(strata, self.positive),
            between_sets=between_sets(strata, self.positive),
            sets_left_out=left_out(strata, self.positive, "gold_set"),
            repeated=self._repeated(part) if self.graders else None,
            usage=self._usage() if self.graders else None,
            raters=raters(ratings, [self._answer(index).prompt for index in part]),
            **self._gaming(language),
            command=self.request.command,
        )

    def _repeated(self, part: Sequence[int]) -> Repeated:
        seen = [self.seen[index] for index in part]
        pairs = [(each.label, each.again) for each in seen if each.again]
        return repeated([pair for pair in pairs if pair[0] != UNDECIDED], self.positive)

    def _usage(self) -> Usage:
        """Return what the readings took; without a cost where an endpoint names no price."""
        every = [*self.seen, *self.gamed_seen]
        costs = [
            (read * price.input + written * price.output) / 1e6
            for role, (read, written) in self._tokens.items()
            if (price := self.request.roles[role].price) is not None
        ]
        return Usage(
            verdicts=sum(each.asked + bool(each.again) for each in every),
            input=sum(read for read, _ in self._tokens.values()),
            output=sum(written for _, written in self._tokens.values()),
            cost=digits(sum(costs)) if costs and len(costs) == len(self._tokens) else None,
        )

    def _strata(self, part: Sequence[int]) -> list[Stratum]:
        """Return the counts by model and kind of prompt."""
        answers = [(index, self._answer(index)) for index in part]
        rows = [(a.tags, a.prompt, a.label, self.seen[index].label) for index, a in answers]
        return strata_of(rows, self.request.gold.name)

    def _lines(self) -> list[tuple[str, ...]]:
        """Return the ways of drawing the line: all positive labels, and the plainest of them."""
        declared = self._declared.positive if self._declared else []
        several = len(self.positive) > 1 and set(self.positive) == set(declared)
        return [self.positive, *([(declared[0],)] if several else [])]

    def _answer(self, index: int) -> GoldAnswer:
        return self.request.gold.answers[index]

    def _cells(self, part: Sequence[int]) -> list[Cell]:
        truth = [self._answer(index).label for index in part]
        return cells(truth, [self.seen[index].label for index in part])

    def _by_tag(self, part: Sequence[int]) -> dict[str, list[Cell]]:
        groups: dict[str, list[int]] = defaultdict(list)
        for index in part:
            for tag, value in self._answer(index).tags.items():
                groups[f"{tag}={value}"].append(index)
        return {name: self._cells(members) for name, members in sorted(groups.items())}

    def _gold(self) -> Gold:
        return Gold(
            name=self.request.gold.name,
            sha256=self.request.gold.sha256,
            kind=self.request.kind,
            source=self.request.source,
            split=self.request.split,
        )

    def _gaming(self, language: str) -> dict[str, Any]:
        """Return the card's figures on judge gaming, none where no such answers were tried."""
        found = moved_verdicts(self.gamed, self.gamed_seen, language)
        if found is None:
            return {}
        return {"gaming_rate": share(found.moved, found.decided), "gaming": found}
