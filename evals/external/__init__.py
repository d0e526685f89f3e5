"""Tasks of other packages, which Inspect knows by name.

Modules, in the order in which data pass through them:

- `registry`: Finding a task in Inspect's registry: its package, its source, its release.
- `roles`: The models that such a task asks beside the tested one, each of them named.
- `make`: Making a task of Inspect's registry, with the arguments that a suite gives it.
- `task`: Another package's task, as a run plans and asks it.
- `load`: Another package's task with its samples, as a suite names it.
"""
