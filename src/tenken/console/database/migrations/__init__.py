"""How a database is brought up to date, by Alembic.

Modules, in the order in which data pass through them:

- `env`: What Alembic runs: it takes the connection that the console has opened.
"""
