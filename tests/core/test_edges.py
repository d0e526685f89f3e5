"""Records pass between modules as models; JSON alone is a mapping of anything."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("evals", "tasks", "scorers", "results", "src/tenken")
ANYTHING = re.compile(r"(dict|Mapping)\[str, (Any|object)\]")

ALLOWED: Final[dict[str, str]] = {
    "JSON bodies of an endpoint's requests and answers, whose keys are the endpoint's": """
        evals/asked.py:RunTask.request
        evals/external/task.py:ForeignTask.request
        evals/models/chat.py:ChatAPI.adjust
        evals/models/chat.py:ChatAPI.exchange
        evals/models/doctor/probes.py:Reply.message
        evals/models/endpoint.py:Endpoint.request
        evals/models/told.py:endpoint_facts
        evals/models/wire.py:completion
        evals/models/wire.py:request_body
        evals/planning/own.py:OwnTask.request
        evals/running/answers.py:KeptAnswers.add
        evals/running/workers/journal.py:gather
        scorers/agent/world.py:World.act_out
        src/tenken/schema/model.py:PlannedModel.identity
    """,
    "JSON that a command prints with --json, or a console answers with": """
        evals/actions/items.py:TaskItems.contents
        evals/actions/runs.py:ListedRun.contents
        evals/actions/trial.py:Trial.summary
        evals/cli/server/remote.py:Server.draw
        evals/cli/server/remote.py:Server.runs
        evals/cli/server/remote.py:Server.take_in
        evals/cli/statistics/pooled.py:pooled_contents
        results/calibration/judges.py:Judge.contents
        results/pages/findings.py:grade_said
        results/pages/findings.py:sentence
        src/tenken/console/api/document.py:openapi
        src/tenken/console/bundles/index.py:entry_of
        src/tenken/console/bundles/verifications.py:Verifications.now
        src/tenken/console/bundles/verifications.py:Verifications.of
        src/tenken/console/pages/library.py:readings_by_task
        src/tenken/console/pages/library.py:tasks
        src/tenken/console/pages/review.py:drawn
        src/tenken/console/pages/run.py:grades_of
        src/tenken/console/reviewing/handing_in.py:draw_items
        src/tenken/console/reviewing/handing_in.py:take_in
        src/tenken/console/reviewing/readings.py:hand_in
        src/tenken/schema/comparison.py:Comparison.contents
    """,
    "arguments as a person or a card gives them, by the names of the scorer's own parameters": """
        evals/actions/score.py:score_run
        evals/actions/trial_request.py:argument_options
        evals/actions/trial_request.py:trial_request
        evals/cli/_options.py:config_of
        evals/cli/_options.py:scorer_arguments
        evals/trials/gaming.py:gamed_answers
        scorers/classifier.py:pinned_args
        scorers/conversation.py:climbing_form
        scorers/guard.py:vocabulary
        scorers/harm_judge.py:vocabulary
        scorers/human.py:pinned_args
        scorers/judge_panel.py:pinned_args
        scorers/labels.py:vocabulary_of
        scorers/numbers/rating.py:SCALE
        scorers/numbers/strong_reject.py:VOCABULARY
        scorers/registry.py:pinned_args
        scorers/services/moderation.py:SCALE
        scorers/services/moderation.py:VOCABULARY
        scorers/services/moderation.py:pinned_args
        src/tenken/api/arguments.py:mapping_of
        src/tenken/api/running.py:score
        src/tenken/api/trials.py:calibrate
        tasks/arguments.py:check_arguments
        src/tenken/schema/reuse.py:inspect_key
        tasks/sources/readers/formats.py:read_rows
    """,
    "metadata in Inspect's form, and what Inspect's logs and registry hold": """
        evals/trials/trial.py:label_of
        results/records/logs.py:LoggedSample.evidence
        results/records/members.py:images_in
        results/records/members.py:object_in
        results/records/members.py:sample_in
        results/review/choices.py:options
        results/scanners/scan.py:scan
        results/scanners/whole.py:tool_failed
        scorers/verdict.py:facts
        src/tenken/inspect_private.py:arguments_of
        src/tenken/inspect_private.py:registered
        src/tenken/inspect_private.py:scorer_named
        tasks/build.py:metadata_of
        tasks/solvers/budget.py:budget_in
    """,
    "rows of a table, whose columns are its author's": """
        results/frames/columns.py:frame
        src/tenken/io/rows.py:csv_rows
        src/tenken/io/rows.py:json_rows
        src/tenken/io/rows.py:read_rows
        tasks/bias/ambiguous_qa/generate.py:samples
        tasks/card/card.py:Dataset.facts
        tasks/dataset/read.py:samples_from_rows
        tasks/examples.py:card_of
        tasks/examples.py:examples
        tasks/sources/table.py:read_table
    """,
    "a document as parsed, before its form is checked": """
        evals/actions/attempts.py:earlier_attempts
        evals/suite.py:read_yaml
        evals/words.py:messages
        src/tenken/console/auth/oidc.py:name_in
        src/tenken/console/words.py:messages
        src/tenken/io/chain.py:ChainFile.append
        src/tenken/io/chain.py:append_to_chain
        src/tenken/io/chain.py:iter_chain
        src/tenken/io/chain.py:read_chain
        src/tenken/io/documents.py:read_mapping
    """,
    "a report as it was written, which may be of an earlier form or forged": """
        results/bundle/made.py:read_report_json
        results/verify/from_table.py:records_from_table
        results/verify/older.py:method_of
        results/verify/older.py:older_findings
        results/verify/older.py:stated_makers
        src/tenken/console/bundles/folder.py:read_report
    """,
    "a model's own JSON, or its JSON Schema": """
        src/tenken/schema/base.py:described
        src/tenken/schema/base.py:json_schema
        src/tenken/schema/report.py:Report.contents
    """,
}
"""Why a mapping of anything passes, and through which functions: `file:function`."""


def anything_goes(note: ast.expr | None) -> bool:
    return note is not None and bool(ANYTHING.search(ast.unparse(note)))


def edges(node: ast.Module | ast.ClassDef, before: str) -> Iterator[str]:
    """Yield the public functions and methods that take or give a mapping of anything."""
    for each in node.body:
        if isinstance(each, ast.ClassDef) and not each.name.startswith("_"):
            yield from edges(each, f"{before}{each.name}.")
        elif isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name[0] != "_":
            given = each.args
            every = chain(given.posonlyargs, given.args, given.kwonlyargs)
            further = [a for a in (given.vararg, given.kwarg) if a is not None]
            notes = [a.annotation for a in (*every, *further)]
            if any(map(anything_goes, (*notes, each.returns))):
                yield f"{before}{each.name}"


def test_a_mapping_of_anything_passes_only_where_a_reason_is_given() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{name}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for name in edges(ast.parse(path.read_text("utf-8")), "")
    }
    allowed = [name for names in ALLOWED.values() for name in names.split()]
    assert len(allowed) == len(set(allowed)) > 0
    assert not sorted(found - set(allowed)), "give a model, or the reason why it is JSON"
    assert not sorted(set(allowed) - found), "these pass none any more"
