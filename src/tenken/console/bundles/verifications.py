"""What `tenken verify` found, kept until the seal changes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from tenken.console.bundles.commands import run_json
from tenken.console.bundles.folder import stamp
from tenken.console.database.connect import writing
from tenken.console.database.tables import verifications
from tenken.errors import InputError
from tenken.results.seal.folder import SEAL_FILE


class Verifications:
    """Verifies runs in processes of their own, one after the other, and keeps what was found."""

    def __init__(self, engine: Engine, results: Path, keys: Sequence[Path]) -> None:
        self._engine, self._results, self._keys = engine, results, keys
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._one = threading.Lock()

    def of(self, name: str) -> dict[str, Any] | None:
        """Return what was found in a run as its seal is now; None where it was not verified."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(verifications).where(verifications.c.run == name)
            ).first()
        if row is None or row.stamp != stamp(self._results / name / SEAL_FILE):
            return None
        found = json.loads(row.found)
        return {**found, "at": row.at} if isinstance(found, dict) else None

    def all(self) -> dict[str, dict[str, str]]:
        """Return the grades of every run that was verified: `yes`, `no` or `unknown` by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(verifications)).all()
        return {
            row.run: {name: grade["holds"] for name, grade in found.get("grades", {}).items()}
            for row in rows
            if row.stamp == stamp(self._results / row.run / SEAL_FILE)
            if isinstance(found := json.loads(row.found), dict)
        }

    def is_busy(self, name: str) -> bool:
        """Whether a run is being verified, or waits for it."""
        with self._lock:
            return name in self._busy

    def start(self, name: str) -> None:
        """Verify a run in the background, unless that is going on already."""
        with self._lock:
            if name in self._busy:
                return
            self._busy.add(name)
        threading.Thread(target=self._verify, args=(name,), daemon=True).start()

    def now(self, name: str) -> dict[str, Any]:
        """Verify a run and return what was found."""
        with self._lock:
            self._busy.add(name)
        self._verify(name)
        return self.of(name) or {}

    def _verify(self, name: str) -> None:
        try:
            with self._one:
                seal = stamp(self._results / name / SEAL_FILE)
                keys = [part for key in self._keys for part in ("--key", str(key))]
                try:
                    found = run_json(
                        ["verify", "--json", *keys, "--", str(self._results / name)], fine=None
                    )
                except InputError as error:
                    found = {"error": str(error).replace(f"{self._results / name}", name)}
                self._keep(name, seal, found)
        finally:
            with self._lock:
                self._busy.discard(name)

    def _keep(self, name: str, seal: str, found: Any) -> None:
        values = {"run": name, "stamp": seal, "at": time.time(), "found": json.dumps(found)}
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(verifications).where(verifications.c.run == name))
                connection.execute(insert(verifications).values(values))
        except IntegrityError:
            return  # another server has verified it at the same time
