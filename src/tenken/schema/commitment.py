"""What is committed before the first question: the plan's digest, who asks, when, and on what."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

COMMITMENT_FILE: Final = "commitment.json"
REGISTER_FILE: Final = "register.jsonl"
"""Beside the runs of a results folder: which were started, and what they came to."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=4000)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Profile(_Frozen):
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


class Committed(_Frozen):
    """A file that is committed to."""

    name: str
    digest: _Digest


class CommitmentStatement(_Frozen):
    """An in-toto Statement over a plan and its suite."""

    kind: Literal["https://in-toto.io/Statement/v1"] = Field(
        default="https://in-toto.io/Statement/v1", alias="_type"
    )
    subject: list[Committed]
    predicate_type: Literal["https://tenken.dev/predicate/commitment/1"] = Field(
        default="https://tenken.dev/predicate/commitment/1", alias="predicateType"
    )
    predicate: Commitment

    model_config = ConfigDict(populate_by_name=True)
