"""`tenken calibrate SCORER`: put a scorer on trial against answers whose label is known."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError, UnknownNameError
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import interval, padded
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import language, phrase, speaking, term

if TYPE_CHECKING:
    from tenken.schema.calibration import CalibrationCard
    from tenken.tasks.library import LoadedTask


def calibrate(
    scorer: Annotated[str | None, typer.Argument(help="Registry name of the scorer.")] = None,
    gold: Annotated[
        list[Path] | None, typer.Option(help="CSV or JSONL of known answers; may be repeated.")
    ] = None,
    gold_set: Annotated[
        list[str] | None,
        typer.Option(
            help="A public set of answers with people's labels, or 'all'; may be repeated."
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FOLDER: where the files of a gold set are; may be repeated."),
    ] = None,
    accept_licence: Annotated[
        list[str] | None, typer.Option(help="A gold set whose terms you accept; may be repeated.")
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
        typer.Option(
            help="A label that counts as positive; may be repeated. Default: what the scorer says."
        ),
    ] = None,
    scorer_arg: o.ScorerArgs = None,
    model_role: o.ModelRoles = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            "--out",
            help="Folder to write the cards to; none are written without.",
        ),
    ] = None,
    show_list: Annotated[
        bool, typer.Option("--list", help="Show the cards and the gold sets there are.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    lang: o.TerminalLanguage = None,
) -> None:
    """Measure a scorer's own error, for each language, and make its calibration cards.

    A gold file has the columns id, language (en or ja), prompt, response and label, and may have
    reviewer_1, reviewer_2, ... (each reviewer's label), tags (a JSON object), choices (a JSON
    list), roles (what each choice means, a JSON list), target and split. A path below scorers/gold
    is looked for in the installed package too. A gold set is downloaded once, or read from --data
    or TENKEN_SHARED_DATA; one that cannot be had is named, and the others are used.
    """
    if show_list:
        _list(as_json=as_json)
        return
    if scorer is None or not (gold or gold_set) or (gold and gold_set):
        raise InputError(
            "name a scorer and --gold FILE or --gold-set NAME (not both), or ask for --list."
        )
    from tenken.evals.actions.trial import Trial
    from tenken.evals.actions.trial_request import trial_request
    from tenken.evals.models.roles import read_roles

    said = [("--scorer-arg", each) for each in scorer_arg or ()]
    said += [("--model-role", each) for each in model_role or ()]
    request = trial_request(
        scorer,
        gold=gold or (),
        gold_sets=gold_set or (),
        data=_folders(data),
        accept=accept_licence or (),
        split=split,
        kind=kind,
        source=source,
        positive=positive or (),
        args=o.scorer_arguments(scorer_arg),
        roles=read_roles(model_role),
        results_dir=RESULTS_DIR,
        say=_say,
        extra=said,
    )
    trial = Trial(request)
    cards = trial.cards()
    for card in cards if out else ():
        from tenken.io.files import write_atomically

        write_atomically(out / card.file_name, card.to_bytes())  # type: ignore[operator]
    summary = trial.summary()
    if as_json:
        listed = [card.model_dump(mode="json", by_alias=True) for card in cards]
        typer.echo(json.dumps({**summary, "cards": listed}, ensure_ascii=False, indent=2))
    else:
        _print(trial.binding.name, summary, cards, out)


def _say(line: str) -> None:
    typer.echo(line, err=True)


def _folders(given: Sequence[str] | None) -> dict[str, Path]:
    """Return the folders of gold sets that `--data NAME=FOLDER` names."""
    found: dict[str, Path] = {}
    for each in given or ():
        name, equals, folder = each.partition("=")
        if not name or not equals or not folder:
            raise InputError(
                "--data '{each}': write NAME=FOLDER, such as xstest=data/xstest.", each=each
            )
        found[name] = Path(folder).expanduser()
    return found


def _list(*, as_json: bool) -> None:
    from tenken.evals.planning.cards import known_cards
    from tenken.tasks.library import load_task, task_folders

    cards = known_cards()
    tasks = [load_task(name) for name in task_folders()]
    with speaking("en" if as_json else language()):
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
                **_state(card),
                "applies_to": [task.name for task in tasks if _applies(card, task)],
            }
            for name, card in cards.items()
        ]
    from tenken.evals.trials.gold_sets import catalogue

    sets = catalogue().sets
    if as_json:
        known = {name: each.model_dump(mode="json") for name, each in sets.items()}
        typer.echo(json.dumps({"cards": rows, "gold_sets": known}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        figures = {key: interval(row[key]) for key in ("sensitivity", "specificity", "kappa")}
        fitting = ", ".join(row["applies_to"]) or phrase("trial_no_task")
        plain = {key: row[key] for key in ("card", "scorer", "language", "n")}
        how = term("gold_kind", row["kind"])
        _, state = _fit(cards[row["card"]])
        typer.echo(phrase("trial_card", **plain, **figures, how=how, state=state, tasks=fitting))
    typer.echo(phrase("trial_sets"))
    for name, each in sets.items():
        labels = ", ".join(each.labels)
        told = {"title": each.title, "licence": each.licence, "scorers": labels}
        typer.echo(phrase("trial_set", name=name, **told))


def _applies(card: CalibrationCard, task: LoadedTask) -> bool:
    """Whether a card says something of a measure of a task: it knows answers on both sides."""
    from tenken.results.calibration.readings import trial_of

    if task.card.scorer.name != card.scorer.name:
        return False
    trials = (trial_of(card.confusion, m.unsafe_labels) for m in task.card.measures)
    return any(trial.positives and trial.negatives for trial in trials)


def _state(card: CalibrationCard) -> dict[str, str]:
    """Return `fits`, or why the card says nothing of the scorer as it is installed now.

    `state` is in English whatever the terminal speaks, `state_code` the code of a reason, `fits`
    or `not_installed`.
    """
    with speaking("en"):
        code, words = _fit(card)
    return {"state": words, "state_code": code}


def _fit(card: CalibrationCard) -> tuple[str, str]:
    """Return whether a card fits, as a code and in the terminal's language."""
    from tenken.evals.planning.own import scorer_binding
    from tenken.tasks.card.card import Scoring

    try:
        now = scorer_binding(Scoring(name=card.scorer.name, args=card.scorer.args))
    except UnknownNameError:
        return "not_installed", phrase("trial_not_installed")
    why = card.misfit(now, card.graders, card.language)
    if why is None:
        return "fits", phrase("trial_fits")
    from tenken.results.pages.words import Words

    return why.code, Words(language()).why(why)


