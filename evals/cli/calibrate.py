"""`tenken calibrate SCORER`: put a scorer on trial against answers whose label is known."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tenken.errors import EndpointError, InputError, UnknownNameError
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import interval
from tenken.evals.config import RESULTS_DIR

if TYPE_CHECKING:
    from tenken.evals.models.endpoint import Endpoint
    from tenken.evals.trials.trial import Seen
    from tenken.schema.calibration import CalibrationCard, Gold, ScorerBinding
    from tenken.schema.vocabulary import Vocabulary
    from tenken.scorers.labelled.gold import GoldAnswer, GoldFile
    from tenken.tasks.library import LoadedTask

_REFUSALS = ("full_refusal", "partial_refusal", "refuted")


def calibrate(
    scorer: Annotated[str | None, typer.Argument(help="Registry name of the scorer.")] = None,
    gold: Annotated[
        list[Path] | None, typer.Option(help="CSV or JSONL of known answers; may be repeated.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Use this part of the gold file alone, such as 'trial'.")
    ] = None,
    kind: Annotated[
        str, typer.Option(help="How the labels came about: human_rated or constructed.")
    ] = "human_rated",
    source: Annotated[str, typer.Option(help="Where answers and labels come from.")] = "",
    positive: Annotated[
        list[str] | None,
        typer.Option(help="A label that counts as positive; may be repeated. Default: refusals."),
    ] = None,
    scorer_arg: o.ScorerArgs = None,
    model_role: o.ModelRoles = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the cards to; none are written without.")
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="Show the cards there are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a scorer's own error, for each language, and make its calibration cards.

    A gold file has the columns id, language (en or ja), prompt, response and label, and may have
    rater_1, rater_2, ... (each rater's label), tags (a JSON object), choices (a JSON list), roles
    (what each choice means, a JSON list), target and split. A path below scorers/gold is looked
    for in the installed package too.
    """
    if show_list:
        _list(as_json=as_json)
        return
    if scorer is None or not gold:
        raise InputError("name a scorer and --gold FILE, or ask for --list.")
    scorer = scorer if "/" in scorer else f"tenken/{scorer}"
    if kind not in ("human_rated", "constructed"):
        raise InputError(f"--kind '{kind}': write human_rated or constructed.")
    from tenken.scorers.labelled.gold import read_gold

    found = read_gold([installed_gold(path) for path in gold], split)
    labels = tuple(positive or ())
    trial = Trial(scorer, found, kind, source, split, labels, gold, model_role, scorer_arg)
    cards = trial.cards()
    for card in cards if out else ():
        from tenken.io.files import write_atomically

        write_atomically(out / card.file_name, card.to_bytes())  # type: ignore[operator]
    summary = trial.summary()
    if as_json:
        listed = [card.model_dump(mode="json", by_alias=True) for card in cards]
        typer.echo(json.dumps({**summary, "cards": listed}, ensure_ascii=False, indent=2))
    else:
        _print(scorer, summary, cards, out)


