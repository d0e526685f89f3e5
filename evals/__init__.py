"""What to run: suites, models, planning, running, trials of scorers, and the command line.

The rooms, in the order in which data pass through them: `models`, `external`, `planning`,
`running`, `trials`, `cli`.

Modules, in the order in which data pass through them:

- `process`: What a run changes in its own process: signals, the console, the collector and the
  event loop.
- `suite`: A suite: which tasks to run, how many of their samples, and which rates must stay below
  what.
"""
