"""Entry points of other packages: one that is broken costs a line of warning and nothing else."""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

PLUGINS: Final = "TENKEN_PLUGINS"
"""Environment variable; `none` leaves every other package's entry points out."""


def plugin_points(group: str) -> list[EntryPoint]:
    """Return the entry points of a group, sorted by name and value.

    Args:
        group: The group, such as `tenken.tasks`.
    """
    if os.environ.get(PLUGINS) == "none":
        return []
    return sorted(entry_points(group=group), key=lambda point: (point.name, point.value))


def package_folders(package: str) -> list[Path]:
    """Return the folders of an installed package; none, with a warning, where it is gone.

    Args:
        package: Name of the package, such as `my_tasks`.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError, AttributeError) as error:
        warn(f"the package '{package}' is left out: {error}.")
        return []
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        warn(f"the package '{package}' is left out: it is not installed, or is no package.")
    return [Path(place) for place in places]


@cache
def warn(message: str) -> None:
    """Write one line to standard error, once.

    Args:
        message: What is wrong, and what is left out for it.
    """
    print(f"tenken: warning: {' '.join(message.split())}", file=sys.stderr)
