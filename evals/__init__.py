"""What to run: suites, models, planning, running, trials of scorers, and the command line.

The rooms, in the order in which data pass through them: `models`, `external`, `planning`,
`running`, `trials`, `actions`, `cli`.

Modules, in the order in which data pass through them:

- `words`: What the command line says on a terminal, in English or Japanese.
- `process`: What a run changes in its own process: signals, the console, the collector and the
  event loop.
- `config`: What one command runs: a YAML file, flags that go before it, or both.
- `suite`: A suite: which tasks to run, how many of their samples, and which rates must stay below
  what.
- `asked`: What one run asks: its choices within a suite, and each task with the samples to ask.
"""
