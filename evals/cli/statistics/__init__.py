"""Commands on the statistics of runs beyond their own report.

Modules, in the order in which data pass through them:

- `items`: `tenken items RUN...`: how well the items of tasks work, over any number of runs.
- `pooled`: Figures for which tasks lend each other strength, as `report` and `compare` print them.
- `judges`: `tenken judges`: scorers ranked by how far they agree with people, from the cards at
  hand.
"""
