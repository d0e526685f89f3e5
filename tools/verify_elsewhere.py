"""Verify a published bundle as somebody elsewhere would: a clean installation and a public key.

    python tools/verify_elsewhere.py BUNDLE KEY.pub [--locked] [--keep FOLDER]

A wheel of this checkout is built and installed, with its dependencies from the configured index,
into a new virtual environment. Bundle and key are copied to a new folder, and `tenken verify` runs
there with an empty home and without any variable of this shell but PATH. With `--locked` the
dependencies come from `requirements.lock`, each file checked by its digest. The exit status is
that of `tenken verify`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Verify the bundle that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("bundle", type=Path, help="a published bundle, or a full one")
    parser.add_argument("key", type=Path, help="the laboratory's public key")
    parser.add_argument("--locked", action="store_true", help="install from requirements.lock")
    parser.add_argument("--keep", type=Path, help="work in this folder, and keep it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="elsewhere-") as temporary:
        place = chosen.keep or Path(temporary)
        installed = install(place, locked=chosen.locked)
        sys.exit(verify(installed, chosen.bundle, chosen.key, place))


def install(place: Path, *, locked: bool) -> Path:
    """Install a wheel of this checkout into a new environment and return its folder."""
    wheels, clean = place / "wheels", place / "clean"
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", wheels, ROOT], check=True)
    venv.create(clean, with_pip=True, clear=True)
    pip = [clean / "bin" / "python", "-m", "pip", "install", "--quiet"]
    if locked:
        needed = ["--require-hashes", "--no-deps", "-r", ROOT / "requirements.lock"]
        subprocess.run([*pip, *needed], check=True)
    (wheel,) = wheels.glob("tenken-*.whl")
    limits = ["--no-deps"] if locked else ["--constraint", ROOT / "constraints.txt"]
    subprocess.run([*pip, *limits, wheel], check=True)
    return clean


def verify(installed: Path, bundle: Path, key: Path, place: Path) -> int:
    """Verify a copy of the bundle in a folder of its own and return the exit status."""
    room, home = place / "room", place / "home"
    for folder in (room, home):
        folder.mkdir(parents=True)
    shutil.copytree(bundle, room / "bundle", symlinks=True)
    shutil.copy(key, room / "laboratory.pub")
    command = [installed / "bin" / "tenken", "verify", "bundle", "--key", "laboratory.pub"]
    bare = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return subprocess.run(command, cwd=room, env=bare, check=False).returncode


if __name__ == "__main__":
    main()
