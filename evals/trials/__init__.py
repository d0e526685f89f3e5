"""Scorers on trial: how often one agrees with answers whose label is known.

Modules, in the order in which data pass through them:

- `trial`: Putting a scorer on trial: known answers in, the labels that it gives out.
- `gaming`: Judge gaming: answers that try to buy a verdict, and how often a judge sells it.
"""
