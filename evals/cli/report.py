"""`tenken report RUN`: make a run's report again from its logs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenken.evals.actions.keys import key_for_change
from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_summary
from tenken.evals.config import RESULTS_DIR

if TYPE_CHECKING:
    from tenken.results.bundle.staging import Staged
    from tenken.results.report.shown import Presentation
    from tenken.schema.report import Report


def report(
    run: Annotated[str, typer.Argument(help="The run's folder, or its name.")],
    lang: Annotated[
        str | None, typer.Option(help="Language of the report: en or ja. Default: as it was.")
    ] = None,
    with_text: Annotated[
        bool | None,
        typer.Option(
            "--with-text/--without-text",
            help="Show text that may be harmful. Default: as it was, at first withheld.",
        ),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign the seal with (see 'tenken keygen').")
    ] = None,
    add_card: Annotated[
        list[Path] | None,
        typer.Option(
            help="Calibration card that came after the plan: sealed with its date, and shown post "
            "hoc beside the plan's figure; no decision rests on it. Repeatable.",
        ),
    ] = None,
    withdraw: Annotated[
        list[str] | None,
        typer.Option(
            help="TASK:SAMPLE of a bad item: its withdrawal is put on record and sealed, and the "
            "figures without it are shown beside the planned ones; no decision changes. "
            "Repeatable; takes --by and --why.",
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="Who withdraws the items.")] = "",
    why: Annotated[str, typer.Option(help="What is wrong with them.")] = "",
    with_pooled: Annotated[
        bool,
        typer.Option(
            "--pooled",
            help="Print headline rates for which tasks lend each other strength (model-based), and "
            "change nothing.",
        ),
    ] = False,
    results_dir: o.ResultsDir = RESULTS_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a run's report, tables and seal again from its plan and logs, byte for byte.

    Where this installation made the bundle itself and every file is the one that was sealed, the
    page and the seal alone are made again.
    """
    from tenken.errors import InputError, UnknownNameError
    from tenken.io.files import claimed
    from tenken.results.bundle.again import report_again
    from tenken.results.bundle.made import presentation_of
    from tenken.results.bundle.staging import staged
    from tenken.results.records.journal import read_journal
    from tenken.schema.record import LANGUAGES

    if lang is not None and lang not in LANGUAGES:
        raise UnknownNameError("report language", lang, LANGUAGES)
    folder = find_run(run, results_dir)
    if (by or why) and not withdraw:
        raise InputError("--by and --why go with --withdraw.")
    if withdraw and read_journal(folder) is None:
        raise InputError(
            "{folder}: the run has no journal, so nothing can be put on record.", folder=folder
        )
    if with_pooled:
        if lang or with_text is not None or key or add_card or withdraw:
            raise InputError("--pooled changes nothing; leave the options that do out.")
        from tenken.evals.cli.statistics.pooled import print_pooled

        print_pooled(folder, as_json=as_json)
        return
    shown = presentation_of(folder, language=lang, with_text=with_text)
    with claimed(folder), staged(folder) as change:
        private_key = key_for_change(folder, key)
        _put_on_record(change.path, add_card or (), withdraw or (), by, why)
        again = None if add_card or withdraw else report_again(change, shown, private_key)
        made, keyid = again or _from_logs(change, shown, private_key)
    if as_json:
        typer.echo(json.dumps(made.contents(), ensure_ascii=False, indent=2))
    else:
        print_summary(folder, made, stopped="", keyid=keyid)


def _from_logs(change: Staged, shown: Presentation, private_key: Path | None) -> tuple[Report, str]:
    from tenken.results.bundle.write import write_bundle

    known, last = change.unchanged(), change.seal
    return write_bundle(change.path, shown, private_key, reason="report", digests=known, last=last)


def _put_on_record(
    copy: Path, cards: Sequence[Path], withdrawn: Sequence[str], by: str, why: str
) -> None:
    """Add cards and withdrawals to a copy of a run."""
    if not (cards or withdrawn):
        return
    from tenken.results.report.ledgers.addendum import add_card
    from tenken.results.report.ledgers.withdrawals import withdraw
    from tenken.schema.plan import read_plan

    now, plan = datetime.now(UTC).isoformat(timespec="seconds"), read_plan(copy)
    for card in cards:
        add_card(copy, plan, card, now)
    if withdrawn:
        withdraw(copy, plan, withdrawn, by, why, now)
