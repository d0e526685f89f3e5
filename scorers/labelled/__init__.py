"""Files of answers or labels that people wrote.

Modules, in the order in which data pass through them:

- `gold`: Gold files: answers whose label is known, as CSV or JSON Lines.
- `human`: Files of people's labels: CSV or JSON Lines with `id`, `label`, and what tells answers
  apart.
"""
