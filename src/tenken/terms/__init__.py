"""Languages and risk areas as data: what the package knows, and what others add to it.

Modules, in the order in which data pass through them:

- `known`: The registry of languages and risk areas, which packages and folders of tasks add to.
- `metrics`: Metrics over the numbers of scorers, which packages add to.
- `sentences`: Sentences of errors in other languages than that of the code.
"""
