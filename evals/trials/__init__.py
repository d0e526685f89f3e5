"""Scorers on trial: how often one agrees with answers whose label is known.

Modules, in the order in which data pass through them:

- `gold_left`: What of a public set a trial does not use, counted by reason: nothing is dropped in
  silence.
- `gold_rows`: The rows of a public set's file, in any of the usual forms, and the gold answers in
  them.
- `gold_sets`: Public sets of answers with people's labels: where each is, and how its rows become
  gold answers.
- `trial`: Putting a scorer on trial: known answers in, the labels that it gives out.
- `gold_labels`: The labels of gold answers against those that a scorer gives, and which of them are
  positive.
- `gaming`: Judge gaming: answers that try to flip a verdict, and how often they succeed.
"""