class Trial:
    """One trial: what the scorer saw in each gold answer, and the figures of it."""

    def __init__(
        self,
        scorer: str,
        gold: GoldFile,
        kind: str,
        source: str,
        split: str | None,
        positive: tuple[str, ...],
        paths: Sequence[Path],
        model_role: list[str] | None,
        scorer_arg: list[str] | None = None,
    ) -> None:
        from tenken.evals.models.roles import read_roles
        from tenken.evals.planning.graders import grader_roles
        from tenken.evals.planning.own import scorer_binding
        from tenken.tasks.card.card import Scoring
        from tenken.tasks.fit import vocabulary

        self.scoring = Scoring(name=scorer, args=o.scorer_arguments(scorer_arg))
        self.binding: ScorerBinding = scorer_binding(self.scoring)
        self.gold_file, self.kind, self.source, self.split = gold, kind, source, split
        labels = {answer.label for answer in gold.answers}
        self.vocabulary = vocabulary(self.scoring)
        _check_labels(gold.answers, positive, self.vocabulary, scorer)
        # A partial refusal counts on that side also where the gold has no such label.
        self.positive = positive or (_REFUSALS if labels & {*_REFUSALS} else ())
        if not self.positive:
            raise InputError(
                f"say which labels are positive: --positive LABEL; the file has "
                f"{', '.join(sorted(labels))}."
            )
        given = read_roles(model_role)
        roles = {role: given[role] for role in grader_roles(self.scoring) if role in given}
        self.graders = sorted(endpoint.model for endpoint in roles.values())
        self._judge(roles)
        said = [*(("--gold", _told(path)) for path in paths)]
        said += [("--split", split)] if split else []
        said += [("--kind", kind), *([("--source", source)] if source else [])]
        said += [("--positive", label) for label in positive]
        said += [("--scorer-arg", each) for each in scorer_arg or ()]
        said += [("--model-role", each) for each in model_role or ()]
        self.command = shlex.join(["tenken", "calibrate", scorer, *chain.from_iterable(said)])

    def _judge(self, roles: Mapping[str, Endpoint]) -> None:
        """Let the scorer see every answer, and fail where its graders did.

        Raises:
            EndpointError: A grader does not answer, or failed on an answer.
        """
        from tenken.evals.models.preflight import preflight
        from tenken.evals.running.graders import kept_graders
        from tenken.evals.trials.gaming import gamed_answers
        from tenken.evals.trials.trial import try_scorer

        gold = self.gold_file.answers
        self.gamed = gamed_answers(self.binding.name) if roles else []
        sha = self.gold_file.sha256  # a gold file may use any id but one with its own digest
        gamed = [replace(each.gold, id=f"{each.gold.id}~{sha[:8]}") for each in self.gamed]
        roles = {
            role: preflight(endpoint, f"the model in the role '{role}'", structured=True)
            for role, endpoint in roles.items()
        }
        n = (len(gold) + len(gamed)) * len(roles)
        if roles:
            typer.echo(
                f"{', '.join(self.graders)}: {n} calls or more, for {len(gold)} gold answers and "
                f"{len(gamed)} that try to buy a verdict.",
                err=True,
            )
        work = [self.binding.model_dump(mode="json"), self.gold_file.sha256]
        with kept_graders(roles, RESULTS_DIR, work, n) as graders:
            seen = try_scorer(self.scoring, [*gold, *gamed], graders())
            failed = [each for each in seen[: len(gold)] if each.reason.startswith("judge_failed")]
            if failed:
                raise EndpointError(
                    f"a grader failed on {len(failed)} of {len(gold)} gold answers, the first "
                    f"'{failed[0].id}' ({failed[0].reason.removeprefix('judge_failed_')}): "
                    "there is no trial. What it answered is kept; give the same command again."
                )
        self.seen, self.gamed_seen = seen[: len(gold)], seen[len(gold) :]
        if self.vocabulary is None:
            _check_given(gold, self.seen, self.binding.name)

    def cards(self) -> list[CalibrationCard]:
        """Return a card for each language of the gold file."""
        by_language: dict[str, list[int]] = defaultdict(list)
        for index, answer in enumerate(self.gold_file.answers):
            by_language[answer.language].append(index)
        return [self._card(language, part) for language, part in sorted(by_language.items())]

    def summary(self) -> dict[str, Any]:
        """Return the figures over the whole file, whatever the language."""
        from tenken.results.calibration.readings import cells, reading

        table = cells([a.label for a in self.gold_file.answers], [s.label for s in self.seen])
        whole = reading(table, self.positive)
        by_tag = {
            name: reading(part, self.positive).model_dump()
            for name, part in self._by_tag(range(len(self.seen))).items()
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
        from tenken.results.calibration.readings import cells, raters, reading
        from tenken.schema.calibration import CalibrationCard

        answers = [self.gold_file.answers[index] for index in part]
        table = cells([a.label for a in answers], [self.seen[index].label for index in part])
        lines = [self.positive]
        if set(self.positive) == set(_REFUSALS):
            lines.append(("full_refusal",))
        return CalibrationCard(
            schema="https://tenken.dev/schema/calibration/1",
            scorer=self.binding,
            graders=self.graders,
            language="ja" if language == "ja" else "en",
            gold=self._gold(),
            n=len(part),
            confusion=table,
            readings=[reading(table, line) for line in lines],
            tags=self._by_tag(part),
            raters=raters([answer.ratings for answer in answers]),
            **self._gaming(language),
            command=self.command,
        )

    def _by_tag(self, part: Sequence[int]) -> dict[str, Any]:
        from tenken.results.calibration.readings import cells

        groups: dict[str, list[int]] = defaultdict(list)
        for index in part:
            answer = self.gold_file.answers[index]
            for tag, value in answer.tags.items():
                groups[f"{tag}={value}"].append(index)
        return {
            name: cells(
                [self.gold_file.answers[i].label for i in members],
                [self.seen[i].label for i in members],
            )
            for name, members in sorted(groups.items())
        }

    def _gold(self) -> Gold:
        from tenken.schema.calibration import Gold

        kind: Literal["human_rated", "constructed"] = (
            "human_rated" if self.kind == "human_rated" else "constructed"
        )
        return Gold(
            name=self.gold_file.name,
            sha256=self.gold_file.sha256,
            kind=kind,
            source=self.source,
            split=self.split,
        )

    def _gaming(self, language: str) -> dict[str, Any]:
        """Return the card's figures on judge gaming, none where no such answers were tried."""
        from tenken.evals.trials.gaming import bought
        from tenken.results.calibration.readings import share

        found = bought(self.gamed, self.gamed_seen, language)
        if found is None:
            return {}
        return {"gaming_rate": share(found.moved, found.decided), "gaming": found}


def _check_labels(
    answers: Sequence[GoldAnswer],
    positive: Sequence[str],
    vocabulary: Vocabulary | None,
    scorer: str,
) -> None:
    """Refuse labels that the scorer never gives: no answer could ever agree with them.

    Raises:
        UnknownNameError: A label is not among the scorer's, or, for a scorer that takes over
            those of others, not among those of any; or a positive label is not in the file.
    """
    from tenken.schema.calibration import UNDECIDED
    from tenken.scorers.labels import all_labels, families

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
                where = f"the answer '{answer.id}', for {scorer}"
                raise UnknownNameError("label", label, known, where)


def _check_given(answers: Sequence[GoldAnswer], seen: Sequence[Seen], scorer: str) -> None:
    """Refuse the trial of a scorer that declares no labels, where it gave others than the file's.

    Raises:
        InputError: It gave a label that no answer of the file has.
    """
    from tenken.schema.calibration import UNDECIDED

    used = {answer.label for answer in answers}
    given = {each.label for each in seen} - {UNDECIDED}
    if given - used:
        raise InputError(
            f"the scorer '{scorer}' gives the labels {', '.join(sorted(given))}, the gold file has "
            f"{', '.join(sorted(used))}: write the scorer's labels into the file."
        )


def installed_gold(path: Path) -> Path:
    """Return a gold file of the package for a path that is one in its repository alone."""
    import tenken.scorers

    if path.exists() or path.parts[:2] != ("scorers", "gold"):
        return path
    inside = Path(tenken.scorers.__path__[0]).joinpath(*path.parts[1:])
    return inside if inside.exists() else path


def _told(path: Path) -> str:
    """Return a path below the working directory as it is, of any other the name alone.

    Where a gold file lies on someone's disk is nothing that a card should tell.
    """
    below = not path.is_absolute() and ".." not in path.parts
    return path.as_posix() if below else path.name


def _list(*, as_json: bool) -> None:
    from tenken.evals.planning.cards import known_cards
    from tenken.tasks.library import load_task, task_folders

    cards = known_cards()
    tasks = [load_task(name) for name in task_folders()]
    rows = [
        {
            "card": name,
            "scorer": card.scorer.name,
            "language": card.language,
            "n": card.n,
            "kind": card.gold.kind,
            **{
                key: getattr(card.readings[0], key).model_dump()
                for key in ("accuracy", "sensitivity", "specificity", "kappa")
            },
            "state": _state(card),
            "applies_to": [task.name for task in tasks if _applies(card, task)],
        }
        for name, card in cards.items()
    ]
    if as_json:
        typer.echo(json.dumps({"cards": rows}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        typer.echo(
            f"{row['card']}: {row['scorer']} {row['language']}, n {row['n']} ({row['kind']}), "
            f"sensitivity {interval(row['sensitivity'])}, "
            f"specificity {interval(row['specificity'])}, "
            f"kappa {interval(row['kappa'])}; {row['state']}; "
            f"applies to {', '.join(row['applies_to']) or 'no task'}"
        )


def _applies(card: CalibrationCard, task: LoadedTask) -> bool:
    """Whether a card says something of a measure of a task: it knows answers on both sides."""
    from tenken.results.calibration.readings import trial_of

    if task.card.scorer.name != card.scorer.name:
        return False
    trials = (trial_of(card.confusion, m.unsafe_labels) for m in task.card.measures)
    return any(trial.positives and trial.negatives for trial in trials)


def _state(card: CalibrationCard) -> str:
    """Return `fits`, or why the card says nothing of the scorer as it is installed now."""
    from tenken.evals.planning.own import scorer_binding
    from tenken.tasks.card.card import Scoring

    try:
        now = scorer_binding(Scoring(name=card.scorer.name, args=card.scorer.args))
    except UnknownNameError:
        return "the scorer is not installed"
    why = card.misfit(now, card.graders, card.language)
    if why is None:
        return "fits"
    from tenken.results.pages.words import Words

    return Words("en").why(why)


def _print(
    scorer: str, summary: dict[str, Any], cards: Sequence[CalibrationCard], out: Path | None
) -> None:
    typer.echo(
        f"{scorer}: n {summary['n']}, of which {summary['undecided']} undecided; "
        f"positive: {', '.join(summary['positive'])}"
    )
    for key in ("accuracy", "sensitivity", "specificity", "kappa"):
        typer.echo(f"  {key:12} {interval(summary[key])}")
    typer.echo("  true label -> label given:")
    for cell in summary["confusion"]:
        typer.echo(f"    {cell['truth']:16} -> {cell['seen']:16} {cell['count']:5}")
    _print_parts(summary, cards)
    for card in cards:
        if card.gaming_rate is not None:
            typer.echo(
                f"  gaming rate ({card.language}) {interval(card.gaming_rate.model_dump())}"
                f"{_gaming_counts(card)}"
            )
        if card.raters:
            alpha = card.raters["krippendorff_alpha"]
            typer.echo(f"  raters' own agreement ({card.language}): alpha {interval(alpha)}")
        if out:
            typer.echo(f"  written: {out / card.file_name}")


def _print_parts(summary: Mapping[str, Any], cards: Sequence[CalibrationCard]) -> None:
    """Print the figures of each language, where there are several, and of each tag."""
    parts = {card.language: card.readings[0].model_dump() for card in cards if len(cards) > 1}
    parts |= summary["tags"]
    width = max(map(len, parts), default=0)
    if parts:
        typer.echo("  by part:")
    for name, reading in parts.items():
        told = (f"{key} {interval(reading[key])}" for key in ("sensitivity", "specificity"))
        accuracy = f"accuracy {interval(reading['accuracy'])}"
        typer.echo(
            f"    {name:{width}}  n {reading['accuracy']['n']}, {accuracy}, {', '.join(told)}"
        )


def _gaming_counts(card: CalibrationCard) -> str:
    found = card.gaming
    if found is None or card.gaming_rate is None:
        return ""
    return (
        f": {found.moved} moved of {card.gaming_rate.n} decided; {found.undecided} undecided, "
        f"{found.plain_wrong} wrong without any trick"
    )
