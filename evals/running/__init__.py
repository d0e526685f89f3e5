"""From a plan to answers and scores, in a folder that resumes where it was stopped.

Modules, in the order in which data pass through them:

- `run`: Running a plan over Inspect's eval_set, in a folder that goes on where it was stopped.
- `logs`: The logs of a run's folder: one for each task and version, others moved out of the way.
- `meter`: What a run is using up while it goes on: tokens, money, retries, waits, and what went
  wrong.
- `guard`: What is between a run and an endpoint: the spend cap, the dead-endpoint stop, the
  secrets.
- `answers`: Answers that were received and that no log has yet, so that a killed run asks for none
  twice.
- `reuse`: Answers of earlier runs of a results folder that a run takes over instead of asking
  again.
- `journal`: The journal of a run: a line for each thing that happens, chained by digests, as it
  happens.
- `hooks`: Passing on what Inspect says of each sample of a run: to journal, guard and display.
- `notebook`: Showing how a run goes in the output of a notebook's cell, in one place that is
  written anew.
- `progress`: Showing how a run goes: what is done, at which pace, what it uses up, and what goes
  wrong.
- `graders`: Graders that are asked outside of a run: no answer of theirs is lost, none is asked
  for twice.
- `rescore`: Scoring a finished log again: by Inspect, beside the old scores, without the tested
  model.
- `replay`: A finished run gone through again: items and prompts against the library, scores by
  scoring.
"""
