"""What a published bundle, a disclosed sample and an attestation hold."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from tenken.schema.base import Frozen
from tenken.schema.estimate import Count, Sha256

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
