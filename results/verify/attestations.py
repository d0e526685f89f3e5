"""What others signed about a bundle: a verification summary with a role.

An attestation is an in-toto Statement in a DSSE envelope whose predicate is SLSA's Verification
Summary (VSA v1). Its subject is the statement that the bundle's seal signs, so that it still fits
when a further signature is added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tenken._version import __version__
from tenken.errors import BundleError, InputError
from tenken.io.canonical import canonical_json, pretty_json, sha256_bytes
from tenken.io.faults import explain
from tenken.io.files import write_atomically
from tenken.results.seal.folder import SEAL_FILE, read_plain, refuse_odd
from tenken.results.seal.keys import envelope_class, load_signer
from tenken.results.seal.publication import ATTESTATIONS, Role
from tenken.results.seal.seal import PAYLOAD_TYPE, Seal, parse_envelope
from tenken.results.verify.signatures import Trust, short
from tenken.schema.estimate import Sha256
from tenken.schema.verification import Finding, Said, Verification, fault_of

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope

_MOST: Final = 100
_MOST_BYTES: Final = 2**18


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, populate_by_name=True)


class _Digest(_Model):
    sha256: Sha256


class _NamedSubject(_Model):
    uri: str
    digest: _Digest


class _Verifier(_Model):
    id: str
    version: dict[str, str]


class _Subject(_Model):
    name: str
    digest: _Digest


class Summary(_Model):
    """SLSA's Verification Summary, with the role of who signs and what each grade came to."""

    verifier: _Verifier
    time_verified: str = Field(alias="timeVerified")
    resource_uri: str = Field(alias="resourceUri")
    policy: _NamedSubject
    input_attestations: tuple[_NamedSubject, ...] = Field(alias="inputAttestations")
    verification_result: Literal["PASSED", "FAILED"] = Field(alias="verificationResult")
    verified_levels: tuple[str, ...] = Field(alias="verifiedLevels")
    role: Role = Field(alias="https://tenken.dev/role")
    grades: dict[str, str] = Field(alias="https://tenken.dev/grades")

    @field_validator("verified_levels")
    @classmethod
    def _known(cls, levels: tuple[str, ...]) -> tuple[str, ...]:
        if any(not each.startswith("TENKEN_") for each in levels):
            raise ValueError("a level is not one of Tenken's grades")
        return levels


