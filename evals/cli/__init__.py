"""The command line, a file a command; `main` puts them together.

Importing it loads neither Inspect nor the statistics. Setting out: `list`, `show`, `new`, `check`,
`import_`, `coverage`. Running: `doctor`, `plan`, `run`, `keygen`. Afterwards: `runs`, `report`,
`verify`, `score`, `review`, `calibrate`, `compare`. In a browser: `server`.
The room `items` holds what is done about a task's own items: review-items, halves, sources.
The room `statistics` holds what is computed over several runs: items.
The room `evidence` holds what is done about a sealed bundle: publish, disclose, attest, export.
"""

from tenken.evals.cli.main import main

__all__ = ["main"]
