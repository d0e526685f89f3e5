"""Checking a bundle offline.

Modules, in the order in which data pass through them:

- `differences`: Where a bundle's made files differ from what the evidence gives, as findings in
  plain words.
- `from_table`: A run's records from `samples.parquet` alone, for a bundle whose logs were taken
  out.
- `older`: A report whose figures are of another version's method: what of it can still be
  recomputed.
- `verify`: Verifying a bundle offline: seal, digests, then every number recomputed from the logs.
"""
