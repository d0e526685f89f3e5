"""A run's rates in the schema of Every Eval Ever (version 0.2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from tenken.io.canonical import pretty_json
from tenken.results.export.source import Source
from tenken.schema.figures import CorrectedFigure
from tenken.schema.report import MeasureResult, TaskResult

VERSION: Final = "0.2.2"
_RELATIONS: Final = {
    "first_party": ("first", "own", "vendor", "internal", "自社", "提供者"),
    "third_party": ("third", "independent", "none", "no relation", "第三者", "独立", "なし"),
    "collaborative": ("collaborat", "joint", "共同"),
}
"""What a profile's words on the relation to the vendor mean in the schema's terms."""


def every_eval_ever(source: Source) -> bytes:
    """Return the record of a run: each rate with its interval, lower is better."""
    report = source.report
    profile = report.evidence.profile if report.evidence else None
    stamp = _epoch(report.finished)
    return pretty_json(
        {
            "schema_version": VERSION,
            "evaluation_id": f"{report.suite.name}/{report.model.name}/{stamp}",
            "evaluation_timestamp": stamp,
            "retrieved_timestamp": stamp,
            "source_metadata": {
                "source_name": "Tenken",
                "source_type": "evaluation_run",
                "source_organization_name": (profile and profile.laboratory) or "not stated",
                "evaluator_relationship": relation(profile.vendor_relation if profile else None),
                "additional_details": {
                    "run": report.run,
                    "decision": report.decision,
                    "seal_sha256": source.seal.sha256,
                    "plan_sha256": report.provenance.plan_sha256,
                },
            },
            "eval_library": {
                "name": "tenken",
                "version": source.tool,
                "additional_details": {
                    name: version for name, version in report.provenance.software.items() if version
                },
            },
            "model_info": {
                "name": report.model.name,
                "id": report.model.name,
                "inference_platform": report.model.base_url or "provider's own",
            },
            "evaluation_results": list(_results(source)),
        }
    )


def relation(words: str | None) -> str:
    """Return a relation to the vendor in the schema's terms; `other` where the words say none."""
    said = (words or "").casefold()
    found = [name for name, signs in _RELATIONS.items() if any(sign in said for sign in signs)]
    return found[0] if len(found) == 1 else "other"


def _results(source: Source) -> Iterator[dict[str, Any]]:
    for task in source.report.tasks:
        for measure in task.measures:
            for language, figure in [("all", measure.overall), *measure.languages.items()]:
                if figure.value is not None:
                    yield _result(source, task, measure, str(language), figure)


def _result(
    source: Source, task: TaskResult, measure: MeasureResult, language: str, figure: CorrectedFigure
) -> dict[str, Any]:
    level = source.report.statistics.level
    uncertainty: dict[str, Any] = {"num_samples": figure.n}
    if figure.low is not None and figure.high is not None:
        uncertainty["confidence_interval"] = {
            "lower": figure.low,
            "upper": figure.high,
            "confidence_level": level,
            "method": figure.method or "none",
        }
    return {
        "evaluation_result_id": f"{task.name}/{measure.key}/{language}",
        "evaluation_name": task.name,
        "source_data": {
            "dataset_name": task.name,
            "source_type": "other",
            "source_version": task.version,
            "additional_details": _texts({"sha256": task.dataset.get("sha256")}),
        },
        "metric_config": {
            "evaluation_description": task.description.en,
            "metric_id": f"tenken.{measure.key}",
            "metric_name": measure.title.en,
            "metric_kind": "rate",
            "metric_unit": "proportion",
            "lower_is_better": True,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
            "additional_details": {"language": language, "scorer": task.scorer.name},
        },
        "score_details": {
            "score": figure.value,
            "uncertainty": uncertainty,
            "details": _texts({**figure.outcomes, "clusters": figure.clusters}),
        },
        "generation_config": {
            "generation_args": _arguments(source, task),
            "additional_details": _texts(source.report.model.parameters),
        },
    }


def _arguments(source: Source, task: TaskResult) -> dict[str, Any]:
    given = source.report.model.parameters
    names = ("temperature", "top_p", "top_k")
    found = {name: given[name] for name in names if isinstance(given.get(name), (int, float))}
    return found | ({"max_tokens": task.max_tokens} if task.max_tokens else {})


def _texts(values: dict[Any, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items() if value is not None}


def _epoch(iso: str) -> str:
    try:
        return str(int(datetime.fromisoformat(iso).timestamp()))
    except ValueError:
        return "0"
