"""What rooms hand to each other: the frozen models of every file that Tenken writes.

Modules, in the order in which data pass through them:

- `base`: What all models of written files have in common, and how their JSON Schemas are made.
- `record`: The words that all parts share: risks, languages, outcomes, and what one sample came
  to.
- `reasons`: Why a rate is not corrected, or a gate decided as it is: codes with parameters, no
  sentences.
- `estimate`: An estimate with its interval, as reports and comparisons write it, and how several
  make one.
- `vocabulary`: The labels that a scorer can give: what each means, and which of them are the
  unsafe end.
- `calibration`: Calibration cards: what a scorer's trial against known answers showed, per
  language.
- `gates`: Gates: thresholds as a suite sets them, what each came to in a report, and what
  qualifies it.
- `model`: The model that a run asks, as its plan holds it: its address, and what decides its
  answers.
- `plan`: What a run will do, resolved to the last digest: the contents of a bundle's `plan.json`.
- `reuse`: The key of a task's answers: what was asked, of whom, judged how; no others share it.
- `figures`: The figures of a report: a rate with what a reader needs to weigh it, and what is made
  of it.
- `rescoring`: Ledgers of what came after a run: who judged which log again, and who withdrew which
  item.
- `attacks`: What attacks did to a request task, as a report holds it.
- `scorers`: The scorers in a report: how each did on its trial, and what others said of the
  answers.
- `coverage`: Which categories of the frameworks a run covered, as a report holds it.
- `reviews`: What people said of a sample of the answers, as a report holds it.
- `evidence`: What a run's evidence is: the commitment to its plan, and what its report says of the
  rest.
- `report`: The scored report of a run: the contents of `report.json`.
- `comparison`: A comparison of runs: what `compare --json` prints.
- `verification`: What was found when a bundle was verified: a grade for each question, and every
  finding.
"""
