"""`tenken report RUN`: make a run's report again from its logs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tenken.evals.actions.keys import key_for_change
from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import print_summary
from tenken.evals.config import RESULTS_DIR


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
    """Make a run's report, tables and seal again from its plan and logs, byte for byte."""
    from tenken.errors import InputError, UnknownNameError
    from tenken.io.files import claimed
    from tenken.results.bundle.staging import staged
    from tenken.results.bundle.write import presentation_of, write_bundle
    from tenken.results.records.journal import read_journal
    from tenken.results.report.ledgers.addendum import add_card as addendum
    from tenken.results.report.ledgers.withdrawals import withdraw as withdraw_items
    from tenken.schema.plan import read_plan
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
    with claimed(folder), staged(folder) as copy:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        private_key = key_for_change(folder, key)
        for card in add_card or ():
            addendum(copy, read_plan(folder), card, now)
        if withdraw:
            withdraw_items(copy, read_plan(folder), withdraw, by, why, now)
        made, keyid = write_bundle(copy, shown, private_key, reason="report")
    if as_json:
        typer.echo(json.dumps(made.contents(), ensure_ascii=False, indent=2))
    else:
        print_summary(folder, made, stopped="", keyid=keyid)
