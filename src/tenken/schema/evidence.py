"""What a report says of its own evidence, and what publications and disclosures of it hold."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from tenken.schema.base import Frozen
from tenken.schema.commitment import Profile
from tenken.schema.estimate import Count, Sha256
from tenken.schema.figures import CorrectedRate

JOURNAL_FILE: Final = "journal.jsonl"
"""The journal of a run: a hash-chained line for each thing that happened."""


PUBLICATION_FILE: Final = "published.json"
"""In a published bundle: the commitments to the texts that were left out."""

FULL_SEAL: Final = "full-seal.json"
"""In a published bundle: the seal of the full bundle, byte for byte."""

DISCLOSED: Final = "disclosed"
"""Folder of the samples of a published bundle that were opened; each proves itself."""

PUBLICATION_SCHEMA: Final = "https://tenken.dev/schema/publication/1"
DISCLOSURE_SCHEMA: Final = "https://tenken.dev/schema/disclosure/1"

ATTESTATIONS: Final = "attestations"
"""Folder of what others signed about a bundle; each proves itself."""

Role = Literal["auditor", "witness", "laboratory", "vendor", "regulator"]


class OtherAttempt(Frozen):
    """An earlier start of the same suite on the same model, as the register beside the runs shows.

    Attributes:
        run: Name of the run.
        started: When it was started, ISO 8601.
        ended: What became of it: `sealed`, `aborted`, or `open` where the register has no end.
        decision: What it came to; empty where it was not sealed.
    """

    run: str
    started: str
    ended: Literal["sealed", "aborted", "open"]
    decision: str = ""


class JournalCounts(Frozen):
    """What the journal of a run shows.

    Attributes:
        queued: Samples of the plan, each epoch counted.
        answered: Those with an answer.
        scored: Those that were scored, or found to have no verdict, exactly once.
        errored: Those that ended in an error and were not asked again with success.
        asked_again: Requests that were sent once more, after a failure or a broken attempt.
        recalled: Answers that an earlier attempt had received before any log held them.
        superseded: Scored answers of logs that others took the place of.
        starts: How often this run was started or taken up again.
        aborted: How often it was broken off.
    """

    queued: Count
    answered: Count
    scored: Count
    errored: Count
    asked_again: Count
    recalled: Count
    superseded: Count
    starts: Count
    aborted: Count


class Told(Frozen):
    """Something that an endpoint said of itself, and how often.

    Attributes:
        value: What it said.
        answers: Answers that came with it.
    """

    value: str
    answers: Count


class Connection(Frozen):
    """Where a run's answers came from.

    Attributes:
        host: Name and port of the endpoint.
        tls_key_sha256: SHA-256 of the key in its certificate (SubjectPublicKeyInfo); empty
            without TLS.
    """

    host: str
    tls_key_sha256: str = ""


class Endpoint(Frozen):
    """What the endpoints said of themselves.

    Attributes:
        asked: The model's name in each request.
        models: The model that the answers say they are by.
        fingerprints: `system_fingerprint` of the answers; none where the endpoint gives none.
        connections: Where the answers came from; none where the provider does not tell.
    """

    asked: str
    models: tuple[Told, ...]
    fingerprints: tuple[Told, ...]
    connections: tuple[Connection, ...]

    @property
    def other_models(self) -> tuple[Told, ...]:
        """Models that answered and are not the one that was asked."""
        return tuple(each for each in self.models if each.value != self.asked)


DeviationCode = Literal[
    "not_asked", "unplanned", "stopped", "plan_replaced", "parameter", "added_card"
]


class Deviation(Frozen):
    """Where a run is not what was committed to.

    Attributes:
        code: What kind of deviation it is.
        what: The task, parameter, card or run that it is about.
        planned: What was committed to, as text.
        found: What was done, as text.
    """

    code: DeviationCode
    what: str
    planned: str = ""
    found: str = ""


class AddedCard(Frozen):
    """A calibration card that came after the plan.

    Attributes:
        file: File of the card.
        added: When it was added, ISO 8601.
        sha256: Digest of its contents.
    """

    file: str
    added: str
    sha256: Sha256


class PostHoc(Frozen):
    """A rate corrected by cards that came after the plan, beside that of the plan.

    Attributes:
        task: Full name of the task.
        measure: Key of the measure.
        language: Language of its samples.
        planned: The corrected rate by the cards of the plan.
        post_hoc: The corrected rate with the added cards.
    """

    task: str
    measure: str
    language: str
    planned: CorrectedRate
    post_hoc: CorrectedRate


class Addendum(Frozen):
    """What later cards would change; no decision rests on it.

    Attributes:
        cards: The cards, in the order in which they were added.
        figures: The rates that they would correct otherwise.
    """

    cards: tuple[AddedCard, ...]
    figures: tuple[PostHoc, ...]


class Committed(Frozen):
    """The commitment to the plan.

    Attributes:
        at: When it was made, by the operator's clock, ISO 8601.
        sha256: Digest of its file.
        keys: Ids of the keys that its signatures claim to be by.
        before_first_log: Whether it was made before the first log was begun, by the same clock.
        stamped: When a time-stamping authority says that it was there; empty without a stamp.
        logged: Origin and size of the transparency log that it is in; empty for none.
        tenken: Version of Tenken.
        source_sha256: Digest of the installed package's list of files; empty where not known.
        lock_sha256: Digest of the lock file that was installed from; empty where not known.
        python: Version of Python.
        machine: Processor, cores and system.
    """

    at: str
    sha256: Sha256
    keys: tuple[str, ...]
    before_first_log: bool
    stamped: str = ""
    logged: str = ""
    tenken: str = ""
    source_sha256: str = ""
    lock_sha256: str = ""
    python: str = ""
    machine: str = ""


class Evidence(Frozen):
    """What a report says of its own evidence.

    Attributes:
        committed: The commitment to the plan; null where none was made.
        profile: Who evaluates; what nobody filled in is null, and printed as "not stated".
        attempt: Which start of this suite on this model it is, by the register; from 1.
        others: Earlier starts of the same suite on the same model.
        journal: What the journal shows.
        endpoint: What the endpoint said of itself.
        deviations: Where the run is not what was committed to.
        addendum: What cards that came after the plan would change; null without any.
    """

    committed: Committed | None
    profile: Profile
    attempt: Count
    others: tuple[OtherAttempt, ...]
    journal: JournalCounts
    endpoint: Endpoint
    deviations: tuple[Deviation, ...]
    addendum: Addendum | None


class Publication(Frozen):
    """The contents of `published.json`.

    Attributes:
        schema_id: Name of this format.
        run: Name of the run.
        seal_sha256: Digest of the full bundle's seal.
        root: Root of the Merkle tree over the commitments, which the full seal names.
        commitments: By `task:id:epoch`, the commitment to each sample that was asked.
    """

    schema_id: Literal["https://tenken.dev/schema/publication/1"] = Field(alias="schema")
    run: str
    seal_sha256: Sha256
    root: Sha256
    commitments: dict[str, Sha256]


class Disclosure(Frozen):
    """One sample of a published bundle, opened.

    Attributes:
        schema_id: Name of this format.
        run: Name of the run.
        name: Name of the sample in the seal, `task:id:epoch`.
        root: Root of the tree that it belongs to.
        index: Its place among the leaves, from 0.
        size: Leaves of the tree.
        proof: The audit path from its leaf to the root.
        key: Its key, in hexadecimal; it opens no other sample.
        evidence: What its outcome rests on: prompt, answer, scores.
    """

    schema_id: Literal["https://tenken.dev/schema/disclosure/1"] = Field(alias="schema")
    run: str
    name: str
    root: Sha256
    index: Count
    size: Count
    proof: Annotated[tuple[Sha256, ...], Field(max_length=64)]
    key: Sha256
    evidence: dict[str, Any]
