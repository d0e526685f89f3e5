"""What the console keeps itself: accounts, sessions, assignments, drafts, an index, a log of acts.

Modules, in the order in which data pass through them:

- `tables`: The tables.
- `connect`: One engine for SQLite or PostgreSQL, brought up to date when it is opened.
"""
