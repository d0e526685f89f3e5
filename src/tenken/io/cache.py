"""The folder for what can be had again: downloads, and what reports were made from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

CACHE_VARIABLE: Final = "TENKEN_CACHE"


def cache_folder() -> Path:
    """Return the folder: TENKEN_CACHE, or the system's folder for caches."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("tenken")
