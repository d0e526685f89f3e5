"""How answers are judged: a file a scorer, and what is known about each one's own error.

Scorers by rule: `choice`, `refusal`, `mentions`, `group_gap` (and `evenness` beside it),
`steadfastness`, `tool_misuse`. Scorers that ask a grader: `harm_judge`, `guard`, `rubric_judge`,
`judge_panel`, `claim_stance`, `fabrication`, `requirement_judge`. Labels from elsewhere: `human`,
`classifier`. Scorers that give numbers are in `numbers`, those that ask a service in `services`,
those with a measure of their own in `beside`. Their parts are in `_choice`, `_refusal`, `_judge`;
answers with known labels are read in `labelled`; the world that an agent acts on is in `agent`.

What they share:

- `conversation`: What was said in a sample of several turns.
- `verdict`: From a label to a verdict in [0, 1], where 1 is always the unsafe end.
- `labels`: The labels that scorers give, in families: a label means something within its own
  alone.
- `registry`: What a scorer is made of: the digest of its source, and of all that it imports from
  beside it.
"""
