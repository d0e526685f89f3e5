"""Safety evaluations of language models, in English and Japanese, that can be recomputed."""

from tenken._version import __version__

__all__ = ["__version__"]
