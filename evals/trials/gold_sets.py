"""Public sets of answers with people's labels: where each is, and how its rows become gold answers.

What is known of each set is data (`gold_sets.yaml`): address, revision, digests, licence, columns,
and what its labels mean for which scorer. A set is read from a folder that the user names
(`--data NAME=FOLDER`), from TENKEN_SHARED_DATA, from an installed package, or is downloaded once
and checked by its digest.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from tenken.errors import InputError, Sentence, TenkenError, UnknownNameError, joined
from tenken.evals.trials.gold_labels import relabelled
from tenken.evals.trials.gold_left import Left, Tally, note_files, once
from tenken.evals.trials.gold_rows import Columns, answers_of, rows_of
from tenken.io.canonical import sha256_bytes
from tenken.io.documents import read_mapping
from tenken.schema.record import Language
from tenken.scorers.labelled.gold import GoldAnswer, GoldFile, prompt_split, xstest_split
from tenken.tasks.card.remote import Remote, RemoteFile, terms
from tenken.tasks.sources.fetch import source_files

SHARED_VARIABLE: Final = "TENKEN_SHARED_DATA"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TunedHalf(_Strict):
    """Which half of a set went into the making of a scorer; the other half puts it to the test.

    Attributes:
        scorers: The scorers that were made with it.
        by: Whether halves go by the prompt's id (`id`, as XSTest's) or its text (`prompt`).
    """

    scorers: list[str]
    by: Literal["id", "prompt"]

    def half(self, answer: GoldAnswer) -> str:
        """Return `tune` or `trial`."""
        own = answer.id.rpartition(":")[2]
        return xstest_split(own) if self.by == "id" else prompt_split(answer.prompt)


class Layout(_Strict):
    """One form in which a set's files occur.

    Attributes:
        match: Names of the files, with `*`, below the folder.
        columns: Which column says what.
        models: Whose answers are in a file, by a part of its name.
        prompts: The file that has the prompts, where rows of the others name them by number.
    """

    match: list[str]
    columns: Columns = Columns()
    models: dict[str, str] = {}
    prompts: str = ""


class GoldSet(_Strict):
    """A public set of answers with people's labels.

    Attributes:
        title: What the set is called.
        cite: Who made it, where it was published.
        licence: SPDX name of its licence, or the terms in a few words.
        language: The answers' language, where no column says it.
        page: Where people read about it.
        url: Folder from which the files are downloaded, with `{revision}` in it.
        revision: The pinned commit.
        files: The files there.
        consent: Terms that ask for `--accept-licence`.
        package: An installed package that holds the files, as `package:folder`.
        shared: Folder below TENKEN_SHARED_DATA.
        layouts: The forms of its files.
        labels: By group of scorers, what each label of the set means; null leaves an answer out.
        label_columns: By group of scorers, the column of the label, where they differ.
        tuned: Which half a scorer was made with.
        note: What a reader of the figures must know.
    """

    title: str
    cite: str
    licence: str
    language: Language = "en"
    page: str
    url: str | None = None
    revision: str | None = None
    files: list[RemoteFile] = []
    consent: str = ""
    package: str = ""
    shared: str = ""
    layouts: Annotated[list[Layout], Field(min_length=1)]
    labels: dict[str, dict[str, str | None]]
    label_columns: dict[str, str] = {}
    tuned: TunedHalf | None = None
    note: str = ""


class Group(_Strict):
    """Scorers whose labels mean the same.

    Attributes:
        scorers: Their registry names.
        positive: The labels that a trial on public sets counts as positive.
    """

    scorers: list[str]
    positive: list[str]


class _Catalogue(_Strict):
    groups: dict[str, Group]
    sets: dict[str, GoldSet]


@dataclass(frozen=True)
class GoldSets:
    """What was found of the sets that were named.

    Attributes:
        gold: The answers of all that could be read, one file.
        sources: By set, where it comes from, with revision and digests.
        missing: By set, why it could not be read.
        left: By set, how many rows it has and which of them are not used.
    """

    gold: GoldFile
    sources: dict[str, str]
    missing: dict[str, str]
    left: dict[str, tuple[int, tuple[Left, ...]]]


@cache
def catalogue() -> _Catalogue:
    """Return what is known of the public sets."""
    path = Path(__file__).with_name("gold_sets.yaml")
    return _Catalogue.model_validate(read_mapping(path.read_bytes()))


def group_of(scorer: str) -> str | None:
    """Return the group of scorers whose labels one gives, None where it is in none."""
    groups = catalogue().groups
    return next((name for name, each in groups.items() if scorer in each.scorers), None)


def sets_for(scorer: str) -> list[str]:
    """Return the names of the sets whose labels mean something for a scorer."""
    group = group_of(scorer)
    return [name for name, each in catalogue().sets.items() if group in each.labels]


def read_sets(
    names: Sequence[str],
    scorer: str,
    data: Mapping[str, Path] | None = None,
    *,
    accept: Sequence[str] = (),
    download: bool = True,
) -> GoldSets:
    """Read public sets as one gold file; what cannot be had is named, and the rest goes on.

    Args:
        names: The sets.
        scorer: Registry name of the scorer; it decides what the sets' labels mean.
        data: Folders of the user's, by set.
        accept: Sets whose terms the user accepts.
        download: Whether to fetch what is not at hand.

    Raises:
        UnknownNameError: There is no such set.
        InputError: No set can be read, or none has labels for the scorer.
    """
    known = catalogue().sets
    for name in names:
        if name not in known:
            raise UnknownNameError("gold set", name, known, "--gold-set")
    answers: list[GoldAnswer] = []
    digests: list[str] = []
    sources: dict[str, str] = {}
    missing: dict[str, str] = {}
    left: dict[str, tuple[int, tuple[Left, ...]]] = {}
    for name in dict.fromkeys(names):
        tally = Tally()
        try:
            part, source, digest = _read_one(name, scorer, data or {}, accept, download, tally)
        except TenkenError as error:
            missing[name] = Sentence("{why}", why=error)
            continue
        answers += part
        digests.append(digest)
        sources[name] = source
        left[name] = tally.rows, tally.left()
    if not answers:
        raise InputError(
            "none of the gold sets could be read: {missing}",
            missing=joined(
                "; ",
                (Sentence("{name}: {why}", name=name, why=why) for name, why in missing.items()),
            ),
        )
    digest = digests[0] if len(digests) == 1 else sha256_bytes("".join(digests).encode())
    return GoldSets(GoldFile("+".join(sources), digest, tuple(answers)), sources, missing, left)


def _read_one(
    name: str,
    scorer: str,
    data: Mapping[str, Path],
    accept: Sequence[str],
    download: bool,
    tally: Tally,
) -> tuple[list[GoldAnswer], str, str]:
    spec = catalogue().sets[name]
    group = group_of(scorer)
    if group is None or group not in spec.labels:
        fitting = ", ".join(sets_for(scorer)) or "-"
        raise InputError(
            "its labels say nothing of {scorer}; sets that do: {fitting}.",
            scorer=scorer,
            fitting=fitting,
        )
    files = list(_files(name, spec, data.get(name), accept, download))
    found: list[GoldAnswer] = []
    for file_name, content in files:
        layout = _layout(spec, file_name)
        if Path(file_name).name == layout.prompts:
            continue
        columns = layout.columns
        if group in spec.label_columns:
            columns = columns.model_copy(update={"label": spec.label_columns[group]})
        tags = {"set": name, **_model(layout, file_name)}
        rows, prompts = rows_of(file_name, content), _prompts(layout, files)
        ours = answers_of(name, file_name, rows, columns, spec.language, tags, tally, prompts)
        found += relabelled(list(ours), spec.labels[group], name, tally)
    found = list(once(found, tally))
    pinned = {each.path: each.sha256 for each in spec.files}
    read = {file_name: sha256_bytes(content) for file_name, content in files}
    note_files(pinned, read, data.get(name), tally)
    if spec.tuned and scorer in spec.tuned.scorers:
        for each in found:
            if spec.tuned.half(each) != "trial":
                tally.leave("tuned", each.id)
        found = [each for each in found if spec.tuned.half(each) == "trial"]
    if not tally.rows:
        raise InputError("there is no row in its files.")
    if not found:
        raise InputError("no answer in it has a label that means something for the scorer.")
    digests = [sha256_bytes(content) for _, content in files]
    digest = digests[0] if len(digests) == 1 else sha256_bytes("".join(digests).encode())
    half = ", held-out half" if spec.tuned and scorer in spec.tuned.scorers else ""
    revision = f", revision {spec.revision[:12]}" if spec.revision else ""
    return found, f"{spec.cite}{revision}{half}, {len(files)} files, sha256 {digest[:16]}", digest


def _files(
    name: str, spec: GoldSet, given: Path | None, accept: Sequence[str], download: bool
) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each file: the user's, the shared ones, a package's, downloads."""
    folder = given or _shared(spec) or _packaged(spec)
    if folder is not None:
        yield from _from_folder(name, spec, folder)
        return
    remote = _remote(spec) if spec.url else None
    reason = terms(spec.licence, remote) or spec.consent
    if reason and name not in accept:
        raise InputError(
            "{reason}: read the terms at {page}, then add --accept-licence {name}{also}.",
            reason=reason,
            page=spec.page,
            name=name,
            also=""
            if spec.url
            else Sentence(", and give the files with --data {name}=FOLDER", name=name),
        )
    if not spec.url:
        raise InputError(
            "get the files at {page}, and give --data {name}=FOLDER{also}.",
            page=spec.page,
            name=name,
            also=Sentence(", or install {package}", package=spec.package.partition(":")[0])
            if spec.package
            else "",
        )
    for number, file in enumerate(spec.files):  # one by one: names recur in different folders
        remote = _remote(spec).model_copy(update={"files": [file]})
        found = source_files(f"gold-{name}-{number}", remote, download=download)
        if found is None:
            raise InputError("it is not in the cache, and nothing is downloaded here.")
        yield file.path, found[0].data