def _print(
    scorer: str, summary: dict[str, Any], cards: Sequence[CalibrationCard], out: Path | None
) -> None:
    typer.echo(
        phrase(
            "trial_head",
            scorer=scorer,
            n=summary["n"],
            undecided=summary["undecided"],
            positive=", ".join(summary["positive"]),
        )
    )
    for key in ("accuracy", "sensitivity", "specificity", "kappa"):
        typer.echo(f"  {padded(term('reading', key), 12)} {interval(summary[key])}")
    typer.echo(phrase("trial_confusion"))
    for cell in summary["confusion"]:
        typer.echo(f"    {cell['truth']:16} -> {cell['seen']:16} {cell['count']:5}")
    _print_parts(summary, cards)
    for card in cards:
        if card.gaming_rate is not None:
            rate = interval(card.gaming_rate)
            counts = _gaming_counts(card)
            typer.echo(phrase("trial_gaming", language=card.language, rate=rate, counts=counts))
        for line in _between(card):
            typer.echo(f"  {line}")
        if card.raters:
            alpha = interval(card.raters.krippendorff_alpha)
            typer.echo(phrase("trial_raters", language=card.language, alpha=alpha))
        if out:
            typer.echo(phrase("trial_written", path=out / card.file_name))


def _print_parts(summary: Mapping[str, Any], cards: Sequence[CalibrationCard]) -> None:
    """Print the figures of each language, where there are several, and of each tag."""
    parts = {card.language: card.readings[0].model_dump() for card in cards if len(cards) > 1}
    parts |= {
        f"{card.language} {', '.join(filter(None, (part.gold_set, part.model)))}": part.model_dump()
        for card in cards
        for part in card.sets
    }
    parts |= {name: each for name, each in summary["tags"].items() if not _is_set(name, cards)}
    width = max(map(len, parts), default=0)
    if parts:
        typer.echo(phrase("trial_parts"))
    for name, reading in parts.items():
        told = {key: interval(reading[key]) for key in ("accuracy", "sensitivity", "specificity")}
        typer.echo(
            f"    {padded(name, width)}  {phrase('trial_part', n=reading['accuracy']['n'], **told)}"
        )


def _is_set(name: str, cards: Sequence[CalibrationCard]) -> bool:
    """Whether a tag is of a gold set's figures, which are shown by set and model."""
    return name.startswith(("set=", "model=")) and any(card.sets for card in cards)


def _between(card: CalibrationCard) -> Iterator[str]:
    """Say how the figures differ between sets, whether intervals carry over, and how steady."""
    for name in ("sensitivity", "specificity"):
        spread = getattr(card.between_sets, name, None)
        if spread is not None:
            yield phrase(
                "trial_between",
                name=term("reading", name),
                sets=spread.sets,
                language=card.language,
                least=spread.least,
                greatest=spread.greatest,
                variance=spread.variance,
            )
    for what, held in (("models", card.left_out), ("sets", card.sets_left_out)):
        if held is not None:
            yield phrase(
                "trial_left_out",
                what=term("left_out", what),
                language=card.language,
                held=held.held,
                of=held.of,
            )
    if card.repeated is not None and card.repeated.share.n:
        yield phrase(
            "trial_repeated",
            language=card.language,
            flipped=card.repeated.flipped,
            n=card.repeated.share.n,
            undecided=card.repeated.undecided,
        )


def _gaming_counts(card: CalibrationCard) -> str:
    found = card.gaming
    if found is None or card.gaming_rate is None:
        return ""
    return phrase(
        "trial_gaming_counts",
        moved=found.moved,
        n=card.gaming_rate.n,
        undecided=found.undecided,
        wrong=found.plain_wrong,
    )
