"""A bundle without its texts: what is in it, what stands for what was left out, and a scan."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError, InputError
from tenken.io.canonical import canonical_json, pretty_json
from tenken.io.files import write_atomically
from tenken.results.bundle.made import CSV, HTML, MADE, RECORDS, REPORT, is_trial_file
from tenken.results.bundle.staging import check_sealed
from tenken.results.bundle.write import make_files
from tenken.results.pages.report import render_html
from tenken.results.records.logs import LoggedSample, log_files, open_log
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import RunRecords, salt_of
from tenken.results.records.rescorings import is_rescored_log
from tenken.results.records.table import csv_bytes, read_parquet
from tenken.results.seal.folder import SEAL_FILE, contents
from tenken.results.seal.publication import (
    DISCLOSED,
    DISCLOSURE_SCHEMA,
    FULL_SEAL,
    PUBLICATION_FILE,
    PUBLICATION_SCHEMA,
    Disclosure,
    Publication,
)
from tenken.results.seal.seal import read_seal, statement, write_seal
from tenken.results.seal.texts import text_key, texts_proof, texts_root
from tenken.schema.plan import Plan
from tenken.schema.report import Report

_WINDOW: Final = 32
_STEP: Final = 16
"""A file that shares `_WINDOW + _STEP` letters in a row with a withheld text is found."""

_SHORTEST: Final = 12
"""Shorter texts, such as a letter or "yes", need not be withheld: a label says the same."""

_DIGEST: Final = re.compile(r"[0-9a-f]{16,}|[0-9T:.+-]{8,}")


def publish_bundle(run: Path, to: Path, key: Path | None) -> list[str]:
    """Write a bundle without the texts of a run.

    Files that hold no text are the same bytes as in the full bundle, whose seal goes along. Page
    and table are made for it.

    Args:
        run: The run's folder, which must be `claimed`.
        to: Where the published bundle goes; must not exist, or be empty.
        key: File of the private key to seal with, or None.

    Returns:
        The ids of the keys that sealed it.

    Raises:
        BundleError: The evidence is not what was sealed, or a file would hold a withheld text.
        InputError: The folder is not empty.
        StorageError: It cannot be written.
    """
    check_sealed(run)
    seal, made = read_seal(run), make_files(run)
    root = texts_root(made.found.commitments)
    if seal.statement.predicate.texts != root:
        raise BundleError(
            "{seal_file}: names no root over the texts; give 'tenken report {run}' first.",
            seal_file=run / SEAL_FILE,
            run=run,
        )
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise InputError("{to}: exists and is not empty; name another folder.", to=to)
    to.mkdir(parents=True, exist_ok=True)
    try:
        for name in kept_names(seal.digests):
            write_atomically(to / name, (run / name).read_bytes())
        write_atomically(to / FULL_SEAL, (run / SEAL_FILE).read_bytes())
        about = Publication(
            schema=PUBLICATION_SCHEMA,
            run=made.plan.run,
            seal_sha256=seal.sha256,
            root=root,
            commitments=dict(sorted(made.found.commitments.items())),
        )
        data = pretty_json(about.model_dump(mode="json", by_alias=True))
        write_atomically(to / PUBLICATION_FILE, data)
        for name, page in published_pages(made.report, made.found, made.plan).items():
            write_atomically(to / name, page)
        refuse_texts(to, texts_of(run))
        stated = statement(to, made.records, made.report)
        return write_seal(to, stated, key, "publish")
    except BaseException:
        shutil.rmtree(to, ignore_errors=True)
        raise


def kept_names(sealed: Collection[str]) -> list[str]:
    """Return the files of a full bundle, by its seal, that a published one has byte for byte."""
    remade = {*MADE} - {REPORT, RECORDS}
    return sorted(
        name
        for name in sealed
        if name not in remade
        and not name.startswith("logs/")
        and not is_rescored_log(name)
        and not is_trial_file(name)
        and not name.endswith(".html")
    )


def published_pages(report: Report, found: RunRecords, plan: Plan) -> dict[str, bytes]:
    """Return the page and the table of a published bundle, without the text of any sample.

    Args:
        report: The report.
        found: The run's records.
        plan: The committed plan.

    Returns:
        By file name, the bytes.
    """
    return {
        HTML: render_html(report, {}),
        CSV: csv_bytes(found.records, {}, plan, with_text=False),
    }


def disclose(run: Path, samples: Collection[str]) -> dict[str, bytes]:
    """Open samples of a run whose published bundle is elsewhere.

    Args:
        run: The full bundle's folder.
        samples: Ids of samples, or names as in the seal, `task:id:epoch`.

    Returns:
        The disclosures by name of the file.

    Raises:
        BundleError: The evidence is not what was sealed.
        InputError: The run has no such sample; names it.
    """
    check_sealed(run)
    plan, made, salt = read_sound_plan(run), make_files(run), salt_of(run)
    by_name = made.found.commitments
    wanted = {name: None for each in samples for name in _matching(each, by_name)}
    found: dict[str, bytes] = {}
    for name, logged in samples_of(run, plan):
        if name not in wanted:
            continue
        index, proof = texts_proof(by_name, name)
        opened = Disclosure(
            schema=DISCLOSURE_SCHEMA,
            run=plan.run,
            name=name,
            root=texts_root(by_name),
            index=index,
            size=len(by_name),
            proof=tuple(proof),
            key=text_key(salt, name).hex(),
            evidence=json.loads(canonical_json(logged.evidence())),
        )
        file = f"{DISCLOSED}/{index:06}.json"
        found[file] = pretty_json(opened.model_dump(mode="json", by_alias=True))
    return found


def samples_of(run: Path, plan: Plan) -> Iterator[tuple[str, LoggedSample]]:
    """Yield every sample that a run's logs hold with its name in the seal.

    Args:
        run: The run's folder, with its logs.
        plan: The committed plan; gives each log's task its full name.

    Returns:
        Pairs of name (`task:sample:epoch`) and logged sample, log by log.
    """
    tasks = {task.log_name: task.name for task in plan.tasks}
    for path in log_files(run):
        with open_log(path) as log:
            task = tasks.get(log.header.task, log.header.task)
            for logged in log.samples():
                yield f"{task}:{logged.id}:{logged.epoch}", logged


def texts_of(run: Path) -> Iterator[str]:
    """Yield every text that a run's logs put to a model or got from one."""
    for _, logged in samples_of(run, read_sound_plan(run)):
        yield logged.completion
        yield from _strings(logged.input)
        for message in logged.messages:
            yield from _strings(message.get("content"))


