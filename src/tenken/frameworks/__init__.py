"""Published frameworks of AI safety, and what of them the tasks cover.

Modules, in the order in which data pass through them:

- `catalogue`: The published frameworks that the tasks are set against, category by category.
- `coverage`: Which categories of the frameworks are covered, by which tasks, in which languages,
  how often.
"""
