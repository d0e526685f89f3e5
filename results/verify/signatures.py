"""Who signed a bundle's seal, and how often it was sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tenken.results.seal.seal import Seal, earlier_seals, is_signed_by
from tenken.schema.verification import Finding, Signer

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from securesystemslib.signer import Key


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
        key = short(each.keyid)
        yield Finding.of("wrong", "signature", "seal_forged", "authentic", key=key)
    for each in trusted:
        about = {"name": each.name, "key": short(each.keyid)}
        yield Finding.of("ok", "signature", "signed", "authentic", **about)
    keys = tuple(short(each.keyid) for each in claims)
    if not signers and trust.asked:
        yield Finding.of("wrong", "signature", "unsigned_asked", "authentic")
    elif not signers:
        yield Finding.of("unknown", "signature", "unsigned", "authentic")
    elif claims and trusted:
        yield Finding.of("note", "signature", "another_claim", "authentic", keys=keys)
    elif claims and trust.asked:
        wanted = tuple(short(key.keyid) for key in trust.keys.values())
        about_keys = {"keys": keys, "trusted": wanted}
        yield Finding.of("wrong", "signature", "signed_by_others", "authentic", **about_keys)
    elif claims:
        yield Finding.of("unknown", "signature", "claim_unchecked", "authentic", keys=keys)


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
            yield Finding.of("note", "seals", "seal_not_kept", digest=digest[:16])
            return
        current = before
    if reasons:
        made_by = tuple(reversed(reasons))
        yield Finding.of("note", "seals", "sealed_again", n=len(reasons) + 1, reasons=made_by)


def short(keyid: str) -> str:
    """Return the beginning of a key's id, for people."""
    return f"{keyid[:16]}..."
