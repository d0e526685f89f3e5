"""What rooms hand to each other: the frozen models of every file that Tenken writes.

Modules, in the order in which data pass through them:

- `vocabulary`: The labels that a scorer can give: what each means, and which of them are the
  unsafe end.
- `sample_form`: What a solver or a scorer needs of a sample: a view of it that is checked before a
  run.
- `plan`: What a run will do, resolved to the last digest: the contents of a bundle's `plan.json`.
- `reuse`: The key of a task's answers: what was asked, of whom, judged how; no others share it.
- `commitment`: What is committed before the first question: the plan's digest, who asks, when,
  and on what.
- `record`: The words that all parts share: risks, languages, outcomes, and what one sample came
  to.
- `reasons`: Why a rate is not corrected, or a gate decided as it is: codes with parameters, no
  sentences.
- `rescoring`: The ledger of a run's re-scorings: who judged which log again, with what, and when.
- `calibration`: Calibration cards: what a scorer's trial against known answers showed, per
  language.
- `verification`: What was found when a bundle was verified: a grade for each question, and every
  finding.
"""
