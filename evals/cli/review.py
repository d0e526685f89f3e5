"""`tenken review RUN`: have people look at a sample of the answers, and take their labels in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenken.errors import InputError
from tenken.evals import words as terminal
from tenken.evals.actions.keys import key_for_change
from tenken.evals.actions.runs import find_run
from tenken.evals.cli import _options as o
from tenken.evals.cli._output import interval, padded
from tenken.evals.cli.server import remote
from tenken.evals.config import RESULTS_DIR
from tenken.evals.words import phrase, speak, term

if TYPE_CHECKING:
    from tenken.results.pages.review import Sheet
    from tenken.results.records.read import RunRecords
    from tenken.results.review.draw import Draw
    from tenken.results.review.items import Item
    from tenken.results.review.labels import Label
    from tenken.results.review.read import People
    from tenken.schema.plan import Plan
    from tenken.schema.report import Report


def review(
    run: Annotated[str, typer.Argument(help="The run's folder, or its name.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Further label files, after --import.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Draw this many answers for people to look at.")
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(
            help="Draw as many as the corrected headline rates, and those with a gate, need for an "
            "interval this wide in each language (0.2 is 20 points)."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Seed of the draw. Default: the run's own.")
    ] = None,
    tasks: Annotated[
        list[str] | None, typer.Option("--task", help="Draw from this task alone; may be repeated.")
    ] = None,
    private: Annotated[
        bool,
        typer.Option(
            "--private", help="Draw from private tasks too: the review files then show their text."
        ),
    ] = False,
    labels: Annotated[
        list[Path] | None,
        typer.Option("--import", help="Take in label files (JSONL or CSV), one or more."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder for the review files. Default: beside the run, RUN-review.",
        ),
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="Language of the page: en or ja. Default: the report's.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Private key to sign the seal with (see 'tenken keygen').")
    ] = None,
    results_dir: o.ResultsDir = RESULTS_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    server: remote.Option = None,
) -> None:
    """Draw answers for people to label (--sample, --width), or take their labels in (--import)."""
    from tenken.errors import UnknownNameError
    from tenken.io.files import claimed
    from tenken.results.bundle.staging import staged
    from tenken.results.review.wanted import check_width
    from tenken.schema.record import LANGUAGES

    if lang is not None and lang not in LANGUAGES:
        raise UnknownNameError("page language", lang, LANGUAGES)
    if lang is not None:
        speak(lang)
    if [bool(labels), sample is not None, width is not None].count(True) != 1:
        raise InputError("give one of --sample N, --width W and --import FILE.")
    if width is not None:
        check_width(width)
    if files and not labels:
        raise InputError("{files}: label files go after --import.", files=files[0])
    if labels and (seed is not None or tasks or private):
        raise InputError("--seed, --task and --private go with --sample or --width.")
    if server is not None:
        if key is not None or private or width is not None:
            raise InputError("--key, --private and --width do not go with --server.")
        asked = {"sample": sample, "seed": seed, "task": tasks or [], "lang": lang}
        made = _there(server, run, asked, [*(labels or []), *(files or [])], output)
        _tell(f"{run} --server {server}", made, as_json=as_json)
        return
    folder = find_run(run, results_dir)
    with claimed(folder), staged(folder) as change:
        session = _Session(folder, change.path, output, lang, key_for_change(folder, key))
        if not labels:
            made = session.sample(sample, width, seed, tasks or [], private=private)
        else:
            made = session.take_in([*(labels or []), *(files or [])])
    _tell(str(folder), made, as_json=as_json)


def _there(
    address: str, run: str, asked: Mapping[str, Any], paths: Sequence[Path], output: Path | None
) -> dict[str, Any]:
    """Have a console draw or take labels in; its review files are written here."""
    server, place = remote.Server.at(address), output or Path(f"{Path(run).name}-review")
    if paths:
        return server.take_in(run, paths, place)
    return server.draw(run, {k: v for k, v in asked.items() if v not in (None, [])}, place)


def _tell(run: str, made: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(made, ensure_ascii=False, indent=2))
    else:
        _print(run, made)


class _Session:
    """One call of the command on one run, of which it changes a staged copy."""

    def __init__(
        self, run: Path, copy: Path, output: Path | None, lang: str | None, key: Path | None
    ) -> None:
        from pydantic import TypeAdapter

        from tenken.results.bundle.made import presentation_of, read_report_json
        from tenken.results.records.plan_check import read_sound_plan
        from tenken.results.records.read import read_records
        from tenken.results.review.items import GateLine

        self.run, self.copy, self.key = run, copy, key
        self.output = output or run.resolve().with_name(f"{run.resolve().name}-review")
        if self.output.resolve().is_relative_to(run.resolve()):
            raise InputError(
                "{output}: is in the run's folder, which the seal covers; choose a folder "
                "outside of it.",
                output=self.output,
            )
        self.language = lang or presentation_of(run).language
        self.plan: Plan = read_sound_plan(run)
        self.found: RunRecords = read_records(run, self.plan)
        gates = read_report_json(run)["gates"]
        self.gates = TypeAdapter(list[GateLine]).validate_python(gates)

    def sample(
        self,
        n: int | None,
        width: float | None,
        seed: int | None,
        tasks: Sequence[str],
        *,
        private: bool,
    ) -> dict[str, Any]:
        """Draw a number or for a width, keep the draw, and write what reviewers get."""
        from tenken.io.files import write_atomically
        from tenken.results.pages.review import Sheet
        from tenken.results.review.draw import draw
        from tenken.results.review.wanted import of_run

        wanted = {self._task(name) for name in tasks}
        every = self._items(private=private)
        items = [each for each in every if not wanted or each.record.task in wanted]
        takes = None if width is None else of_run(self.plan, items, width)
        if takes is not None:
            n = max(1, sum(each.labelled for each in takes.values()))
        made = draw(self.plan, items, n or 1, self.plan.seed if seed is None else seed, takes)
        by_digest = {item.digest: item for item in items}
        sheet = Sheet(made, self._shown([by_digest[each.item] for each in made.items]))
        written = self._write(sheet)
        write_atomically(self.copy / made.file_name, made.to_bytes())
        self._seal()
        return {
            "draw": made.sha256,
            "drawn": len(made.items),
            "population": made.population,
            "reasons": _reasons(made),
            "width": width,
            "takes": [{**k._asdict(), **v._asdict()} for k, v in (takes or {}).items()],
            "private_left_out": [] if private else self._private(),
            "files": written,
        }

    def take_in(self, paths: Sequence[Path]) -> dict[str, Any]:
        """Check every file, then keep all of them, make the report again, and ask what is open."""
        from tenken.io.files import write_atomically
        from tenken.results.records.read import salt_of
        from tenken.results.review.labels import Checker, digests_now, file_name, to_bytes
        from tenken.results.review.read import read_people

        before = read_people(self.run, self.plan, self.found)
        if not before.draws:
            raise InputError(
                "{run}: nothing was drawn from this run; begin with --sample N.", run=self.run
            )
        now = digests_now(before.draws, self.found.texts, salt_of(self.run), self.plan)
        checker = Checker(before.draws, self.found.texts, now, before.labels)
        read: dict[Path, list[Label]] = {path: checker.read(path) for path in paths}
        empty = [str(path) for path, found in read.items() if not found]
        if len(empty) == len(read):
            raise InputError("{empty}: nothing is labelled in it.", empty=empty[0])
        kept = []
        for found in read.values():
            data = to_bytes(found)
            target = self.copy / file_name(data)
            if found and not target.exists():
                write_atomically(target, data)
                kept.append(target.relative_to(self.copy).as_posix())
        report = self._seal()
        people = read_people(self.copy, self.plan, self.found)
        return {
            "kept": kept,
            "nothing_in": empty,
            "reviews": report.reviews.model_dump(mode="json") if report.reviews else None,
            "corrected": list(_corrected(report)),
            "files": self._adjudication(people),
        }

    def _adjudication(self, people: People) -> list[str]:
        """Write review files of what reviewers differ on; none where they agree."""
        from tenken.results.pages.review import Sheet

        open_ones = {each.item.item: each for each in people.reviewed.values() if each.is_open}
        if not open_ones:
            return []
        items = {item.digest: item for item in self._items(private=True)}
        written = []
        for made in people.draws.values():
            asked = [each.item for each in made.items if each.item in open_ones]
            part = [items[digest] for digest in asked if digest in items]
            given = {item.digest: sorted(open_ones[item.digest].labels) for item in part}
            if part:
                written += self._write(Sheet(made, self._shown(part), "adjudicator", given))
                open_ones = {k: v for k, v in open_ones.items() if k not in given}
        return written

    def _shown(self, items: Sequence[Item]) -> list[Item]:
        """Return items with the images that the model was shown."""
        from tenken.results.review.items import with_pictures

        return with_pictures(self.run, self.plan, self.found, items)

    def _items(self, *, private: bool) -> list[Item]:
        from tenken.results.records.rescorings import read_rescorings
        from tenken.results.review.items import read_items

        rescored = read_rescorings(self.run, self.plan, self.found.records, self.found.logs)
        return read_items(self.run, self.plan, self.found, self.gates, rescored, private=private)

    def _write(self, sheet: Sheet) -> list[str]:
        from tenken.io.files import write_atomically
        from tenken.results.pages.review import lines, page

        written = []
        for ending, data in (
            ("jsonl", lines(sheet, self.language)),
            ("html", page(sheet, self.language)),
        ):
            path = self.output / f"{sheet.stem}.{ending}"
            if ending == "jsonl" and path.exists() and path.read_bytes() != data:
                # Somebody may have filled it in.
                path = self.output / f"{sheet.stem}-blank.{ending}"
            write_atomically(path, data)
            written.append(str(path))
        return written

    def _seal(self) -> Report:
        from tenken.results.bundle.made import presentation_of
        from tenken.results.bundle.write import write_bundle

        shown = presentation_of(self.run)
        report, _ = write_bundle(self.copy, shown, self.key, reason="review")
        return report

    def _task(self, name: str) -> str:
        from tenken.errors import UnknownNameError

        names = [task.name for task in self.plan.tasks]
        found = [each for each in names if name in (each, each.rsplit("/", 1)[-1])]
        if len(found) != 1:
            raise UnknownNameError("task", name, names)
        return found[0]

    def _private(self) -> list[str]:
        return [task.name for task in self.plan.tasks if task.dataset.get("private")]


def _reasons(made: Draw) -> dict[str, int]:
    """Return how many items were drawn for what, the first reason of each."""
    found: dict[str, int] = {}
    for each in made.items:
        why = each.why[0] if each.why else "random"
        found[why] = found.get(why, 0) + 1
    return dict(sorted(found.items()))


def _corrected(report: Report) -> Iterator[dict[str, Any]]:
    """Yield, as JSON, the rates of a report that people's labels corrected."""
    ends = {"value", "low", "high"}
    for task in report.tasks:
        for measure in task.measures:
            for language, part in measure.languages.items():
                if part.corrected.basis == "labels":
                    yield {
                        "task": task.name,
                        "measure": measure.key,
                        "language": language,
                        "raw": part.model_dump(mode="json", include={*ends, "n"}),
                        "corrected": part.corrected.model_dump(
                            mode="json", include={*ends, "labelled", "reason"}
                        ),
                    }


