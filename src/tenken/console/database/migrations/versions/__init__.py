"""The changes of the tables, one after the other.

Modules, in the order in which data pass through them:

- `v0001_first`: The tables of the first version.
"""
