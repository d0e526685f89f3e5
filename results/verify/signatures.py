"""Who signed a bundle's seal, and how often it was sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tenken.results.seal.folder import SEAL_FILE
from tenken.results.seal.seal import Seal, earlier_seals, is_signed_by
from tenken.schema.verification import Finding, Signer

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from securesystemslib.signer import Key

_UNSIGNED: Final = (
    "the seal is unsigned: the digests show that the files fit together, not who made them."
)


@dataclass(frozen=True)
class Trust:
    """The keys that a verifier trusts.

    Attributes:
        keys: Public keys by the name of their file.
        asked: Whether one of them must have signed, because they were named for this bundle.
        authorities: Certificates of time-stamping authorities.
        log: Folder of the transparency log as it is now; None where it is not available.
    """

    keys: Mapping[str, Key]
    asked: bool = False
    authorities: Sequence[Certificate] = ()
    log: Path | None = None

    def name_of(self, keyid: str) -> str:
        """Return the file of a key, empty if it is not among them."""
        return next((name for name, key in self.keys.items() if key.keyid == keyid), "")


NOBODY: Final = Trust({})


def signers_of(seal: Seal, trust: Trust) -> tuple[Signer, ...]:
    """Return whose signatures a seal claims; those of trusted keys were checked.

    Args:
        seal: The seal; says which keys signed it.
        trust: The keys that the caller trusts, by name.

    Returns:
        One for each key that the seal names; a name only where the key is trusted and its signature
        is good.
    """
    return tuple(
        Signer(keyid=keyid, name=name if name and is_signed_by(seal, trust.keys[name]) else "")
        for keyid in seal.keyids
        for name in [trust.name_of(keyid)]
    )


def signature_findings(seal: Seal, trust: Trust) -> Iterator[Finding]:
    """Say who signed a seal; a signature that nobody could check is a claim.

    Args:
        seal: The seal; says which keys signed it.
        trust: The keys that the caller trusts, and whether a signature was asked for.
    """
    signers = signers_of(seal, trust)
    forged = [each for each in signers if not each.name and trust.name_of(each.keyid)]
    trusted = [each for each in signers if each.name]
    claims = [each for each in signers if not each.name and each not in forged]
    for each in forged:
        said = f"{SEAL_FILE} does not state what this key has signed: {short(each.keyid)}."
        yield Finding("wrong", "signature", said, "authentic")
    for each in trusted:
        said = f"signed by {each.name} (key {short(each.keyid)})"
        yield Finding("ok", "signature", said, "authentic")
    named = ", ".join(short(each.keyid) for each in claims)
    if not signers and trust.asked:
        said = f"{SEAL_FILE} is not signed, and a key was asked for."
        yield Finding("wrong", "signature", said, "authentic")
    elif not signers:
        yield Finding("unknown", "signature", _UNSIGNED, "authentic")
    elif claims and trusted:
        said = f"another signature claims key {named}, which was not checked."
        yield Finding("note", "signature", said, "authentic")
    elif claims and trust.asked:
        wanted = ", ".join(short(key.keyid) for key in trust.keys.values())
        said = f"{SEAL_FILE} names key {named} as the signer; trusted: {wanted}."
        yield Finding("wrong", "signature", said, "authentic")
    elif claims:
        said = f"claims key {named}, not checked: give the public key with --key."
        yield Finding("unknown", "signature", said, "authentic")


def chain_findings(run: Path, seal: Seal) -> Iterator[Finding]:
    """Say how often a bundle was sealed, and whether the seals before this one are there.

    Args:
        run: The run's folder, with the earlier seals that were kept.
        seal: The current seal; names the one before it by its digest.
    """
    earlier, reasons, current = earlier_seals(run), [], seal
    while (digest := current.statement.predicate.previous) is not None:
        reasons.append(current.statement.predicate.reason or "report")
        before = earlier.pop(digest, None)
        if before is None:
            said = f"the seal before this one ({digest[:16]}...) was not kept."
            yield Finding("note", "seals", said)
            return
        current = before
    if reasons:
        said = f"sealed {len(reasons) + 1} times; made again by: {', '.join(reversed(reasons))}."
        yield Finding("note", "seals", said)


def short(keyid: str) -> str:
    """Return the beginning of a key's id, for people."""
    return f"{keyid[:16]}..."
