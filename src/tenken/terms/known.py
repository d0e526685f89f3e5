"""The registry of languages and risk areas, which packages and folders of tasks add to.

A package adds terms by an entry point in the group `tenken.terms` that names a package with a file
`terms.yaml`; a folder of tasks by such a file in it or in the folder above. The file has
`languages` and `areas`, each by code, in the form of the files beside this one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from tenken.errors import InputError
from tenken.io.documents import DocumentError, read_mapping
from tenken.io.faults import explain
from tenken.io.plugins import package_folders, plugin_points, warn
from tenken.schema.base import Frozen
from tenken.schema.record import Language, Risk
from tenken.schema.vocabulary import Bilingual

ENTRY_POINTS: Final = "tenken.terms"
TERMS_FILE: Final = "terms.yaml"


class LanguageTerm(Frozen):
    """A language that samples are written in.

    Attributes:
        title: What reports call it.
        script: Its script, by the code of ISO 15924.
        direction: Which way it is written.
    """

    title: Bilingual
    script: str = Field("Latn", pattern=r"^[A-Z][a-z]{3}$")
    direction: Literal["ltr", "rtl"] = "ltr"


class AreaTerm(Frozen):
    """A risk area that tasks belong to.

    Attributes:
        title: What reports call it.
        hazardous: Whether reports withhold the texts of its tasks, unless a card says otherwise.
    """

    title: Bilingual
    hazardous: bool = False


class Terms(Frozen):
    """A file `terms.yaml`.

    Attributes:
        languages: Languages by code, such as `vi` or `zh-Hant`.
        areas: Risk areas by code.
    """

    languages: dict[Language, LanguageTerm] = Field(default_factory=dict)
    areas: dict[Risk, AreaTerm] = Field(default_factory=dict)


_DECLARED: dict[Path, Terms] = {}


def languages() -> dict[str, LanguageTerm]:
    """Return every known language by its code; a code is never taken over by another file."""
    found: dict[str, LanguageTerm] = dict(built_in().languages)
    for terms in (*_installed(), *_DECLARED.values()):
        found = {**terms.languages, **found}
    return found


def areas() -> dict[str, AreaTerm]:
    """Return every known risk area by its code, those of the package first."""
    found: dict[str, AreaTerm] = dict(built_in().areas)
    for terms in (*_installed(), *_DECLARED.values()):
        found |= {code: term for code, term in terms.areas.items() if code not in found}
    return found


def title_of_area(code: str) -> Bilingual | None:
    """Return the title of an area that is not the package's own, for the plan to carry."""
    term = None if code in built_in().areas else areas().get(code)
    return term.title if term is not None else None


@cache
def built_in() -> Terms:
    """Return the languages and areas that come with the package."""
    here = Path(__file__).parent
    parts = {
        name: read_mapping((here / f"{name}.yaml").read_bytes()) for name in ("languages", "areas")
    }
    return TypeAdapter(Terms).validate_python(parts)


def declare(path: Path) -> None:
    """Add the terms of a file; nothing where there is no such file.

    Raises:
        InputError: The file cannot be read or breaks a rule.
    """
    path = path.resolve()
    if path not in _DECLARED and path.is_file():
        _DECLARED[path] = read_terms(path)


def read_terms(path: Path) -> Terms:
    """Read a file of terms.

    Raises:
        InputError: It cannot be read or breaks a rule; the message names the key.
    """
    try:
        return Terms.model_validate(read_mapping(path.read_bytes()))
    except DocumentError as error:
        place = f"{path}:{error.line}" if error.line is not None else f"{path}"
        raise InputError("{place}: {error}", place=place, error=error) from None
    except ValidationError as error:
        raise InputError("{path}: {why}", path=path, why=explain(error, Terms)) from None
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None


@cache
def _installed() -> tuple[Terms, ...]:
    """Return the terms of installed packages; a file that cannot be read costs a warning."""
    found = []
    for point in plugin_points(ENTRY_POINTS):
        for place in package_folders(point.value):
            try:
                found.append(read_terms(place / TERMS_FILE))
            except InputError as error:
                warn(f"the terms of the package '{point.value}' are left out: {error}")
    return tuple(found)
