"""The changes of the tables, one after the other.

Modules, in the order in which data pass through them:

- `v0001_first`: The tables of the first version.
- `v0002_subjects_agreement`: Who an account is at a provider, and what agreement takes of an item.
- `v0003_readings`: Items of the library that people read, and what they say of them.
"""
