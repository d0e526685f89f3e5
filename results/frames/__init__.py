"""Runs and comparisons as pandas tables: the face for analysis.

Modules, in the order in which data pass through them:

- `columns`: The columns of every table: name, dtype, and what a cell holds.
- `run`: A run, or a folder of runs, as tables of samples, figures and gates.
- `calibration`: A trial of a scorer as a table of readings.
- `verification`: What was found of a run's bundle, as a table.
- `comparison`: A comparison of runs as a table of differences.
"""
