"""The sweep runner: one call a sample, over one pool of connections for all tasks of a run.

Tasks that need more (tools, several turns, a grader) go through Inspect's own runner. Both write
the same logs.

- `choose`: Which tasks take one call a sample, so that the sweep runner can ask them.
- `sample`: From a sample and what the endpoint answered to Inspect's record of it.
- `log`: A log in Inspect's format, written sample by sample, so that memory stays flat.
- `gate`: How many requests may be under way at once: a fixed number, or one that grows while it
  helps.
- `call`: One request to the model, sent again after a passing failure.
- `pool`: All samples of all tasks through one pool of connections.
"""
