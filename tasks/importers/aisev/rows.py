"""The rows of question files of J-AISI's tool aisev, read strictly and with their lines.

The format: a CSV table with the columns `ten_perspective`, `scorer`, `requirement`, `text` and
`gsn_perspective`; files with multiple choice may have `output` (the right answer's letter) and
`choices` or `ans1`, `ans2`, ... (Japan-AISI/aisev, `backend/src/inspect/eval_datasets.py`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tenken.errors import InputError, Sentence, UnknownNameError, nearest
from tenken.frameworks.catalogue import PERSPECTIVES, Category

Kind = Literal["requirement", "choice"]

NEEDED: Final = ("ten_perspective", "scorer", "requirement", "text", "gsn_perspective")
USED: Final = (*NEEDED, "output", "choices")
_ANSWER: Final = re.compile(r"ans(?:wer)?[_ ]?\d+")

SCORERS: Final[dict[str, Kind]] = {
    "requirement": "requirement",
    "model_graded_qa": "requirement",
    "multiple_choice": "choice",
    "multiplechoice": "choice",
    "choice": "choice",
}
"""What each scorer's name means; the last spellings all mean multiple choice."""

_EMPTY: Final = ("", "nan")
"""How aisev writes an empty cell when it registers a file."""

_KANA: Final = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN: Final = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff]")
_LATIN_WORDS: Final = re.compile(r"[A-Za-z]{2,}[ ,.?!']+[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One question, with the file and the line that it begins on.

    Attributes:
        answers: Texts of the answers to choose from, where they have columns of their own.
        output: The right answer, where it has a column of its own.
        gsn: The node of the argument that it belongs to, such as `G1-32`.
    """

    file: Path
    line: int
    perspective: Category
    kind: Kind
    scorer: str
    requirement: str
    text: str
    gsn: str
    language: str
    output: str = ""
    answers: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """File and line, as errors name them."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Questions:
    """The rows of some files, and the columns that were not used."""

    rows: tuple[Row, ...]
    unused: tuple[str, ...]


def read_questions(
    paths: Sequence[Path], *, encoding: str = "utf-8", language: str | None = None
) -> Questions:
    """Read question files.

    Args:
        paths: The CSV files.
        encoding: Their encoding; a byte order mark is allowed with UTF-8.
        language: Language of all questions; where left out, each row's own writing must show it.

    Raises:
        InputError: A file cannot be read, is no such table, or a row breaks a rule; the message
            names file and line.
    """
    rows: list[Row] = []
    unused: dict[str, None] = {}
    seen: dict[tuple[str, ...], Row] = {}
    for path in paths:
        for row in _rows(path, encoding, language, unused):
            same = (row.text, row.requirement, row.kind, *row.answers)
            if same in seen:
                raise InputError(
                    "{where}: the question of {where2} once more.",
                    where=row.where,
                    where2=seen[same].where,
                )
            seen[same] = row
            rows.append(row)
    return Questions(tuple(rows), tuple(unused))


def _rows(
    path: Path, encoding: str, language: str | None, unused: dict[str, None]
) -> Iterator[Row]:
    """Yield the rows of a file, and add the columns that are not used."""
    table = _table(path, encoding)
    first = next(table, None)
    if first is None:
        raise InputError("{path}: the file is empty.", path=path)
    header = [name.strip() for name in first[1]]
    _check_header(path, header)
    line = 0
    for line, cells in table:
        if len(cells) != len(header):
            raise InputError(
                "{path}:{line}: the row has {n} cells, the header {n2}; a text with a comma, "
                "quote or line break must be in quotes.",
                path=path,
                line=line,
                n=len(cells),
                n2=len(header),
            )
        yield _row(path, line, dict(zip(header, cells, strict=True)), language)
    if not line:
        raise InputError("{path}: there is a header and no question below it.", path=path)
    unused |= {name: None for name in header if name not in USED and not _ANSWER.fullmatch(name)}


def perspective_of(name: str, where: str = "") -> Category:
    """Return the evaluation perspective with that number or name, in Japanese or in English.

    Args:
        name: Number, or name in either language; case and spaces do not matter.
        where: File and line, for the error.

    Raises:
        UnknownNameError: There is none; the nearest is suggested.
    """
    wanted = " ".join(name.split()).casefold()
    for each in PERSPECTIVES.categories:
        # aisev's own table cuts the last letter off one of the English names.
        if wanted in (each.code, each.ja.casefold(), each.en.casefold(), each.en.casefold()[:-1]):
            return each
    known = [text for each in PERSPECTIVES.categories for text in (each.ja, each.en)]
    raise UnknownNameError("perspective", name, known, where)


def _table(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the table that are not blank, each with its first line."""
    reader = csv.reader(io.StringIO(_text(path, encoding), newline=""), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                "{path}:{line}: not a CSV row: {error}.", path=path, line=line, error=error
            ) from None
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _text(path: Path, encoding: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    codec = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        return data.decode(codec)
    except LookupError:
        raise InputError(
            "--encoding '{encoding}': there is no such encoding.", encoding=encoding
        ) from None
    except UnicodeError as error:
        before = data[: getattr(error, "start", 0)]
        hint = " If a spreadsheet saved it in Japan, try --encoding cp932."
        raise InputError(
            "{path}:{count}: not {encoding} text.{hint}",
            path=path,
            count=before.count(bytes([10])) + 1,
            encoding=encoding,
            hint=hint if codec == "utf-8-sig" else "",
        ) from None


def _check_header(path: Path, header: list[str]) -> None:
    for name in NEEDED:
        if name not in header:
            near = nearest(name, [each for each in header if each])
            hint = Sentence(" The column '{near}' looks like it.", near=near) if near else ""
            raise InputError(
                "{path}:1: the column '{name}' is missing.{hint}", path=path, name=name, hint=hint
            )
    for name in header:
        if header.count(name) > 1:
            raise InputError("{path}:1: the column '{name}' is listed twice.", path=path, name=name)


def _row(path: Path, line: int, cells: dict[str, str], language: str | None) -> Row:
    where = f"{path}:{line}"
    cell = {name: _cell(value) for name, value in cells.items()}
    scorer = cell["scorer"]
    if not scorer:
        raise InputError(
            "{where}: the scorer is empty; write one of {scorers}.",
            where=where,
            scorers=", ".join(SCORERS),
        )
    kind = SCORERS.get(scorer.casefold())
    if kind is None:
        raise UnknownNameError("scorer", scorer, SCORERS, where)
    for name in ("ten_perspective", "text"):
        if not cell[name]:
            raise InputError("{where}: the cell of '{name}' is empty.", where=where, name=name)
    if kind == "requirement" and not cell["requirement"]:
        raise InputError(
            "{where}: the scorer '{scorer}' needs a requirement, and there is none.",
            where=where,
            scorer=scorer,
        )
    return Row(
        file=path,
        line=line,
        perspective=perspective_of(cell["ten_perspective"], where),
        kind=kind,
        scorer=scorer,
        requirement=cell["requirement"],
        text=cell["text"],
        gsn=cell["gsn_perspective"],
        language=language or _language(where, cell["text"], cell["requirement"]),
        output=cell.get("output", ""),
        answers=_answers(where, cell),
    )


def _cell(value: str) -> str:
    plain = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return "" if plain.casefold() in _EMPTY else plain


def _answers(where: str, cell: dict[str, str]) -> tuple[str, ...]:
    """Return the answers that are in columns of their own: `ans1`, ... or a list `choices`."""
    columns = [name for name in cell if _ANSWER.fullmatch(name)]
    found = [cell[name] for name in columns if cell[name]]
    listed = cell.get("choices", "")
    if found and listed:
        raise InputError(
            "{where}: the answers are both in 'choices' and in '{columns}'.",
            where=where,
            columns=columns[0],
        )
    return tuple(found) if found else _listed(where, listed)


def _listed(where: str, text: str) -> tuple[str, ...]:
    """Return the texts of a list as JSON or Python writes it; nothing is run."""
    import ast

    if not text:
        return ()
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InputError(
            "{where}: 'choices' is not a list of texts, such as ['yes', 'no'].", where=where
        )
    return tuple(value)


def _language(where: str, text: str, requirement: str) -> str:
    """Return the language that the writing shows; what it does not show is not guessed."""
    shown = {_shown(each) for each in (text, requirement) if each} - {"either"}
    if shown in ({"ja"}, {"en"}):
        return shown.pop()
    raise InputError(
        "{where}: the writing does not show whether the question is English or "
        "Japanese; say so with --language.",
        where=where,
    )


def _shown(text: str) -> str:
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "unknown"
    return "en" if _LATIN_WORDS.search(text) else "either"
