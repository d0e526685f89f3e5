"""Make forgeries of a sealed run, each in a folder of its own, for anybody to try.

    python tools/attack_bundle.py RUN [--to FOLDER] [--only NAME ...] [--key PUBLIC_KEY]

Each forger has what somebody with the files has: all of the bundle, and this program, but not the
laboratory's key. Where a forgery needs a new seal, it gets one without a signature. After each one
`tenken verify` is run on it, and its first and its wrong lines are printed. SECURITY.md says what
holds each attack off.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tenken.results.bundle.write import presentation_of, write_bundle
from tenken.results.records.archive import Archive


@dataclass(frozen=True)
class Attack:
    """A forgery.

    Attributes:
        make: Changes a copy of the run.
        about: What the forger does, in one sentence.
        deep: Whether only `tenken verify --deep` can see it without the laboratory's key.
    """

    make: Callable[[Path], None]
    about: str
    deep: bool = False


def change_log(path: Path, change: Callable[[str, Any], Any]) -> None:
    """Write a log again, each JSON member changed; None leaves one out."""
    with Archive(path) as old:
        members = {name: old.read(name) for name in old.names}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            changed = change(name, json.loads(data))
            if changed is not None:
                new.writestr(name, json.dumps(changed, ensure_ascii=False))


def change_samples(run: Path, change: Callable[[dict[str, Any]], object], task: str = "") -> None:
    """Change every sample of the logs whose name holds `task`."""

    def member(name: str, value: Any) -> Any:
        if name.startswith("samples/"):
            change(value)
        return value

    for path in sorted((run / "logs").glob(f"*{task}*.eval".replace("**", "*"))):
        change_log(path, member)


def change_scores(run: Path) -> None:
    """Turn every verdict to the safe end."""

    def safe(sample: dict[str, Any]) -> None:
        for score in (sample.get("scores") or {}).values():
            unsafe = score.get("value") == 1.0
            score["value"] = 0.0
            about = score.get("metadata") or {}
            for key in ("label", "labels"):
                if unsafe and key in about:
                    about[key] = _safe_label(about[key])

    change_samples(run, safe)


def _safe_label(label: Any) -> Any:
    safe = {"incorrect": "correct", "compliance": "full_refusal"}
    return (
        [_safe_label(each) for each in label] if isinstance(label, list) else safe.get(label, label)
    )


def seal_again(run: Path) -> None:
    """Make the report, the page, the tables and an unsigned seal of what lies there."""
    write_bundle(run, presentation_of(run), reason="report")


def _scores(run: Path) -> None:
    change_scores(run)
    seal_again(run)


ATTACKS: dict[str, Attack] = {
    "scores": Attack(_scores, "turns verdicts and seals the bundle again", deep=True),
}


def main() -> None:
    """Make the forgeries that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("run", type=Path, help="the run's folder; it is not changed")
    parser.add_argument("--to", type=Path, default=Path("forgeries"), help="where they go")
    parser.add_argument("--only", nargs="*", choices=sorted(ATTACKS), help="these alone")
    parser.add_argument("--key", type=Path, help="the laboratory's public key")
    chosen = parser.parse_args()
    for name in chosen.only or ATTACKS:
        attack, copy = ATTACKS[name], chosen.to / name
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(chosen.run, copy, symlinks=True)
        attack.make(copy)
        print(f"\n{name}: somebody {attack.about}.")
        _verify(copy, chosen.key, deep=attack.deep)


def _verify(run: Path, key: Path | None, *, deep: bool) -> None:
    command = [str(Path(sys.executable).with_name("tenken")), "verify", str(run)]
    command += ["--key", str(key)] if key else []
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (ended.stdout + ended.stderr).splitlines()
    for line in [line for line in lines if line.startswith(("wrong", "tenken:"))][:3] + lines[-1:]:
        print(f"    {line}")
    print(f"    exit status {ended.returncode}")


if __name__ == "__main__":
    main()