def _prompts(layout: Layout, files: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Return the prompts by number, from the file that has them: the number, then the text."""
    for name, content in files:
        if layout.prompts and Path(name).name == layout.prompts:
            rows = (list(row.values()) for _, row in rows_of(name, content))
            return {str(row[0]): str(row[1]) for row in rows}
    return {}


def _remote(spec: GoldSet) -> Remote:
    return Remote(
        reader="gold",
        page=spec.page or "-",
        url=spec.url,
        revision=spec.revision,
        files=spec.files,
        consent=spec.consent,
    )


def _shared(spec: GoldSet) -> Path | None:
    place = os.environ.get(SHARED_VARIABLE)
    folder = Path(place) / spec.shared if place and spec.shared else None
    return folder if folder is not None and _matching(spec, folder) else None


def _packaged(spec: GoldSet) -> Path | None:
    package, _, inside = spec.package.partition(":")
    if not package:
        return None
    try:
        found = find_spec(package)
    except (ImportError, ValueError):
        return None
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) / inside if places and (Path(places[0]) / inside).is_dir() else None


def _from_folder(name: str, spec: GoldSet, folder: Path) -> Iterator[tuple[str, bytes]]:
    if not folder.exists():
        raise InputError(
            "--data {name}={folder}: there is no such file or folder.", name=name, folder=folder
        )
    paths = [folder] if folder.is_file() else _matching(spec, folder)
    if not paths:
        names = ", ".join(pattern for layout in spec.layouts for pattern in layout.match)
        raise InputError(
            "--data {name}={folder}: no file {names} is in it.",
            name=name,
            folder=folder,
            names=names,
        )
    for path in paths:
        try:
            below = path.relative_to(folder) if path != folder else Path(path.name)
            yield below.as_posix(), path.read_bytes()
        except OSError as error:
            raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None


def _matching(spec: GoldSet, folder: Path) -> list[Path]:
    """Return the files of the first layout that the folder holds any of."""
    for layout in spec.layouts:
        paths = sorted(
            path
            for pattern in (*layout.match, *([layout.prompts] if layout.prompts else ()))
            for path in folder.rglob(pattern)
            if path.is_file() and not path.is_symlink()
        )
        if paths:
            return list(dict.fromkeys(paths))
    return []


def _layout(spec: GoldSet, name: str) -> Layout:
    name = Path(name).name
    fits = (each for each in spec.layouts if any(fnmatch(name, p) for p in each.match))
    return next(fits, spec.layouts[0])


def _model(layout: Layout, name: str) -> dict[str, str]:
    found = next((model for part, model in layout.models.items() if part in name), None)
    return {"model": found} if found else {}
