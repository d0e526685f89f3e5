"""Checking a bundle offline.

Modules, in the order in which data pass through them:

- `files`: The files of a bundle against the digests in its seal.
- `differences`: Where a bundle's made files differ from what the evidence gives, as findings in
  plain words.
- `from_table`: A run's records from `samples.parquet` alone, for a bundle whose logs were taken
  out.
- `older`: A report whose figures are of another version's method: what of it can still be
  recomputed.
- `plan_audit`: Whether a plan is the one that was asked: against its suite, its own digests, and
  the logs.
- `journal`: Whether a run's journal and its logs tell the same story: every sample queued and
  scored once.
- `signatures`: Who signed a bundle's seal, and how often it was sealed.
- `preregistration`: Whether a plan was committed before the first answer, by whom, and at which
  attempt.
- `policy`: Policies: what somebody who relies on a bundle requires of it, and the keys that are
  trusted.
- `published`: Whether a published bundle is the full one without its texts, and what was opened of
  it.
- `attestations`: What others signed about a bundle: a verification summary with a role.
- `verify`: Verifying a bundle offline: seal, digests, then every number recomputed from the logs.
"""
