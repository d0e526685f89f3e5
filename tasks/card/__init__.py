"""The card of a task, as its author writes it.

Modules, in the order in which data pass through them:

- `card`: A task's card: what it measures, on which samples, how it asks and how it is scored.
- `remote`: What a card says of data that are elsewhere: where, which revision, which bytes, whose
  terms.
- `table`: What a card says of a table of somebody's: which of its columns is which part of a
  sample.
"""
