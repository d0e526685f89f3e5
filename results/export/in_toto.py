"""An in-toto Statement with the predicate test-result, so that policy engines read a run.

in-toto Attestation Framework, predicate test-result v0.1. A gate that did not pass counts as
failed, whether it failed or could not be decided: a policy must not take doubt for success.
"""

from __future__ import annotations

from typing import Any, Final

from tenken.io.canonical import digest, pretty_json
from tenken.results.export.source import Source

STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://in-toto.io/attestation/test-result/v0.1"


def in_toto(source: Source) -> bytes:
    """Return the statement, unsigned; the seal beside it is what is signed."""
    report = source.report
    passed = [gate.name for gate in report.gates if gate.decision == "PASS"]
    failed = [gate.name for gate in report.gates if gate.decision != "PASS"]
    sealed = source.seal.digests
    configuration: list[dict[str, Any]] = [
        {"name": name, "digest": {"sha256": sealed[name]}}
        for name in ("plan.json", "suite.yaml", "commitment.json", "report.json")
        if name in sealed
    ]
    configuration.append({"name": "seal.json", "digest": {"sha256": source.seal.sha256}})
    return pretty_json(
        {
            "_type": STATEMENT,
            "subject": [
                {
                    "name": report.model.name,
                    "digest": {"sha256": digest(report.model.identity())},
                }
            ],
            "predicateType": PREDICATE,
            "predicate": {
                "result": _result(source),
                "configuration": configuration,
                "url": f"tenken:run/{report.run}",
                "passedTests": passed,
                "warnedTests": [],
                "failedTests": failed,
            },
        }
    )


def _result(source: Source) -> str:
    """Without a gate nothing was required, so that nothing passes: it is a warning."""
    return {"PASS": "PASSED", "NO_GATES": "WARNED"}.get(source.report.decision, "FAILED")
