"""Tasks of other packages, which Inspect knows by name.

- `task`: Any task of Inspect's registry in a suite: its samples at planning, itself at the run.
"""
