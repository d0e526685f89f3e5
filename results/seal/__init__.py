"""Which files belong to a bundle, and the seal over them.

Modules, in the order in which data pass through them:

- `publication`: What a published bundle, a disclosed sample and an attestation hold.
- `folder`: What is in a run's folder, and which of it belongs to the bundle.
- `keys`: The keys that seals are signed and checked with: Ed25519, in PEM files.
- `merkle`: The Merkle tree of RFC 6962: root, inclusion and consistency, each with its proof.
- `texts`: Commitments to the texts of a run: each sample under a key of its own, all under one
  root.
- `seal`: The seal: an in-toto Statement over every file of a bundle, in a DSSE envelope, Ed25519.
- `timestamp`: Time stamps of an authority (RFC 3161): what a token says, and whether it is the
  authority's.
- `transparency`: A transparency log on disk: lines that are only added, under the Merkle tree of
  RFC 6962.
- `commitment`: The commitment to a plan, made before the first question: in-toto in DSSE, like the
  seal.
"""
