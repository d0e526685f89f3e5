"""Scanners: signs in an answer that its sample was no fair test of the model.

They decide nothing: a finding is a flag of the record, counted apart from every score. Each is
deterministic and has a gold set and a card beside it.

Modules, in the order in which data pass through them:

- `whole`: Signs that no text shows alone: cut off, a tool that failed, the same text again.
- `scan`: What an answer's text shows: flags, by one function for each scanner; the phrases
  are in `cues.yaml`.
- `card`: How often each scanner is right on its gold answers.
"""
