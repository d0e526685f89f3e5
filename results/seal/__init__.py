"""Which files belong to a bundle, and the seal over them.

Modules, in the order in which data pass through them:

- `folder`: What is in a run's folder, and which of it belongs to the bundle.
- `keys`: The keys that seals are signed and checked with: Ed25519, in PEM files.
- `seal`: The seal: an in-toto Statement over every file of a bundle, in a DSSE envelope, Ed25519.
- `commitment`: The commitment to a plan, made before the first question: in-toto in DSSE, like the
  seal.
"""
