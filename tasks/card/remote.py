"""What a card says about data elsewhere: where, which revision, which bytes, whose terms."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tenken.errors import RuleError, Sentence
from tenken.schema.record import Language

_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class RemoteFile(_Strict):
    """One file of a public dataset.

    Attributes:
        path: Where it is below the dataset's address; its last part names it in the cache.
        sha256: Digest of its bytes; left out where nobody of the project has seen the file, and
            then the digest that is found is written into the plan.
    """

    path: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$")]
    sha256: _Sha256 | None = None

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.rsplit("/", 1)[-1]


class Remote(_Strict):
    """Where the data of a public benchmark are, and how they become samples.

    Attributes:
        reader: Name of the reader that turns the files into samples (`tasks.sources.readers`).
        options: The reader's arguments.
        page: Where people read about the data, and ask for them where they must.
        url: Address of the folder of the files, with `{revision}` in it.
        revision: The commit that is pinned.
        files: The files, in the order in which they are read.
        pattern: Instead of files, which files to take from a folder that the user names, where
            the data are given out by form or after an application alone.
        consent: The terms, in a sentence, that ask for `--accept-licence`.
        samples: How many samples come out, by language, where that is known.
    """

    reader: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    options: dict[str, Any] = {}
    page: str
    url: str | None = None
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = None
    files: list[RemoteFile] = []
    pattern: str | None = None
    consent: str = ""
    samples: dict[Language, int] = {}

    @model_validator(mode="after")
    def _one_way_to_the_files(self) -> Self:
        if bool(self.files) == bool(self.pattern):
            raise RuleError("either files or pattern says which files are read")
        if self.url and not (self.revision and self.files):
            raise RuleError("what is downloaded needs a revision and files")
        if self.url and "{revision}" not in self.url:
            raise RuleError("url has no {revision} in it, so nothing pins what it gives")
        return self

    @property
    def downloadable(self) -> bool:
        """Whether the files can be had without asking somebody."""
        return bool(self.url)

    def address(self, file: RemoteFile) -> str:
        """Return the address of a file at the pinned revision."""
        return f"{(self.url or '').format(revision=self.revision).rstrip('/')}/{file.path}"


def terms(licence: str, remote: Remote | None) -> Sentence:
    """Return why data ask for the user's consent, in a few words; empty where they do not.

    A Creative Commons licence with NC in its SPDX name only allows non-commercial use.

    Args:
        licence: SPDX name of the data's licence.
        remote: Where the data come from; None where they are in the package, which asks for
            nothing.
    """
    if remote is None:
        return Sentence("")
    if "NC" in licence.upper().split("-"):
        return Sentence("{licence} allows non-commercial use alone", licence=licence)
    return Sentence("{said}", said=remote.consent)
