"""Files and their forms: what every room reads and writes with.

Modules, in the order in which data pass through them:

- `plugins`: Entry points of other packages: one that is broken costs a line of warning and
  nothing else.
- `files`: Writing files so that a crash, a full disk or a missing permission never leaves half of
  one.
- `cache`: The folder for what can be had again: downloads, and what reports were made from.
- `documents`: YAML files that people write: cards, suites and endpoints, read into plain mappings.
- `faults`: What is wrong with a document that people wrote, in plain words instead of pydantic's.
- `rows`: Rows of CSV or JSON Lines files, each with its line, for gold answers and people's
  labels.
- `functions`: Functions of a user's own file, named as `file.py@function`.
- `secrets`: Secrets that a run could know, in every spelling, so that none of them is ever
  written.
- `chain`: A file of lines of which each names the digest of the one before: none can be taken out.
- `canonical`: One byte form for every value, so that equal things have equal digests.
"""
