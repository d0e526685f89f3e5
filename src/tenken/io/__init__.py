"""Files and their forms: what every room reads and writes with.

Modules, in the order in which data pass through them:

- `files`: Writing files so that a crash, a full disk or a missing permission never leaves half of
  one.
- `documents`: YAML files that people write: cards, suites and endpoints, read into plain mappings.
- `faults`: What is wrong with a document that people wrote, in plain words instead of pydantic's.
- `rows`: Rows of CSV or JSON Lines files, each with its line, for gold answers and people's
  labels.
- `canonical`: One byte form for every value, so that equal things have equal digests.
"""
