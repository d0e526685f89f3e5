"""What an agent acts on, and what is left of it.

Modules, in the order in which data pass through them:

- `world`: The small world that an agent acts on, only in memory: what its tools do, and what is
  left of it.
"""