def _print(run: str, made: Mapping[str, Any]) -> None:
    if "draw" in made:
        typer.echo(phrase("review_drawn", n=made["drawn"], all=made["population"]))
        for why, n in made["reasons"].items():
            typer.echo(f"  {padded(term('drawn_for', why), 16)} {n:5}")
        for each in made["takes"]:
            typer.echo(f"  {_taken(each, made['width'])}")
        for name in made["private_left_out"]:
            typer.echo(phrase("review_left_out", name=name))
        typer.echo(phrase("review_for"))
    else:
        _print_labels(made)
        if made["files"]:
            typer.echo(phrase("review_differ"))
    for path in made["files"]:
        typer.echo(f"  {path}")
    if "draw" in made:
        typer.echo(phrase("review_then", run=run))


def _taken(each: Mapping[str, Any], width: float) -> str:
    where = f"{each['task']} {each['measure']} {each['language']}: "
    if each["labels"] is not None:
        return where + phrase("review_takes", n=each["labels"], all=each["answers"])
    points = {"width": f"{width * 100:g}", "narrowest": f"{each['narrowest'] * 100:.0f}"}
    return where + phrase("review_too_few", all=each["answers"], **points)


def _print_labels(made: Mapping[str, Any]) -> None:
    from tenken.results.pages.words import Words
    from tenken.schema.reasons import Reason

    about = made["reviews"]
    typer.echo(phrase("review_kept", names=", ".join(made["kept"]) or phrase("review_none_new")))
    for path in made["nothing_in"]:
        typer.echo(phrase("review_nothing_in", path=path))
    counts = ("labelled", "drawn", "reviewers", "open", "cannot_say")
    typer.echo(phrase("review_state", **{name: about[name] for name in counts}))
    for each in about["agreement"]:
        alpha = interval(each["alpha"])
        typer.echo(phrase("review_alpha", scorer=each["scorer"], alpha=alpha, n=each["answers"]))
        for pair in each["kappa"]:
            one, other = pair["reviewers"]
            typer.echo(phrase("review_kappa", one=one, other=other, kappa=interval(pair)))
    words = Words(terminal.language())
    for each in made["corrected"]:
        block = each["corrected"]
        why = block["reason"]
        said = interval(block)
        if why:
            said = phrase("review_not_corrected", why=words.why(Reason.model_validate(why)))
        rate = {"raw": interval(each["raw"]), "n": block["labelled"], "said": said}
        where = f"{each['task']} {each['measure']} {each['language']}"
        typer.echo(phrase("review_corrected", where=where, **rate))
