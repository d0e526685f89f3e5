"""From a run's logs to one record a sample.

Modules, in the order in which data pass through them:

- `archive`: The zip of a log, read with a bound on each member, whatever the file says of itself.
- `members`: A member of a log from its bytes: the header whole, of a sample what is read, and its
  images.
- `logs`: The one place that reads Inspect's logs: a pass over the zip, or the public API.
- `outcomes`: Deciding, from the log alone, what became of each sample: exactly one of four
  outcomes.
- `plan_check`: What a plan must hold besides its form, so that every figure has just one meaning.
- `attacked`: Records of samples that were asked under an attack, and of plain ones.
- `read`: From a run's logs to one record a sample and epoch, in a fixed order, with none left out.
- `ahead`: Reading a run's samples while it goes on, so that its report need not read them all at
  once.
- `pictures`: The images that samples were asked with, read from the logs for the few that a page
  shows.
- `journal`: Reading a run's journal: what it says of each sample, of each start, and of the
  endpoint.
- `rescorings`: What a run's re-scorings came to: each ledger entry checked against its logs, then
  records.
- `table`: The records as tables: samples.parquet for machines, samples.csv for people.
"""
