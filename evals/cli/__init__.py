"""The command line, a file a command; importing it loads neither Inspect nor the statistics."""

from tenken.evals.cli.main import main

__all__ = ["main"]
