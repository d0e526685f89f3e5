"""Tasks of other packages, which Inspect knows by name.

Modules, in the order in which data pass through them:

- `registry`: Finding a task in Inspect's registry: its package, its source, its release.
- `roles`: The models that such a task asks beside the tested one, each of them named.
- `task`: Any task of Inspect's registry in a suite: its samples at planning, itself at the run.
"""