class Attestation(_Model):
    """An in-toto Statement whose predicate is a verification summary."""

    kind: Literal["https://in-toto.io/Statement/v1"] = Field(
        "https://in-toto.io/Statement/v1", alias="_type"
    )
    subject: tuple[_Subject, ...] = Field(min_length=1, max_length=1)
    predicate_type: Literal["https://slsa.dev/verification_summary/v1"] = Field(
        "https://slsa.dev/verification_summary/v1", alias="predicateType"
    )
    predicate: Summary

    def to_bytes(self) -> bytes:
        """Return the payload of an envelope."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


def statement_sha256(seal: Seal) -> str:
    """Return the digest of the statement that a seal signs, whoever has signed it."""
    return sha256_bytes(seal.envelope.payload)


def write_attestation(
    run: Path, seal: Seal, found: Verification, role: Role, key: Path, policy: bytes, at: str
) -> str:
    """Sign what was found in a bundle, and put it beside the bundle's files.

    Args:
        run: The bundle's folder.
        seal: Its seal.
        found: What verifying it came to.
        role: In which role it is signed.
        key: File of the private key.
        policy: What was required, as bytes.
        at: When it was verified, ISO 8601.

    Returns:
        The name of the file, relative to the folder.

    Raises:
        InputError: The key's file cannot be used, or the key has attested this bundle already.
        StorageError: It cannot be written.
    """
    signer, digest = load_signer(key), statement_sha256(seal)
    grades = {name: grade.holds for name, grade in found.grades.items()}
    stated = Attestation.model_validate(
        {
            "subject": [{"name": found.run, "digest": {"sha256": digest}}],
            "predicate": {
                "verifier": {
                    "id": f"https://tenken.dev/verifier/{role}",
                    "version": {"tenken": __version__},
                },
                "timeVerified": at,
                "resourceUri": f"tenken:run/{found.run}",
                "policy": {
                    "uri": "https://tenken.dev/policy",
                    "digest": {"sha256": sha256_bytes(policy)},
                },
                "inputAttestations": [{"uri": SEAL_FILE, "digest": {"sha256": digest}}],
                "verificationResult": "PASSED" if found.exit_status == 0 else "FAILED",
                "verifiedLevels": [f"TENKEN_{n.upper()}" for n, v in grades.items() if v == "yes"],
                "https://tenken.dev/role": role,
                "https://tenken.dev/grades": grades,
            },
        }
    )
    envelope = envelope_class()(stated.to_bytes(), PAYLOAD_TYPE, {})
    envelope.sign(signer)
    mark = hashlib.sha256(f"{signer.public_key.keyid}:{digest}".encode()).hexdigest()[:16]
    name = f"{ATTESTATIONS}/{role}-{mark}.json"
    if (run / name).exists():
        raise InputError("{name}: this key has attested this bundle in this role.", name=run / name)
    write_atomically(run / name, pretty_json(envelope.to_dict()))
    return name


def attestation_findings(run: Path, seal: Seal, trust: Trust) -> Iterator[Finding]:
    """Say what others signed about a bundle; a signature that nobody could check is a claim.

    Args:
        run: The bundle's folder.
        seal: Its seal.
        trust: The keys that are trusted.
    """
    folder = run / ATTESTATIONS
    if not folder.exists():
        return
    if folder.is_symlink() or not folder.is_dir():
        yield Finding.of("wrong", ATTESTATIONS, "no_folder")
        return
    files = sorted(folder.iterdir())
    if len(files) > _MOST:
        yield Finding.of("wrong", ATTESTATIONS, "too_many_files", n=len(files), most=_MOST)
        return
    for path in files:
        try:
            envelope, stated = _read(path)
        except BundleError as error:
            yield Finding.of("wrong", f"{ATTESTATIONS}/{path.name}", fault_of(error))
            continue
        yield _finding(path.name, envelope, stated, seal, trust)


def _finding(
    name: str, envelope: Envelope, stated: Attestation, seal: Seal, trust: Trust
) -> Finding:
    from securesystemslib.exceptions import VerificationError

    place, about = f"{ATTESTATIONS}/{name}", stated.predicate
    if stated.subject[0].digest.sha256 != statement_sha256(seal):
        return Finding.of("note", place, "attested_other_seal")
    grades = tuple(
        Said("grade_is", {"grade": key, "holds": value}) for key, value in about.grades.items()
    )
    passed = about.verification_result == "PASSED"
    result = Said("attested_passed" if passed else "attested_failed")
    for keyid in envelope.signatures:
        known = trust.name_of(keyid)
        try:
            if known and envelope.verify([trust.keys[known]], threshold=1):
                return Finding.of(
                    "note",
                    place,
                    "attested",
                    name=known,
                    attester=about.role,
                    result=result,
                    at=about.time_verified,
                    grades=grades,
                )
        except VerificationError:
            return Finding.of("wrong", place, "signature_other_key")
    claims = tuple(map(short, envelope.signatures))
    return Finding.of("note", place, "attested_unchecked", keys=claims, attester=about.role)


def _read(path: Path) -> tuple[Envelope, Attestation]:
    try:
        refuse_odd(path)
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it has {path.stat().st_size:,} bytes")
        envelope = parse_envelope(read_plain(path))
        stated = Attestation.model_validate_json(envelope.payload)
        if stated.to_bytes() != envelope.payload:
            raise ValueError("the same contents in other bytes")
    except ValidationError as error:
        raise BundleError(
            "not a readable attestation: {why}", why=explain(error, Attestation)
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError("not a readable attestation: {error}.", error=error) from None
    return envelope, stated
