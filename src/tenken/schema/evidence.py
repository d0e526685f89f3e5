"""What a run's evidence is: the commitment to its plan, and what its report says of the rest."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from tenken.schema.base import Frozen
from tenken.schema.estimate import Count, Sha256
from tenken.schema.figures import CorrectedRate
from tenken.schema.rescoring import Withdrawals

COMMITMENT_FILE: Final = "commitment.json"
REGISTER_FILE: Final = "register.jsonl"
"""Beside the runs of a results folder: which were started, and what they came to."""

JOURNAL_FILE: Final = "journal.jsonl"
"""The journal of a run: a hash-chained line for each thing that happened."""

Text = Annotated[str, Field(max_length=4000)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Profile(Frozen):
    """Who evaluates, for whom and why; None is printed as "not stated".

    The fields that a report of a testing laboratory has (ISO/IEC 17025, 7.8).

    Attributes:
        operator: The person who runs the evaluation.
        laboratory: The organisation that answers for it.
        authoriser: Who authorises the report.
        vendor_relation: Relation to the vendor of the tested model.
        access: Conditions of access to the model.
        objective: What the evaluation is for.
        intended_use: The use of the model that it speaks of.
        decision_rule: How figures become a decision, where gates do not say it.
    """

    operator: Text | None = None
    laboratory: Text | None = None
    authoriser: Text | None = None
    vendor_relation: Text | None = None
    access: Text | None = None
    objective: Text | None = None
    intended_use: Text | None = None
    decision_rule: Text | None = None


class ProfileFile(Profile):
    """A profile's file: who evaluates, and who witnesses the commitment.

    Attributes:
        time_authority: Address of a time-stamping authority (RFC 3161).
        transparency_log: Folder of a transparency log; relative to the file.
    """

    time_authority: Text | None = None
    transparency_log: Text | None = None

    @property
    def who(self) -> Profile:
        """Who evaluates: what the commitment states."""
        return Profile.model_validate(self.model_dump(include=set(Profile.model_fields)))


class Commitment(_Frozen):
    """The predicate of a commitment; its subjects are the plan and the suite.

    Attributes:
        run: Name of the run.
        nonce: Random digits, so that two commitments to one plan are told apart.
        committed: When it was made, ISO 8601, by this machine's clock.
        attempt: The how manieth start of this run the register shows, from 1.
        register_sha256: Digest of the register's last line before this attempt.
        previous: Digest of the commitment to an earlier plan of this run, None for none.
        profile: Who evaluates.
        tenken: Version of Tenken.
        source_sha256: Digest of the installed package's list of files with their digests; empty
            where it is not known.
        python: Version of Python.
        machine: Processor, cores and system.
        journal: Whether a journal is kept from here on.
        suite: Name of the suite.
        model: The model under test.
        lock_sha256: Digest of the lock file that was installed from; empty where not known.
    """

    run: str
    nonce: Sha256
    committed: str
    attempt: Annotated[int, Field(ge=1)]
    register_sha256: Sha256
    previous: Sha256 | None = None
    profile: Profile = Profile()
    tenken: str
    source_sha256: str = ""
    python: str
    machine: str
    journal: bool = False
    suite: str = ""
    model: str = ""
    lock_sha256: str = ""


class _Digest(_Frozen):
    sha256: Sha256


class CommittedFile(_Frozen):
    """A file that is committed to."""

    name: str
    digest: _Digest


class CommitmentStatement(_Frozen):
    """An in-toto Statement over a plan and its suite."""

    kind: Literal["https://in-toto.io/Statement/v1"] = Field(
        default="https://in-toto.io/Statement/v1", alias="_type"
    )
    subject: list[CommittedFile]
    predicate_type: Literal["https://tenken.dev/predicate/commitment/1"] = Field(
        default="https://tenken.dev/predicate/commitment/1", alias="predicateType"
    )
    predicate: Commitment

    model_config = ConfigDict(populate_by_name=True)


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
        reused: Answers that were taken over from earlier runs instead of being asked for.
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
    reused: Count = 0
    superseded: Count
    starts: Count
    aborted: Count


class Source(Frozen):
    """An earlier run that answers were taken over from.

    Attributes:
        run: Its name.
        seal_sha256: Digest of its seal, as it was then.
        answers: Answers that were taken over from it, of models in roles too.
        first: When the oldest of them was received, ISO 8601.
        last: When the newest of them was received.
    """

    run: str
    seal_sha256: str
    answers: Count
    first: str
    last: str


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
    "not_asked",
    "unplanned",
    "stopped",
    "plan_replaced",
    "parameter",
    "added_card",
    "withdrawn_item",
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
        before_first_log: Whether it was made before the first question and the first log, by the
            same clock.
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
        sources: Earlier runs that answers were taken over from.
        endpoint: What the endpoint said of itself.
        deviations: Where the run is not what was committed to.
        addendum: What cards that came after the plan would change; null without any.
        withdrawals: Items withdrawn after the run, and what that changes; null without any.
    """

    committed: Committed | None
    profile: Profile
    attempt: Count
    others: tuple[OtherAttempt, ...]
    journal: JournalCounts
    sources: tuple[Source, ...] = ()
    endpoint: Endpoint
    deviations: tuple[Deviation, ...]
    addendum: Addendum | None
    withdrawals: Withdrawals | None = None
