"""Ledgers of what came after a run: who judged which log again, and who withdrew which item.

Inspect's log of a re-scoring names neither the judge nor what it was told, so a line of
`ledger.jsonl` does. The seal covers the file, and the report is recomputed from it.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenken.errors import BundleError
from tenken.io.canonical import canonical_json
from tenken.io.faults import explain
from tenken.schema.base import Frozen
from tenken.schema.calibration import ScorerBinding
from tenken.schema.figures import RateFigure
from tenken.schema.model import PlannedModel
from tenken.schema.plan import Measure

LEDGER: Final = "ledger.jsonl"
RESCORED: Final = "rescored"
LEDGER_SCHEMA: Final = "https://tenken.dev/schema/rescoring/1"

_MOST_LINES: Final = 10_000

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.+-]*"


class Rescoring(BaseModel):
    """One log that was scored again.

    Attributes:
        task: Full name of the task.
        parent: The log that was scored, relative to the run's folder.
        parent_sha256: Digest of that file.
        log: The log with the old scores and the new one, relative to the run's folder.
        log_sha256: Digest of that file.
        score: Name of the new score in the log.
        scorer: Who judged: name, version, digest of the source, arguments.
        graders: The models that judged, by role; empty for a scorer that asks none.
        prompt_sha256: Digest of the prompts and rubrics that the scorer reads from files; None
            for a scorer that has none (its words are then part of its source).
        measure: What the scorer measures where that is something of its own, over all samples of
            the task; left out where it judges by the task's measures.
        when: Time in UTC, ISO 8601.
        tenken: Version of the package that did it.
        inspect_ai: Version of Inspect that did it.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, defer_build=True, strict=True
    )

    schema_id: Literal["https://tenken.dev/schema/rescoring/1"] = Field(
        LEDGER_SCHEMA, alias="schema"
    )
    task: str
    parent: str = Field(pattern=rf"^logs/{_NAME}\.eval$")
    parent_sha256: Sha256
    log: str = Field(pattern=rf"^{RESCORED}/{_NAME}/{_NAME}\.eval$")
    log_sha256: Sha256
    score: str
    scorer: ScorerBinding
    graders: dict[str, PlannedModel] = {}
    prompt_sha256: Sha256 | None = None
    measure: Measure | None = None
    when: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")
    tenken: str
    inspect_ai: str

    @property
    def folder(self) -> str:
        """The folder of the re-scoring, relative to the run's."""
        return self.log.rsplit("/", 1)[0]

    @property
    def judges(self) -> list[str]:
        """Names of the models that judged, sorted."""
        return sorted(each.name for each in self.graders.values())

    def to_line(self) -> bytes:
        """Return the line of the ledger, with its end."""
        line = self.model_dump(mode="json", by_alias=True)
        if self.measure is None:  # as in ledgers from before scorers had measures of their own
            del line["measure"]
        return canonical_json(line) + b"\n"


def parse_ledger(data: bytes, name: str = LEDGER) -> list[Rescoring]:
    """Return the lines of a ledger.

    Args:
        data: The bytes of the file.
        name: What the file is called in an error.

    Raises:
        BundleError: A line is no entry, is not in the bytes that entries are written in, or two
            name the same log.
    """
    found: list[Rescoring] = []
    lines = data.splitlines(keepends=True)
    if len(lines) > _MOST_LINES:
        raise BundleError(
            "{name}: it has more than {most_lines:,} lines.", name=name, most_lines=_MOST_LINES
        )
    for number, line in enumerate(lines, start=1):
        try:
            entry = Rescoring.model_validate_json(line)
        except ValidationError as error:
            why = explain(error, Rescoring)
            raise BundleError(
                "{name}:{number}: no entry: {why}", name=name, number=number, why=why
            ) from None
        except ValueError as error:
            raise BundleError(
                "{name}:{number}: no entry: {error}.", name=name, number=number, error=error
            ) from None
        if entry.to_line() != line:
            raise BundleError(
                "{name}:{number}: not in the bytes that entries are written in.",
                name=name,
                number=number,
            )
        if any(entry.log == before.log for before in found):
            raise BundleError(
                "{name}:{number}: the log {log} is listed twice.",
                name=name,
                number=number,
                log=entry.log,
            )
        found.append(entry)
    return found


class WithdrawnItem(Frozen):
    """An item that was withdrawn from a finished run.

    Attributes:
        task: Full name of its task.
        item: Id of its sample.
        by: Who withdrew it.
        why: What is wrong with it.
        at: When, ISO 8601.
    """

    task: str
    item: str
    by: str
    why: str
    at: str


class WithdrawnFigure(Frozen):
    """A raw rate with and without the withdrawn items.

    Attributes:
        task: Full name of the task.
        measure: Key of the measure.
        language: Language of its samples; null for all.
        before: The rate of all items, which the report shows and gates are decided on.
        after: The rate without those that were withdrawn.
    """

    task: str
    measure: str
    language: str | None
    before: RateFigure
    after: RateFigure


class Withdrawals(Frozen):
    """Items that were withdrawn, and what that changes; no decision rests on it.

    Attributes:
        items: The items, in the order in which they were withdrawn.
        figures: The rates that they are in.
    """

    items: tuple[WithdrawnItem, ...]
    figures: tuple[WithdrawnFigure, ...]
