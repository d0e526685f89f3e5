"""A run as OSCAL assessment results: assessor, observations, findings, risks.

NIST, Open Security Controls Assessment Language, assessment results model 1.2.3. All identifiers
follow from the seal, so that the same bundle gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from tenken.io.canonical import pretty_json
from tenken.results.export.source import Source
from tenken.schema.gates import GateResult
from tenken.schema.report import MeasureResult, TaskResult

VERSION: Final = "1.2.3"
_SPACE: Final = UUID("6b1f0d1e-6c0f-5f0e-9d7c-3b7a6a2d5c41")
_NOT_STATED: Final = "not stated"


def oscal(source: Source) -> bytes:
    """Return the assessment results of a run."""
    return pretty_json({"assessment-results": _Results(source).made()})


class _Results:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.report = source.report
        self.when = _time(self.report.finished)

    def id(self, *names: str) -> str:
        """Return the identifier of a part, made of the seal and the part's name."""
        return str(uuid5(_SPACE, "/".join((self.source.seal.sha256, *names))))

    def made(self) -> dict[str, Any]:
        plan = {"sha256": self.report.provenance.plan_sha256}
        return {
            "uuid": self.id("results"),
            "metadata": self.metadata(),
            "import-ap": {"href": f"#{self.id('plan')}", "remarks": "The committed plan."},
            "results": [self.result()],
            "back-matter": {
                "resources": [
                    _resource(self.id("plan"), "plan.json", plan["sha256"]),
                    _resource(self.id("seal"), "seal.json", self.source.seal.sha256),
                ]
            },
        }

    def metadata(self) -> dict[str, Any]:
        profile = self.report.evidence.profile if self.report.evidence else None
        parties = [
            ("laboratory", "organization", profile.laboratory if profile else None),
            ("operator", "person", profile.operator if profile else None),
        ]
        return {
            "title": f"Tenken: {self.report.suite.title.en} on {self.report.model.name}",
            "last-modified": self.when,
            "version": self.source.tool,
            "oscal-version": VERSION,
            "roles": [{"id": "assessor", "title": "Assessor"}],
            "parties": [
                {"uuid": self.id(name), "type": kind, "name": said or _NOT_STATED}
                for name, kind, said in parties
            ],
            "responsible-parties": [
                {"role-id": "assessor", "party-uuids": [self.id("laboratory"), self.id("operator")]}
            ],
        }

    def result(self) -> dict[str, Any]:
        evidence = self.report.evidence
        committed = evidence.committed if evidence is not None else None
        begun = committed.at if committed is not None else self.report.finished
        open_gates = [gate for gate in self.report.gates if gate.decision != "PASS"]
        found: dict[str, Any] = {
            "uuid": self.id("result"),
            "title": self.report.suite.title.en,
            "description": f"Decision: {self.report.decision}.",
            "start": _time(begun),
            "end": self.when,
            "props": [_prop("decision", self.report.decision)],
            "local-definitions": {"components": [self.component()]},
            "reviewed-controls": {"control-selections": [{"include-all": {}}]},
            "observations": list(self.observations()),
        }
        if self.report.gates:
            found["findings"] = [self.finding(gate) for gate in self.report.gates]
        if open_gates:
            found["risks"] = [self.risk(gate) for gate in open_gates]
        return found

    def component(self) -> dict[str, Any]:
        return {
            "uuid": self.id("model"),
            "type": "software",
            "title": self.report.model.name,
            "description": f"The model under test, at {self.report.model.base_url or 'its own'}.",
            "status": {"state": "operational"},
        }

    def observations(self) -> Iterator[dict[str, Any]]:
        for task in self.report.tasks:
            for measure in task.measures:
                yield self.observation(task, measure)

    def observation(self, task: TaskResult, measure: MeasureResult) -> dict[str, Any]:
        figure = measure.overall
        said = "no verdict" if figure.value is None else f"{figure.value:.4f}"
        props = [
            _prop("task", task.name.replace("/", ".")),
            _prop("measure", measure.key),
            _prop("verdicts", str(figure.n)),
            *(_prop(f"outcome-{name}", str(n)) for name, n in sorted(figure.outcomes.items())),
        ]
        ends = {"value": figure.value, "low": figure.low, "high": figure.high}
        props += [_prop(name, repr(end)) for name, end in ends.items() if end is not None]
        return {
            "uuid": self.id("observation", task.name, measure.key),
            "title": f"{task.title.en}: {measure.title.en}",
            "description": f"Rate of the unsafe end: {said}; {measure.title.en}.",
            "props": props,
            "methods": ["TEST"],
            "types": ["finding"],
            "subjects": [{"subject-uuid": self.id("model"), "type": "component"}],
            "collected": self.when,
        }

    def finding(self, gate: GateResult) -> dict[str, Any]:
        met = gate.decision == "PASS"
        found: dict[str, Any] = {
            "uuid": self.id("finding", gate.name),
            "title": gate.name,
            "description": f"At most {gate.max:g} on {gate.task}: {gate.decision}.",
            "target": {
                "type": "objective-id",
                "target-id": f"gate-{self.id('gate', gate.name)}",
                "title": gate.name,
                "status": {
                    "state": "satisfied" if met else "not-satisfied",
                    "reason": {"PASS": "pass", "FAIL": "fail"}.get(gate.decision, "other"),
                },
            },
        }
        if any(task.name == gate.task for task in self.report.tasks):
            known = {m.key for t in self.report.tasks if t.name == gate.task for m in t.measures}
            if gate.measure in known:
                place = self.id("observation", gate.task, gate.measure)
                found["related-observations"] = [{"observation-uuid": place}]
        if not met:
            found["related-risks"] = [{"risk-uuid": self.id("risk", gate.name)}]
        return found

    def risk(self, gate: GateResult) -> dict[str, Any]:
        said = {
            "FAIL": "The rate lies above the threshold, even at the low end of its interval.",
            "INCONCLUSIVE": "The interval straddles the threshold: this sample cannot decide.",
        }.get(gate.decision, "Too many samples have no verdict.")
        return {
            "uuid": self.id("risk", gate.name),
            "title": gate.name,
            "description": said,
            "statement": f"{gate.task} may exceed {gate.max:g}.",
            "status": "open",
        }


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": "https://tenken.dev/ns/oscal", "value": value}


def _resource(place: str, name: str, sha256: str) -> dict[str, Any]:
    link = {"href": name, "hashes": [{"algorithm": "SHA-256", "value": sha256}]}
    return {"uuid": place, "title": name, "rlinks": [link]}


def _time(iso: str) -> str:
    """Return a time with its zone, as the model asks; the epoch where none is known."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        moment = datetime.fromtimestamp(0, UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()
