"""Looking for secrets in a bundle before it is sealed, inside of its logs and tables too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tenken.errors import BundleError
from tenken.io.canonical import canonical_json
from tenken.io.secrets import known_secrets
from tenken.results.records.archive import Archive
from tenken.results.records.table import read_parquet
from tenken.results.seal.folder import contents
from tenken.schema.plan import Plan


def secret_names(plan: Plan) -> list[str | None]:
    """Return the variables that hold a secret because a plan says so: the endpoints' keys."""
    return [plan.model.api_key_env, *(role.api_key_env for role in plan.roles.values())]


def refuse_secrets(run: Path, named: Iterable[str | None]) -> None:
    """See that no secret of the environment is in a bundle, in whatever spelling.

    Args:
        run: The run's folder, all files but the seal written.
        named: Variables that hold a secret because the plan says so.

    Raises:
        BundleError: A file holds one; names the file, the place in it, and the variable.
    """
    secrets = known_secrets(named)
    if not secrets:
        return
    for name in contents(run).files:
        for place, data in _parts(run, name):
            if variable := secrets.found_in(data):
                raise BundleError(
                    "{name}: {place}holds the value of {variable}, so nothing was sealed. Take it "
                    "out of the file, or the whole run away, and change that key.",
                    name=run / name,
                    place=place,
                    variable=variable,
                )


def _parts(run: Path, name: str) -> Iterator[tuple[str, bytes]]:
    path = run / name
    if name.endswith(".eval"):
        with Archive(path) as log:
            for member in log.names:
                yield f"{member} ", log.read(member)
    elif name.endswith(".parquet"):
        for row in read_parquet(path):
            said = [row.sample_id, row.answer, row.label, row.reason, dict(row.tags)]
            yield f"the row of {row.sample_id} ", canonical_json(said)
    else:
        yield "", path.read_bytes()
