"""How a report is shown, and by which versions of what it is made."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from tenken._version import __version__

MAKERS: Final = ("jinja2", "numpy", "pyarrow", "scipy", "statsmodels")
"""The packages that a bundle's figures, pictures and tables come from."""


@dataclass(frozen=True)
class Presentation:
    """How a report is shown to people; it changes no figure.

    Attributes:
        language: Language of the HTML report.
        with_text: Whether prompts and answers that may be harmful are shown.
    """

    language: str = "en"
    with_text: bool = False


def made_by() -> dict[str, str]:
    """Return the versions of what makes a report here, by name of the distribution."""
    found = {"tenken": __version__}
    for name in MAKERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found