def refuse_texts(folder: Path, texts: Iterable[str]) -> None:
    """See that no file of a folder holds a withheld text, or a longer part of one.

    Args:
        folder: The published bundle.
        texts: What is withheld.

    Raises:
        BundleError: A file holds one; names the file and the place.
    """
    whole: set[str] = set()
    parts: set[str] = set()
    for text in texts:
        plain = _plain(text)
        if _SHORTEST <= len(plain) <= _WINDOW + _STEP:
            whole.add(plain)
        parts.update(plain[i : i + _WINDOW] for i in range(0, len(plain) - _WINDOW + 1, _STEP))
    for name in contents(folder).files:
        for said in set(_cells(folder / name)):
            plain = _plain(said)
            windows = (plain[i : i + _WINDOW] for i in range(len(plain) - _WINDOW + 1))
            if plain in whole or any(window in parts for window in windows):
                raise BundleError(
                    "{name}: would hold a withheld text ('{plain}...'), so nothing was published. "
                    "Take it out of the suite, card or label that has it.",
                    name=folder / name,
                    plain=plain[:20],
                )


def _matching(wanted: str, names: Mapping[str, str]) -> list[str]:
    found = [name for name in names if wanted in (name, name.rsplit(":", 2)[1])]
    if not found:
        raise InputError(
            "sample '{wanted}': the run has none of that id that was asked.", wanted=wanted
        )
    return found


def _cells(path: Path) -> Iterator[str]:
    """Yield the texts in a file, piece by piece, without digests and times."""
    if path.suffix == ".parquet":
        found: Iterable[str] = _of_table(path)
    elif path.suffix == ".csv":
        text = path.read_text("utf-8-sig")
        found = (cell for row in csv.reader(io.StringIO(text)) for cell in row)
    elif path.suffix in (".json", ".jsonl"):
        lines = path.read_bytes().splitlines() if path.suffix == ".jsonl" else [path.read_bytes()]
        found = (said for line in lines for said in _strings(json.loads(line)))
    else:
        text = path.read_bytes().decode("utf-8", "replace")
        found = [html.unescape(part) for part in re.split(r"<[^>]*>", text)]
    return (said for said in found if len(said) >= _SHORTEST and not _DIGEST.fullmatch(said))


def _of_table(path: Path) -> Iterator[str]:
    for row in read_parquet(path):
        yield from (row.sample_id, row.answer, row.label, row.reason, *row.labels)
        yield from row.tags.values()


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _strings(each)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
