"""What is exported: a sealed report with its plan and records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tenken.errors import BundleError
from tenken.io.canonical import sha256_file
from tenken.results.bundle.made import RECORDS, REPORT, read_report
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import Texts, read_records
from tenken.results.records.table import read_parquet
from tenken.results.seal.seal import Seal, read_seal
from tenken.schema.plan import Plan
from tenken.schema.record import SampleRecord
from tenken.schema.report import Report


@dataclass(frozen=True)
class Source:
    """A bundle whose report and table are the ones that were sealed.

    Attributes:
        run: Its folder.
        plan: Its plan.
        report: Its report.
        records: Its records.
        texts: The words behind the records, by task, id and epoch; none in a published bundle.
        seal: Its seal.
    """

    run: Path
    plan: Plan
    report: Report
    records: list[SampleRecord]
    texts: dict[tuple[str, str, int], Texts]
    seal: Seal

    @property
    def tool(self) -> str:
        """Version of Tenken that made the report."""
        return self.report.provenance.report_by.get("tenken", "unknown")


def read_source(run: Path) -> Source:
    """Read a bundle for an export.

    Args:
        run: The folder of a full or a published bundle.

    Raises:
        BundleError: A file is not the one that was sealed, or of an earlier form.
    """
    seal = read_seal(run)
    for name in (REPORT, RECORDS, "plan.json"):
        if not (run / name).is_file() or seal.digests.get(name) != sha256_file(run / name):
            raise BundleError(
                "{name}: not the file that was sealed; see 'tenken verify'.", name=run / name
            )
    report = read_report(run)
    plan = read_sound_plan(run)
    logs = run / "logs"
    texts = read_records(run, plan).texts if logs.is_dir() and any(logs.glob("*.eval")) else {}
    return Source(run, plan, report, read_parquet(run / RECORDS), texts, seal)
