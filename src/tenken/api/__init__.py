"""The Python interface, whose names `tenken` itself loads when they are first used.

Modules, in the order in which data pass through them:

- `arguments`: From what a notebook gives to what the rest of the package takes.
- `loop`: Work that brings an event loop of its own, inside a running one too.
- `running`: Run a suite, and score a finished run again.
- `reading`: Open runs, compare them, verify them.
- `trials`: Put a scorer on trial.
"""
