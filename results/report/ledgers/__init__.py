"""What a report says of its own evidence, and of what came after the run.

Modules, in the order in which data pass through them:

- `addendum`: Calibration cards that came after the plan: sealed with their date, and shown as post
  hoc.
- `withdrawals`: Items withdrawn from a finished run: on the record, with the figures before and
  after.
- `evidence`: What a report says of its own evidence, from the journal, the commitment and the
  logs.
"""
