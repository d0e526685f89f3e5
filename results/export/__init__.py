"""A run's results in the forms that others read.

Modules, in the order in which data pass through them:

- `source`: What is exported: a sealed report with its plan and records.
- `in_toto`: An in-toto Statement with the predicate test-result, so that policy engines read a run.
- `every_eval_ever`: A run's rates in the schema of Every Eval Ever.
- `oscal`: A run as OSCAL assessment results: assessor, observations, findings, risks.
- `aisev`: A run in the form of aisev's results, perspective by perspective.
- `table`: Every rate of a run as a row of a CSV file.
- `formats`: The formats by name.
"""
