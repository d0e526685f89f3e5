"""Labels that people give to answers of a run.

Modules, in the order in which data pass through them:

- `items`: Which answers of a run a person could look at, and why some are worth it more than
  others.
- `choices`: The labels that a person may give an answer: the scorer's own, for the measure at
  hand.
- `wanted`: How many labels each rate of a run needs to be as narrow as somebody wants it.
- `draw`: Drawing what people look at: half by chance, half where it matters, each with its
  probability.
- `labels`: Label files: what reviewers send back, checked line by line, and what is in the
  bundle.
- `read`: What the labels of a bundle come to: one label an answer, its weight, and how people
  agree.
- `estimate`: The rate that people's labels on a part of a run give for all of it (PPI++).
- `trial`: The trial of a run's scorers that people's labels amount to: a gold file and a card for
  each.
"""
